"""One passage of a source through the stages, in the order that the pipeline's file gives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from chatspace.core.call import Call, Request, Turn
from chatspace.core.caller import Caller
from chatspace.core.document import Source
from chatspace.core.errors import ChatspaceError, GateRejected, ModelError
from chatspace.core.events import Emit, GateChecked, RouteDecided, StageFinished, StageStarted, Warned
from chatspace.core.extraction import Extraction, GateReport, PayloadBudget
from chatspace.core.payload import Payload, payload
from chatspace.core.plan import Plan, fallback_targets
from chatspace.core.policy import Route
from chatspace.core.ports import Tools
from chatspace.core.profile import ChannelField, Step, Target
from chatspace.core.run import (
    CallRecord,
    Copy,
    Draft,
    RunRecord,
    RunResult,
    RunStatus,
    SourceRef,
    StageGate,
    Totals,
    Variant,
)
from chatspace.core.stages import copy as copy_stage
from chatspace.core.stages import draft as draft_stage
from chatspace.core.stages import extract as extract_stage
from chatspace.core.stages.gate import check_draft, check_extraction
from chatspace.core.structure import Structure, parse
from chatspace.core.text.tokens import estimate_tokens, fit
from chatspace.core.usage import Cost

COPY_PAYLOAD_TOKENS = 2_000
"""Copy is written by small models with short windows: key points and facts matter, not the whole text."""


@dataclass(frozen=True, slots=True)
class RunState:
    """A run so far. Each stage takes one and returns a fuller one."""

    id: str
    source: Source
    plan: Plan
    structure: Structure | None = None
    extraction: Extraction | None = None
    drafted: draft_stage.Drafted | None = None
    draft: Draft | None = None
    copy: Copy | None = None
    routes: tuple[Route, ...] = ()
    gates: tuple[StageGate, ...] = ()


@dataclass
class Passage:
    """A run while it happens: `complete` takes its source through the plan's steps, `result` says how far it came."""

    state: RunState
    tools: Tools
    emit: Emit
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)
    caller: Caller = field(init=False)

    def __post_init__(self) -> None:
        self.caller = Caller(self.tools.provider, self.tools.ledger, self.emit, run=self.state.id)

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
        return RunResult(self._record(status, error), state.extraction, state.draft, state.copy, error)

    async def _take_steps(self) -> None:
        await self._read_structure()
        for step in self.state.plan.steps:
            self.emit(StageStarted(step))
            await {"extract": self._extract, "draft": self._draft, "copy": self._copy}[step]()

    async def _read_structure(self) -> None:
        """Parse and extract without a model. Every later stage stands on it, with an extract step or without."""
        state = self.state
        structure = await asyncio.to_thread(parse, state.source.text)
        gate = check_extraction(structure)
        extraction = await asyncio.to_thread(
            extract_stage.extract, state.source, structure, gate, self.tools.library.metadata_fields()
        )
        extraction = _with_budget(extraction)
        self.state = replace(state, structure=structure, extraction=extraction)
        self._gated("extract", gate)
        if gate.status == "rejected" and not state.plan.options.force:
            raise _rejected("The structure of the source can't be trusted", gate, state.source)
        if gate.status == "rejected":
            provenance = replace(extraction.provenance, forced=True)
            self.state = replace(self.state, extraction=replace(extraction, provenance=provenance))

    # The steps

    async def _extract(self) -> None:
        extraction = self._extraction
        target = self._route("extract")
        shown = self._fitting(target, lambda budget: payload([extraction], budget=budget))
        ask = partial(self._call, "extract", target, schema=extract_stage.REPLY_SCHEMA)
        added = await extract_stage.add_by_model(extraction, shown.text, ask)
        if added.problem:
            self.emit(Warned(f"{added.problem}. The extraction is the one by rule alone."))
        extraction = added.extraction
        if target.offline:
            extraction = replace(extraction, provenance=replace(extraction.provenance, model=None))
        self.state = replace(self.state, extraction=_with_budget(extraction))
        self.emit(StageFinished("extract", _extract_summary(extraction)))

    async def _draft(self) -> None:
        target = self._route("draft")
        shown = self._fitting(target, self._drafting_payload)
        if shown.left_out:
            self.emit(
                Warned(
                    f"{target.model} was not shown {len(shown.left_out)} sections that don't fit its window: "
                    + "; ".join(shown.left_out)
                )
            )
        drafted = await draft_stage.draft(shown, partial(self._call, "draft", target))
        call = drafted.call
        keep = self.state.structure if target.profile.keep_structure else None
        gate = check_draft(drafted.text, complete=call.outcome == "complete", keep=keep)
        self.state = replace(
            self.state,
            draft=Draft(
                text=drafted.text,
                run=self.state.id,
                profile=call.profile,
                model=call.model,
                status="complete" if call.outcome == "complete" else "truncated",
                coverage=drafted.coverage,
                gate=gate,
                offline=target.offline,
            ),
        )
        self._gated("draft", gate)
        if call.outcome != "complete":
            raise _cut_short(call)
        if gate.status == "rejected" and not self.state.plan.options.force:
            raise _rejected("The draft isn't fit to publish", gate, self.state.source)
        self.emit(StageFinished("draft", f"{len(drafted.text.split())} words"))

    async def _copy(self) -> None:
        target = self._route("copy")
        plan, extraction = self.state.plan, self._extraction
        fields = plan.channel.fields
        written = [await self._write_field(channel_field, target, extraction) for channel_field in fields]
        variants = tuple(variant for field_ in written for variant in field_)
        self.state = replace(self.state, copy=Copy(plan.channel.name, _paired(variants)))
        fitting = sum(variant.fits for variant in variants)
        self.emit(
            StageFinished("copy", f"{len(variants)} variants for {plan.channel.name}, {fitting} within the limits")
        )

    async def _write_field(
        self, channel_field: ChannelField, target: Target, extraction: Extraction
    ) -> tuple[Variant, ...]:
        count = self.state.plan.options.variants or channel_field.count
        shown = payload([extraction], budget=COPY_PAYLOAD_TOKENS, extra=_lead(self.state.draft))

        async def write(target: Target) -> copy_stage.Written:
            ask = partial(self._ask_for_copy, target, channel_field, count)
            return await copy_stage.write_field(channel_field, count, shown.text, ask, offline=target.offline)

        written = await write(target)
        if not written.variants and not target.offline:
            self.emit(Warned(f"{channel_field.name}: {written.problem}. The embedded engine answers in its place."))
            written = await write(self.tools.catalog.resolve(target.profile, "copy", model="offline/copy"))
        elif written.problem:
            self.emit(Warned(f"{channel_field.name}: {written.problem}"))
        return written.variants

    async def _ask_for_copy(
        self, target: Target, channel_field: ChannelField, count: int, turns: Sequence[Turn], too_long: Sequence[str]
    ) -> Call:
        variables = {
            "field": channel_field.name,
            "limit": channel_field.limit,
            "count": count,
            "rule": channel_field.rule,
            "too_long": list(too_long),
        }
        return await self._call("copy", target, turns, variables, copy_stage.REPLY_SCHEMA)

    # What the steps share

    @property
    def _extraction(self) -> Extraction:
        assert self.state.extraction is not None, "the structure is read before any step"
        return self.state.extraction

    def _route(self, step: Step) -> Target:
        plan = self.state.plan
        source = self.state.source
        route = plan.route(step, len(source.text.split()), estimate_tokens(source.text))
        profile = plan.profiles[route.profile]
        model = plan.options.model if step == plan.own_step else None
        target = self.tools.catalog.resolve(profile, step, model=model, local=plan.options.local)
        self.state = replace(self.state, routes=(*self.state.routes, route))
        self.emit(RouteDecided(route))
        return target

    def _drafting_payload(self, budget: int | None) -> Payload:
        if "extract" not in self.state.plan.steps:
            text = self.state.source.text
            return Payload(text, estimate_tokens(text), 1)
        return payload([self._extraction], budget=budget)

    def _fitting(self, target: Target, make: Callable[[int | None], Payload]) -> Payload:
        """The payload, within what the target's window leaves beside the recipe."""
        shown = make(None)
        recipe = self.tools.library.render(target.profile, self.state.plan.variables)
        verdict = fit(shown.tokens + estimate_tokens(recipe), target.window, target.profile.max_output_tokens)
        if verdict.fits or verdict.room is None:
            return shown
        return make(verdict.room - estimate_tokens(recipe))

    async def _call(
        self,
        step: Step,
        target: Target,
        turns: Sequence[Turn],
        variables: Mapping[str, Any] | None = None,
        schema: Mapping[str, Any] | None = None,
    ) -> Call:
        plan = self.state.plan
        filled = {**plan.variables, **(variables or {})}
        system = Turn("system", self.tools.library.render(target.profile, filled))
        request = Request(step, target, (system, *turns), filled, schema)
        return await self.caller.ask(request, fallback_targets(target, step, plan.options, self.tools))

    def _gated(self, stage: str, report: GateReport) -> None:
        gate = StageGate(stage, report.status, report.findings)
        self.state = replace(self.state, gates=(*self.state.gates, gate))
        self.emit(GateChecked(stage, report))

    def _record(self, status: RunStatus, error: ChatspaceError | None) -> RunRecord:
        state, calls = self.state, self.caller.calls
        cost = Cost.total(call.cost_usd for call in calls)
        return RunRecord(
            id=state.id,
            started=self.started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            elapsed_ms=round((time.monotonic() - self.began) * 1000),
            status=status,
            source=SourceRef(state.source.name, state.source.id),
            pipeline=state.plan.pipeline.name,
            policy=state.plan.policy.name,
            channel=state.plan.channel.name,
            sla=state.plan.options.sla,
            routes=state.routes,
            calls=tuple(CallRecord.of(call) for call in calls),
            gate=state.gates,
            totals=Totals(
                input=sum(call.usage.input for call in calls),
                output=sum(call.usage.output for call in calls),
                cost_usd=cost.usd,
                cost_known_usd=cost.known_usd,
                calls=len(calls),
                estimated=any(call.usage.estimated for call in calls),
            ),
            error=str(error) if error else None,
        )


