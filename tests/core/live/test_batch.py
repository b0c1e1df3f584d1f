"""A batch as its events report it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.calls.call import Call
from chatspace.core.errors import ModelError
from chatspace.core.events import CallDelayed, CallFailed, CallFinished, CallStarted, DeltaReceived, Event, StageStarted
from chatspace.core.live.batch import BatchRow, LiveBatch
from chatspace.core.profiles.options import Options
from chatspace.core.runs.run import CallRecord, RunRecord, SourceRef, Totals
from chatspace.core.workspace.batch_documents import (
    BatchEvent,
    Document,
    DocumentEnded,
    DocumentHappened,
    DocumentPutOff,
    Ending,
    Failure,
)
from tests.doubles import target

LATER, URGENT = (Document(Path(f"{name}.md"), name, Options(), priority) for name, priority in (("a", 0), ("b", 9)))
CALL = Call("c", "k", "draft", "drafter", "openai/x", "host", "complete", cost_usd=0.25)
FAILURE = Failure("a", "a.md", "It can't be read", "it is binary", "Name a text.", 3, True)


def record(*costs: float | None) -> RunRecord:
    calls = tuple(CallRecord.of(replace(CALL, cost_usd=cost)) for cost in costs)
    source = SourceRef("a.md", "sha256:1")
    totals = Totals.of(calls)
    return RunRecord(
        "r", "2026-03-12T10:00:00Z", 1200, "complete", source, "p", "d", "blog", "fast", (), calls, (), totals
    )


def row(batch: LiveBatch, document: Document) -> BatchRow:
    return next(row for row in batch.rows if row.document == document)


def after(*events: Event) -> tuple[LiveBatch, BatchRow]:
    """A batch in which this happened to one of its documents."""
    batch = LiveBatch([LATER, URGENT])
    for event in events:
        batch.take(DocumentHappened(LATER, event))
    return batch, row(batch, LATER)


def test_the_urgent_stand_first_and_all_wait() -> None:
    batch = LiveBatch([LATER, URGENT])
    assert [row.document for row in batch.rows] == [URGENT, LATER]
    assert (batch.count("waiting"), batch.done, batch.left, batch.ended) == (2, 0, 2, False)
    assert batch.pace == ()


def test_a_document_on_its_way_has_its_stage_and_where_its_call_is() -> None:
    batch, one = after(StageStarted("draft"), CallStarted("draft", target("openai/x"), 2))
    assert (one.state, one.stage, one.note) == ("working", "draft", "openai/x on 127.0.0.1:1, attempt 2")
    assert one.elapsed_ms is not None
    assert batch.changed == {1}
    assert after(CallDelayed("host", 2.0, "it is busy"))[1].note == "waits for host: it is busy"
    assert after(CallFailed(CALL, ModelError("It broke")))[1].note == "It broke"


def test_pieces_of_a_reply_change_no_row() -> None:
    batch, one = after(DeltaReceived("draft", "a word"))
    assert (one.state, batch.changed) == ("waiting", set())


def test_what_a_document_costs_grows_with_its_calls_until_its_record_says_all() -> None:
    batch, one = after(CallFinished(CALL), CallFinished(CALL))
    assert (one.cost, one.unpriced) == (0.5, False)
    batch.take(DocumentHappened(LATER, CallFinished(replace(CALL, cost_usd=None))))
    assert (one.cost, one.unpriced) == (0.5, True)
    batch.take(DocumentEnded(LATER, "made", record(0.25, 0.5)))
    assert (one.cost, one.unpriced, one.elapsed_ms) == (0.75, False, 1200)


def test_a_document_that_is_put_off_says_why_and_is_taken_up_again() -> None:
    batch, one = after(StageStarted("draft"))
    batch.take(DocumentPutOff(LATER, ModelError("The server is busy")))
    assert (one.state, one.note) == ("again", "The server is busy")
    batch.take(DocumentHappened(LATER, StageStarted("copy")))
    assert (one.state, one.stage) == ("working", "copy")


def test_a_failed_document_keeps_the_stage_it_failed_at() -> None:
    batch, one = after(StageStarted("draft"), CallStarted("draft", target()))
    batch.take(DocumentEnded(LATER, "failed", record(0.25), FAILURE))
    assert (one.state, one.stage, one.note, one.failure) == ("failed", "draft", "", FAILURE)
    batch.take(DocumentEnded(LATER, "made", record()))
    assert (one.stage, one.failure) == ("", None)


def test_what_was_there_before_costs_nothing_now() -> None:
    batch = LiveBatch([LATER, URGENT])
    batch.take(DocumentEnded(URGENT, "skipped", record(0.5, None)))
    assert (batch.rows[0].state, batch.rows[0].finished, batch.cost_usd) == ("before", True, 0.0)
    batch.take(DocumentEnded(LATER, "made", record(0.25, None)))
    assert (batch.cost, batch.cost_usd) == (0.25, None), "an unknown price is unknown"


def test_what_is_under_way_when_it_ends_is_stopped_and_what_waits_waits() -> None:
    batch, one = after(StageStarted("draft"))
    batch.changed.clear()
    batch.end()
    assert (one.state, batch.rows[0].state, batch.changed) == ("stopped", "waiting", {1})
    assert one.elapsed_ms == one.took_ms
    assert batch.ended
    assert batch.seconds == batch.seconds, "the clock stands"


def test_the_pace_leaves_out_what_was_there_before(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [replace(LATER, name=str(number)) for number in range(10)]
    endings: Sequence[Ending] = ("skipped", "skipped", "made", "made", "failed")
    monkeypatch.setattr(LiveBatch, "seconds", 60.0)
    batch = LiveBatch(documents)
    for document, ending in zip(documents, endings, strict=False):
        batch.take(DocumentEnded(document, ending))
    assert batch.pace == ("3 per minute", "1 min 40 s left")


@given(st.lists(st.sampled_from(["made", "skipped", "failed"]), max_size=20), st.integers(0, 5))
def test_every_document_is_counted_once(endings: Sequence[Ending], others: int) -> None:
    documents = [replace(LATER, name=str(number)) for number in range(len(endings) + others)]
    batch = LiveBatch(documents)
    events: list[BatchEvent] = [DocumentEnded(*each) for each in zip(documents, endings, strict=False)]
    for event in events:
        batch.take(event)
    assert (batch.made, batch.skipped, batch.failed) == tuple(map(endings.count, ("made", "skipped", "failed")))
    assert (batch.count("waiting"), batch.left, batch.done) == (others, others, len(endings))
    assert batch.changed == set(range(len(endings)))
