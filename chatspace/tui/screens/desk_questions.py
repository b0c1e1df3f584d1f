"""The question of the desk: what to do about a file that has changed."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from chatspace.core.text.safe import for_screen


class Choice(ModalScreen[str | None]):
    """A question whose answers are single keys; esc answers nothing."""

    CSS_PATH = "desk.tcss"
    BINDINGS = [Binding("escape", "dismiss", "back", id="desk.no_answer")]

    def __init__(self, question: str, answers: Mapping[str, str]) -> None:
        super().__init__()
        self._question = question
        self._answers = answers

    def compose(self) -> ComposeResult:
        keys = " · ".join(f"{key} {meaning}" for key, meaning in self._answers.items())
        with Vertical(classes="desk-question"):
            yield Static(for_screen(self._question), markup=False)
            yield Static(f"{keys} · esc back", classes="desk-answers", markup=False)

    def on_key(self, event: Key) -> None:
        if event.character in self._answers:
            event.stop()
            self.dismiss(event.character)
