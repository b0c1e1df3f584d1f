"""The pipeline seen: the stages of a run as they go, each to be opened, corrected by hand and run again from there."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from functools import partial

from textual import on, work
from textual.binding import Binding
from textual.widgets import OptionList

from chatspace.core.chat.conversation import Message
from chatspace.core.document import Source
from chatspace.core.errors import ChatspaceError, UsageError
from chatspace.core.events import DeltaReceived, ReplyFinished, ReplyStarted
from chatspace.core.runs.plan import Plan
from chatspace.core.runs.run import ReusedArtifacts
from chatspace.core.stages.registry import main_stage, stage_names
from chatspace.core.workspace.reruns import GATE, ROUTE, Corrections, Rerun, rerun
from chatspace.core.workspace.stored_runs import StoredRun
from chatspace.tui.command_runner import CommandRunner, options_of
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import JobEnded, JobHappened
from chatspace.tui.navigation import ScreenResult
from chatspace.tui.screens.run_command import for_each_file, line_of
from chatspace.tui.screens.run_list import HERE
from chatspace.tui.screens.run_taking import RunTaking
from chatspace.tui.screens.tool_screen import EVERYWHERE
from chatspace.tui.widgets.run_progress import SOURCE, RunProgress
from chatspace.tui.widgets.status_line import StatusLine

PAGES = ("page_down", "page_up")


class RunScreen(RunTaking):
    """One run at a time. What runs is stored as a conversation: the draft as a reply, the copy behind it."""

    HELP = """\
