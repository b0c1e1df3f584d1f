"""Runs: a source through the pipeline, stored with what it made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from chatspace.core.calls.call import Call
from chatspace.core.chat.conversation import Message
from chatspace.core.chat.stores import History
from chatspace.core.document import Source
from chatspace.core.errors import ModelError, StoreError
from chatspace.core.events import Emit
from chatspace.core.ports import Exporter, Reader, Tools
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.policy import Route
from chatspace.core.profiles.profile import Step
from chatspace.core.runs.plan import Plan, make_plan
from chatspace.core.runs.routing import prospect, route_for
from chatspace.core.runs.run import VALUE, Draft, ReusedArtifacts, RunResult
from chatspace.core.stages.registry import main_stage, steps_for
from chatspace.core.stages.route import estimate_of
from chatspace.core.text.tokens import estimate_tokens
from chatspace.core.workspace.reply import reply_to, run_uncancelled
from chatspace.core.workspace.run_replies import Decision, RunReplies, Show, first_reply, opened_by
from chatspace.core.workspace.stored_runs import RunStore, StoredRun, read_run, to_store

__all__ = ["Decision", "Runs"]

Deliver = Callable[[RunResult, Mapping[str, bytes]], None]
"""Takes what a run made, as its files by name."""


class Runs:
    """Plans and makes runs."""

    def __init__(self, tools: Tools, store: RunStore, history: History, reader: Reader, exporter: Exporter) -> None:
        self._tools = tools
        self._store = store
        self._history = history
        self._reader = reader
        self._exporter = exporter

    def plan(
        self,
        options: Options,
        step: str | None = None,
        *,
        through: Sequence[str] | None = None,
    ) -> Plan:
        """Everything resolved and checked for one step's command, or for the whole pipeline where `step` is None.

        `through` names other steps than that command's. A model is kept with the endpoint that offers it.
        """
        needed = through or (steps_for(step) if step else None)
        if options.model:
            profile = self._tools.library.profile(options.profile) if options.profile else None
            find = self._tools.targets.find
            found = find(options.model, profile, local=options.local, chosen=profile is not None)
            options = replace(options, model=found.ref)
        return make_plan(options, step or main_stage(), self._tools.library, through=needed)

    def plans(self, options: Iterable[Options]) -> Mapping[Options, Plan]:
        """A plan of the whole pipeline for each."""
        return {each: self.plan(each) for each in dict.fromkeys(options)}

    def read(self, path: Path) -> Source:
        return self._reader.read(path)

    def read_bytes(self, data: bytes, name: str) -> Source:
        return self._reader.read_bytes(data, name)

    def stored(self, run: str) -> StoredRun:
        """A run with all that it made. Raises UsageError for one that isn't there."""
        return read_run(self._store, run)

    def files(self, run: str) -> Mapping[str, bytes]:
        """The files of a run's folder by name. Raises UsageError for a run that isn't there."""
        kept = {each.name: each.text.encode("utf-8") for each in self._store.artifacts(run) if each.kind != VALUE}
        return kept or self._exporter.run_files(read_run(self._store, run).result)

    def file(self, run: str, step: str, format_name: str) -> bytes:
        """What a step of a stored run made, in one of its formats; claims that weren't kept are looked up again.

        Raises UsageError.
        """
        from chatspace.core.facts import ground  # its patterns take a tenth of a second to compile
        from chatspace.core.runs.findings import named_texts

        stored = read_run(self._store, run)
        result, made = stored.result, stored.artifacts.get(step)
        if isinstance(made, Draft) and not made.grounding:
            made = replace(made, grounding=ground(made.text, named_texts(stored.sources)))
            result = replace(result, artifacts=result.artifacts.having(step, made))
        return self._exporter.render(result, step, format_name)

    def decide(self, source: Source, plan: Plan, others: Sequence[Source] = (), step: str | None = None) -> Decision:
        """What the policy decides for a step, by default the plan's own, and where the call would go; no call."""
        step = step or plan.requested_step
        texts = [each.text for each in (source, *others)]
        route = route_for(plan, step, texts, self._tools)
        target = plan.target(route, self._tools)
        known = self._tools.ledger.usual(step).get((route.profile, target.model))
        ahead = prospect(plan, target, sum(map(estimate_tokens, texts)), self._tools, known)
        return Decision(replace(route, fits=ahead.fit.fits, estimate=estimate_of(ahead)), target, ahead.fit)

    async def run(
        self,
        source: Source,
        plan: Plan,
        emit: Emit,
        run_id: str | None = None,
        others: Sequence[Source] = (),
        *,
        deliver: Deliver | None = None,
        given: ReusedArtifacts | None = None,
        ahead: Mapping[Step, Route] | None = None,
    ) -> RunResult:
        """Take the sources through the plan, keeping its record and files. What went wrong stands in the result.

        What a run of the same source that didn't end well has paid for is used, where the plan asks for the same.
        `given` is taken from an earlier run instead of being made; `ahead` are routes that are decided already.
        `deliver` gets the run's files in a thread, before the run counts as ended, so that what couldn't be delivered
        is not paid for again.
        """
        from chatspace.core.runs.pipeline import PipelineRun  # the parsers load with it
        from chatspace.core.runs.run_record import RunState

        state = RunState(run_id or uuid4().hex, (source, *others), plan)
        pieces = await run_uncancelled(self._begin, state.id, source, others, plan.options.fresh)
        passage = PipelineRun(state, self._tools, emit, pieces, given, ahead or {})
        try:
            result = await passage.complete()
        except BaseException:
            await run_uncancelled(self._keep, passage.result("stopped"))
            raise
        if isinstance(result.error, StoreError):
            raise result.error  # and no further try to store it, for which a locked database would let it wait again
        await run_uncancelled(self._keep, result, deliver)
        return result

    def _begin(self, run: str, source: Source, others: Sequence[Source], fresh: bool) -> Mapping[str, Call]:
        """The run's row; gives what is left of earlier ones."""
        pieces = {} if fresh else self._store.reusable_calls(source.id)
        self._store.start(run, source, others)
        return pieces

    def _keep(self, result: RunResult, deliver: Deliver | None = None) -> None:
        if deliver:
            deliver(result, self._exporter.run_files(result))
        self._store.finish(result.record, to_store(result.artifacts))

    async def run_in_conversation(
        self,
        message: Message,
        source: Source,
        plan: Plan,
        show: Show,
        emit: Emit,
        others: Sequence[Source] = (),
        *,
        given: ReusedArtifacts | None = None,
    ) -> Message:
        """A run whose outcome is a reply: prose grows in it, other results come whole, as the Markdown of `show`.

        What is made after prose is a reply of its own, behind it. Raises what ended the run, after the replies are
        stored.
        """
        run_id, first = uuid4().hex, first_reply(plan)
        decisions = await asyncio.to_thread(self._decisions, source, plan, others, first, given)
        ahead: dict[Step, Route] = {step: decision.route for step, decision in decisions.items()}
        target, why = opened_by(first, decisions, given)
        async with reply_to(message, first, target, self._history, emit, run=run_id, why=why) as reply:
            replies = RunReplies(self._history, reply, run_id, plan, decisions, show, emit, given)
            try:
                result = await self.run(source, plan, replies.take, run_id, others, given=given, ahead=ahead)
            except BaseException:  # cancelled, or a listener broke: what came is kept either way
                await replies.stop()
                raise
            stored = await replies.finish(result)
        if result.error:
            raise result.error
        return stored

    def _decisions(
        self,
        source: Source,
        plan: Plan,
        others: Sequence[Source],
        first: str,
        given: ReusedArtifacts | None,
    ) -> Mapping[str, Decision]:
        """Of each step that is to be made. Only the one of the first reply must be possible now."""
        found = {}
        for step in plan.steps:
            if given and step in given.artifacts:
                continue
            try:
                found[step] = self.decide(source, plan, others, step)
            except ModelError:
                if step == first:
                    raise
        return found
