"""The ledger: every call, with its text; on disk, power failure or not, before anything uses it."""

from __future__ import annotations

import sqlite3

from chatspace.adapters.history.ids import now_ms
from chatspace.adapters.history.part import Part, insert, usage_of, usage_values
from chatspace.core.call import Call

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


class CallLedger(Part):
    """A call is `interrupted` from its start until it is finished, so that one that never ends reads as what it is."""

    def start(self, call: Call, run: str | None, *, message: int | None = None) -> None:
        """`message` is the reply that the call is made for, where it is one of a conversation."""
        with self._database.write(durable=True) as connection:
            values = {"run": run, "message": message, "owner": self._owners.own(), "outcome": "interrupted"}
            insert(connection, "calls", {**_values(call), **values})

    def finish(self, call: Call) -> None:
        with self._database.write(durable=True) as connection:
            insert(connection, "calls", {**_values(call), "owner": None, "finished": now_ms()}, FINISH)

    def finished(self, key: str) -> Call | None:
        """The last complete call with this key."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM calls WHERE key = ? AND outcome = 'complete' ORDER BY finished DESC, rowid DESC LIMIT 1",
                (key,),
            ).fetchone()
        return None if row is None else call_of(row)


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
    )