The stages of a run as they go; the one that runs is shown until you move, then yours stays.
up and down (j, k) choose a stage, enter or right (l) goes into it, left (h) comes back.
e corrects the stage: title, key points and names of the extraction, the text of the draft, the variants of the copy;
on route it chooses another profile or model, on gate it accepts what was rejected.
r (or enter, after a change) runs again from there: what is before is taken over and not paid for again, what is behind
is made anew. Where a run failed, r goes on from the stage that failed. u takes changes back.
v looks up the facts of the draft, y yanks what is shown, ctrl+s writes the files of the run into a folder.
o lists the runs there were. esc stops what runs and keeps what came; b leaves it running.
"""
    MODEL = "Each stage has a profile of its own: e on the route chooses another; --profile and --model go with /run."
    BINDINGS = [
        Binding("enter,right,l", "open", "open", id="run.open"),
        Binding("left,h", "close", "stages", show=False, id="run.close"),
        Binding("e", "edit", "correct", id="run.edit"),
        Binding("r", "again", "run again from here", id="run.again"),
        Binding("u", "take_back", "take changes back", show=False, id="run.take_back"),
        Binding("n", "next", "next source", id="run.next"),
        Binding("v", "facts", "facts", id="run.facts"),
        Binding("y", "yank", "yank", id="run.yank"),
        Binding("ctrl+s", "export", "export", id="run.export"),
        Binding("o", "list", "runs", id="run.list"),
        Binding("b", "leave_running", "leave it running", id="run.leave_running"),
        Binding("pageup", "page(-1)", "page up", show=False, id="run.page_up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="run.page_down"),
    ]

    def on_mount(self) -> None:
        self._slash = CommandRunner(self.workspace)
        self._conversation = self.standing.conversation
        self._rest: list[ParsedCommand] = []
        self._last: ParsedCommand | None = None
        self._warned = self._made_one = False
        self.query_one(StatusLine).set_interval(0.3, self._tick)
        self._begin()

    # Where a run comes from

    @work
    async def _begin(self) -> None:
        chosen = self.standing.chosen
        if self.typed.text or self.typed.others:
            first, *self._rest = for_each_file(self.typed)
            await self._start(first)
        elif chosen and chosen.run and chosen.role == "assistant":
            self._message = _asked(chosen, self.standing.thread)
            self._reply = chosen
            await self._open_run(chosen.run)
        else:
            self._offered = chosen if chosen and chosen.text.strip() else None
            await self._load_list()

    async def _start(self, typed: ParsedCommand) -> None:
        """Read the sources, store what was asked for, and let the run begin."""
        self._last, thread = typed, self._thread_to_chosen
        try:
            plan = await asyncio.to_thread(self.workspace.runs.plan, options_of(typed, self.standing.options))
            source = await asyncio.to_thread(self._slash.source, typed, thread)
            others = [await asyncio.to_thread(self._slash.read, name) for name in typed.others]
            line = line_of(typed.text, typed.options.items(), typed.others)
            message = await self.workspace.conversations.store(
                line, conversation=self._conversation, step=plan.requested_step
            )
        except ChatspaceError as error:
            self.complain(error)
            if self._journey is None:
                await self._load_list()
            return
        self._launch(plan, message, (source, *others))

    @property
    def _thread_to_chosen(self) -> tuple[Message, ...]:
        thread, chosen = self.standing.thread, self.standing.chosen
        place = next((place for place, one in enumerate(thread, 1) if chosen and one.id == chosen.id), len(thread))
        return thread[:place]

    def _launch(
        self, plan: Plan, message: Message, sources: Sequence[Source], given: ReusedArtifacts | None = None
    ) -> None:
        before = self._stored
        journey = RunProgress(tuple(sources), plan.steps, given=given)
        if given and before:
            journey.artifacts = given.artifacts
            journey.routes = {route.step: (route, None) for route in given.routes}
        self._before = (before, self._corrections) if before and given else None
        self._journey, self._stored, self._message = journey, None, message
        self._conversation, self._made_one = message.conversation, True
        self._corrections, self._following, self._warned = Corrections(), True, False
        self.pane.clear()
        work_ = partial(self._slash.carry_out, plan, message, sources[0], sources[1:], given=given)
        self._job = self.jobs.start(message.conversation, work_, self, beside=True)
        self._show()
        if self.focused is None or self.focused is self.former:
            self.set_focus(self.stages)

    @on(JobHappened)
    def _job_happened(self, message: JobHappened) -> None:
        if message.job is not self._job or self._journey is None:
            return
        match message.event:
            case DeltaReceived(_, text, reasoning):
                first = not self.pane.growing
                self.pane.grow(text, reasoning)
                if first:
                    self._show()
                return
            case ReplyStarted(reply) | ReplyFinished(reply):
                self._reply = reply
        self._journey.take(message.event)
        self._show()

    @on(JobEnded)
    @work(group="ended")
    async def _job_ended(self, message: JobEnded) -> None:
        if message.job is not self._job:
            return
        self._job = None
        live, reply = self._journey, message.job.reply
        stored = await self.in_thread(self.workspace.runs.stored, reply.run) if reply and reply.run else None
        if stored:
            self._take_stored(stored, live)
        elif self._before:  # it could not begin: what was changed is still there
            before, changed = self._before
            self._take_stored(before)
            self._corrections = changed
            self._show_corrected()
            if message.error:
                self.complain(message.error)
        if self._journey and message.error and (stored or not self._before):
            self._journey.error = message.error.explained
        self._show()
        if stored and stored.record.status == "complete" and self._rest and self._following:
            await self._start(self._rest.pop(0))

    # Moving

    @on(OptionList.OptionSelected, "#run-list")
    def _run_clicked(self) -> None:
        self._open_listed()

    @work(exclusive=True, group="open")
    async def _open_listed(self) -> None:
        at = self.former.at
        if at == HERE:
            await self._start(self.typed)
        elif at is not None:
            self._message = self._reply = None
            await self._open_run(self._runs[at - 1].id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if self._editing is not None:
            return action in EVERYWHERE
        journey = self._journey
        match action:
            case "edit":
                return self._can_edit
            case "again":
                return journey is not None and self._job is None
            case "take_back":
                return bool(self._changed)
            case "next":
                return bool(self._rest) and self._job is None
            case "facts":
                return bool(journey and journey.text is not None and self._stored)
            case "yank":
                return journey is not None
            case "list":
                return journey is not None and self._job is None
            case "leave_running":
                return self._job is not None
            case "close" | "page":
                return journey is not None
        return True

    def action_open(self) -> None:
        """Into the stage; where something was changed, run again from there."""
        if self._listing:
            self._open_listed()
        elif self._changed:
            self.action_again()
        else:
            self._enter_pane()

    def action_close(self) -> None:
        """Back to the stages."""
        self._leave_pane()

    async def action_page(self, direction: int) -> None:
        part = self.pane.part
        forward, back = ("scroll_pages(1)", "scroll_pages(-1)") if part is self.pane.transcript else PAGES
        await self.app.run_action(forward if direction > 0 else back, part)

    # Again

    @work(exclusive=True, group="again")
    async def action_again(self) -> None:
        """Run again from the stage: what is before it is taken over, what is behind it is made anew."""
        stored = self._stored
        if self._job or self._journey is None:
            return
        if stored is None:
            if self._last:
                await self._start(self._last)
            return
        try:
            wanted = rerun(stored, self.standing.options, self._start_of(stored), self._corrections)
            plan, message = await self._planned(stored, wanted)
        except ChatspaceError as error:
            self.complain(error)
            return
        self._launch(plan, message, stored.sources, wanted.given)
        self._leave_pane()

    def _start_of(self, stored: StoredRun) -> str | None:
        """None leaves it to the corrections, or to where the run broke."""
        if self._changed or (self._following and stored.broken_at):
            return None
        if self._shown == SOURCE or (self._shown == GATE and stored.rejected_at == stored.steps[0]):
            return stage_names()[0]
        return main_stage() if self._shown in (GATE, ROUTE) else self._shown

    async def _planned(self, stored: StoredRun, wanted: Rerun) -> tuple[Plan, Message]:
        """The plan, and the user's message that the replies belong to. Raises ChatspaceError."""
        if len(stored.sources) != 1 + len(stored.record.others):
            raise UsageError(
                "The source of this run is not in the history any more", remedy="Run its file again with /run."
            )
        plan = await asyncio.to_thread(
            partial(self.workspace.runs.plan, wanted.options, wanted.requested_step, through=wanted.steps)
        )
        if self._message is None:
            options = {name: value for name, value in plan.said.items() if name != "step" and value is not True}
            names = [source.path or source.name for source in stored.sources]
            line = line_of(shlex.quote(names[0]), options.items(), names[1:])
            self._message = await self.workspace.conversations.store(line, step=plan.requested_step)
        return plan, self._message

    @work(exclusive=True, group="again")
    async def action_next(self) -> None:
        """Go on with the next of the sources."""
        if self._rest and not self._job:
            await self._start(self._rest.pop(0))

    # Leaving

    @property
    def unfinished(self) -> str:
        if self._editing is not None:
            return "A stage is being corrected: esc keeps it."
        return "What you changed was not run yet: r runs it, u takes it back." if self._changed else ""

    def action_leave_running(self) -> None:
        """Back to the conversation; the run goes on there."""
        self._go()

    def action_leave(self) -> None:
        """Stop what runs, leave the stage, and then the place; changes that no run has taken are not lost unasked."""
        if self._editing is not None:
            self.pane.editor.leave()
        elif self._job:
            self.jobs.stop(self._job)
        elif self._in_pane and self.has_class("one"):
            self._leave_pane()
        elif self._changed and not self._warned:
            self._warned = True
            self.notify("What you changed was not run yet: r runs it, esc once more leaves it.")
        else:
            self._go()

    def _go(self) -> None:
        if self._conversation is None or not self._made_one:
            self.dismiss(None)
        else:
            self.dismiss(ScreenResult(self._conversation, at=self._reply.id if self._reply else None))


def _asked(reply: Message, thread: Sequence[Message]) -> Message | None:
    """The user's message that led to a reply."""
    above = [one for one in thread if one.id < reply.id]
    return next((one for one in reversed(above) if one.role == "user"), None)
