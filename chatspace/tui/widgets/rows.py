"""A list of one-line rows with a cursor."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Rows(OptionList, inherit_bindings=False):
    """Shows rows; one whose key is None is a heading that the cursor passes over."""

    DEFAULT_CSS = """
    Rows {
        border: none;
        padding: 0;
        background: $background;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        & > .option-list--option { padding: 0 1; }
        & > .option-list--option-disabled { color: $text-muted; }
        & > .option-list--option-highlighted { background: $panel; color: $foreground; text-style: none; }
        &:focus { background-tint: $foreground 0%; border: none; }
        &:focus > .option-list--option-highlighted { background: $panel; color: $foreground; text-style: bold; }
    }
    """
    BINDINGS = [
        Binding("up", "cursor_up", "up", show=False, id="rows.up"),
        Binding("down", "cursor_down", "down", show=False, id="rows.down"),
        Binding("home", "first", "first", show=False, id="rows.first"),
        Binding("end", "last", "last", show=False, id="rows.last"),
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._keys: list[int | None] = []

    def show(self, rows: Sequence[tuple[int | None, Content]], at: int | None = None) -> None:
        """Replace everything; the cursor goes to the row with the key `at`, else stays about where it was."""
        before = self.highlighted or 0
        self._keys = [key for key, _ in rows]
        self.set_options([Option(line, disabled=key is None) for key, line in rows])
        if at in self._keys and at is not None:
            self.highlighted = self._keys.index(at)
            return
        places = [index for index, key in enumerate(self._keys) if key is not None]
        self.highlighted = min(places, key=lambda index: abs(index - before), default=None)

    def put(self, key: int, line: Content) -> None:
        """Show one row otherwise."""
        self.replace_option_prompt_at_index(self._keys.index(key), line)

    def go_to(self, key: int) -> None:
        if key in self._keys:
            self.highlighted = self._keys.index(key)

    @property
    def at(self) -> int | None:
        """The key of the row under the cursor."""
        return self._keys[self.highlighted] if self.highlighted is not None and self._keys else None


def move(options: OptionList, step: int) -> None:
    """The cursor of a list so many rows on, no further than its ends."""
    if options.option_count:
        options.highlighted = min(max((options.highlighted or 0) + step, 0), options.option_count - 1)


def bar(share: float | None, width: int) -> str:
    """A bar of at most `width` cells; what is more than nothing is seen."""
    halves = round(min(max(share or 0.0, 0.0), 1.0) * width * 2)
    halves = max(halves, 1) if share and share > 0 else 0
    full, rest = divmod(halves, 2)
    return ("━" * full + "╸" * rest).ljust(width)
