"""Picking one of a list by typing: a panel beside what it changes, with a preview of what the cursor stands on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.text.safe import for_screen


@dataclass(frozen=True, slots=True)
class PickItem:
    """One choice, under the heading of its `group`."""

    value: str
    group: str = ""
    detail: str = ""


class PickDialog(ModalScreen[str | None]):
    """Gives the value, or None where esc leaves; `preview` is called with each value the cursor comes to."""

    CSS_PATH = "pick_dialog.tcss"
    BINDINGS = [
        Binding("escape", "dismiss", "back", id="pick.leave"),
        Binding("down,ctrl+n", "move(1)", "next", show=False, id="pick.next"),
        Binding("up,ctrl+k", "move(-1)", "previous", show=False, id="pick.previous"),
    ]

    def __init__(
        self, title: str, items: Sequence[PickItem], current: str, preview: Callable[[str], None] | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self._items = items
        self._current = current
        self._preview = preview

    def compose(self) -> ComposeResult:
        with Vertical(id="pick"):
            yield Input(placeholder=self._title, id="pick-filter", compact=True)
            yield OptionList(id="pick-list", markup=False, compact=True)
            yield Static("enter keeps · esc goes back", id="pick-keys")

    def on_mount(self) -> None:
        self._narrow("")
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._narrow(event.value.strip())

    def _narrow(self, typed: str) -> None:
        shown = list(self._items) if not typed else _best(self._items, typed)
        rows: list[Option] = []
        group = ""
        for item in shown:
            if item.group != group and not typed:
                group = item.group
                rows.append(Option(Text(group, style="dim"), disabled=True))
            mark = "●" if item.value == self._current else " "
            line = Text.assemble(f"{mark} {for_screen(item.value)}", (f"  {for_screen(item.detail)}", "dim"))
            rows.append(Option(line, id=item.value))
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(rows)
        wanted = self._current if any(item.value == self._current for item in shown) and not typed else None
        first = wanted or (shown[0].value if shown else None)
        options.highlighted = options.get_option_index(first) if first is not None else None

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if self._preview and event.option_id is not None:
            self._preview(event.option_id)

    def action_move(self, step: int) -> None:
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    @on(Input.Submitted)
    def _entered(self) -> None:
        option = self.query_one(OptionList).highlighted_option
        if option:
            self.dismiss(option.id)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


def _best(items: Sequence[PickItem], typed: str) -> list[PickItem]:
    """Those that fit what was typed, the best first."""
    matcher = Matcher(typed)
    scored = [(matcher.match(item.value), item) for item in items]
    return [item for score, item in sorted(scored, key=lambda pair: -pair[0]) if score > 0]
