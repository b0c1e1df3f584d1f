"""Help: the commands, the keys, and what the focused part does."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from chatspace.tui.slash import SLASHES

KEYS = {
    "anywhere": {
        "ctrl+o": "choose the model",
        "ctrl+n": "new conversation",
        "ctrl+p": "every action, by name; themes too",
        "f9": "the history",
        "f1": "this help",
        "ctrl+q": "quit; what runs is stopped and kept",
    },
    "prompt": {
        "enter": "send",
        "ctrl+j, shift+enter": "break the line",
        "esc": "stop the reply, else go to the transcript",
    },
    "transcript": {
        "up, down": "from message to message",
        "y": "yank the message under the cursor",
        "v": "look up the facts of a draft in its source",
        "space": "unfold the thinking",
        "j k g G, page keys": "scroll",
        "i, enter": "back to the prompt",
    },
    "history": {"enter": "open the conversation where it was left", "esc, f9": "go back"},
}
"""The keys by the part that they work in."""


class Help(ModalScreen[None]):
    BINDINGS = [Binding("escape,f1,q", "dismiss", "back")]

    def __init__(self, about: str = "") -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            if self._about:
                yield Static(self._about.strip(), markup=False, classes="help-about")
            yield Static(
                _section("commands", {f"/{name} {slash.arguments}": slash.summary for name, slash in SLASHES.items()})
            )
            for part, keys in KEYS.items():
                yield Static(_section(part, keys))


def _section(title: str, rows: dict[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=28)
    table.add_column()
    table.add_row(Text(title, style="dim"))
    for name, text in rows.items():
        table.add_row(Text(name, style="bold"), Text(text))
    table.add_row()
    return table
