"""The record of a run, as far as it came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from chatspace.core.call import Call
from chatspace.core.errors import ChatspaceError
from chatspace.core.formats import plain
from chatspace.core.run import CallRecord, Given, RunRecord, RunStatus, SourceRef, Totals

if TYPE_CHECKING:
    from chatspace.core.pipeline import RunState


def record_of(
    state: RunState,
    made: Sequence[Call],
    given: Given | None,
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
    )
