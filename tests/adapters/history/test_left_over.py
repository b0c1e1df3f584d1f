"""What an earlier try has paid for: kept for the next one until a run ends well with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatspace.adapters.history import Store
from chatspace.core.calls.call import Call
from chatspace.core.document import Source
from chatspace.core.runs.run import RunStatus
from tests.adapters.history.test_runs import CALL, record


def run(store: Store, name: str, source: Source, *calls: Call, status: RunStatus | None = None) -> None:
    """A run with its calls, ended with `status` or, without one, killed."""
    store.runs.start(name, source)
    for call in calls:
        store.ledger.start(replace(call, id=f"{name}-{call.key}", outcome="interrupted", text=""), name)
        store.ledger.finish(replace(call, id=f"{name}-{call.key}"))
    if status:
        store.runs.finish(replace(record(name, *calls), status=status))


@pytest.mark.parametrize("status", [None, "truncated", "failed", "stopped", "interrupted", "over_budget"])
def test_the_whole_calls_of_a_run_that_did_not_end_well_are_left_over(
    store: Store, source: Source, status: RunStatus | None
) -> None:
    run(store, "r1", source, CALL, replace(CALL, key="k2", outcome="failed", text=""), status=status)
    left = store.runs.reusable_calls(source.id)
    assert set(left) == {"k1"}
    assert left["k1"].text == CALL.text


@pytest.mark.parametrize("status", ["complete", "rejected"])
def test_nothing_is_left_over_of_a_run_that_ended_well(store: Store, source: Source, status: RunStatus) -> None:
    run(store, "r1", source, CALL, status=status)
    assert store.runs.reusable_calls(source.id) == {}


def test_what_a_later_run_used_and_ended_well_with_is_left_over_no_more(store: Store, source: Source) -> None:
    run(store, "r1", source, CALL, replace(CALL, key="k2"))
    run(store, "r2", source, replace(CALL, outcome="from_ledger"), status="complete")
    assert set(store.runs.reusable_calls(source.id)) == {"k2"}


def test_what_was_taken_over_by_a_run_that_failed_too_is_still_left_over(store: Store, source: Source) -> None:
    run(store, "r1", source, CALL)
    run(store, "r2", source, replace(CALL, outcome="from_ledger"), status="failed")
    assert set(store.runs.reusable_calls(source.id)) == {"k1"}


def test_a_reply_cut_by_its_length_is_left_over_to_be_gone_on_with_and_a_broken_one_is_not(
    store: Store, source: Source
) -> None:
    cut = replace(CALL, outcome="truncated", finish="length")
    run(store, "r1", source, cut, replace(CALL, key="k2", outcome="truncated", finish="cut"))
    assert set(store.runs.reusable_calls(source.id)) == {"k1"}


def test_another_source_has_nothing_left_over(store: Store, source: Source) -> None:
    run(store, "r1", source, CALL)
    assert store.runs.reusable_calls("sha256:2") == {}
