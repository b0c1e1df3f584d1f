"""The desk: what was decided on the hunks of a rewrite, and texts that are not saved to a file yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from chatspace.adapters.history.ids import from_ms, now_ms
from chatspace.adapters.history.ledger import call_of
from chatspace.adapters.history.table_access import TableAccess, insert
from chatspace.core.calls.call import Call
from chatspace.core.rewriting.decisions import Decided, Editing, Unsaved

AGAIN = """ON CONFLICT (message, number) DO UPDATE SET decision = excluded.decision, decided = excluded.decided,
    words = excluded.words, before = excluded.before, after = excluded.after, text = excluded.text"""

REJECTED = """
    SELECT hunks.after FROM hunks JOIN messages ON messages.id = hunks.message
    WHERE messages.conversation = ? AND hunks.decision = 'rejected' AND trim(hunks.after) <> ''
    ORDER BY hunks.decided, hunks.message, hunks.number"""

EDITING = """
    SELECT coalesce(messages.profile, '') AS profile, coalesce(messages.model, '') AS model,
        count(DISTINCT hunks.message) AS texts,
        sum(decision = 'accepted') AS accepted, sum(decision = 'rejected') AS rejected,
        sum(decision = 'edited') AS edited, sum(words) AS words
    FROM hunks JOIN messages ON messages.id = hunks.message
    GROUP BY messages.profile, messages.model ORDER BY 1, 2"""

LATE_MS = 7 * 24 * 3_600_000
"""How long what is left of a rewrite is good for."""
LATE_CALLS = """
    SELECT calls.*, messages.status FROM calls JOIN messages ON messages.id = calls.message
    WHERE calls.started > ? AND calls.step = 'rewrite' AND calls.outcome IN ('complete', 'from_ledger')
    ORDER BY calls.started, calls.rowid"""

KEEP = """ON CONFLICT (key) DO UPDATE SET conversation = excluded.conversation, saved = excluded.saved,
    source = excluded.source, original = excluded.original, text = excluded.text"""


class SqliteRewrites(TableAccess):
    """Decisions go with the message they belong to, unsaved texts with the conversation of their rewrites."""

    def decide(self, decided: Decided) -> None:
        values = {
            "message": decided.message,
            "number": decided.number,
            "decision": decided.decision,
            "decided": now_ms(),
            "words": decided.words,
            "before": decided.before,
            "after": decided.after,
            "text": decided.text,
        }
        with self._database.write() as connection:
            insert(connection, "hunks", values, AGAIN)

    def undecide(self, message: int, number: int) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM hunks WHERE message = ? AND number = ?", (message, number))

    def decisions(self, message: int) -> Sequence[Decided]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM hunks WHERE message = ? ORDER BY number", (message,)).fetchall()
        return [_decided(row) for row in rows]

    def reusable_calls(self) -> Mapping[str, Call]:
        left: dict[str, Call] = {}
        with self._database.read() as connection:
            for row in connection.execute(LATE_CALLS, (now_ms() - LATE_MS,)):
                if row["status"] == "complete":
                    left.pop(row["key"], None)
                else:
                    left[row["key"]] = call_of(row)
        return left

    def rejected(self, conversation: int) -> Sequence[str]:
        with self._database.read() as connection:
            return [row["after"] for row in connection.execute(REJECTED, (conversation,))]

    def editing(self) -> Sequence[Editing]:
        with self._database.read() as connection:
            return [Editing(**dict(row)) for row in connection.execute(EDITING)]

    def keep_unsaved(self, key: str, text: str, *, source: str, original: str, conversation: int | None) -> None:
        values = {
            "key": key,
            "conversation": conversation,
            "saved": now_ms(),
            "source": source,
            "original": original,
            "text": text,
        }
        with self._database.write() as connection:
            insert(connection, "unsaved_texts", values, KEEP)

    def forget_unsaved(self, key: str) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM unsaved_texts WHERE key = ?", (key,))

    def unsaved(self, key: str) -> Unsaved | None:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM unsaved_texts WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        return Unsaved(key, row["text"], row["source"], row["original"], from_ms(row["saved"]), row["conversation"])


def _decided(row: sqlite3.Row) -> Decided:
    return Decided(
        message=row["message"],
        number=row["number"],
        decision=row["decision"],
        before=row["before"],
        after=row["after"],
        text=row["text"],
        words=row["words"],
    )
