"""Where a file goes: a name that is suggested, and the format that it is written in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class Save(ModalScreen[tuple[Path, str] | None]):
    """Gives the path and the format. `names` has a suggestion for each format; tab goes on to the next one."""

    CSS_PATH = "save.tcss"
    BINDINGS = [
        Binding("escape", "dismiss", "back", id="save.leave"),
        Binding("tab", "next_format", "other format", id="save.format", priority=True),
    ]

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = dict(names)
        self._format = next(iter(names))

    def compose(self) -> ComposeResult:
        with Vertical(id="save"):
            yield Static(id="save-format")
            yield Input(value=self._names[self._format], id="save-name", compact=True)
            yield Static(id="save-keys")

    def on_mount(self) -> None:
        self._show()
        self.set_focus(self.query_one(Input))

    def _show(self) -> None:
        self.query_one("#save-format", Static).update(f"As {self._format}, to")
        other = "tab other format · " if len(self._names) > 1 else ""
        self.query_one("#save-keys", Static).update(f"enter writes · {other}esc goes back")

    def action_next_format(self) -> None:
        """Its name is suggested too, unless one was typed."""
        formats = list(self._names)
        field = self.query_one(Input)
        following = formats[(formats.index(self._format) + 1) % len(formats)]
        if field.value == self._names[self._format]:
            field.value = self._names[following]
        self._format = following
        self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss((Path(event.value.strip()).expanduser(), self._format))
