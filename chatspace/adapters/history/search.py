"""Full-text search over all finished messages and the titles of their conversations."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from chatspace.adapters.history.ids import from_ms
from chatspace.adapters.history.part import Part
from chatspace.adapters.history.query import Query, parse
from chatspace.adapters.history.snippets import Snippets
from chatspace.adapters.history.spacing import FACT
from chatspace.core.conversation import SearchHit

RANKED = 10_000
"""How many of the newest matches are put in order by rank."""

NAMED_IN_INDEX = 250
"""Up to so many conversations with a title are looked for by the index; of more, most messages found are theirs."""

TITLED = """SELECT DISTINCT conversation FROM messages_fts JOIN messages ON messages.id = messages_fts.rowid
            WHERE messages_fts MATCH :title"""

FOUND = """FROM messages_fts WHERE messages_fts MATCH :match AND rowid >= :after AND rowid < :before
           AND (:among IS NULL OR (SELECT conversation FROM messages WHERE id = messages_fts.rowid)
                                  IN (SELECT value FROM json_each(:among)))"""
NEWEST = f"SELECT rowid, 0.0 {FOUND} ORDER BY rowid DESC LIMIT :limit"
OLDEST_RANKED = f"SELECT rowid {FOUND} ORDER BY rowid DESC LIMIT 1 OFFSET {RANKED - 1}"
BEST = f"""SELECT rowid, -bm25(messages_fts, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0) AS score {FOUND}
           ORDER BY score DESC, rowid DESC"""
HIT = """SELECT m.id, m.conversation, m.role, m.created, m.text, c.title
         FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.id = ?"""


class Search(Part):
    def search(
        self, query: str, *, limit: int = 50, before: int | None = None, by_rank: bool = False
    ) -> Sequence[SearchHit]:
        """Newest first, or the best first among the newest matches, whose `score` is greater the better they are.

        All bare words of `query` must be there, "quoted ones" in this order; its last word may be the beginning of one.
        A word of the title counts as one of the first message. The filters `profile: model: tag: title: role: has: in:
        before: after:` narrow down; what is archived or in the trash is found by `in:` alone. `before` is the last
        message id of the page before.
        """
        parsed = parse(query)
        if parsed is None:
            return []
        ranked = by_rank and not parsed.vague
        with self._database.search() as connection:
            values = _values(connection, parsed)
            if values is None:
                return []
            found = _best(connection, values, limit, before) if ranked else _newest(connection, values, limit, before)
            return list(_hits(connection, parsed, found))

    def excerpt(self, query: str, message: int) -> str:
        """A long piece of a message round its first hit, each hit between the marks; empty where it is gone."""
        parsed = parse(query)
        with self._database.read() as connection:
            row = connection.execute("SELECT text FROM messages WHERE id = ?", (message,)).fetchone()
        return "" if row is None or parsed is None else Snippets(parsed.hit).excerpt(row["text"])

    def interrupt(self) -> None:
        """End the searches that run now in other threads; each raises StoreError."""
        self._database.interrupt()


Values = dict[str, str | int | None]


def _values(connection: sqlite3.Connection, query: Query) -> Values | None:
    """What FOUND wants; None where no title matches."""
    values: Values = {"match": query.match, "after": query.after, "before": query.before, "among": None}
    if query.title:
        titled = [row[0] for row in connection.execute(TITLED, {"title": query.title})]
        if not titled:
            return None
        if len(titled) > NAMED_IN_INDEX:
            values["among"] = json.dumps(titled)
        else:
            named = " OR ".join(f"{FACT}{conversation}" for conversation in titled)
            values["match"] = f"(facts : ({named})) AND {query.match}"
    return values


def _newest(connection: sqlite3.Connection, values: Values, limit: int, before: int | None) -> list[sqlite3.Row]:
    return connection.execute(NEWEST, _page(values, before) | {"limit": limit}).fetchall()


def _page(values: Values, before: int | None) -> Values:
    return values if before is None else values | {"before": min(before, int(values["before"] or 0))}


def _best(connection: sqlite3.Connection, values: Values, limit: int, before: int | None) -> list[sqlite3.Row]:
    oldest = connection.execute(OLDEST_RANKED, values).fetchone()
    if oldest:
        values = values | {"after": oldest[0]}
    ranked = connection.execute(BEST, values).fetchall()
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
            marked_title=snippets.marked(row["title"]),
        )
