"""A run of the pipeline without its screen: started, corrected by hand, run again from a stage, or stopped."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from chatspace.core.errors import ChatspaceError, UsageError
from chatspace.core.events import DeltaReceived, Event, ReplyFinished, ReplyStarted
from chatspace.core.live.run import LiveRun, StageName
from chatspace.core.workspace.reruns import GATE, Corrections, Rerouted, Rerun, rerun
from chatspace.tui.command_runner import CommandRunner, options_of
from chatspace.tui.navigation import ScreenContext, ScreenResult
from chatspace.tui.sessions.changed import Changed, Listener, UndoStep, attempt
from chatspace.tui.sessions.run_command import for_each_file, line_of
from chatspace.tui.sessions.run_exports import RunExports
from chatspace.tui.sessions.run_in_sight import RunInSight
from chatspace.tui.sessions.run_list import HERE, RunList

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from chatspace.core.chat.conversation import Message
    from chatspace.core.document import Source
    from chatspace.core.runs.plan import Plan
    from chatspace.core.runs.run import ReusedArtifacts
    from chatspace.core.workspace.stored_runs import StoredRun
    from chatspace.tui.commands import ParsedCommand
    from chatspace.tui.jobs import Job, Jobs
    from chatspace.wiring import Workspace


@dataclass(slots=True)
class StageEdit:
    """A stage in the editor: the text it began with, and the one that was refused last."""

    stage: StageName
    begun: str
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Maker:
    """Who could make a step: a profile, or a model in the place of its own."""

    name: str
    group: str
    detail: str
    route: Rerouted


class RunSession:
    """One run at a time, `run`; where there is none, the list of those there were is in sight.

    `job` is what runs now and `edit` the stage that is corrected. The job reports to the `owner`, who passes it on to
    `take` and `ended`. What runs is stored as a conversation: the draft as a reply, the copy behind it.
    """

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        owner: MessagePump,
        context: ScreenContext,
        typed: ParsedCommand,
        listener: Listener,
    ) -> None:
        self._workspace = workspace
        self._runner = CommandRunner(workspace)
        self._jobs = jobs
        self._owner = owner
        self._context = context
        self._typed = typed
        self._listener = listener
        self._waiting: list[ParsedCommand] = []
        self._last: ParsedCommand | None = None
        self._question: Message | None = None
        self._reply: Message | None = None
        self._before: RunInSight | None = None
        self._conversation: int | None = None
        self.run: RunInSight | None = None
        self.job: Job | None = None
        self.edit: StageEdit | None = None
        self.list = RunList(workspace.run_store, listener)
        self.exports = RunExports(workspace, listener)

    # Where a run comes from

    async def begin(self) -> None:
        """Run what was typed, open the run that made the chosen message, or list those there were."""
        chosen = self._context.chosen
        if self._typed.text or self._typed.others:
            first, *self._waiting = await asyncio.to_thread(for_each_file, self._typed)
            await self._start(first)
        elif chosen and chosen.run and chosen.role == "assistant":
            self._question, self._reply = _asked(chosen, self._context.thread), chosen
            await self._open(chosen.run)
        else:
            self.list.offered = chosen if chosen and chosen.text.strip() else None
            await self._show_list()

    async def _start(self, typed: ParsedCommand) -> None:
        """Read the sources, store what was asked for, and let the run begin."""
        self._last, runner, thread = typed, self._runner, _thread_to_chosen(self._context)
        try:
            plan = await asyncio.to_thread(self._workspace.runs.plan, options_of(typed, self._context.options))
            source = await asyncio.to_thread(runner.source, typed, thread)
            others = [await asyncio.to_thread(runner.read, name) for name in typed.others]
            line = line_of(typed.text, typed.options.items(), typed.others)
            store = self._workspace.conversations.store
            conversation = self._conversation or self._context.conversation
            question = await store(line, conversation=conversation, step=plan.requested_step)
        except ChatspaceError as error:
            self._listener(Changed(error=error))
            if self.run is None:
                await self._show_list()
            return
        self._launch(plan, question, (source, *others))

    def _launch(
        self, plan: Plan, question: Message, sources: Sequence[Source], given: ReusedArtifacts | None = None
    ) -> None:
        live = LiveRun(tuple(sources), plan.steps, given=given)
        if given:
            live.artifacts = given.artifacts
            live.routes = {route.step: (route, None) for route in given.routes}
        self._before, self.run = self.run if given else None, RunInSight(live)
        self._question, self._conversation = question, question.conversation
        work = partial(self._runner.carry_out, plan, question, sources[0], sources[1:], given=given)
        self.job = self._jobs.start(question.conversation, work, self._owner, beside=True)
        self._listener(Changed())

    async def next(self) -> None:
        """Go on with the next of the sources."""
        if self.has_next and not self.job:
            await self._start(self._waiting.pop(0))

    @property
    def has_next(self) -> bool:
        return bool(self._waiting)

    # What the job reports

    def take(self, job: Job, event: Event) -> None:
        if job is not self.job or self.run is None:
            return
        if isinstance(event, DeltaReceived):
            self._listener(Changed(delta=event))
            return
        if isinstance(event, ReplyStarted | ReplyFinished):
            self._reply = event.message
        self.run.live.take(event)
        self._listener(Changed())

    async def ended(self, job: Job, error: ChatspaceError | None) -> None:
        if job is not self.job:
            return
        run, reply = self.run, job.reply
        stored = await self._read(reply.run) if reply and reply.run else None
        self.job = None
        if run and stored:
            run.end(stored)
        elif self._before:  # it could not begin: what was changed is still there
            self.run = self._before
            self._listener(Changed(error=error))
        if run and run is self.run and error:
            run.live.error = error.explained
        self._listener(Changed())
        if run and stored and stored.record.status == "complete" and run.following:
            await self.next()

    async def _read(self, run: str) -> StoredRun | None:
        return await attempt(self._listener, asyncio.to_thread(self._workspace.runs.stored, run))

    def stop(self) -> None:
        """What has come is kept."""
        if self.job:
            self._jobs.stop(self.job)

    # The runs there were

    async def show_list(self) -> None:
        """The runs there were, newest first, read afresh."""
        await self._show_list(afresh=True)

    async def _show_list(self, *, afresh: bool = False) -> None:
        await self.list.load(afresh=afresh)
        self.run = None
        self._listener(Changed())

    async def list_more(self) -> None:
        """The next page."""
        if not self.list.whole:
            await self.list.load_more()
            self._listener(Changed())

    async def open_listed(self, key: int) -> None:
        """One of the list; or a run of the message that it offers."""
        if key == HERE:
            await self._start(self._typed)
        else:
            self._question = self._reply = None
            await self._open(self.list.runs[key - 1].id)

    async def _open(self, run: str) -> None:
        stored = await self._read(run)
        if stored is None:
            await self._show_list()
            return
        self.run = RunInSight.of(stored)
        self._listener(Changed())

    # What a person corrects

    def begin_edit(self, stage: StageName) -> None:
        """Put what the stage made into the editor; at the gate accept what was rejected, or no longer."""
        run = self.run
        if run is None or self.job or not run.can_edit(stage):
            return
        if stage == GATE:
            run.accept()
        else:
            self.edit = StageEdit(stage, run.text_of(stage))
        self._listener(Changed())

    async def end_edit(self, text: str) -> None:
        """Keep what was changed once it can be used; what can't is reported, and stays to be mended."""
        run, edit = self.run, self.edit
        if run is None or edit is None:
            return
        if text not in (edit.begun, edit.refused):
            try:
                changed = await asyncio.to_thread(run.corrected, edit.stage, text, self._workspace.library)
            except ChatspaceError as error:
                edit.refused = text
                self._listener(Changed(error=error))
                return
            run.change(changed)
        self.edit = None
        self._listener(Changed())

    async def makers(self, step: StageName) -> Sequence[Maker]:
        """The profiles that can make a step, then the models that its own profile could ask."""
        current = self.run.live.routes[step][0].profile if self.run else ""
        local, known = self._context.options.local, self._workspace.models.all_known
        profiles = await attempt(self._listener, asyncio.to_thread(self._workspace.library.profiles))
        models = await attempt(self._listener, asyncio.to_thread(partial(known, local=local)))
        if profiles is None or models is None:
            return ()
        made = [Maker(each.name, "profiles", each.model, Rerouted(step, each.name)) for each in profiles
                if step in each.steps]  # fmt: skip
        by = f"models, by {current}"
        return [*made, *(Maker(found.ref, by, "", Rerouted(step, current, found.ref)) for found in models)]

    def reroute(self, route: Rerouted) -> None:
        """Let another profile or model make a step."""
        if self.run:
            self.run.reroute(route)
            self._listener(Changed())

    def take_back(self) -> None:
        """Take back the changes that no run has taken yet."""
        run = self.run
        if run and run.stored:
            back = partial(self._change_again, run.stored.record.id, run.corrections)
            run.change(Corrections())
            self._listener(Changed(undo=UndoStep("Changes taken back", back)))

    async def _change_again(self, run: str, changed: Corrections) -> None:
        """The changes that were taken back, as long as their run is the one in sight."""
        if self.run and self.run.stored and self.run.stored.record.id == run:
            self.run.change(changed)
            self._listener(Changed())

    # Running again

    async def again(self) -> None:
        """Run again from the stage in sight: what is before it is taken over, what is behind it is made anew."""
        run = self.run
        if self.job or run is None:
            return
        stored = run.stored
        if stored is None:
            if self._last:
                await self._start(self._last)
            return
        try:
            wanted = rerun(stored, self._context.options, run.start, run.corrections)
            plan, question = await self._planned(stored, wanted)
        except ChatspaceError as error:
            self._listener(Changed(error=error))
            return
        self._launch(plan, question, stored.sources, wanted.given)

    async def _planned(self, stored: StoredRun, wanted: Rerun) -> tuple[Plan, Message]:
        """The plan, and the user's message that the replies belong to. Raises ChatspaceError."""
        if len(stored.sources) != 1 + len(stored.record.others):
            raise UsageError(
                "The source of this run is not in the history any more", remedy="Run its file again with /run."
            )
        plan = await asyncio.to_thread(
            partial(self._workspace.runs.plan, wanted.options, wanted.requested_step, through=wanted.steps)
        )
        if self._question is None:
            options = {name: value for name, value in plan.said.items() if name != "step" and value is not True}
            names = [source.path or source.name for source in stored.sources]
            line = line_of(shlex.quote(names[0]), options.items(), names[1:])
            self._question = await self._workspace.conversations.store(line, step=plan.requested_step)
        return plan, self._question

    @property
    def left(self) -> ScreenResult | None:
        """Where it goes on when the run is left: its conversation, if something was run."""
        if self._conversation is None:
            return None
        return ScreenResult(self._conversation, at=self._reply.id if self._reply else None)


def _thread_to_chosen(context: ScreenContext) -> tuple[Message, ...]:
    thread, chosen = context.thread, context.chosen
    place = next((place for place, one in enumerate(thread, 1) if chosen and one.id == chosen.id), len(thread))
    return thread[:place]


def _asked(reply: Message, thread: Sequence[Message]) -> Message | None:
    """The user's message that led to a reply."""
    above = [one for one in thread if one.id < reply.id]
    return next((one for one in reversed(above) if one.role == "user"), None)
