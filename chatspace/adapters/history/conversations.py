"""The conversations as wholes: listed, changed, put away."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from chatspace.adapters.history.failures import missing
from chatspace.adapters.history.ids import from_ms, now_ms, to_ms
from chatspace.adapters.history.table_access import TableAccess, storable
from chatspace.core.chat.conversation import Conversation, Shelf

SHELVES: dict[Shelf, tuple[str, tuple[str, ...]]] = {
    "current": ("deleted IS NULL AND archived = 0", ("pinned", "updated", "id")),
    "archived": ("deleted IS NULL AND archived = 1", ("pinned", "updated", "id")),
    "trash": ("deleted IS NOT NULL", ("deleted", "id")),
}
"""What stands on each shelf, and the columns of its order, each descending; an index has both."""

LATEST = """SELECT * FROM (
    SELECT * FROM (SELECT * FROM conversations WHERE deleted IS NULL AND archived = 0 AND pinned = 0
                   ORDER BY updated DESC, id DESC LIMIT 1)
    UNION ALL
    SELECT * FROM (SELECT * FROM conversations WHERE deleted IS NULL AND archived = 0 AND pinned = 1
                   ORDER BY updated DESC, id DESC LIMIT 1)
) ORDER BY updated DESC, id DESC LIMIT 1"""


class SqliteConversations(TableAccess):
    def create(self, title: str = "", *, created: datetime | None = None) -> Conversation:
        at = None if created is None else to_ms(created)
        with self._database.write() as connection:
            time = now_ms() if at is None else at
            values = {"title": title, "created": time, "updated": time}
            id = self._insert_at_id(connection, "conversations", values, at=at)
        return Conversation(id, storable(title), from_ms(time), from_ms(time))

    def get(self, conversation: int) -> Conversation | None:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM conversations WHERE id = ?", (conversation,)).fetchone()
        return None if row is None else _conversation(row)

    def page(
        self, *, limit: int = 50, before: Conversation | None = None, shelf: Shelf = "current"
    ) -> Sequence[Conversation]:
        there, order = SHELVES[shelf]
        values: dict[str, int] = {"limit": limit}
        page = ""
        if before is not None:
            values |= _place(before)
            page = f"AND ({', '.join(order)}) < (:{', :'.join(order)})"
        sql = f"""SELECT * FROM conversations WHERE {there} {page}
                  ORDER BY {", ".join(f"{column} DESC" for column in order)} LIMIT :limit"""
        with self._database.read() as connection:
            rows = connection.execute(sql, values).fetchall()
        return [_conversation(row) for row in rows]

    def latest(self) -> Conversation | None:
        with self._database.read() as connection:
            row = connection.execute(LATEST).fetchone()
        return None if row is None else _conversation(row)

    def rename(self, conversation: int, title: str) -> None:
        self._change(conversation, "title", title)

    def archive(self, conversation: int, archived: bool = True) -> None:
        self._change(conversation, "archived", archived)

    def set_tags(self, conversation: int, tags: Sequence[str]) -> None:
        self._change(conversation, "tags", json.dumps(list(dict.fromkeys(tags)), ensure_ascii=False))

    def pin(self, conversation: int, pinned: bool = True) -> None:
        self._change(conversation, "pinned", pinned)

    def delete(self, conversation: int, at: datetime | None = None) -> None:
        self._change(conversation, "deleted", to_ms(at) if at else now_ms())

    def restore(self, conversation: int) -> None:
        self._change(conversation, "deleted", None)

    def _change(self, conversation: int, column: str, value: str | int | None) -> None:
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
        pinned=bool(row["pinned"]),
        deleted=None if row["deleted"] is None else from_ms(row["deleted"]),
    )


def _place(conversation: Conversation) -> dict[str, int]:
    """Where it stands in the order of any shelf."""
    return {
        "pinned": conversation.pinned,
        "updated": to_ms(conversation.updated),
        "deleted": to_ms(conversation.deleted) if conversation.deleted else 0,
        "id": conversation.id,
    }
