"""The comparisons: who was asked the same, and which answer was picked. The answers themselves are messages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from chatspace.adapters.history.failures import missing
from chatspace.adapters.history.ids import from_ms, now_ms
from chatspace.adapters.history.table_access import TableAccess, insert
from chatspace.core.chat.comparison import Comparison, ComparisonAnswer, ComparisonTarget

PAGE = """
    SELECT comparisons.*, messages.conversation, messages.created AS asked
    FROM comparisons JOIN messages ON messages.id = comparisons.message
    WHERE :before IS NULL OR comparisons.message < :before
    ORDER BY comparisons.message DESC LIMIT :limit"""

ANSWERS = """
    SELECT id, profile, model, coalesce(host, '') AS host FROM messages
    WHERE conversation = :conversation AND parent = :message AND role = 'assistant'
        AND created <= :picked AND text <> ''
    ORDER BY id"""

PICK = """
    UPDATE comparisons SET winner = :winner, blind = :blind, picked = :picked
    WHERE message = :message AND EXISTS (SELECT 1 FROM messages WHERE id = :winner AND parent = :message)"""


class SqliteComparisons(TableAccess):
    """Rows that go with the message they belong to."""

    def start(self, message: int, contestants: Sequence[ComparisonTarget]) -> None:
        listed = json.dumps([[each.profile, each.model] for each in contestants], ensure_ascii=False)
        with self._database.write() as connection:
            insert(connection, "comparisons", {"message": message, "contestants": listed})

    def pick(self, message: int, winner: int, *, blind: bool) -> None:
        with self._database.write() as connection:
            written = connection.execute(
                PICK,
                {"message": message, "winner": winner, "blind": blind, "picked": now_ms()},
            )
            if not written.rowcount:
                raise missing()

    def page(self, *, limit: int = 50, before: int | None = None) -> Sequence[Comparison]:
        with self._database.read() as connection:
            rows = connection.execute(PAGE, {"before": before, "limit": limit}).fetchall()
            return [_comparison(connection, row) for row in rows]


def _comparison(connection: sqlite3.Connection, row: sqlite3.Row) -> Comparison:
    contestants = tuple(ComparisonTarget(*each) for each in json.loads(row["contestants"]))
    winner, beaten = _rivals(connection, row) if row["picked"] is not None else (None, ())
    return Comparison(
        message=row["message"],
        conversation=row["conversation"],
        asked=from_ms(row["asked"]),
        contestants=contestants,
        picked=None if row["picked"] is None else from_ms(row["picked"]),
        blind=bool(row["blind"]),
        winner=winner,
        beaten=tuple(sorted(beaten, key=lambda rival: _place(rival, contestants))),
    )


def _rivals(
    connection: sqlite3.Connection, row: sqlite3.Row
) -> tuple[ComparisonAnswer | None, tuple[ComparisonAnswer, ...]]:
    """The winner and those it was better than, each once however often it was asked, by its last answer."""
    answers = connection.execute(ANSWERS, dict(row))
    rivals = [ComparisonAnswer(each["id"], each["profile"], each["model"], each["host"]) for each in answers]
    winner = next((rival for rival in rivals if rival.message == row["winner"]), None)
    others = {(rival.profile, rival.model, rival.host): rival for rival in rivals}
    if winner:
        others.pop((winner.profile, winner.model, winner.host), None)
    return winner, tuple(others.values())


def _place(rival: ComparisonAnswer, contestants: Sequence[ComparisonTarget]) -> int:
    """Where a rival stood among those asked; after them where a fallback answered."""
    at_host = f"{rival.model}@{rival.host}"
    for place, contestant in enumerate(contestants):
        if contestant.profile == rival.profile and contestant.model in (None, rival.model, at_host):
            return place
    return len(contestants)
