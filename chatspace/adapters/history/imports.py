"""Conversations of other programs, each with the ids that it had there, so that none comes in twice."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

from chatspace.adapters.history.attachments import attach
from chatspace.adapters.history.branches import VISIT
from chatspace.adapters.history.ids import now_ms, to_ms
from chatspace.adapters.history.table_access import TableAccess, insert, storable, usage_values
from chatspace.core.chat.imported import FiledImport, ImportedConversation, ImportedMessage
from chatspace.core.chat.titles import UNTITLED, title_from

OURS = "chatspace"
"""The origin of our own exports, whose ids may be those of this very store."""

KNOWN = """SELECT c.id, c.deleted, c.leaf FROM imports i JOIN conversations c ON c.id = i.conversation
           WHERE i.origin = ? AND i.external = ?"""
EXTERNAL = """SELECT i.external, i.message FROM imported_messages i JOIN messages m ON m.id = i.message
              WHERE m.conversation = ?"""


class SqliteImports(TableAccess):
    def add(self, found: ImportedConversation, *, dry_run: bool = False) -> FiledImport:
        if dry_run:
            with self._database.read() as connection:
                return self._missing(connection, found)[0]
        with self._database.write() as connection:
            filed, known = self._missing(connection, found)
            if filed.messages:
                return replace(filed, conversation=self._add(connection, found, filed.conversation, known))
            return filed

    def _missing(
        self, connection: sqlite3.Connection, found: ImportedConversation
    ) -> tuple[FiledImport, dict[str, int]]:
        """What importing it would do, and the messages that are here by the ids that they had there."""
        row = connection.execute(KNOWN, (found.origin, storable(found.id))).fetchone() or _own(connection, found)
        if row is None:
            return FiledImport("new", None, len(found.messages)), {}
        if row["deleted"] is not None:
            return FiledImport("trash", row["id"], 0), {}
        known = {each["external"]: each["message"] for each in connection.execute(EXTERNAL, (row["id"],))}
        if found.origin == OURS:
            own = connection.execute("SELECT id FROM messages WHERE conversation = ?", (row["id"],))
            known = {str(each["id"]): each["id"] for each in own} | known
        more = sum(storable(message.id) not in known for message in found.messages)
        return FiledImport("grown" if more else "known", row["id"], more), known

    def _add(
        self,
        connection: sqlite3.Connection,
        found: ImportedConversation,
        conversation: int | None,
        known: dict[str, int],
    ) -> int:
        """Gives the conversation, which is begun where it is None."""
        moved_on = conversation is not None and _moved_on(connection, conversation)
        begun = _first_time(found)
        id = conversation if conversation is not None else self._begin(connection, found, begun)
        times: dict[str, int] = {}
        latest, behind, behind_time = begun, 0, 0
        for message in found.messages:
            parent = known.get(storable(message.parent)) if message.parent else None
            time = to_ms(message.created) if message.created else times.get(message.parent or "", begun)
            times[message.id] = time
            latest = max(latest, time)
            if storable(message.id) not in known:
                # Those of one moment stay in their order.
                above = max(parent or 0, behind if time >= behind_time else 0)
                behind = self._insert_message(connection, id, parent, time, above, message)
                behind_time, known[storable(message.id)] = time, behind
        leaf = None if moved_on else known.get(storable(found.leaf or found.messages[-1].id))
        last = next((one for one in reversed(found.messages) if one.role == "assistant"), None)
        connection.execute(
            """UPDATE conversations SET updated = max(updated, ?), leaf = coalesce(?, leaf),
                   model = coalesce(?, model), profile = coalesce(?, profile),
                   message_count = (SELECT count(*) FROM messages WHERE conversation = ?)
               WHERE id = ?""",
            (latest, leaf, storable(last and last.model), storable(last and last.profile), id, id),
        )
        if leaf is not None:
            connection.execute(VISIT, {"leaf": leaf, "conversation": id})
        return id

    def _begin(self, connection: sqlite3.Connection, found: ImportedConversation, begun: int) -> int:
        asked = next((message.text for message in found.messages if message.role == "user"), "")
        title = " ".join(found.title.split()) or title_from(asked) or UNTITLED
        values = {
            "title": title,
            "created": begun,
            "updated": to_ms(found.updated) if found.updated else begun,
            "archived": int(found.archived),
            "pinned": int(found.pinned),
            "tags": json.dumps(list(dict.fromkeys(found.tags)), ensure_ascii=False),
        }
        id = self._insert_at_id(connection, "conversations", values, at=begun)
        insert(connection, "imports", {"origin": found.origin, "external": found.id, "conversation": id})
        return id

    def _insert_message(
        self,
        connection: sqlite3.Connection,
        conversation: int,
        parent: int | None,
        time: int,
        above: int,
        message: ImportedMessage,
    ) -> int:
        values = {
            "conversation": conversation,
            "parent": parent,
            "created": time,
            "role": message.role,
            "status": message.status,
            "step": message.step,
            "profile": message.profile,
            "model": message.model,
            **usage_values(message.usage),
            "cost_usd": message.cost_usd,
            "elapsed_ms": message.elapsed_ms,
            "error": message.error,
            "reasoning": message.reasoning,
            "text": message.text,
        }
        id = self._insert_at_id(connection, "messages", values, at=time, above=above)
        insert(connection, "imported_messages", {"message": id, "external": message.id})
        if message.sources:
            attach(connection, "message", id, message.sources)
        return id


def _own(connection: sqlite3.Connection, found: ImportedConversation) -> sqlite3.Row | None:
    """The conversation that this one was exported from, where that was this store."""
    if found.origin != OURS or not found.id.isdecimal() or len(found.id) > 19 or found.created is None:
        return None
    sql = "SELECT id, deleted, leaf FROM conversations WHERE id = ? AND created = ?"
    row: sqlite3.Row | None = connection.execute(sql, (int(found.id), to_ms(found.created))).fetchone()
    return row


def _moved_on(connection: sqlite3.Connection, conversation: int) -> bool:
    """Whether the user has gone on with it here."""
    sql = """SELECT EXISTS (SELECT 1 FROM messages m WHERE conversation = ?
             AND NOT EXISTS (SELECT 1 FROM imported_messages WHERE message = m.id))"""
    return bool(connection.execute(sql, (conversation,)).fetchone()[0])


def _first_time(found: ImportedConversation) -> int:
    """When it began, in milliseconds; now, where nothing says."""
    said = found.created or next((message.created for message in found.messages if message.created), None)
    return to_ms(said) if said else now_ms()
