"""Calls that start and end at the same time share a transaction, and nothing else."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.adapters.history.database import Database
from chatspace.core.calls.budget import Allowance, BudgetLimit, Reservation
from chatspace.core.calls.call import Call
from chatspace.core.errors import BudgetReached, StoreError

CALL = Call("", "key", "draft", "drafter", "openai/x", "host", "complete", text="word")
THREADS = 8


def test_calls_that_end_at_once_are_all_kept(store: Store, path: Path) -> None:
    calls = [replace(CALL, id=f"c{number}", key=f"k{number}") for number in range(200)]

    def make(call: Call) -> None:
        store.ledger.start(call, None)
        store.ledger.finish(call)
        with Store(path) as other:
            assert other.ledger.finished(call.key) == call, "on disk before anything uses it"

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(make, calls))


def test_a_call_that_a_budget_refuses_spoils_no_other(store: Store) -> None:
    hold = Reservation(10, None, (BudgetLimit("purse", "the budget", Allowance(tokens=100)),))

    def start(number: int) -> bool:
        try:
            store.ledger.start(replace(CALL, id=f"c{number}"), None, hold=hold if number % 2 else None)
        except BudgetReached:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        started = list(pool.map(start, range(60)))
    assert all(started[0::2])
    assert sum(started[1::2]) == 10


def test_work_that_fails_is_undone_alone_and_told_to_its_own_thread(path: Path) -> None:
    database, waiting = Database(path), threading.Barrier(THREADS)
    with database.write() as connection:
        connection.execute("CREATE TABLE things (number INTEGER PRIMARY KEY)")

    def add(number: int) -> str:
        waiting.wait()
        try:
            database.group_commit(
                lambda connection: [connection.execute("INSERT INTO things VALUES (?)", (at,)) for at in (number, 0)],
                durable=True,
            )
        except StoreError as error:
            return str(error)
        return "added"

    with ThreadPoolExecutor(THREADS) as pool:
        said = list(pool.map(add, range(1, THREADS + 1)))
    assert said.count("added") == 1, "zero can be added once"
    with database.read() as connection:
        numbers = [row[0] for row in connection.execute("SELECT number FROM things ORDER BY number")]
    assert numbers == [0, said.index("added") + 1]
    database.close()
    with pytest.raises(StoreError):
        database.group_commit(lambda connection: None, durable=False)
