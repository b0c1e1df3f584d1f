"""The sources that go along with messages."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from chatspace.adapters.history.runs import keep_source, source_of
from chatspace.adapters.history.table_access import TableAccess, insert
from chatspace.core.chat.conversation import Attached
from chatspace.core.document import Source

USERS = ("run_sources", "message_sources", "queued_sources")
UNUSED = "DELETE FROM sources WHERE id = :source" + "".join(
    f" AND NOT EXISTS (SELECT 1 FROM {table} WHERE source = :source)" for table in USERS
)

ATTACHED = """SELECT sources.id, sources.name, sources.words
              FROM message_sources JOIN sources ON sources.id = message_sources.source
              WHERE message_sources.message = ? ORDER BY message_sources.position"""


class SqliteAttachments(TableAccess):
    """Sources are kept once, however often they are attached or run; a purge reaches them by what they belong to."""

    def add(self, message: int, source: Source) -> None:
        with self._database.write() as connection:
            attach(connection, "message", message, [source])

    def of_messages(self, messages: Sequence[int]) -> Mapping[int, Sequence[Source]]:
        with self._database.read() as connection:
            found = {message: _sources(connection, "message", message) for message in messages}
        return {message: sources for message, sources in found.items() if sources}

    def of_queued(self, queued: int) -> Sequence[Source]:
        with self._database.read() as connection:
            return _sources(connection, "queued", queued)


def attach(connection: sqlite3.Connection, to: str, id: int, sources: Sequence[Source]) -> None:
    """Put sources behind those of a `message` or of what is `queued`."""
    table = f"{to}_sources"
    sql = f"SELECT coalesce(max(position) + 1, 0) FROM {table} WHERE {to} = ?"
    first = connection.execute(sql, (id,)).fetchone()[0]
    for position, source in enumerate(sources, first):
        keep_source(connection, source)
        insert(connection, table, {to: id, "position": position, "source": source.id})


def attached(connection: sqlite3.Connection, message: int) -> tuple[Attached, ...]:
    return tuple(Attached(*row) for row in connection.execute(ATTACHED, (message,)))


def forget_unused(connection: sqlite3.Connection, sources: Sequence[str]) -> None:
    """Remove those of these sources that nothing refers to any more."""
    for source in sources:
        connection.execute(UNUSED, {"source": source})


def _sources(connection: sqlite3.Connection, to: str, id: int) -> list[Source]:
    sql = f"""SELECT sources.* FROM {to}_sources AS link JOIN sources ON sources.id = link.source
              WHERE link.{to} = ? ORDER BY link.position"""
    return [source_of(row) for row in connection.execute(sql, (id,))]
