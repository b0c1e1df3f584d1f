"""The answers of a comparison: side by side where each has room, else one at a time behind tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Click, DescendantFocus, Resize
from textual.message import Message

from chatspace.tui.sessions.compared_answer import ComparedAnswer
from chatspace.tui.widgets.answer_column import AnswerColumn
from chatspace.tui.widgets.answer_tabs import AnswerTabs
from chatspace.tui.widgets.background import UniformBackground, UniformRow

NARROWEST = 32
"""The cells below which a column can't be read; then each answer has the whole width, behind a tab."""

LOW = 30
"""The rows of the screen below which none is spent on space between the parts."""

TURN_SECONDS = 1 / 24
"""One column at a time shows what has come: six of them four times a second each, with room for keys between."""

FOOT_SECONDS = 0.5


class Answers(Vertical, UniformBackground):
    """One column for each answer, of which one is the chosen one."""

    @dataclass
    class Chosen(Message):
        """The answer at this place was clicked or got the focus; with `focus`, its column is to have that."""

        at: int
        focus: bool

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._at = 0
        self._turn = 0
        self._zoomed = False

    def compose(self) -> ComposeResult:
        yield AnswerTabs()
        yield UniformRow()

    def on_mount(self) -> None:
        self.set_interval(TURN_SECONDS, self._release)
        self.set_interval(FOOT_SECONDS, self._tick)

    async def fill(self, answers: Sequence[ComparedAnswer]) -> None:
        """Columns for these, and no others."""
        await self.query(AnswerColumn).remove()
        await self.query_one(UniformRow).mount_all(AnswerColumn(answer) for answer in answers)

    @property
    def columns(self) -> list[AnswerColumn]:
        """From left to right; asked for often, so that a search through all widgets is too dear."""
        return [column for column in self.query_one(UniformRow).children if isinstance(column, AnswerColumn)]

    def show(self, answers: Sequence[ComparedAnswer], at: int) -> None:
        """The answers in this order, with the chosen one; they are those that it was filled with."""
        columns = {column.answer: column for column in self.columns}
        if columns.keys() != set(answers):
            return
        if list(columns) != list(answers):
            for answer in answers:
                self.query_one(UniformRow).move_child(columns[answer], after=len(answers) - 1)
        self._at = at
        for column in columns.values():
            column.show()
        self._lay_out()

    def zoom(self) -> None:
        """The chosen answer alone, or all again."""
        self._zoomed = not self._zoomed
        self._lay_out()

    def focus_chosen(self) -> None:
        """The keys go to the chosen answer."""
        if columns := self.columns:
            self.screen.set_focus(columns[self._at].transcript)

    def _lay_out(self) -> None:
        columns = self.columns
        alone = self._zoomed or self.size.width // max(1, len(columns)) < NARROWEST
        tabs = self.query_one(AnswerTabs)
        tabs.display = alone
        self.set_class(alone, "alone")
        self.set_class(self.screen.size.height < LOW, "low")
        for index, column in enumerate(columns):
            column.display = not alone or index == self._at
            column.set_class(index == self._at, "chosen")
        tabs.show([column.answer for column in columns], self._at)

    def on_resize(self, event: Resize) -> None:
        self._lay_out()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        for index, column in enumerate(self.columns):
            if column.has_focus_within and index != self._at:
                self.post_message(self.Chosen(index, False))

    @on(AnswerTabs.Chosen)
    def _tab_chosen(self, event: AnswerTabs.Chosen) -> None:
        event.stop()
        self.post_message(self.Chosen(event.index, self.has_focus_within))

    def on_click(self, event: Click) -> None:
        """A click chooses an answer; who writes goes on writing."""
        clicked = event.widget.ancestors_with_self if event.widget else ()
        for index, column in enumerate(self.columns):
            if column in clicked and index != self._at:
                self.post_message(self.Chosen(index, self.has_focus_within))

    def _release(self) -> None:
        """The next column that can be seen shows what has come."""
        seen = [column for column in self.columns if column.display]
        for _ in seen:
            self._turn += 1
            if seen[self._turn % len(seen)].release():
                return

    def _tick(self) -> None:
        for column in self.columns:
            if column.answer.running:
                column.show_foot()
