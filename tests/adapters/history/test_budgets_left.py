"""What a program that died had put aside: it counts as spent, once, and nobody waits for it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.calls.budget import Allowance, BudgetLimit, Reservation
from chatspace.core.calls.call import Call
from chatspace.core.calls.usage import Usage
from chatspace.core.errors import BudgetReached

WORST, TAKEN = 100, 30


def call(name: str, usage: Usage | None = None) -> Call:
    return Call(name, name, "chat", "tester", "m", "h", "complete", usage=usage or Usage(), cost_usd=0.3)


def hold(tokens: int, usd: float = 10.0) -> Reservation:
    return Reservation(WORST, 1.0, (BudgetLimit("purse test", "the budget", Allowance(usd, tokens)),))


def sums(path: Path) -> tuple[float, int, int, int]:
    """USD, tokens and open calls of the purse, and how many holds there are."""
    with sqlite3.connect(path) as connection:
        spent = connection.execute("SELECT usd, tokens, open FROM spending WHERE scope = 'purse test'").fetchone()
        return (*spent, connection.execute("SELECT count(*) FROM holds").fetchone()[0])


def forget_owners(path: Path) -> None:
    """As an earlier version left a database whose program had died."""
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE calls SET owner = NULL")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chatspace.db"


def test_a_call_waits_for_another_program_only_while_that_lives(path: Path) -> None:
    with Store(path) as waiting:
        with Store(path) as dying:
            dying.ledger.start(call("one"), None, hold=hold(150))
            with pytest.raises(BudgetReached) as alive:
                waiting.ledger.start(call("two"), None, hold=hold(150))
        with pytest.raises(BudgetReached) as dead:
            waiting.ledger.start(call("two"), None, hold=hold(150))
        assert (alive.value.calls_out, dead.value.calls_out) == (1, 0)
        assert sums(path) == (1.0, WORST, 0, 0)


def test_what_the_dead_left_free_goes_to_who_waits_for_it(path: Path) -> None:
    with Store(path) as living:
        with Store(path) as dying:
            dying.ledger.start(call("one"), None, hold=hold(200))
            living.ledger.start(call("two"), None, hold=hold(200))
        with pytest.raises(BudgetReached) as caught:
            living.ledger.start(call("three"), None, hold=hold(230))
        assert caught.value.calls_out == 1
        living.ledger.finish(call("two", Usage(10, 20, estimated=False)))
        living.ledger.start(call("three"), None, hold=hold(230))
        assert sums(path) == (2.3, 2 * WORST + TAKEN, 1, 1)


def test_calls_that_had_finished_before_the_kill_count_what_they_cost(path: Path) -> None:
    with Store(path) as dying:
        for name in ("one", "two"):
            dying.ledger.start(call(name), None, hold=hold(1_000))
        dying.ledger.finish(call("one", Usage(10, 20, estimated=False)))
    with Store(path) as store:
        store.recover()
        store.recover()
    assert sums(path) == (1.3, WORST + TAKEN, 0, 0)


@pytest.mark.parametrize("recovered", [True, False])
def test_what_an_earlier_version_left_put_aside_is_spent(path: Path, recovered: bool) -> None:
    with Store(path) as dying:
        dying.ledger.start(call("one"), None, hold=hold(1_000))
    forget_owners(path)
    with Store(path) as store:
        if recovered:
            store.recover()
            assert sums(path) == (1.0, WORST, 0, 0)
        with pytest.raises(BudgetReached) as caught:
            store.ledger.start(call("two"), None, hold=hold(WORST))
        assert caught.value.calls_out == 0
    assert sums(path) == (1.0, WORST, 0, 0)


def test_a_call_that_ends_after_it_was_written_off_does_not_count_twice(path: Path) -> None:
    with Store(path) as late, Store(path) as store:
        late.ledger.start(call("one"), None, hold=hold(1_000))
        forget_owners(path)
        store.recover()
        late.ledger.finish(call("one", Usage(10, 20, estimated=False)))
    assert sums(path) == (1.0, WORST, 0, 0)


def test_recovering_leaves_alone_what_the_living_have_put_aside(path: Path) -> None:
    with Store(path) as living, Store(path) as store:
        living.ledger.start(call("one"), None, hold=hold(1_000))
        store.recover()
        assert sums(path) == (1.0, WORST, 1, 1)
