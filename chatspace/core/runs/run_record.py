"""A run as far as it came, and its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chatspace.core.calls.call import Call
from chatspace.core.document import Source
from chatspace.core.errors import ChatspaceError
from chatspace.core.profiles.policy import Route
from chatspace.core.reports.formats import plain
from chatspace.core.runs.artifacts import Artifacts
from chatspace.core.runs.plan import Plan
from chatspace.core.runs.run import (
    CallRecord,
    ReusedArtifacts,
    RunRecord,
    RunStatus,
    SourceRef,
    StageGate,
    StageRecord,
    Totals,
)
from chatspace.core.structure import Structure


@dataclass(frozen=True, slots=True)
class RunState:
    """A run so far. Each step leaves a fuller one; the first of the sources is the main one."""

    id: str
    sources: tuple[Source, ...]
    plan: Plan
    structures: tuple[Structure, ...] = ()
    artifacts: Artifacts = field(default_factory=Artifacts)
    routes: tuple[Route, ...] = ()
    gates: tuple[StageGate, ...] = ()
    stages: tuple[StageRecord, ...] = ()


def build_record(
    state: RunState,
    made: Sequence[Call],
    given: ReusedArtifacts | None,
    started: datetime,
    elapsed_ms: int,
    status: RunStatus,
    error: ChatspaceError | None,
) -> RunRecord:
    """`made` are the calls of the run, `given` is what it took from another."""
    plan = state.plan
    calls = tuple(map(CallRecord.of, made))
    main, *others = (SourceRef(source.name, source.id) for source in state.sources)
    return RunRecord(
        id=state.id,
        started=plain(started),
        elapsed_ms=elapsed_ms,
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
        asked=plan.fingerprint,
        steps=plan.steps,
        options=plan.said,
        stages=state.stages,
        from_run=given.run if given else None,
        corrected=given.corrected if given else (),
        needs=plan.own_needs,
    )
