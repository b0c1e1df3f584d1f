"""The ledger and the runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.calls.call import Call, CallOutcome
from chatspace.core.calls.usage import Usage
from chatspace.core.document import Source
from chatspace.core.errors import StoreError
from chatspace.core.extraction import Finding
from chatspace.core.profiles.policy import Alternative, Estimate, Route
from chatspace.core.runs.run import CallRecord, RunRecord, SourceRef, StageGate, StoredArtifact, Totals

CALL = Call(
    id="c1",
    key="k1",
    step="draft",
    profile="balanced-drafter",
    model="openai/x",
    host="api.example",
    outcome="complete",
    text="The draft.",
    reasoning="Let me see.",
    finish="stop",
    attempt=2,
    usage=Usage(1204, 812, 100, 50, estimated=False),
    cost_usd=0.009,
    first_token_ms=300,
    elapsed_ms=6100,
)


def record(run: str, *calls: Call) -> RunRecord:
    records = tuple(map(CallRecord.of, calls))
    return RunRecord(
        id=run,
        started="2025-11-21T10:00:00.000Z",
        elapsed_ms=12,
        status="rejected",
        source=SourceRef("brief.md", "sha256:1"),
        pipeline="staged",
        policy="default",
        channel="blog",
        sla="standard",
        routes=(
            Route("draft", "p", "default", ("words 812 <= 3500",), (Alternative("q", "min_words 3501"),)),
            Route("copy", "p", "default", (), (), fits=True, estimate=Estimate(310, None)),
        ),
        calls=records,
        gate=(StageGate("extract", "rejected", (Finding("lists", "block", [1, 2], [1], (3, 9), 2, "lost"),)),),
        totals=Totals.of(records),
        error="the gate rejected it",
    )


def test_a_finished_call_is_found_by_its_key_as_it_was(store: Store, path: Path) -> None:
    store.ledger.start(replace(CALL, outcome="interrupted", text=""), "r1")
    assert store.ledger.finished("k1") is None
    store.ledger.finish(CALL)
    with Store(path) as later:
        assert later.ledger.finished("k1") == CALL
        assert later.ledger.finished("k2") is None


@pytest.mark.parametrize("outcome", ["truncated", "failed", "stopped", "interrupted", "from_ledger"])
def test_a_call_that_is_not_complete_is_never_used_again(store: Store, outcome: CallOutcome) -> None:
    call = replace(CALL, outcome=outcome)
    store.ledger.start(call, None)
    store.ledger.finish(call)
    assert store.ledger.finished("k1") is None


def test_the_last_of_several_complete_calls_counts(store: Store) -> None:
    for number in range(3):
        call = replace(CALL, id=f"c{number}", text=f"draft {number}")
        store.ledger.start(call, None)
        store.ledger.finish(call)
    last = store.ledger.finished("k1")
    assert last is not None
    assert last.text == "draft 2"


def test_an_unknown_price_stays_unknown(store: Store) -> None:
    store.ledger.finish(replace(CALL, cost_usd=None, usage=Usage(1, 2)))
    last = store.ledger.finished("k1")
    assert last is not None
    assert last.cost_usd is None
    assert last.usage.estimated


def test_a_finished_run_is_read_back_as_it_was(store: Store, source: Source) -> None:
    store.runs.start("r1", source)
    store.runs.finish(record("r1", CALL))
    assert store.runs.get("r1") == record("r1", CALL)
    assert store.runs.page() == [record("r1", CALL)]
    assert store.runs.get("r2") is None


def test_a_run_that_has_not_ended_reads_as_interrupted_with_its_calls(store: Store, source: Source) -> None:
    store.runs.start("r1", source)
    unpriced = replace(CALL, id="c2", cost_usd=None)
    for call in (CALL, unpriced):
        store.ledger.start(call, "r1")
        store.ledger.finish(call)
    store.ledger.start(replace(CALL, id="c3", text=""), "r1")
    run = store.runs.get("r1")
    assert run is not None
    assert (run.status, run.source) == ("interrupted", SourceRef(source.name, source.id))
    assert [call.outcome for call in run.calls] == ["complete", "complete", "interrupted"]
    assert run.totals.cost_usd is None
    assert run.totals.cost_known_usd == pytest.approx(0.018)


def test_pages_hold_every_run_once_newest_first(store: Store, source: Source) -> None:
    names = [f"r{number}" for number in range(7)]
    for name in names:
        store.runs.start(name, source)
    seen: list[str] = []
    while page := store.runs.page(limit=3, before=seen[-1] if seen else None):
        seen += [run.id for run in page]
    assert sorted(seen) == names
    started = [run.started for run in store.runs.page()]
    assert started == sorted(started, reverse=True)


def test_what_a_run_made_is_kept_in_order_with_its_record_or_not_at_all(store: Store, source: Source) -> None:
    store.runs.start("r1", source)
    made = [
        StoredArtifact("draft", "draft.md", "# One"),
        StoredArtifact("copy", "copy.csv", "a,b"),
        StoredArtifact("draft", "draft.md", "2"),
    ]
    with pytest.raises(StoreError):
        store.runs.finish(record("r1"), [*made, StoredArtifact("draft", "draft.md", None)])  # type: ignore[arg-type]  # a fault
    assert (store.runs.artifacts("r1"), [run.status for run in store.runs.page()]) == ([], ["interrupted"])
    store.runs.finish(record("r1"), made)
    assert store.runs.artifacts("r1") == made
    assert store.runs.get("r1") == record("r1")


def test_a_source_is_kept_once_and_read_back_as_it_was(store: Store, source: Source) -> None:
    for run in ("r1", "r2"):
        store.runs.start(run, source)
    assert store.runs.source(source.id) == source
    assert store.runs.source("sha256:2") is None
