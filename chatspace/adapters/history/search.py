"""Full-text search over all finished messages and the titles of their conversations."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from chatspace.adapters.history.ids import from_ms
from chatspace.adapters.history.query import Query, parse
from chatspace.adapters.history.snippets import Snippets
from chatspace.adapters.history.spacing import FACT
from chatspace.adapters.history.table_access import TableAccess
from chatspace.core.chat.conversation import SearchHit

RANKED = 10_000
"""How many of the newest matches are put in order by rank."""

NAMED_IN_INDEX = 250
"""Up to so many conversations with a title are looked for by the index, which looks at each of them for each match."""

LISTED = 5_000
"""Up to so many, their messages are listed at once; of more, the newest matches are soon found one by one."""

TITLED = "SELECT rowid FROM messages_fts WHERE messages_fts MATCH :title"
THEIR_CONVERSATIONS = "SELECT conversation FROM messages WHERE id IN (SELECT value FROM json_each(:titled))"
LISTED_MESSAGE = f"AND +rowid IN (SELECT id FROM messages WHERE conversation IN ({THEIR_CONVERSATIONS}))"
TITLED_MESSAGE = """AND EXISTS (
    SELECT 1 FROM messages AS found JOIN messages AS first ON first.conversation = found.conversation
    WHERE found.id = messages_fts.rowid AND first.parent IS NULL
    AND +first.id IN (SELECT value FROM json_each(:titled)))"""

FOUND = """SELECT rowid, {score} FROM messages_fts
           WHERE messages_fts MATCH :match AND rowid >= :after AND rowid < :before {among}
           ORDER BY rowid DESC LIMIT :limit"""
SCORE = "-bm25(messages_fts, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0)"
HIT = """SELECT m.id, m.conversation, m.role, m.created, m.text, c.title
         FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.id = ?"""


class SqliteSearch(TableAccess):
    def find(
        self, query: str, *, limit: int = 50, before: int | None = None, by_rank: bool = False
    ) -> Sequence[SearchHit]:
        parsed = parse(query)
        if parsed is None:
            return []
        with self._database.search() as connection:
            if by_rank and parsed.rankable:
                found = _best(connection, parsed, limit, before)
            else:
                found = _newest(connection, parsed, limit, before)
            return list(_hits(connection, parsed, found))

    def excerpt(self, query: str, message: int) -> str:
        parsed = parse(query)
        with self._database.read() as connection:
            row = connection.execute("SELECT text FROM messages WHERE id = ?", (message,)).fetchone()
        return "" if row is None or parsed is None else Snippets(parsed.hit).excerpt(row["text"])

    def interrupt(self) -> None:
        self._database.interrupt()


Found = tuple[int, float]
"""The id of a message, and its score."""


def _newest(connection: sqlite3.Connection, query: Query, limit: int, before: int | None) -> Sequence[Found]:
    if before is not None:
        query = replace(query, before=min(before, query.before))
    return _found(connection, query, limit, "0.0")


def _best(connection: sqlite3.Connection, query: Query, limit: int, before: int | None) -> Sequence[Found]:
    found = _found(connection, query, RANKED, SCORE)
    ranked = sorted(found, key=lambda each: (each[1], each[0]), reverse=True)
    shown = 0 if before is None else next((at + 1 for at, (id, _) in enumerate(ranked) if id == before), len(ranked))
    return ranked[shown : shown + limit]


def _found(connection: sqlite3.Connection, query: Query, limit: int, score: str) -> Sequence[Found]:
    """The newest matches. The index gives them in this order, and scores none that isn't asked for."""
    match, titled, among = query.match, [], ""
    if query.title:
        titled = [row[0] for row in connection.execute(TITLED, {"title": query.title})]
        if not titled:
            return []
        if len(titled) > LISTED and limit < RANKED:
            among = TITLED_MESSAGE
        elif len(titled) > NAMED_IN_INDEX:
            among = LISTED_MESSAGE
        else:
            named = connection.execute(THEIR_CONVERSATIONS, {"titled": json.dumps(titled)})
            match = f"(facts : ({' OR '.join({f'{FACT}{row[0]}' for row in named})})) AND {match}"
    values = {"match": match, "after": query.after, "before": query.before, "limit": limit}
    sql = FOUND.format(score=score, among=among)
    rows = connection.execute(sql, values | {"titled": json.dumps(titled)})
    return [(row[0], row[1]) for row in rows]


def _hits(connection: sqlite3.Connection, query: Query, found: Iterable[Found]) -> Iterable[SearchHit]:
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
