"""One passage of its sources through the stages, in the order that the pipeline's file gives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from chatspace.core.calls.call import Call
from chatspace.core.calls.model_client import BATCH, INTERACTIVE, ModelClient
from chatspace.core.calls.step_client import StepClient
from chatspace.core.document import Source
from chatspace.core.errors import BudgetReached, ChatspaceError, GateRejected, ModelError
from chatspace.core.events import (
    DeltaReceived,
    Emit,
    Event,
    GateChecked,
    Made,
    RouteDecided,
    StageFinished,
    StageStarted,
    Warned,
)
from chatspace.core.extraction import Extraction, GateReport, PayloadBudget
from chatspace.core.facts import ground
from chatspace.core.ports import Tools
from chatspace.core.profiles.policy import PipelineStepName, Route
from chatspace.core.profiles.profile import OFFLINE_PREFIX, Step, Target
from chatspace.core.runs.findings import disagreements, named_texts, ungrounded
from chatspace.core.runs.payload import Payload, payload
from chatspace.core.runs.plan import fallback_targets
from chatspace.core.runs.routing import route_for
from chatspace.core.runs.run import (
    Copy,
    Coverage,
    Draft,
    ReusedArtifacts,
    RunResult,
    RunStatus,
    StageGate,
    StageRecord,
)
from chatspace.core.runs.run_record import RunState, build_record
from chatspace.core.runs.summaries import extract_summary, read_of, rejected
from chatspace.core.stages import copy as copy_stage
from chatspace.core.stages import draft as draft_stage
from chatspace.core.stages import extract as extract_stage
from chatspace.core.stages.gate import check_draft, check_extraction
from chatspace.core.structure import Structure, parse
from chatspace.core.text.tokens import estimate_tokens


@dataclass
class PipelineRun:
    """A run while it happens: `complete` takes its sources through the plan's steps, `result` says how far it came.

    `pieces` are the finished calls of an earlier try, by key; they are not paid for again. What is `given` is checked
    as if it were made here. `ahead` has routes that are decided already.
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
    grown: list[str] = field(default_factory=list)

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
        state = self.state
        main = state.extractions[0] if state.extractions else None
        elapsed = round((time.monotonic() - self.began) * 1000)
        record = build_record(state, self.client.calls, self.given, self.started, elapsed, status, error)
        draft = state.draft or (self._unfinished() if status == "stopped" else None)
        return RunResult(record, main, draft, state.copy, error, others=state.extractions[1:])

    def _unfinished(self) -> Draft | None:
        """As much of a draft as had come when the run was stopped."""
        text = "".join(self.grown)
        target = next((call for call in reversed(self.client.calls) if call.step == "draft"), None)
        if not text.strip() or target is None:
            return None
        offline, gate = target.model.startswith(OFFLINE_PREFIX), GateReport("rejected")
        return Draft(text, self.state.id, target.profile, target.model, "truncated", Coverage(0, 0), gate, (), offline)

    def _hear(self, event: Event) -> None:
        """What the draft stage tells; its text is kept as it grows."""
        if isinstance(event, DeltaReceived) and not event.reasoning:
            self.grown.append(event.text)
        self.emit(event)

    async def _take_steps(self) -> None:
        await self._read_structure()
        for step in self.state.plan.steps:
            self.emit(StageStarted(step))
            await self._take(step)

    async def _take(self, step: PipelineStepName) -> None:
        """Make what a step makes, or take what is given; either way it is known how the stage went."""
        given = self.given is not None and self.given.has(step)
        make = {"extract": self._extract, "draft": self._draft, "copy": self._copy}[step]
        began, stage = time.monotonic(), StageRecord(step, "broken", 0)
        try:
            summary = await (self._take_over(step) if given else make())
            stage = replace(stage, how="given" if given else "made", summary=summary)
        finally:
            stage = replace(stage, elapsed_ms=round((time.monotonic() - began) * 1000))
            if step == "draft" and (draft := self.state.draft):
                stage = replace(stage, profile=draft.profile, model=draft.model, coverage=draft.coverage)
            self.state = replace(self.state, stages=(*self.state.stages, stage))
        self.emit(StageFinished(step, summary))

    async def _read_structure(self) -> None:
        """Parse and extract without a model. Every later stage stands on it, with an extract step or without."""
        read = [await asyncio.to_thread(_read, source, self.tools) for source in self.state.sources]
        structures, extractions = zip(*read, strict=True)
        taken = self.given.extractions if self.given else ()
        main, *others = taken or extractions
        several = len(self.state.sources) > 1 and not taken
        if several and (found := await asyncio.to_thread(disagreements, named_texts(self.state.sources))):
            main = replace(main, gate=replace(main.gate, findings=(*main.gate.findings, *found)))
            more = f"; and {len(found) - 3} more" if len(found) > 3 else ""
            self.emit(Warned("The sources disagree. " + "; ".join(each.message for each in found[:3]) + more))
        self.state = replace(self.state, structures=structures, extractions=(main, *others))
        await asyncio.to_thread(self._weigh)
        self.emit(Made(self.state.extractions[0]))
        for number, (source, extraction) in enumerate(zip(self.state.sources, self.state.extractions, strict=True)):
            self._gated(f"extract {source.name}" if number else "extract", extraction.gate)
            if extraction.gate.status == "rejected" and not self.state.plan.options.force:
                raise rejected("The structure of the source can't be trusted", extraction.gate, source)
        self.state = replace(self.state, extractions=tuple(map(_marked_if_forced, self.state.extractions)))

    # The steps

    async def _extract(self) -> str:
        asker = await self._asker("extract")
        read = chunks = 0
        error: ModelError | None = None
        for number, extraction in enumerate(self.state.extractions):
            added = await extract_stage.add_by_model(extraction, asker)
            read, chunks = read + added.coverage.read, chunks + added.coverage.chunks
            error = error or added.error
            if added.problem:
                what = "The rest of the" if added.coverage.read else "The"
                self.emit(Warned(f"{added.problem.rstrip('.')}. {what} extraction is the one by rule alone."))
            fuller = added.extraction
            if asker.target.offline:
                fuller = replace(fuller, provenance=replace(fuller.provenance, model=None))
            others = self.state.extractions
            self.state = replace(self.state, extractions=(*others[:number], fuller, *others[number + 1 :]))
        await asyncio.to_thread(self._weigh)
        self.emit(Made(self.state.extractions[0]))
        if (
            error and self.state.plan.requested_step == "extract"
        ):  # what else stands on it can do without a model's additions
            raise error
        summary = extract_summary(self.state.extractions)
        if chunks > len(self.state.extractions):
            summary += f"; {read_of(Coverage(chunks, read))}"
        return summary

    async def _draft(self) -> str:
        state, plan = self.state, self.state.plan
        asker = await self._asker("draft")
        shown = await asyncio.to_thread(self._drafting_payload)
        if shown.left_out:
            self.emit(Warned(f"The budget leaves out {len(shown.left_out)} sections: " + "; ".join(shown.left_out)))
        headings = "social" not in plan.channel_path
        drafted = await draft_stage.draft(shown, state.extractions, asker, self._hear, headings=headings)
        draft = Draft(
            text=drafted.text,
            run=state.id,
            profile=drafted.call.profile,
            model=drafted.call.model,
            status="truncated" if drafted.error else "complete",
            coverage=drafted.coverage,
            gate=GateReport("passed"),
            offline=drafted.call.model.startswith(OFFLINE_PREFIX),
        )
        return await self._check(draft, asker.target.profile.keep_structure, drafted.error)

    async def _check(self, draft: Draft, keep_structure: bool, error: ModelError | None = None) -> str:
        """The gate after a draft; `error` is what ended one that isn't whole."""
        keep = self.state.structures[0] if keep_structure else None
        gate = check_draft(draft.text, complete=draft.status == "complete", keep=keep)
        # Before the grounding, which may take a while and be stopped.
        self.state = replace(self.state, draft=replace(draft, gate=gate))
        claims = await asyncio.to_thread(ground, draft.text, named_texts(self.state.sources))
        gate = replace(gate, findings=(*gate.findings, *ungrounded(draft.text, claims)))
        checked = replace(draft, gate=gate, grounding=claims)
        self.state = replace(self.state, draft=checked)
        self.emit(Made(checked))
        self._gated("draft", gate)
        if error:
            raise error
        if gate.status == "rejected" and not self.state.plan.options.force:
            raise rejected("The draft isn't fit to publish", gate, self.state.sources[0])
        words = f"{len(draft.text.split())} words"
        return f"{words}; {read_of(draft.coverage)}" if draft.coverage.chunks else words

    async def _copy(self) -> str:
        plan = self.state.plan
        asker = await self._asker("copy")
        variants, error = await copy_stage.write(
            plan.channel,
            self.state.extractions,
            self.state.draft.text if self.state.draft else None,
            asker,
            lambda: self._offline(asker),
            self.emit,
            plan.options.variants,
        )
        summary = self._keep_copy(Copy(plan.channel.name, variants))
        if error and plan.requested_step == "copy":  # elsewhere the engine's copy stands beside a draft, marked
            raise error
        return summary

    def _keep_copy(self, copy: Copy) -> str:
        self.state = replace(self.state, copy=copy)
        self.emit(Made(copy))
        fitting = sum(variant.fits for variant in copy.variants)
        return f"{len(copy.variants)} variants for {copy.channel}, {fitting} within the limits"

    async def _take_over(self, step: Step) -> str:
        """What is given for a step, in the place of making it."""
        given = self.given
        assert given is not None, "asked for where something is given"
        self.state = replace(
            self.state, routes=(*self.state.routes, *(route for route in given.routes if route.step == step))
        )
        if step == "copy" and given.copy:
            summary = self._keep_copy(given.copy)
        elif step == "draft" and given.draft:
            profile = self.state.plan.profiles.get(given.draft.profile)
            draft = replace(given.draft, run=self.state.id)
            summary = await self._check(draft, bool(profile and profile.keep_structure))
        else:
            summary = extract_summary(self.state.extractions)
        return f"{summary}; {'corrected by hand' if step in given.corrected else 'taken over'}"

    # What the steps share

    async def _asker(self, step: Step) -> StepClient:
        """Who answers for a step, by the policy and the size of all sources together."""
        route, targets = await asyncio.to_thread(self._route, step)
        self.state = replace(self.state, routes=(*self.state.routes, route))
        if isinstance(targets, ModelError):
            self.emit(RouteDecided(route))
            raise targets
        target, *fallbacks = targets
        self.emit(RouteDecided(route, target))
        return StepClient(step, target, tuple(fallbacks), self.state.plan.variables, self.client)

    def _route(self, step: Step) -> tuple[Route, Sequence[Target] | ModelError]:
        """The route and its targets, or why none may be called. Reads files and the ledger: for a thread."""
        plan = self.state.plan
        route = self.ahead.get(step)
        if route is None:
            texts = [source.text for source in self.state.sources]
            route = route_for(plan, step, texts, self.tools, self.state.structures)
        try:
            target = plan.target(route, self.tools.catalog)
            return route, (target, *fallback_targets(target, step, plan.options, self.tools))
        except ModelError as refused:
            return route, refused

    def _offline(self, asker: StepClient) -> StepClient:
        """The embedded engine in the place of a model."""
        target = self.tools.catalog.resolve(
            asker.target.profile, asker.step, model=f"{OFFLINE_PREFIX}{asker.step}", local=True
        )
        return replace(asker, target=target, fallbacks=())

    def _drafting_payload(self) -> Payload:
        state = self.state
        if "extract" not in state.plan.steps and len(state.sources) == 1:
            text = state.sources[0].text
            return Payload(text, estimate_tokens(text), 1)
        findings = state.extractions[0].gate.findings
        disagreements = [found.message for found in findings if found.check == "contradiction"]
        extra = {"disagreements": disagreements} if disagreements else None
        return payload(state.extractions, budget=state.plan.options.budget_tokens, extra=extra)

    def _weigh(self) -> None:
        """Say of the main extraction how large the payload of all is beside the sources."""
        state = self.state
        shown = payload(state.extractions, budget=state.plan.options.budget_tokens)
        tokens = sum(extraction.doc.tokens_estimate for extraction in state.extractions)
        ratio = round(shown.tokens / tokens, 3) if tokens else 0.0
        weighed = replace(state.extractions[0], budget=PayloadBudget(shown.tokens, tokens, ratio, shown.left_out))
        self.state = replace(state, extractions=(weighed, *state.extractions[1:]))

    def _gated(self, stage: str, report: GateReport) -> None:
        gate = StageGate(stage, report.status, report.findings)
        self.state = replace(self.state, gates=(*self.state.gates, gate))
        self.emit(GateChecked(stage, report))


def _read(source: Source, tools: Tools) -> tuple[Structure, Extraction]:
    structure = parse(source.text)
    gate = check_extraction(structure)
    return structure, extract_stage.extract(source, structure, gate, tools.library.metadata_fields())


def _marked_if_forced(extraction: Extraction) -> Extraction:
    forced = extraction.gate.status == "rejected"
    return replace(extraction, provenance=replace(extraction.provenance, forced=True)) if forced else extraction
