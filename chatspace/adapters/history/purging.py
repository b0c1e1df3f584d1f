"""Deleting for good: no text is left in a row, in the index, in free pages or in the log beside the file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from chatspace.adapters.history.attachments import forget_unused
from chatspace.adapters.history.failures import missing
from chatspace.adapters.history.table_access import TableAccess
from chatspace.core.errors import StoreError

RUNS = "SELECT run FROM messages WHERE conversation = :conversation AND run IS NOT NULL"
OURS = "SELECT id FROM messages WHERE conversation = :conversation"
GROWING = f"""SELECT owner FROM messages WHERE conversation = :conversation AND owner IS NOT NULL
              UNION SELECT owner FROM calls WHERE owner IS NOT NULL AND (message IN ({OURS}) OR run IN ({RUNS}))
              UNION SELECT owner FROM runs WHERE owner IS NOT NULL AND id IN ({RUNS})"""
SOURCES = f"""SELECT source FROM run_sources WHERE run IN ({RUNS})
              UNION SELECT source FROM message_sources WHERE message IN ({OURS})
              UNION SELECT source FROM queued_sources
                    WHERE queued IN (SELECT id FROM queued WHERE conversation = :conversation)"""
DELETE = (
    f"""UPDATE calls SET text = '', reasoning = '', error = NULL, key = ''
        WHERE run IN ({RUNS}) OR message IN ({OURS})""",
    f"DELETE FROM runs WHERE id IN ({RUNS})",
    "DELETE FROM prompts WHERE conversation = :conversation",
    "DELETE FROM messages WHERE conversation = :conversation",
    "DELETE FROM conversations WHERE id = :conversation",
)

MERGED_AT_ONCE = 1_000
"""Pages of the index rewritten in one transaction."""

PIECES = 3
"""How many are added to the index before it is merged: its last message, each time anew.

SQLite lets a merge of less than four pieces lie for good where others write as many meanwhile.
"""
INDEX_AGAIN = """UPDATE messages SET role = role
                 WHERE id = (SELECT id FROM messages WHERE status <> 'streaming' ORDER BY id DESC LIMIT 1)"""

YIELDED = 0.25
"""Of the time that a transaction took, how much belongs to others before the next.

A program that waits to write looks every tenth of a second whether it can.
"""


class SqlitePurging(TableAccess):
    def purge(self, conversations: Sequence[int]) -> None:
        with self._database.read() as connection:
            for conversation in conversations:
                self._refuse_growing(connection, conversation)
        for conversation in conversations:
            with self._database.write() as connection:
                self._refuse_growing(connection, conversation)
                _remove(connection, conversation)
        self.clean()

    def clean(self) -> None:
        """Leave nothing of what was removed in the file. Raises StoreError where somebody still reads the old state."""
        self._merge_index()
        self._database.compact()

    def _refuse_growing(self, connection: sqlite3.Connection, conversation: int) -> None:
        owners = [row[0] for row in connection.execute(GROWING, {"conversation": conversation})]
        if any(not self._owners.gone(owner) for owner in owners):
            raise StoreError(
                "A reply is still streaming",
                "a streaming reply can't be purged; nothing was purged",
                "Stop it or wait until it is complete, then purge again.",
            )

    def _merge_index(self) -> None:
        """Make one piece of the index: what was removed stands in the older pieces until they are merged."""
        if not self._merge(-1):
            return
        for _ in range(PIECES):
            with self._database.write() as connection:
                connection.execute(INDEX_AGAIN)
        pages = -MERGED_AT_ONCE  # less than none: a merge of all that there are by now is begun
        started = time.monotonic()
        while self._merge(pages):
            pages = MERGED_AT_ONCE
            time.sleep((time.monotonic() - started) * YIELDED)
            started = time.monotonic()

    def _merge(self, pages: int) -> bool:
        """Whether there was anything to do."""
        with self._database.write() as connection:
            before = connection.total_changes
            connection.execute("INSERT INTO messages_fts (messages_fts, rank) VALUES ('merge', ?)", (pages,))
            return connection.total_changes - before > 1


def _remove(connection: sqlite3.Connection, conversation: int) -> None:
    sources = [row[0] for row in connection.execute(SOURCES, {"conversation": conversation})]
    for statement in DELETE:
        removed = connection.execute(statement, {"conversation": conversation})
    forget_unused(connection, sources)
    if not removed.rowcount:
        raise missing()
