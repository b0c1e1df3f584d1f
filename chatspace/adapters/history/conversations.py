"""The conversations as wholes, and the prompts that were not sent yet."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from chatspace.adapters.history.failures import missing
from chatspace.adapters.history.ids import from_ms, now_ms, to_ms
from chatspace.adapters.history.part import Part, storable
from chatspace.core.conversation import Conversation

NO_CONVERSATION = 0
"""Where the prompt of a conversation that has yet to begin is kept; no id is 0."""

RUNS = "SELECT run FROM messages WHERE conversation = :conversation AND run IS NOT NULL"
DELETE = (
    f"""UPDATE calls SET text = '', reasoning = '', error = NULL, key = ''
        WHERE run IN ({RUNS}) OR message IN (SELECT id FROM messages WHERE conversation = :conversation)""",
    f"""DELETE FROM sources WHERE id IN (SELECT source FROM run_sources WHERE run IN ({RUNS}))
        AND NOT EXISTS (SELECT 1 FROM run_sources WHERE source = sources.id AND run NOT IN ({RUNS}))""",
    f"DELETE FROM runs WHERE id IN ({RUNS})",
    "DELETE FROM prompts WHERE conversation = :conversation",
    "DELETE FROM conversations WHERE id = :conversation",
)


class Conversations(Part):
    def create_conversation(self, title: str = "", *, created: datetime | None = None) -> Conversation:
        """`created` is the time of an imported one."""
        at = None if created is None else to_ms(created)
        with self._database.write() as connection:
            time = now_ms() if at is None else at
            values = {"title": title, "created": time, "updated": time}
            id = self._insert_at_id(connection, "conversations", values, at=at)
        return Conversation(id, storable(title), from_ms(time), from_ms(time))

    def conversation(self, conversation: int) -> Conversation | None:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM conversations WHERE id = ?", (conversation,)).fetchone()
        return None if row is None else _conversation(row)

    def conversations(
        self, *, limit: int = 50, before: Conversation | None = None, archived: bool = False
    ) -> Sequence[Conversation]:
        """Those that are archived or those that aren't, newest first, the page after `before`."""
        page = "" if before is None else "AND (updated, id) < (:updated, :id)"
        sql = f"""SELECT * FROM conversations WHERE archived = :archived {page}
                  ORDER BY updated DESC, id DESC LIMIT :limit"""
        values = {"archived": archived, "limit": limit}
        if before is not None:
            values |= {"updated": to_ms(before.updated), "id": before.id}
        with self._database.read() as connection:
            rows = connection.execute(sql, values).fetchall()
        return [_conversation(row) for row in rows]

    def rename(self, conversation: int, title: str) -> None:
        self._change(conversation, "title", title)

    def archive(self, conversation: int, archived: bool = True) -> None:
        """Take it out of the list, or bring it back."""
        self._change(conversation, "archived", archived)

    def set_tags(self, conversation: int, tags: Sequence[str]) -> None:
        self._change(conversation, "tags", json.dumps(list(dict.fromkeys(tags)), ensure_ascii=False))

    def delete(self, conversation: int) -> None:
        """Remove it with its messages, runs and what they made, and their texts in the ledger; what it cost stays."""
        with self._database.write() as connection:
            for statement in DELETE:
                connection.execute(statement, {"conversation": conversation})

    def save_prompt(self, conversation: int | None, text: str) -> None:
        """Keep what stands in the prompt, unsent; an empty text forgets it."""
        key = NO_CONVERSATION if conversation is None else conversation
        with self._database.write() as connection:
            if text:
                connection.execute("INSERT OR REPLACE INTO prompts VALUES (?, ?)", (key, storable(text)))
            else:
                connection.execute("DELETE FROM prompts WHERE conversation = ?", (key,))

    def saved_prompt(self, conversation: int | None) -> str:
        key = NO_CONVERSATION if conversation is None else conversation
        with self._database.read() as connection:
            row = connection.execute("SELECT text FROM prompts WHERE conversation = ?", (key,)).fetchone()
        return "" if row is None else str(row["text"])

    def _change(self, conversation: int, column: str, value: str | bool) -> None:
        with self._database.write() as connection:
            sql = f"UPDATE conversations SET {column} = ? WHERE id = ?"
            if not connection.execute(sql, (storable(value), conversation)).rowcount:
                raise missing()


def _conversation(row: sqlite3.Row) -> Conversation:
    return Conversation(
        id=row["id"],
        title=row["title"],
        created=from_ms(row["created"]),
        updated=from_ms(row["updated"]),
        message_count=row["message_count"],
        profile=row["profile"],
        model=row["model"],
        tags=tuple(json.loads(row["tags"])),
        archived=bool(row["archived"]),
        leaf=row["leaf"],
    )
