"""The pipeline seen: the stages of a run as they go, each to be opened, corrected by hand and run again from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from chatspace.core.text import display
from chatspace.tui.screens.run_dialogs import RunDialogs
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.session_view import SessionJobs, listener_on
from chatspace.tui.sessions.changed import Changed
from chatspace.tui.sessions.run import RunSession
from chatspace.tui.sessions.run_in_sight import RunInSight
from chatspace.tui.widgets.run_board import RunBoard
from chatspace.tui.widgets.run_stages import RunStages
from chatspace.tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from chatspace.tui.commands import ParsedCommand
    from chatspace.tui.jobs import Jobs
    from chatspace.tui.navigation import ScreenContext
    from chatspace.wiring import Workspace


class RunScreen(ToolScreen):
    """One run at a time. What runs is stored as a conversation: the draft as a reply, the copy behind it."""

    CSS_PATH = "run.tcss"
    HELP = """\
The stages of a run as they happen. The running stage is shown until you choose another.
up and down (j, k) choose a stage, enter or right (l) opens it, left (h) goes back.
e corrects the stage: title, key points and names of the extraction, the text of the draft, the variants of the copy;
on route it chooses another profile or model, on gate it accepts a rejected text.
r (or enter, after a change) runs again from there: earlier stages are reused and not paid for again, later stages run
again. If a run failed, r continues from the stage that failed. u undoes changes.
v looks up the facts of the draft, y yanks what is shown, ctrl+s writes the files of the run to a folder.
o lists earlier runs. esc stops the run and keeps the text so far; b leaves it running.
"""
    MODEL = "Each stage has a profile of its own: e on the route chooses another; --profile and --model go with /run."

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(workspace, jobs, standing, typed)
        self.reports = SessionJobs(lambda: self.session)
        self.session = RunSession(workspace, jobs, self.reports, standing, typed, listener_on(self, self._changed))
        self.board = RunBoard(self.session, RunDialogs(self, self.session).grant)
        self._warned: RunInSight | None = None

    def body(self) -> ComposeResult:
        yield self.board
        yield self.reports

    def on_mount(self) -> None:
        self.query_one(StatusLine).set_interval(0.3, lambda: self._show_state() if self.session.job else None)
        self.run_worker(self.session.begin())

    def _changed(self, change: Changed) -> None:
        if not (change.delta and self.board.grow(change.delta)):
            self.board.show()
            self._show_state()

    @on(RunStages.Moved)
    def _show_state(self) -> None:
        session, run = self.session, self.session.run
        if run is None:
            self.entitle("Runs")
            self.say(display.count(len(session.list.runs), "run") if session.list.runs else "")
        else:
            if session.job:
                self.board.stages.tick(run.live)
            self.entitle(title_of(run))
            self.say(state_of(session, run))
        self.show_hints()

    # Leaving

    @property
    def unfinished(self) -> str:
        if self.session.edit is not None:
            return "A stage is being corrected: esc keeps it."
        changed = self.session.run.changed if self.session.run else ()
        return "What you changed was not run yet: r runs it, u takes it back." if changed else ""

    def action_leave(self) -> None:
        """Stop what runs, leave the stage, and then the place; changes that no run has taken are not lost unasked."""
        session, run = self.session, self.session.run
        if session.edit is not None:
            self.board.pane.editor.leave()
        elif session.job:
            session.stop()
        elif self.board.stages_hidden:
            self.board.leave_pane()
        elif run and run.changed and self._warned is not run:
            self._warned = run
            self.notify("What you changed was not run yet: r runs it, esc once more leaves it.")
        else:
            self.dismiss(session.left)


def title_of(run: RunInSight) -> str:
    """What is run, and how."""
    record = run.live.record
    names = [source.name for source in run.live.sources] or [record.source.name if record else ""]
    how = (record.channel, record.sla, record.pipeline) if record else ()
    return display.line(f"Run of {' and '.join(names)}", *how)


def state_of(session: RunSession, run: RunInSight) -> str:
    """What the status line says of a run."""
    live, stored = run.live, run.stored
    if session.edit:
        return f"editing {session.edit.stage} · esc keeps it"
    if session.job:
        stage = next(iter(live.running), None)
        spent = display.seconds(live.elapsed_ms(stage)) if stage else ""
        return display.line(stage or "reading", spent, "esc stops", live.calling)
    if run.changed:
        return f"✎ {', '.join(run.changed)} changed · r runs from there, u takes it back"
    if stored is None:
        return "✗ this run could not begin · r tries again" if live.error else ""
    if rejected := stored.rejected_at:
        return f"✗ the gate rejected the {rejected} · e on gate accepts it"
    if broken := stored.broken_at:
        return f"✗ {stored.record.status} · r tries again from {broken}"
    return f"✓ {stored.record.status}"
