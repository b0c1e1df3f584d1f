"""The messages: a tree per conversation, with replies that grow piece by piece."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chatspace.adapters.history.attachments import attach, attached
from chatspace.adapters.history.failures import missing
from chatspace.adapters.history.ids import from_ms, now_ms, to_ms
from chatspace.adapters.history.table_access import TableAccess, storable, usage_of, usage_values
from chatspace.core.chat.conversation import Message, ReplyEnd, Role
from chatspace.core.document import Source
from chatspace.core.profiles.profile import Effort

INTERRUPTED = "The program exited before this reply was complete."

SELECT = """
    SELECT m.*,
        (SELECT count(*) FROM messages s WHERE s.conversation = m.conversation AND s.parent IS m.parent) AS siblings,
        (SELECT count(*) FROM messages s
            WHERE s.conversation = m.conversation AND s.parent IS m.parent AND s.id <= m.id) AS sibling,
        EXISTS (SELECT 1 FROM message_sources WHERE message = m.id) AS with_sources
    FROM messages m"""

THREAD = f"""
    WITH RECURSIVE path (id, parent) AS (
        SELECT id, parent FROM messages WHERE id = :leaf AND conversation = :conversation
        UNION ALL
        SELECT messages.id, messages.parent FROM path JOIN messages ON messages.id = path.parent
    )
    {SELECT} WHERE m.id IN (SELECT id FROM path) ORDER BY m.id"""

LEAF = """
    SELECT coalesce(leaf, (SELECT max(id) FROM messages WHERE conversation = conversations.id))
    FROM conversations WHERE id = ?"""

APPEND = """
    INSERT INTO message_chunks
    SELECT id, (SELECT coalesce(max(number) + 1, 0) FROM message_chunks WHERE message = :id), :text, :reasoning
    FROM messages WHERE id = :id AND status = 'streaming'"""


class SqliteMessages(TableAccess):
    """A message's id is greater than its parent's, so that their order is that of the ids."""

    def add(
        self,
        conversation: int,
        parent: int | None,
        role: Role,
        text: str,
        *,
        step: str = "chat",
        why: str = "",
        created: datetime | None = None,
        sources: Sequence[Source] = (),
    ) -> Message:
        values = {"role": role, "status": "complete", "step": step, "why": why, "text": text}
        with self._database.write() as connection:
            message = self._insert(connection, conversation, parent, values, created)
            if not sources:
                return message
            attach(connection, "message", message.id, sources)
            return _one(connection, message.id)

    def start_reply(
        self,
        conversation: int,
        parent: int,
        *,
        step: str,
        profile: str,
        model: str,
        host: str,
        why: str = "",
        run: str | None = None,
        effort: Effort | None = None,
    ) -> Message:
        with self._database.write() as connection:
            values = {
                "role": "assistant",
                "status": "streaming",
                "owner": self._owners.own(),
                "step": step,
                "profile": profile,
                "model": model,
                "host": host,
                "why": why,
                "run": run,
                "effort": effort,
            }
            reply = self._insert(connection, conversation, parent, values)
            _note_reply(connection, reply)
            return reply

    def append(self, message: int, text: str = "", reasoning: str = "") -> None:
        with self._database.write() as connection:
            piece = {"id": message, "text": storable(text), "reasoning": storable(reasoning)}
            added = connection.execute(APPEND, piece)
            if not added.rowcount:
                raise missing()

    def finish_reply(self, message: int, end: ReplyEnd) -> Message:
        answered = {"profile": end.profile, "model": end.model, "host": end.host}
        values = {
            "status": end.status,
            "owner": None,
            "text": end.text,
            "reasoning": end.reasoning,
            **usage_values(end.usage),
            "cost_usd": end.cost_usd,
            "first_token_ms": end.first_token_ms,
            "reasoning_ms": end.reasoning_ms,
            "elapsed_ms": end.elapsed_ms,
            "error": end.error,
            **{column: value for column, value in answered.items() if value is not None},
        }
        with self._database.write() as connection:
            finished = _finish(connection, message, values)
            _note_reply(connection, finished)
            return finished

    def thread(self, conversation: int, leaf: int | None = None) -> Sequence[Message]:
        with self._database.read() as connection:
            if leaf is None:
                row = connection.execute(LEAF, (conversation,)).fetchone()
                leaf = row and row[0]
            rows = connection.execute(THREAD, {"conversation": conversation, "leaf": leaf})
            return [_message(connection, row) for row in rows]

    def all(self, conversation: int) -> Sequence[Message]:
        with self._database.read() as connection:
            rows = connection.execute(f"{SELECT} WHERE m.conversation = ? ORDER BY m.id", (conversation,))
            return [_message(connection, row) for row in rows]

    def _insert(
        self,
        connection: sqlite3.Connection,
        conversation: int,
        parent: int | None,
        values: dict[str, Any],
        created: datetime | None = None,
    ) -> Message:
        """Put a message into the tree and make it the one that the conversation was left at."""
        if parent is not None:
            check_belongs(connection, conversation, parent)
        at = None if created is None else to_ms(created)
        time = now_ms() if at is None else at
        values = {"conversation": conversation, "parent": parent, "created": time, **values}
        id = self._insert_at_id(connection, "messages", values, at=at, above=parent or 0)
        connection.execute("DELETE FROM visits WHERE message = ?", (parent,))  # the newest branch is gone into
        connection.execute(
            """UPDATE conversations SET message_count = message_count + 1, leaf = ?, updated = max(updated, ?)
               WHERE id = ?""",
            (id, time, conversation),
        )
        if values["role"] == "user":  # who goes on with a conversation wants it out of the trash
            connection.execute("UPDATE conversations SET deleted = NULL WHERE id = ?", (conversation,))
        return _one(connection, id)

    def interrupt(self, connection: sqlite3.Connection, owners: Sequence[str]) -> int:
        """Make whole messages of what these owners left behind; gives how many."""
        places = ", ".join("?" * len(owners))
        rows = connection.execute(f"SELECT id FROM messages WHERE owner IN ({places})", owners).fetchall()
        for row in rows:
            text, reasoning = _pieces(connection, row["id"])
            values = {
                "status": "interrupted",
                "owner": None,
                "text": text,
                "reasoning": reasoning,
                "error": INTERRUPTED,
            }
            _finish(connection, row["id"], values)
        return len(rows)


def _finish(connection: sqlite3.Connection, message: int, values: dict[str, Any]) -> Message:
    changes = ", ".join(f"{column} = ?" for column in values)
    written = connection.execute(
        f"UPDATE messages SET {changes} WHERE id = ?", [*map(storable, values.values()), message]
    )
    if not written.rowcount:
        raise missing()
    connection.execute("DELETE FROM message_chunks WHERE message = ?", (message,))
    return _one(connection, message)


def _note_reply(connection: sqlite3.Connection, reply: Message) -> None:
    """Let the conversation say when it last changed, and who answers in it."""
    connection.execute(
        "UPDATE conversations SET profile = ?, model = ?, updated = max(updated, ?) WHERE id = ?",
        (reply.profile, reply.model, now_ms(), reply.conversation),
    )


def check_belongs(connection: sqlite3.Connection, conversation: int, message: int) -> None:
    """Raises StoreError where the message isn't one of the conversation."""
    row = connection.execute("SELECT conversation FROM messages WHERE id = ?", (message,)).fetchone()
    if row is None or row["conversation"] != conversation:
        raise missing()