def _with_budget(extraction: Extraction) -> Extraction:
    shown = payload([extraction])
    source_tokens = extraction.doc.tokens_estimate
    ratio = round(shown.tokens / source_tokens, 3) if source_tokens else 0.0
    return replace(extraction, budget=PayloadBudget(shown.tokens, source_tokens, ratio, shown.left_out))


def _extract_summary(extraction: Extraction) -> str:
    counts = {
        "sections": sum(section.level > 0 for section in extraction.sections),
        "lists": sum(block.kind == "list" for block in extraction.blocks),
        "facts": len(extraction.facts),
        "names": len(extraction.entities),
        "quarantined": len(extraction.quarantine),
    }
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number)


def _lead(draft: Draft | None) -> Mapping[str, Any] | None:
    """The title and the first paragraph of a draft, so that its copy says what it says."""
    if draft is None:
        return None
    paragraphs = [part.strip() for part in draft.text.split("\n\n") if part.strip()]
    title = next((part.lstrip("# ") for part in paragraphs if part.startswith("# ")), "")
    lead = next((part for part in paragraphs if not part.startswith("#")), "")
    return {"draft": {"title": title, "lead": lead}}


def _paired(variants: Sequence[Variant]) -> tuple[Variant, ...]:
    """The first two fitting variants of each field are its A and its B."""
    sides: dict[str, list[str]] = {}
    paired = []
    for variant in variants:
        free = sides.setdefault(variant.field, ["B", "A"])
        paired.append(replace(variant, pair=free.pop()) if variant.fits and free else variant)
    return tuple(paired)


def _cut_short(call: Call) -> ModelError:
    return ModelError(
        f"{call.model} didn't finish its reply",
        call.error or "",
        "What came is kept. Try again, or choose another model with --model.",
        kind="cut",
    )


def _rejected(title: str, gate: GateReport, source: Source) -> GateRejected:
    blocking = [finding for finding in gate.findings if finding.severity == "block"]
    reasons = "; ".join(
        f"line {finding.line}: {finding.message}" if finding.line else finding.message for finding in blocking[:3]
    )
    more = f" and {len(blocking) - 3} more" if len(blocking) > 3 else ""
    return GateRejected(title, f"{source.name}: {reasons}{more}", "Mend the text, or go on all the same with --force.")
