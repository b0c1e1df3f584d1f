"""What was spent and what is put aside, by scope. Sums are kept, so that a call costs the same after any number."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence

from chatspace.core.calls.budget import BudgetLimit, Reservation
from chatspace.core.calls.call import Call
from chatspace.core.errors import BudgetReached
from chatspace.core.text import display

ADD = """INSERT INTO spending (scope, usd, tokens, open) VALUES (:scope, :usd, :tokens, :open)
         ON CONFLICT (scope) DO UPDATE SET usd = usd + :usd, tokens = tokens + :tokens, open = open + :open"""
HELD = "SELECT holds.call, calls.owner FROM holds LEFT JOIN calls ON calls.id = holds.call"
LET_GO = "DELETE FROM holds WHERE call = ? RETURNING scopes, usd, tokens"


def reserve(connection: sqlite3.Connection, call: Call, hold: Reservation) -> None:
    """Reserve the worst case of a call in each scope, in the transaction that stores it. Raises BudgetReached."""
    for cap in hold.caps:
        row = connection.execute("SELECT usd, tokens, open FROM spending WHERE scope = ?", (cap.scope,)).fetchone()
        _check(cap, hold, row["usd"] if row else 0.0, row["tokens"] if row else 0, row["open"] if row else 0)
        values = {"scope": cap.scope, "usd": hold.usd or 0.0, "tokens": hold.tokens, "open": 1}
        connection.execute(ADD, values)
    if hold.caps:
        scopes = json.dumps([cap.scope for cap in hold.caps])
        connection.execute(
            "INSERT INTO holds (call, scopes, usd, tokens) VALUES (?, ?, ?, ?)",
            (call.id, scopes, hold.usd or 0.0, hold.tokens),
        )


def settle(connection: sqlite3.Connection, call: Call) -> None:
    """Put what a finished call took in the place of what was put aside for it.

    What can't be known stays at its worst: a call whose server didn't say what it counted, the price of a call without
    one, and a call whose program died.
    """
    row = connection.execute(LET_GO, (call.id,)).fetchone()
    if row is None:
        return
    tokens, usd = row["tokens"], row["usd"]
    if not call.usage.estimated:
        tokens = call.usage.input + call.usage.output
        usd = call.cost_usd if call.cost_usd is not None else usd
    for scope in json.loads(row["scopes"]):
        values = {"scope": scope, "usd": usd - row["usd"], "tokens": tokens - row["tokens"], "open": -1}
        connection.execute(ADD, values)


def abandoned(connection: sqlite3.Connection, gone: Callable[[str], bool]) -> Sequence[str]:
    """The calls for which something is put aside and whose program is `gone`, which leaves no owner in the end."""
    held = connection.execute(HELD).fetchall()
    dead = {owner for owner in {row["owner"] for row in held} if owner is None or gone(owner)}
    return [row["call"] for row in held if row["owner"] in dead]


def write_off(connection: sqlite3.Connection, calls: Sequence[str]) -> None:
    """Count the worst case of abandoned calls as spent, so that nobody waits for what they leave."""
    for call in calls:
        row = connection.execute(LET_GO, (call,)).fetchone()
        for scope in json.loads(row["scopes"]) if row else ():
            connection.execute(ADD, {"scope": scope, "usd": 0.0, "tokens": 0, "open": -1})


def _check(cap: BudgetLimit, hold: Reservation, usd: float, tokens: int, others: int) -> None:
    allowed = cap.allowance
    if allowed.usd is not None:
        if hold.usd is None:
            raise BudgetReached(
                f"{_capital(cap.title)} is in USD, and the price of this model is unknown",
                remedy="Set `price` in its profile, or use a token budget.",
            )
        if usd + hold.usd > allowed.usd:
            raise _reached(cap, display.cost(usd), display.cost(hold.usd), display.cost(allowed.usd), others)
    if allowed.tokens is not None and tokens + hold.tokens > allowed.tokens:
        spent, wanted = f"{tokens:,} tokens", f"{hold.tokens:,}"
        raise _reached(cap, spent, wanted, f"{allowed.tokens:,}", others)


def _reached(cap: BudgetLimit, spent: str, wanted: str, allowed: str, others: int) -> BudgetReached:
    return BudgetReached(
        f"{_capital(cap.title)} is reached",
        f"{spent} of {allowed} spent or reserved; the next call could need {wanted}",
        "Finished work is kept. Raise the budget and run the same command again to continue.",
        budget=cap.title,
        calls_out=others,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