def _one(connection: sqlite3.Connection, message: int) -> Message:
    return _message(connection, connection.execute(f"{SELECT} WHERE m.id = ?", (message,)).fetchone())


def _pieces(connection: sqlite3.Connection, message: int) -> tuple[str, str]:
    """What there is of a growing reply: text and reasoning."""
    sql = "SELECT text, reasoning FROM message_chunks WHERE message = ? ORDER BY number"
    rows = connection.execute(sql, (message,)).fetchall()
    return "".join(row["text"] for row in rows), "".join(row["reasoning"] for row in rows)


def _message(connection: sqlite3.Connection, row: sqlite3.Row) -> Message:
    growing = row["status"] == "streaming"
    text, reasoning = _pieces(connection, row["id"]) if growing else (row["text"], row["reasoning"])
    return Message(
        id=row["id"],
        conversation=row["conversation"],
        parent=row["parent"],
        role=row["role"],
        text=text,
        created=from_ms(row["created"]),
        status=row["status"],
        reasoning=reasoning,
        step=row["step"],
        profile=row["profile"],
        model=row["model"],
        host=row["host"],
        why=row["why"],
        usage=None if row["input_tokens"] is None else usage_of(row),
        cost_usd=row["cost_usd"],
        first_token_ms=row["first_token_ms"],
        elapsed_ms=row["elapsed_ms"],
        error=row["error"],
        run=row["run"],
        sibling=row["sibling"],
        siblings=row["siblings"],
        effort=row["effort"],
        reasoning_ms=row["reasoning_ms"],
        sources=attached(connection, row["id"]) if row["with_sources"] else (),
    )
