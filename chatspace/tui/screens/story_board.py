"""What the screen of a story shows: the openings side by side, the tone table, and the state of the work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize
from textual.widgets import OptionList, Static

from chatspace.core.chat.conversation import Message
from chatspace.core.chat.openings import Opening, Proposal
from chatspace.core.chat.openings_table import OpeningRow, joined, openings_table, with_evidence
from chatspace.core.profiles.options import Options
from chatspace.core.stages.story import parse_reply
from chatspace.core.text import display
from chatspace.core.text.tone_table import MEASURES, order
from chatspace.core.workspace.stories import Share, Story
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import Job, Jobs
from chatspace.tui.navigation import ScreenContext
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.undo import Done, Undoable
from chatspace.tui.widgets.opening_cards import WIDE, OpeningCard, OpeningCards
from chatspace.tui.widgets.rows import Rows
from chatspace.tui.widgets.text_editor import TextEditor
from chatspace.tui.widgets.tone_rows import View, head_line, tone_line
from chatspace.wiring import Workspace


class StoryBoard(ToolScreen):
    """Shows the openings of one story as they are stored, and those that are still coming."""

    CSS_PATH = "story.tcss"

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(workspace, jobs, standing, typed)
        self._story: Story | None = None
        self._conversation = standing.conversation
        self._came_from: Message | None = None
        self._rows: list[OpeningRow] = []
        self._ordered: list[OpeningRow] = []
        self._scrap_list = False
        self._view = View(80)
        self._writing: dict[Job, int] = {}
        self._asked: dict[Job, Share] = {}
        self._failed: list[Share] = []
        self._editing: Opening | None = None
        self._stored = False
        self._chosen: Options | None = None
        """The profile or model that the user chose here."""

    def body(self) -> ComposeResult:
        yield Static(id="story-nothing")
        yield OpeningCards(id="story-cards")
        yield TextEditor(id="story-editor")
        with Vertical(id="story-table"):
            yield Static(id="story-columns")
            yield Rows(id="story-rows")

    @property
    def _list(self) -> Rows:
        return self.query_one(Rows)

    async def _load(self, at: int | None = None) -> None:
        """Read the openings, count their tone, then look up their facts."""
        if self._came_from is None:
            return
        openings = await self.in_thread(self.workspace.stories.openings, self._came_from)
        if openings is None:
            return
        rows = await asyncio.to_thread(openings_table, openings)
        self._show_rows(rows, at)
        run = self._story.run if self._story else None
        found = await self.in_thread(self.workspace.grounding.check, joined(rows), run) if rows and run else None
        if found is not None and [row.opening for row in rows] == [row.opening for row in self._rows]:
            self._show_rows(with_evidence(rows, found))

    def can_undo(self, done: str, before: Sequence[Opening]) -> None:
        """Say what was done, and let undo give each of these the state that it had before."""
        self.app.post_message(Done(Undoable(done, partial(self._as_before, before), frozenset((self,)))))

    async def _as_before(self, before: Sequence[Opening]) -> None:
        for opening in before:
            await asyncio.to_thread(self.workspace.stories.mark, opening, opening.state)
        self._scrap_list = False
        await self._load(before[0].number)

    @property
    def _in_sight(self) -> list[OpeningRow]:
        return [row for row in self._rows if row.opening.on_board != self._scrap_list]

    def _show_rows(self, rows: list[OpeningRow], at: int | None = None) -> None:
        self._rows = rows
        self._show(at)

    def _show(self, at: int | None = None) -> None:
        """The list in its order; the cursor stays on its opening."""
        at = at if at is not None else self._list.at
        view = self._view = replace(self._view, width=self.app.size.width)
        rows = self._in_sight
        if view.sorted_by is not None:
            rows = [rows[i] for i in order([row.cells for row in rows], view.sorted_by, descending=view.descending)]
        self._ordered = rows
        empty = not self._rows and not self._writing
        self.query_one("#story-nothing").display = empty
        self.query_one("#story-table").display = not empty
        self.query_one(OpeningCards).display = not empty and self._editing is None
        self.query_one(TextEditor).display = self._editing is not None
        self.query_one("#story-columns", Static).update(head_line(view))
        self._list.show([(row.opening.number, tone_line(row, view)) for row in rows], at)
        self._show_cards()
        self._show_state()

    @property
    def _current(self) -> OpeningRow | None:
        return next((row for row in self._ordered if row.opening.number == self._list.at), None)

    def _show_cards(self) -> None:
        current = self._current
        if current:
            self.query_one(OpeningCards).show(self._ordered, self._ordered.index(current))
        elif self._scrap_list or not self._writing:
            self.query_one(OpeningCards).show([], 0)

    def _show_writing(self) -> None:
        """What has come of the replies that are on their way, beside what is there."""
        if not self._writing:
            return
        growing: list[Proposal] = []
        for job, start in self._writing.items():
            text = job.live.text[start:]
            growing += parse_reply(text, whole=False)[0] if "text" in text else ()
        last = max((row.opening.number for row in self._rows), default=0)
        coming = [
            OpeningRow(Opening(0, 0, last + number, "fresh", each.tone, each.text), ())
            for number, each in enumerate(growing, start=1)
        ]
        shown = [*self._ordered, *coming]
        if shown and not self._scrap_list and self._editing is None:
            current = self._current
            self.query_one(OpeningCards).show(shown, self._ordered.index(current) if current else 0)
        self._show_state()

    def _show_state(self) -> None:
        on_board = [row.opening for row in self._rows if row.opening.on_board]
        scraps = len(self._rows) - len(on_board)
        name = self._story.source.name if self._story else ""
        place = "Scrap list" if self._scrap_list else "Openings"
        profile = self._came_from
        where = f"{profile.profile} · {profile.model} → {profile.host}" if profile and profile.model else ""
        self.entitle(display.line(f"{place} for {name}" if name else place, where))
        if self._writing:
            count = len(self._writing)
            self.say(f"{count} {'reply' if count == 1 else 'replies'} on the way · esc stops and keeps what came")
        elif self._editing:
            self.say(f"editing opening {self._editing.number} · esc keeps it")
        elif self._failed:
            self.say("r tries again what failed")
        else:
            stars = sum(each.state == "starred" for each in on_board)
            column = MEASURES[self._view.chosen]
            said = display.line(
                display.count(len(on_board), "opening"),
                f"{stars} starred" if stars else "",
                f"{scraps} scrapped" if scraps else "",
                f"{column.title}: {column.meaning}" if self._rows and self.app.size.width >= WIDE else "",
            )
            self.say(said)
        self.show_hints()

    def on_resize(self, event: Resize) -> None:
        if self.is_mounted and self._rows:
            self._show()

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        self._show_cards()

    @on(OpeningCard.Chosen)
    def _clicked(self, event: OpeningCard.Chosen) -> None:
        self._list.go_to(event.number)
