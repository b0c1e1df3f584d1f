"""The batch: many documents through the pipeline, followed while it goes on, or come back to."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from textual import on, work
from textual.app import App, ComposeResult

from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import Jobs
from chatspace.tui.navigation import ScreenContext, open_screen
from chatspace.tui.screens.batch_reading import ReportReading, TextReading
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.session_view import listener_on
from chatspace.tui.sessions.batch import BatchSession, RunningBatch, state_of, title_of
from chatspace.tui.sessions.changed import Changed
from chatspace.tui.widgets.batch_board import BatchBoard
from chatspace.tui.widgets.batch_table import BatchTable
from chatspace.tui.widgets.status_line import StatusLine
from chatspace.wiring import Workspace

PER_SECOND = 4
"""How often the screen looks for what changed."""


class BatchScreen(ToolScreen):
    """One batch at a time in a workspace; it goes on while the user is elsewhere."""

    CSS_PATH = "batch.tcss"
    HELP = """\
Many documents through the pipeline, one per line, urgent documents first. The cursor follows the work until you move.
esc goes back and leaves the batch running; /batch shows it again. Quitting stops it and keeps the finished work.
x stops in order: running documents are finished, no others start. Press x again to stop them as well.
c continues where the batch stopped: existing results stay, finished calls come from the ledger. r does the same and
also retries documents that a reader or the gate rejected.
Files that you edited in the output folder are never replaced without --overwrite: that document fails instead.
f shows the failed documents, then the running, then all. Below the table you see why a document failed and what
to do. enter opens the draft of a finished document, d opens it at the desk, o opens the report. n starts a new batch.
"""

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(workspace, jobs, standing, typed)
        ended = partial(announce, self.app)
        self.session = BatchSession(workspace, jobs, self.app, standing, listener_on(self, self._changed), ended)
        self.board = BatchBoard(self.session)

    def body(self) -> ComposeResult:
        yield self.board

    def on_mount(self) -> None:
        self._changed(Changed())
        self.query_one(StatusLine).set_interval(1 / PER_SECOND, self.session.look)
        self.board.run_worker(self.session.begin(self.typed), group="start", exclusive=True)

    def _changed(self, change: Changed) -> None:
        batch = None if self.session.asking else self.session.batch
        self.board.show(change.part)
        self.entitle(title_of(self.session))
        self.say(state_of(batch) if batch else "enter begins")
        self.show_hints()

    @on(BatchTable.Moved)
    def _moved(self) -> None:
        self.show_hints()

    @on(BatchBoard.Wanted)
    @work(exclusive=True, group="read")
    async def _open(self, event: BatchBoard.Wanted) -> None:
        """The report; or the draft of a document, to be read or on the desk, which leads back here."""
        session, row = self.session, event.row
        if event.what == "report":
            if found := await session.report():
                self.app.push_screen(ReportReading(*found))
            return
        path = await session.path_of(row) if row else None
        if path and event.what == "desk":
            standing = replace(self.standing, chosen=None, prompt="")
            desk = open_screen("desk", self.workspace, self.jobs, standing, ParsedCommand("desk", str(path)))
            onward = await self.app.push_screen_wait(desk)
            if onward and onward.then:
                self.go_on(onward)
        elif path and (text := await session.text(path)) is not None:
            self.app.push_screen(TextReading(path, text))

    def action_leave(self) -> None:
        """Back; the batch goes on."""
        if self.session.back():
            return
        if self.session.at_work:
            self.app.notify("The batch keeps running. /batch shows it again.")
        self.dismiss(None)


def announce(app: App[Any], batch: RunningBatch) -> None:
    """Say where nobody looks that a batch is over."""
    if not isinstance(app.screen, BatchScreen):
        app.notify(f"The batch into {batch.asked.output}: {state_of(batch)}\n/batch shows it.")
