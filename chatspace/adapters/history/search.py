"""Full-text search over all finished messages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from chatspace.adapters.history.ids import from_ms
from chatspace.adapters.history.part import Part
from chatspace.adapters.history.query import Query, Snippets, parse
from chatspace.core.conversation import SearchHit

RANKED = 10_000
"""How many of the newest matches are put in order by rank."""

NEWEST = """SELECT rowid, 0.0 FROM messages_fts WHERE messages_fts MATCH :match AND rowid < :before
            ORDER BY rowid DESC LIMIT :limit"""
OLDEST_RANKED = f"""SELECT rowid FROM messages_fts WHERE messages_fts MATCH :match
            ORDER BY rowid DESC LIMIT 1 OFFSET {RANKED - 1}"""
BEST = """SELECT rowid, -bm25(messages_fts) AS score FROM messages_fts
          WHERE messages_fts MATCH :match AND rowid >= :oldest ORDER BY score DESC, rowid DESC"""
HIT = """SELECT m.id, m.conversation, m.role, m.created, m.text, c.title
         FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.id = ?"""

LARGEST_ID = (1 << 63) - 1


class Search(Part):
    def search(
        self, query: str, *, limit: int = 50, before: int | None = None, by_rank: bool = False
    ) -> Sequence[SearchHit]:
        """Newest first, or the best first among the newest matches, whose `score` is greater the better they are.

        All bare words of `query` must be there, "quoted ones" in this order; its last word may be the beginning of one.
        `before` is the last message id of the page before.
        """
        parsed = parse(query)
        if parsed is None:
            return []
        with self._database.search() as connection:
            find = _best if by_rank else _newest
            return list(_hits(connection, parsed, find(connection, parsed, limit, before)))

    def interrupt(self) -> None:
        """End the searches that run now in other threads; each raises StoreError."""
        self._database.interrupt()


def _newest(connection: sqlite3.Connection, query: Query, limit: int, before: int | None) -> list[sqlite3.Row]:
    values = {"match": query.match, "before": LARGEST_ID if before is None else before, "limit": limit}
    return connection.execute(NEWEST, values).fetchall()


def _best(connection: sqlite3.Connection, query: Query, limit: int, before: int | None) -> list[sqlite3.Row]:
    oldest = connection.execute(OLDEST_RANKED, {"match": query.match}).fetchone()
    ranked = connection.execute(BEST, {"match": query.match, "oldest": oldest[0] if oldest else 0}).fetchall()
    shown = 0 if before is None else next((at + 1 for at, row in enumerate(ranked) if row[0] == before), len(ranked))
    return ranked[shown : shown + limit]


def _hits(connection: sqlite3.Connection, query: Query, found: Iterable[sqlite3.Row]) -> Iterable[SearchHit]:
    """One text in memory at a time, because each may be long."""
    snippets = Snippets(query.hit)
    for id, score in found:
        row = connection.execute(HIT, (id,)).fetchone()
        yield SearchHit(
            conversation=row["conversation"],
            message=row["id"],
            role=row["role"],
            created=from_ms(row["created"]),
            snippet=snippets.of(row["text"]),
            score=score,
            title=row["title"],
        )
