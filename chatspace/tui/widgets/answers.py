"""The answers of a comparison: side by side where each has room, else one at a time behind tabs."""

from __future__ import annotations

import random
from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Click, DescendantFocus, Resize
from textual.message import Message

from chatspace.core.chat.comparison import LETTERS
from chatspace.core.workspace.compare import Candidate
from chatspace.tui.widgets.answer_column import WORDS, AnswerColumn
from chatspace.tui.widgets.answer_tabs import AnswerTabs, Tab
from chatspace.tui.widgets.background import UniformBackground, UniformRow

NARROWEST = 32
"""The cells below which a column can't be read; then each answer has the whole width, behind a tab."""

LOW = 30
"""The rows of the screen below which none is spent on space between the parts."""

TURN_SECONDS = 1 / 24
"""One column at a time shows what has come: six of them four times a second each, with room for keys between."""

FOOT_SECONDS = 0.5


class Answers(Vertical, UniformBackground):
    """One column for each candidate, of which one is chosen. In blind mode they are letters in a drawn order."""

    class Moved(Message):
        """Another answer is the chosen one."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.blind = False
        self._at = 0
        self._turn = 0
        self._zoomed = self._shuffled = False

    def compose(self) -> ComposeResult:
        yield AnswerTabs()
        yield UniformRow()

    def on_mount(self) -> None:
        self.set_interval(TURN_SECONDS, self._release)
        self.set_interval(FOOT_SECONDS, self._tick)

    async def fill(self, candidates: Sequence[Candidate], *, blind: bool) -> None:
        await self.query(AnswerColumn).remove()
        self._at, self._shuffled = 0, False
        await self.query_one(UniformRow).mount_all(AnswerColumn(candidate) for candidate in candidates)
        self.hide_names(blind)

    @property
    def columns(self) -> list[AnswerColumn]:
        """From left to right; asked for at each piece that comes, so that a search through all widgets is too dear."""
        return [column for column in self.query_one(UniformRow).children if isinstance(column, AnswerColumn)]

    @property
    def chosen(self) -> AnswerColumn | None:
        columns = self.columns
        return columns[self._at] if columns else None

    def choose(self, index: int, *, focus: bool = True) -> None:
        """Make the answer at this place the chosen one, and give it the focus."""
        columns = self.columns
        if index < len(columns):
            self._at = index
            self._lay_out()
            if focus:
                self.screen.set_focus(columns[index].transcript)

    def step(self, step: int) -> None:
        """To the answer beside, round and round."""
        if columns := self.columns:
            self.choose((self._at + step) % len(columns))

    def zoom(self) -> None:
        """The chosen answer alone, or all again."""
        self._zoomed = not self._zoomed
        self._lay_out()

    def hide_names(self, blind: bool) -> None:
        """Letters in the place of the names, or the names again. The order is drawn once and stays."""
        self.blind = blind
        if blind and not self._shuffled:
            self._shuffled = True
            self._shuffle()
        for index, column in enumerate(self.columns):
            column.call(self._label(index), blind)
        self._lay_out()

    def show_tabs(self) -> None:
        tabs = [
            Tab(self._label(index), column.name_shown, WORDS[column.state][0])
            for index, column in enumerate(self.columns)
        ]
        self.query_one(AnswerTabs).show(tabs, self._at)

    def _label(self, index: int) -> str:
        return LETTERS[index] if self.blind else str(index + 1)

    def _shuffle(self) -> None:
        row, columns, at = self.query_one(UniformRow), self.columns, self.chosen
        random.shuffle(columns)
        for column in columns:
            row.move_child(column, after=len(columns) - 1)
        self._at = columns.index(at) if at else 0

    def _lay_out(self) -> None:
        columns = self.columns
        alone = self._zoomed or self.size.width // max(1, len(columns)) < NARROWEST
        self.query_one(AnswerTabs).display = alone
        self.set_class(alone, "alone")
        self.set_class(self.screen.size.height < LOW, "low")
        for index, column in enumerate(columns):
            column.display = not alone or index == self._at
            column.set_class(index == self._at, "chosen")
        self.show_tabs()
        self.post_message(self.Moved())

    def on_resize(self, event: Resize) -> None:
        self._lay_out()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        for index, column in enumerate(self.columns):
            if column.has_focus_within and index != self._at:
                self._at = index
                self._lay_out()

    @on(AnswerTabs.Chosen)
    def _tab_chosen(self, event: AnswerTabs.Chosen) -> None:
        event.stop()
        self.choose(event.index, focus=self.has_focus_within)

    def on_click(self, event: Click) -> None:
        """A click chooses an answer; who writes goes on writing."""
        clicked = event.widget.ancestors_with_self if event.widget else ()
        for index, column in enumerate(self.columns):
            if column in clicked and index != self._at:
                self.choose(index, focus=self.has_focus_within)

    def _release(self) -> None:
        """The next column that can be seen shows what has come."""
        waiting = [column for column in self.columns if column.display and column.waiting]
        if waiting:
            self._turn += 1
            waiting[self._turn % len(waiting)].release()

    def _tick(self) -> None:
        for column in self.columns:
            if column.running:
                column.show_foot()
