"""The ledger: every call, with its text; on disk, power failure or not, before anything uses it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from statistics import median

from chatspace.adapters.history.ids import now_ms
from chatspace.adapters.history.spending import abandoned, reserve, settle, write_off
from chatspace.adapters.history.table_access import TableAccess, insert, usage_of, usage_values
from chatspace.core.calls.budget import Reservation
from chatspace.core.calls.call import Call
from chatspace.core.errors import BudgetReached
from chatspace.core.profiles.policy import HistoricalUsage
from chatspace.core.profiles.profile import Step

UPDATED = (
    "outcome",
    "finish",
    "owner",
    "finished",
    "input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cached_tokens",
    "estimated",
    "cost_usd",
    "first_token_ms",
    "elapsed_ms",
    "error",
    "reasoning",
    "text",
)
FINISH = f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in UPDATED)}"

NEWEST = 200
USUAL = """SELECT profile, model, elapsed_ms, output_tokens FROM calls INDEXED BY calls_of_step
           WHERE step = ? AND outcome = 'complete' ORDER BY finished DESC LIMIT ?"""


class SqliteLedger(TableAccess):
    """A call is `interrupted` from its start until it is finished, so that one that never ends reads as what it is."""

    def start(
        self, call: Call, run: str | None, *, message: int | None = None, hold: Reservation | None = None
    ) -> None:
        def work(connection: sqlite3.Connection) -> None:
            if hold:
                reserve(connection, call, hold)
            values = {"run": run, "message": message, "owner": self._owners.own(), "outcome": "interrupted"}
            insert(connection, "calls", {**_values(call), **values})

        # What a power failure may take is a call that never ended, but never money that was put aside for it.
        durable = bool(hold and hold.caps)
        try:
            self._database.group_commit(work, durable=durable)
        except BudgetReached as reached:
            if not reached.calls_out or not self._write_off_abandoned():
                raise
            self._database.group_commit(work, durable=durable)

    def _write_off_abandoned(self) -> bool:
        """Whether any of the calls that others wait for were those of a program that is gone."""
        with self._database.read() as connection:
            dead = abandoned(connection, self._owners.gone)
        if dead:
            with self._database.write(durable=True) as connection:
                write_off(connection, dead)
        return bool(dead)

    def finish(self, call: Call) -> None:
        def work(connection: sqlite3.Connection) -> None:
            insert(connection, "calls", {**_values(call), "owner": None, "finished": now_ms()}, FINISH)
            settle(connection, call)

        self._database.group_commit(work, durable=True)

    def finished(self, key: str) -> Call | None:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM calls WHERE key = ? AND outcome = 'complete' ORDER BY finished DESC, rowid DESC LIMIT 1",
                (key,),
            ).fetchone()
        return None if row is None else call_of(row)

    def usual(self, step: Step) -> Mapping[tuple[str, str], HistoricalUsage]:
        if not self._database.path.exists():
            return {}
        with self._database.read() as connection:
            rows = connection.execute(USUAL, (step, NEWEST)).fetchall()
        calls: dict[tuple[str, str], list[sqlite3.Row]] = {}
        for row in rows:
            calls.setdefault((row["profile"], row["model"]), []).append(row)
        return {
            who: HistoricalUsage(
                len(made),
                round(median(row["elapsed_ms"] for row in made)),
                round(median(row["output_tokens"] for row in made)),
            )
            for who, made in calls.items()
        }


def _values(call: Call) -> dict[str, str | int | float | None]:
    return {
        "id": call.id,
        "key": call.key,
        "started": now_ms(),
        "step": call.step,
        "profile": call.profile,
        "model": call.model,
        "host": call.host,
        "outcome": call.outcome,
        "finish": call.finish,
        "attempt": call.attempt,
        **usage_values(call.usage),
        "cost_usd": call.cost_usd,
        "first_token_ms": call.first_token_ms,
        "elapsed_ms": call.elapsed_ms,
        "error": call.error,
        "fallback": int(call.fallback),
        "reasoning": call.reasoning,
        "text": call.text,
    }


def call_of(row: sqlite3.Row) -> Call:
    return Call(
        id=row["id"],
        key=row["key"],
        step=row["step"],
        profile=row["profile"],
        model=row["model"],
        host=row["host"],
        outcome=row["outcome"],
        text=row["text"],
        reasoning=row["reasoning"],
        finish=row["finish"],
        attempt=row["attempt"],
        usage=usage_of(row),
        cost_usd=row["cost_usd"],
        first_token_ms=row["first_token_ms"],
        elapsed_ms=row["elapsed_ms"],
        error=row["error"],
        fallback=bool(row["fallback"]),
    )
