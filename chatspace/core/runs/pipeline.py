"""One passage of its sources through the stages: a step starts as soon as what it needs is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from chatspace.core.calls.call import Call
from chatspace.core.calls.model_client import BATCH, INTERACTIVE, ModelClient
from chatspace.core.errors import BudgetReached, ChatspaceError, GateRejected, ModelError
from chatspace.core.events import Emit, StageFinished, StageStarted, Warned
from chatspace.core.ports import Tools
from chatspace.core.profiles.policy import Route
from chatspace.core.profiles.profile import Step
from chatspace.core.runs.artifacts import Artifact, Artifacts
from chatspace.core.runs.run import ReusedArtifacts, RunResult, RunStatus, StageRecord
from chatspace.core.runs.run_record import RunState, build_record
from chatspace.core.runs.step_context import StepContext
from chatspace.core.stages.registry import Stage, stage, stages
from chatspace.core.structure import parse


@dataclass
class PipelineRun:
    """A run while it happens: `complete` takes its sources through the plan's steps, `result` says how far it came.

    `pieces` are the finished calls of an earlier try, by key; they are not paid for again. What is `given` is checked
    as if it were made here. `handed` has what the reply to one step holds for another; `ahead` has routes decided
    before; `begun` is what there was before any step.
    """

    state: RunState
    tools: Tools
    emit: Emit
    pieces: Mapping[str, Call] = field(default_factory=dict)
    given: ReusedArtifacts | None = None
    ahead: Mapping[Step, Route] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)
    client: ModelClient = field(init=False)
    handed: dict[str, str] = field(init=False, default_factory=dict)
    begun: Artifacts = field(init=False, default_factory=Artifacts)

    def __post_init__(self) -> None:
        options = self.state.plan.options
        policy = BATCH if options.unattended else INTERACTIVE
        self.client = ModelClient(
            self.tools, self.emit, self.state.id, cached=self.pieces, policy=policy, budget=options.budget
        )

    async def complete(self) -> RunResult:
        """Errors that we can name end in the result; a cancellation goes on to the caller."""
        error: ChatspaceError | None = None
        status: RunStatus = "complete"
        try:
            await self._begin()
            await self._take_steps()
        except GateRejected as rejection:
            status, error = "rejected", rejection
        except ModelError as failure:
            status, error = "truncated" if failure.kind == "cut" else "failed", failure
        except BudgetReached as reached:
            status, error = "over_budget", reached
        except ChatspaceError as failure:
            status, error = "failed", failure
        return self.result(status, error)

    def result(self, status: RunStatus, error: ChatspaceError | None = None) -> RunResult:
        """What there is by now."""
        elapsed = round((time.monotonic() - self.began) * 1000)
        record = build_record(self.state, self.client.calls, self.given, self.started, elapsed, status, error)
        return RunResult(record, self.state.artifacts, error)

    async def _begin(self) -> None:
        """Parse the sources, and make of them what can be made without a step."""
        structures = [await asyncio.to_thread(parse, source.text) for source in self.state.sources]
        self.state = replace(self.state, structures=tuple(structures))
        for name, each in stages().items():
            if each.begin:
                context = self._context(name)
                context.keep(await each.begin(context))
        self.begun = self.state.artifacts

    def _context(self, step: str) -> StepContext:
        return StepContext(step, self, self.given.artifacts.get(step) if self.given else None)

    async def _take_steps(self) -> None:
        """Every step once what it needs has ended well; one that fails stops those that need it, and no others.

        Raises what ended the first that failed, after the others have come to their end; what ended others is told.
        """
        waiting, done = list(self.state.plan.steps), set[str]()
        running: dict[asyncio.Task[None], str] = {}
        errors: list[ChatspaceError] = []
        try:
            while True:
                for step in [each for each in waiting if done.issuperset(self.state.plan.needs.get(each, ()))]:
                    waiting.remove(step)
                    self.emit(StageStarted(step))
                    running[asyncio.create_task(self._take(step))] = step
                if not running:
                    break
                ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in [each for each in running if each in ended]:
                    step = running.pop(task)
                    try:
                        task.result()
                        done.add(step)
                    except ChatspaceError as error:
                        errors.append(error)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        for further in errors[1:]:
            self.emit(Warned(str(further)))
        if errors:
            raise errors[0]

    async def _take(self, step: str) -> None:
        """Make what a step makes, or take what is given; either way it is known how the stage went."""
        context, doing = self._context(step), stage(step)
        began, record = time.monotonic(), StageRecord(step, "broken", 0)
        try:
            artifact = await (doing.run(context) if context.given is None else self._take_over(doing, context))
            if context.own is not artifact:
                context.made(artifact)
            summary = doing.summary(artifact)
            if context.given is not None:
                corrected = self.given is not None and step in self.given.corrected
                summary += f"; {'corrected by hand' if corrected else 'reused'}"
            record = replace(record, how="made" if context.given is None else "given", summary=summary)
        finally:
            record = replace(record, elapsed_ms=round((time.monotonic() - began) * 1000))
            if doing.writer and (made := context.own):
                writer = doing.writer(made)
                record = replace(record, profile=writer.profile, model=writer.model, coverage=writer.coverage)
            self.state = replace(self.state, stages=(*self.state.stages, record))
        self.emit(StageFinished(step, summary))

    async def _take_over(self, doing: Stage[Artifact], context: StepContext) -> Artifact:
        """What is given for a step, in the place of making it."""
        routes = self.given.routes if self.given else ()
        taken = (*self.state.routes, *(route for route in routes if route.step == context.name))
        self.state = replace(self.state, routes=taken)
        assert context.given is not None, "asked for where something is given"
        if doing.begin and (begun := context.own):
            return begun
        return await doing.take(context, context.given) if doing.take else context.given
