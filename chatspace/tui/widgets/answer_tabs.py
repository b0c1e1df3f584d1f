"""The answers in one line, where there is no room for them side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import events
from textual.message import Message
from textual.widget import Widget

from chatspace.core.text.safe import for_screen
from chatspace.tui.sessions.compared_answer import ComparedAnswer
from chatspace.tui.widgets.answer_column import WORDS


class AnswerTabs(Widget):
    """One tab for each answer, the chosen one reversed; a mark says whether it streams, finished or failed."""

    @dataclass
    class Chosen(Message):
        """A tab was clicked; `index` counts from 0."""

        index: int

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._answers: Sequence[ComparedAnswer] = ()
        self._at = 0

    def show(self, answers: Sequence[ComparedAnswer], at: int) -> None:
        self._answers, self._at = answers, at
        self.refresh()

    @property
    def _width(self) -> int:
        """Of one tab, in cells."""
        return max(1, self.size.width // max(1, len(self._answers)))

    def render(self) -> Text:
        line = Text(no_wrap=True, overflow="crop")
        for index, answer in enumerate(self._answers):
            name = "" if answer.blind else for_screen(answer.name)
            said = f" {WORDS[answer.state][0]} {answer.label} {name}".rstrip()
            room = min(self._width, cell_len(said) + 2)
            shown = said if cell_len(said) < room else set_cell_size(said, max(1, room - 2)) + "…"
            line.append(set_cell_size(shown, room), style="reverse bold" if index == self._at else "")
            line.append(" " * (self._width - room))
        return line

    def on_click(self, event: events.Click) -> None:
        if self._answers:
            self.post_message(self.Chosen(min(event.x // self._width, len(self._answers) - 1)))
