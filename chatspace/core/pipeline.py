"""One passage of its sources through the stages, in the order that the pipeline's file gives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from chatspace.core.asking import Asker, RunCalls
from chatspace.core.call import Call
from chatspace.core.document import Source
from chatspace.core.errors import ChatspaceError, GateRejected, ModelError
from chatspace.core.events import Emit, GateChecked, RouteDecided, StageFinished, StageStarted, Warned
from chatspace.core.extraction import Extraction, GateReport, PayloadBudget
from chatspace.core.facts import ground
from chatspace.core.findings import disagreements, named_texts, ungrounded
from chatspace.core.formats import plain
from chatspace.core.payload import Payload, payload
from chatspace.core.plan import Plan, fallback_targets
from chatspace.core.policy import Route
from chatspace.core.ports import Tools
from chatspace.core.profile import OFFLINE_PREFIX, Step, Target
from chatspace.core.run import (
    CallRecord,
    Copy,
    Coverage,
    Draft,
    RunRecord,
    RunResult,
    RunStatus,
    SourceRef,
    StageGate,
    Totals,
)
from chatspace.core.stages import copy as copy_stage
from chatspace.core.stages import draft as draft_stage
from chatspace.core.stages import extract as extract_stage
from chatspace.core.stages.gate import check_draft, check_extraction
from chatspace.core.structure import Structure, parse
from chatspace.core.text import display
from chatspace.core.text.tokens import estimate_tokens


@dataclass(frozen=True, slots=True)
class RunState:
    """A run so far. Each step takes one and leaves a fuller one; the first of the sources is the main one."""

    id: str
    sources: tuple[Source, ...]
    plan: Plan
    structures: tuple[Structure, ...] = ()
    extractions: tuple[Extraction, ...] = ()
    draft: Draft | None = None
    copy: Copy | None = None
    routes: tuple[Route, ...] = ()
    gates: tuple[StageGate, ...] = ()


@dataclass
class Passage:
    """A run while it happens: `complete` takes its sources through the plan's steps, `result` says how far it came.

    `pieces` are the finished calls of an earlier try, by key; they are not paid for again.
    """

    state: RunState
    tools: Tools
    emit: Emit
    pieces: Mapping[str, Call] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)
    calls: RunCalls = field(init=False)

    def __post_init__(self) -> None:
        self.calls = RunCalls(self.state.id, self.tools, self.emit, self.pieces)

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
        except ChatspaceError as failure:
            status, error = "failed", failure
        return self.result(status, error)

    def result(self, status: RunStatus, error: ChatspaceError | None = None) -> RunResult:
        """What there is by now."""
        state = self.state
        main = state.extractions[0] if state.extractions else None
        return RunResult(self._record(status, error), main, state.draft, state.copy, error)

    async def _take_steps(self) -> None:
        await self._read_structure()
        for step in self.state.plan.steps:
            self.emit(StageStarted(step))
            await {"extract": self._extract, "draft": self._draft, "copy": self._copy}[step]()

    async def _read_structure(self) -> None:
        """Parse and extract without a model. Every later stage stands on it, with an extract step or without."""
        read = [await asyncio.to_thread(_read, source, self.tools) for source in self.state.sources]
        structures, extractions = zip(*read, strict=True)
        main = extractions[0]
        several = len(self.state.sources) > 1
        if several and (found := await asyncio.to_thread(disagreements, named_texts(self.state.sources))):
            main = replace(main, gate=replace(main.gate, findings=(*main.gate.findings, *found)))
            more = f"; and {len(found) - 3} more" if len(found) > 3 else ""
            self.emit(Warned("The sources disagree. " + "; ".join(each.message for each in found[:3]) + more))
        self.state = replace(self.state, structures=structures, extractions=(main, *extractions[1:]))
        await asyncio.to_thread(self._weigh)
        for number, (source, extraction) in enumerate(zip(self.state.sources, self.state.extractions, strict=True)):
            self._gated(f"extract {source.name}" if number else "extract", extraction.gate)
            if extraction.gate.status == "rejected" and not self.state.plan.options.force:
                raise _rejected("The structure of the source can't be trusted", extraction.gate, source)
        self.state = replace(self.state, extractions=tuple(map(_marked_if_forced, self.state.extractions)))

    # The steps

    async def _extract(self) -> None:
        asker = await self._asker("extract")
        read = chunks = 0
        for number, extraction in enumerate(self.state.extractions):
            added = await extract_stage.add_by_model(extraction, asker)
            read, chunks = read + added.coverage.read, chunks + added.coverage.chunks
            if added.problem:
                what = "The rest of the" if added.coverage.read else "The"
                self.emit(Warned(f"{added.problem}. {what} extraction is the one by rule alone."))
            fuller = added.extraction
            if asker.target.offline:
                fuller = replace(fuller, provenance=replace(fuller.provenance, model=None))
            others = self.state.extractions
            self.state = replace(self.state, extractions=(*others[:number], fuller, *others[number + 1 :]))
        await asyncio.to_thread(self._weigh)
        summary = _extract_summary(self.state.extractions)
        if chunks > len(self.state.extractions):
            summary += f"; {_read_of(Coverage(chunks, read))}"
        self.emit(StageFinished("extract", summary))

    async def _draft(self) -> None:
        state, plan = self.state, self.state.plan
        asker = await self._asker("draft")
        shown = await asyncio.to_thread(self._drafting_payload)
        if shown.left_out:
            self.emit(Warned(f"The budget leaves out {len(shown.left_out)} sections: " + "; ".join(shown.left_out)))
        headings = "social" not in plan.channel_path
        drafted = await draft_stage.draft(shown, state.extractions, asker, self.emit, headings=headings)
        keep = state.structures[0] if asker.target.profile.keep_structure else None
        gate = check_draft(drafted.text, complete=drafted.error is None, keep=keep)
        draft = Draft(
            text=drafted.text,
            run=state.id,
            profile=drafted.call.profile,
            model=drafted.call.model,
            status="truncated" if drafted.error else "complete",
            coverage=drafted.coverage,
            gate=gate,
            offline=drafted.call.model.startswith(OFFLINE_PREFIX),
        )
        self.state = replace(self.state, draft=draft)  # before the grounding, which may take a while and be stopped
        claims = await asyncio.to_thread(ground, drafted.text, named_texts(state.sources))
        gate = replace(gate, findings=(*gate.findings, *ungrounded(drafted.text, claims)))
        self.state = replace(self.state, draft=replace(draft, gate=gate, grounding=claims))
        self._gated("draft", gate)
        if drafted.error:
            raise drafted.error
        if gate.status == "rejected" and not plan.options.force:
            raise _rejected("The draft isn't fit to publish", gate, state.sources[0])
        words = f"{len(drafted.text.split())} words"
        self.emit(StageFinished("draft", f"{words}; {_read_of(drafted.coverage)}"))

    async def _copy(self) -> None:
        plan = self.state.plan
        asker = await self._asker("copy")
        variants = await copy_stage.write(
            plan.channel,
            self.state.extractions,
            self.state.draft.text if self.state.draft else None,
            asker,
            lambda: self._offline(asker),
            self.emit,
            plan.options.variants,
        )
        self.state = replace(self.state, copy=Copy(plan.channel.name, variants))
        fitting = sum(variant.fits for variant in variants)
        summary = f"{len(variants)} variants for {plan.channel.name}, {fitting} within the limits"
        self.emit(StageFinished("copy", summary))

    # What the steps share

    async def _asker(self, step: Step) -> Asker:
        """Who answers for a step, by the policy and the size of all sources together."""
        plan = self.state.plan
        route = plan.route_for(step, [source.text for source in self.state.sources])
        self.state = replace(self.state, routes=(*self.state.routes, route))
        self.emit(RouteDecided(route))
        target, fallbacks = await asyncio.to_thread(self._targets, route)
        return Asker(step, target, fallbacks, plan.variables, self.calls)

    def _targets(self, route: Route) -> tuple[Target, tuple[Target, ...]]:
        target = self.state.plan.target(route, self.tools.catalog)
        return target, fallback_targets(target, route.step, self.state.plan.options, self.tools)

    def _offline(self, asker: Asker) -> Asker:
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

    def _record(self, status: RunStatus, error: ChatspaceError | None) -> RunRecord:
        state, plan = self.state, self.state.plan
        calls = tuple(map(CallRecord.of, self.calls.made))
        main, *others = (SourceRef(source.name, source.id) for source in state.sources)
        return RunRecord(
            id=state.id,
            started=plain(self.started),
            elapsed_ms=round((time.monotonic() - self.began) * 1000),
            status=status,
            source=main,
            others=tuple(others),
            pipeline=plan.pipeline.name,
            policy=plan.policy.name,
            channel=plan.channel.name,
            sla=plan.options.sla,
            routes=state.routes,
            calls=calls,
            gate=state.gates,
            totals=Totals.of(calls),
            error=str(error) if error else None,
        )


def _read(source: Source, tools: Tools) -> tuple[Structure, Extraction]:
    structure = parse(source.text)
    gate = check_extraction(structure)
    return structure, extract_stage.extract(source, structure, gate, tools.library.metadata_fields())


def _marked_if_forced(extraction: Extraction) -> Extraction:
    forced = extraction.gate.status == "rejected"
    return replace(extraction, provenance=replace(extraction.provenance, forced=True)) if forced else extraction


def _read_of(coverage: Coverage) -> str:
    return f"{coverage.read}/{coverage.chunks} chunks read"


def _extract_summary(extractions: Sequence[Extraction]) -> str:
    counts = {
        "section": sum(section.level > 0 for each in extractions for section in each.sections),
        "list": sum(block.kind == "list" for each in extractions for block in each.blocks),
        "fact": sum(len(each.facts) for each in extractions),
        "name": sum(len(each.entities) for each in extractions),
        "quarantined item": sum(len(each.quarantine) for each in extractions),
    }
    return ", ".join(display.count(number, noun) for noun, number in counts.items() if number)


def _rejected(title: str, gate: GateReport, source: Source) -> GateRejected:
    blocking = [finding for finding in gate.findings if finding.severity == "block"]
    reasons = "; ".join(
        f"line {finding.line}: {finding.message}" if finding.line else finding.message for finding in blocking[:3]
    )
    more = f" and {len(blocking) - 3} more" if len(blocking) > 3 else ""
    return GateRejected(title, f"{source.name}: {reasons}{more}", "Mend the text, or go on all the same with --force.")
