"""Comparing: one message to several at once, the answers side by side or in tabs, and one of them picked."""

from __future__ import annotations

from dataclasses import replace

from textual import on, work
from textual.app import ComposeResult
from textual.events import Mount

from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import Jobs
from chatspace.tui.navigation import ScreenContext
from chatspace.tui.screens.differences import Differences, Side
from chatspace.tui.screens.target_picker import TargetPicker
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.session_view import listener_on
from chatspace.tui.sessions.changed import Changed
from chatspace.tui.sessions.compare import state_of
from chatspace.tui.widgets.compare_board import CompareBoard
from chatspace.tui.yanking import yank
from chatspace.wiring import Workspace


class CompareScreen(ToolScreen):
    """The answers side by side or in tabs: one is looked at, stopped, asked for again, compared, and picked."""

    CSS_PATH = "compare.tcss"
    AUTO_FOCUS = "#prompt"
    HELP = """\
One message to several models at once. Answers are stored as they arrive; if one fails, the others continue.
left and right (h, l) or 1 to 6 select an answer, z shows it alone or all of them, j k g G move in it.
s stops it and keeps the text so far, r retries it, y yanks it, d shows the differences to another, word by word.
B hides the names until you have picked one. Enter or w picks the answer: the conversation continues with it.
i or f6 goes to the prompt: a new message goes to all, each after its own answer. Esc leaves; answers keep coming in.
"""

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(workspace, jobs, standing, typed)
        self.board = CompareBoard(workspace, jobs, standing, typed, listener_on(self, self._changed))
        self.session = self.board.session

    def body(self) -> ComposeResult:
        yield self.board

    def _changed(self, change: Changed) -> None:
        self.board.show()
        self.entitle(self.session.title)
        self.say(state_of(self.session))
        self.show_hints()

    @on(Mount)
    @work(exclusive=True, group="contestants")
    async def action_choose_model(self) -> None:
        """Who is compared: those named, else those chosen from the list. Who was named or chosen first is asked."""
        session = self.session
        self._changed(Changed())
        if not session.can_choose():
            return
        first = not session.answers
        if session.names:
            await session.compare_named()
        elif chosen := await self.app.push_screen_wait(TargetPicker(self.workspace, session.options)):
            session.compare(chosen.candidates, blind=chosen.blind)
        if session.answers:
            await self.board.fill(send=first)
        else:
            self.action_leave()

    @on(CompareBoard.Wanted)
    def _wanted(self, event: CompareBoard.Wanted) -> None:
        session, answer = self.session, self.session.chosen
        if event.what == "go_on":
            self.dismiss(session.left(self.board.composer.prompt.text))
        elif event.what == "differences" and answer in session.texts:
            told = session.texts
            at = told.index(answer)
            self.app.push_screen(Differences([Side(each.name, each.text) for each in told], at, (at + 1) % len(told)))
        elif event.what == "yank" and answer:
            self.run_worker(yank(self, self.workspace, answer.text, f"the answer of {answer.name}"))

    @property
    def standing_here(self) -> ScreenContext:
        reply = self.session.chosen.reply if self.session.chosen else None
        return replace(self.standing, chosen=reply or self.standing.chosen, prompt=self.board.composer.prompt.text)

    def action_leave(self) -> None:
        """From the prompt to the answers, from there back; answers that still come are stored."""
        if not self.board.step_back():
            self.dismiss(self.session.left(self.board.composer.prompt.text))
