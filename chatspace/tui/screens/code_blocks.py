"""Choosing a code block of a message by its number."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.text import display
from chatspace.core.text.safe import for_screen


class CodeBlocks(ModalScreen[int | None]):
    """Gives the number of a block, counted from 1, or None where esc leaves. A digit chooses at once."""

    CSS_PATH = "code_blocks.tcss"
    BINDINGS = [Binding("escape", "dismiss", "back", id="code.leave")]

    def __init__(self, blocks: Sequence[str]) -> None:
        super().__init__()
        self._blocks = blocks

    def compose(self) -> ComposeResult:
        with Vertical(id="code-blocks"):
            yield OptionList(*map(self._option, range(len(self._blocks))), markup=False, compact=True)
            yield Static("its number or enter yanks it · esc goes back", id="code-keys")

    def _option(self, index: int) -> Option:
        lines = self._blocks[index].splitlines()
        first = next((line for line in lines if line.strip()), "")
        size = display.count(len(lines), "line")
        return Option(Text.assemble(f"{index + 1:>2}  {for_screen(first.strip())}", (f"  {size}", "dim"), no_wrap=True))

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character.isdecimal() and 1 <= int(event.character) <= len(self._blocks):
            event.stop()
            self.dismiss(int(event.character))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index + 1)
