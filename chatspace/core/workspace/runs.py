"""Runs: a source through the pipeline, stored with what it made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from chatspace.core.call import Call
from chatspace.core.conversation import Message, MessageStatus
from chatspace.core.document import Source
from chatspace.core.events import CallFailed, CallFinished, DeltaReceived, Emit, Event
from chatspace.core.plan import Options, Plan, make_plan
from chatspace.core.policy import Estimate, PipelineStepName, Route
from chatspace.core.ports import Exporter, History, Reader, RunStore, Tools
from chatspace.core.profile import Target
from chatspace.core.run import RunResult, RunStatus
from chatspace.core.text.tokens import DEFAULT_OUTPUT_RESERVE, Fit, estimate_tokens, fit
from chatspace.core.usage import Cost, Usage
from chatspace.core.workspace.reply import GrowingReply, durably

NEEDED: dict[PipelineStepName, tuple[PipelineStepName, ...]] = {
    "extract": ("extract",),
    "draft": ("extract", "draft"),
    "copy": ("extract", "copy"),
}
"""The steps that a command for one step goes through."""

MESSAGE_STATUS: dict[RunStatus, MessageStatus] = {
    "complete": "complete",
    "truncated": "truncated",
    "rejected": "failed",
    "failed": "failed",
    "stopped": "stopped",
    "interrupted": "interrupted",
    "over_budget": "failed",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A route, the model that it leads to, and whether the source fits there. Its cost is the highest possible."""

    route: Route
    target: Target
    fit: Fit


class Runs:
    """Plans and makes runs."""

    def __init__(self, tools: Tools, store: RunStore, history: History, reader: Reader, exporter: Exporter) -> None:
        self._tools = tools
        self._store = store
        self._history = history
        self._reader = reader
        self._exporter = exporter

    def plan(self, options: Options, step: PipelineStepName | None = None) -> Plan:
        """Everything resolved and checked for one step's command, or for the whole pipeline where `step` is None."""
        return make_plan(options, step or "draft", self._tools.library, through=NEEDED[step] if step else None)

    def read(self, path: Path) -> Source:
        return self._reader.read(path)

    def read_bytes(self, data: bytes, name: str) -> Source:
        return self._reader.read_bytes(data, name)

    def decide(self, source: Source, plan: Plan, others: Sequence[Source] = ()) -> Decision:
        """What the policy decides for the plan's own step and where the call would go, without a call."""
        texts = [each.text for each in (source, *others)]
        route = plan.route_for(plan.own_step, texts)
        profile, target = plan.profiles[route.profile], plan.target(route, self._tools.catalog)
        recipe = self._tools.library.render(profile, plan.variables)
        verdict = fit(sum(map(estimate_tokens, (*texts, recipe))), target.window, profile.max_output_tokens)
        longest = Usage(verdict.needed, profile.max_output_tokens or DEFAULT_OUTPUT_RESERVE)
        estimate = Estimate(verdict.needed, target.price.cost(longest) if target.price else None)
        return Decision(replace(route, fits=verdict.fits, estimate=estimate), target, verdict)

    async def run(
        self, source: Source, plan: Plan, emit: Emit, run_id: str | None = None, others: Sequence[Source] = ()
    ) -> RunResult:
        """Take the sources through the plan, keeping its record and files. What went wrong stands in the result.

        What a run of the same source that didn't end well has paid for is used, where the plan asks for the same.
        """
        from chatspace.core.pipeline import Passage, RunState  # the parsers load with it

        pieces = {} if plan.options.fresh else await asyncio.to_thread(self._store.left_over, source.id)
        passage = Passage(RunState(run_id or uuid4().hex, (source, *others), plan), self._tools, emit, pieces)
        await durably(self._store.start_run, passage.state.id, source, others)
        try:
            result = await passage.complete()
        except BaseException:
            await self._keep(passage.result("stopped"))
            raise
        await self._keep(result)
        return result

    async def _keep(self, result: RunResult) -> None:
        files = await asyncio.to_thread(self._exporter.run_files, result)
        for name, data in files.items():
            await durably(self._store.add_artifact, result.record.id, Path(name).stem, name, data.decode("utf-8"))
        await durably(self._store.finish_run, result.record)

    async def run_in_conversation(
        self,
        message: Message,
        source: Source,
        plan: Plan,
        show: Callable[[RunResult], str],
        emit: Emit,
        others: Sequence[Source] = (),
    ) -> Message:
        """A run whose outcome is a reply: a draft grows in it, other results come whole, as the Markdown of `show`.

        Raises what ended the run, after the reply is stored.
        """
        step, run_id = plan.own_step, uuid4().hex
        decision = await asyncio.to_thread(self.decide, source, plan, others)
        reply = GrowingReply(self._history, message, step, emit, run_id)
        await reply.open(decision.target, f"rule {decision.route.because}")
        calls: list[Call] = []
        grown: list[str] = []

        def pass_on(event: Event) -> None:
            if isinstance(event, CallFinished | CallFailed):
                calls.append(event.call)
            if isinstance(event, DeltaReceived):
                # The JSON that the other steps reply with is nothing to read.
                if event.step == step == "draft":
                    reply.take(event)
                    grown.append("" if event.reasoning else event.text)
                    emit(event)
            else:
                emit(event)

        try:
            result = await self.run(source, plan, pass_on, run_id, others)
        except BaseException:  # cancelled, or a listener broke: what came is kept either way
            await reply.close("stopped", _summed(calls), text="".join(grown))
            raise
        error = result.error.explained if result.error else None
        stored = await reply.close(MESSAGE_STATUS[result.record.status], _summed(calls), show(result), error)
        if result.error:
            raise result.error
        return stored


def _summed(calls: Sequence[Call]) -> Call | None:
    """The last call with the usage, cost and time of all."""
    if not calls:
        return None
    return replace(
        calls[-1],
        usage=sum((call.usage for call in calls), Usage(estimated=False)),
        cost_usd=Cost.total(call.cost_usd for call in calls).usd,
        elapsed_ms=sum(call.elapsed_ms for call in calls),
        reasoning="",
    )
