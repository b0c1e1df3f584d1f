"""The messages that were written while a reply came in, and wait for its end."""

from __future__ import annotations

from collections.abc import Sequence

from chatspace.adapters.history.attachments import attach, forget_unused
from chatspace.adapters.history.failures import missing
from chatspace.adapters.history.table_access import TableAccess, storable
from chatspace.core.chat.conversation import QueuedMessage
from chatspace.core.document import Source


class SqliteQueue(TableAccess):
    def add(
        self,
        behind: int,
        text: str,
        *,
        profile: str | None,
        model: str | None,
        effort: str | None,
        sources: Sequence[Source] = (),
    ) -> QueuedMessage:
        sql = """INSERT INTO queued (conversation, behind, profile, model, effort, text)
                 SELECT conversation, id, ?, ?, ?, ? FROM messages WHERE id = ? RETURNING *"""
        with self._database.write() as connection:
            row = connection.execute(sql, (profile, model, effort, storable(text), behind)).fetchone()
            if row is None:
                raise missing()
            attach(connection, "queued", row["id"], sources)
            return QueuedMessage(**row)

    def move(self, behind: int, instead: int) -> None:
        with self._database.write() as connection:
            connection.execute("UPDATE queued SET behind = ? WHERE behind = ?", (instead, behind))

    def waiting(self, conversation: int) -> Sequence[QueuedMessage]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM queued WHERE conversation = ? ORDER BY id", (conversation,))
            return [QueuedMessage(**row) for row in rows]

    def remove(self, queued: int) -> None:
        """It was sent or taken back."""
        with self._database.write() as connection:
            sources = connection.execute("SELECT source FROM queued_sources WHERE queued = ?", (queued,)).fetchall()
            connection.execute("DELETE FROM queued WHERE id = ?", (queued,))
            forget_unused(connection, [row[0] for row in sources])
