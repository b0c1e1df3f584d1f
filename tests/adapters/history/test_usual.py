"""What the ledger knows of a profile's calls: the medians that a route is estimated by."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from chatspace.adapters.history import Store
from chatspace.core.calls.call import Call
from chatspace.core.calls.usage import Usage
from chatspace.core.profiles.policy import HistoricalUsage

CALL = Call("", "key", "draft", "drafter", "openai/x", "host", "complete")


def test_the_usual_time_and_output_are_medians_of_complete_calls_by_profile_and_model(tmp_path: Path) -> None:
    with Store(tmp_path / "chatspace.db") as store:
        for at, (ms, output) in enumerate([(1_000, 10), (9_000, 90), (2_000, 20)]):
            store.ledger.finish(replace(CALL, id=f"a{at}", elapsed_ms=ms, usage=Usage(1, output)))
        store.ledger.finish(replace(CALL, id="cut", outcome="truncated", elapsed_ms=1))
        store.ledger.finish(replace(CALL, id="other", step="copy", elapsed_ms=1))
        store.ledger.finish(replace(CALL, id="b", model="openai/y", elapsed_ms=7, usage=Usage(1, 3)))
        assert store.ledger.usual("draft") == {
            ("drafter", "openai/x"): HistoricalUsage(3, 2_000, 20),
            ("drafter", "openai/y"): HistoricalUsage(1, 7, 3),
        }


def test_asking_makes_no_database(tmp_path: Path) -> None:
    with Store(tmp_path / "chatspace.db") as store:
        assert store.ledger.usual("draft") == {}
    assert list(tmp_path.iterdir()) == []
