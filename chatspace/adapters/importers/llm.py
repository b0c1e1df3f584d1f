"""The SQLite database of llm, in all of its schemas.

The first had one table, `log` (later `logs`), in which a chat was named by its first row. Then came `responses` with
`conversations`, to which attachments, fragments and tools were added. The newest keeps messages by their content, which
`threads` point to. A database that was migrated may hold all three. It is opened read-only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any

from chatspace.adapters.importers.llm_database import Database, opened
from chatspace.adapters.importers.llm_threads import THREAD_TABLES, threads
from chatspace.adapters.importers.tree import Notes, Piece, conversation
from chatspace.adapters.importers.values import fenced, joined, moment, source, text, whole
from chatspace.core.calls.usage import Usage
from chatspace.core.chat.imported import Found, LeftOut
from chatspace.core.chat.titles import title_from
from chatspace.core.document import Source

ORIGIN = "llm"
MAGIC = b"SQLite format 3\0"

READ_TABLES = {
    "log",
    "logs",
    "conversations",
    "responses",
    "attachments",
    "prompt_attachments",
    "fragments",
    "prompt_fragments",
    "tool_calls",
    "tool_results",
}
NO_TALK = {
    "_llm_migrations",
    "fragment_aliases",
    "part_attachments",
    "schemas",
    "system_fragments",
    "tools",
    "tool_responses",
    "tool_instances",
    "tool_instantiations",
    "tool_results_attachments",
    "turn_search",
    "turn_tools",
    "turn_fragments",
}
"""What goes with the conversations and isn't said in them."""


OWN_INDEX = ("sqlite_", "responses_fts", "turn_search_fts")


def read(path: Path) -> Iterator[Found]:
    """The conversations of a database; what is damaged ends it, and is told."""
    file = path.name
    try:
        with closing(opened(path)) as connection:
            database = Database(connection)
            yield from _unread(path, database)
            for table in ("log", "logs"):
                yield from _logs(file, database, table)
            yield from _responses(file, database)
            yield from threads(ORIGIN, file, database)
    except (sqlite3.Error, OverflowError) as error:
        yield LeftOut(file, f"the rest of the database can't be read: {error}")


def _unread(path: Path, database: Database) -> Iterator[LeftOut]:
    """What of the file isn't looked at."""
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        yield LeftOut(path.name, f"the latest changes are in {log.name} and were not read; quit llm and import again")
    if not any(database.has(table) for table in ("log", "logs", "responses", "threads")):
        yield LeftOut(path.name, "it is not an llm database: it has none of its tables")
        return
    read = READ_TABLES | (THREAD_TABLES if database.has("threads") else set())
    for table in sorted(set(database.columns) - read - NO_TALK):
        if not table.startswith(OWN_INDEX) and (rows := database.count(table)):
            yield LeftOut(path.name, f"unknown table {table} with {rows:,} rows")


def _logs(file: str, database: Database, table: str) -> Iterator[Found]:
    """A chat is named by the id of its first row, in which `chat_id` itself is empty."""
    if not database.has(table, "prompt", "response"):
        return
    columns = database.columns[table]
    id = "id" if "id" in columns else "rowid"
    chat = f"CAST(coalesce(chat_id, {id}) AS TEXT)" if "chat_id" in columns else id
    sql = f"SELECT {id} AS own_id, {chat} AS own_chat, * FROM {table} ORDER BY {chat}, {id}"
    for key, rows in groupby(database.rows(sql), lambda row: str(row["own_chat"])):
        yield _conversation(file, f"{table}:{key}", "", rows, database)


def _responses(file: str, database: Database) -> Iterator[Found]:
    if not database.has("responses", "id", "prompt", "response"):
        return
    named = database.has("conversations", "id", "name") and "conversation_id" in database.columns["responses"]
    own = "coalesce(r.conversation_id, r.id)" if "conversation_id" in database.columns["responses"] else "r.id"
    title = "c.name AS own_title," if named else ""
    join = "LEFT JOIN conversations c ON c.id = r.conversation_id" if named else ""
    sql = f"SELECT r.id AS own_id, {own} AS own_chat, {title} r.* FROM responses r {join} ORDER BY {own}, r.id"
    for key, rows in groupby(database.rows(sql), lambda row: str(row["own_chat"])):
        found = list(rows)
        yield _conversation(file, key, text(found[0].get("own_title")), found, database)


def _conversation(
    file: str, id: str, title: str, rows: Iterator[Mapping[str, Any]] | Sequence[Mapping[str, Any]], database: Database
) -> Found:
    notes = Notes(file, f"{title or 'untitled'} ({id})")
    pieces: list[Piece] = []
    for row in rows:
        title = title or title_from(text(row.get("prompt")))
        pieces += _pieces(row, pieces[-1].id if pieces else None, database, notes)
    times = [piece.created for piece in pieces if piece.created]
    return conversation(
        ORIGIN,
        id,
        title,
        pieces,
        notes,
        created=min(times, default=None),
        updated=max(times, default=None),
        leaf=pieces[-1].id if pieces else None,
    )


def _pieces(row: Mapping[str, Any], parent: str | None, database: Database, notes: Notes) -> Iterator[Piece]:
    """The prompt, what tools gave back with it, and the response."""
    id = str(row["own_id"])
    created = moment(row.get("datetime_utc") or row.get("timestamp_utc") or row.get("timestamp"))
    if text(row.get("system")).strip():
        notes.omit("system prompts; chatspace keeps them in profiles")
    sources = _sources(id, database, notes)
    asked = Piece(f"{id}:prompt", parent, "user", text(row.get("prompt")), created, sources=sources)
    yield asked
    given = _tools(id, "tool_results", "output", "Output of", database)
    yield Piece(f"{id}:tools", asked.id, "assistant", given, created)
    response = row.get("response")
    if not text(response) and response is not None and not isinstance(response, str):
        notes.leave_out(id, "its response is not text")
    calls = _tools(id, "tool_calls", "arguments", "To", database)
    reply = Piece(
        id,
        f"{id}:tools",
        "assistant",
        joined(text(response), calls),
        created,
        text(row.get("reasoning")),
        text(row.get("resolved_model")) or text(row.get("model")) or None,
        usage=_usage(row),
        elapsed_ms=whole(row.get("duration_ms")),
    )
    if not reply.says:
        notes.leave_out(id, "its response is empty")
    yield reply


def _usage(row: Mapping[str, Any]) -> Usage | None:
    given, made = whole(row.get("input_tokens")), whole(row.get("output_tokens"))
    return None if given is None and made is None else Usage(given or 0, made or 0, estimated=False)


def _tools(id: str, table: str, column: str, says: str, database: Database) -> str:
    """What tools were given or gave back."""
    found = database.by_response(table).get(id, ())
    return joined(
        *(
            f"{says} {text(row.get('name')) or 'a tool'}:\n\n{fenced(text(row.get(column)))}"
            for rowid in found
            for row in database.rows(f"SELECT * FROM {table} WHERE rowid = ?", rowid)
        )
    )


def _sources(id: str, database: Database, notes: Notes) -> tuple[Source, ...]:
    """The fragments and the attached texts of a prompt; of other files there is the name."""
    sources: list[Source] = []
    if database.has("prompt_fragments", "response_id", "fragment_id") and database.has("fragments", "id", "content"):
        sql = """SELECT f.* FROM prompt_fragments p JOIN fragments f ON f.id = p.fragment_id
                 WHERE p.response_id = ? ORDER BY p."order" """
        for row in database.rows(sql, id):
            name = text(row.get("source")) or f"fragment {text(row.get('hash'))[:8]}"
            sources.append(source(name, text(row["content"])))
    if database.has("prompt_attachments", "response_id", "attachment_id") and database.has("attachments", "id"):
        sql = """SELECT a.* FROM prompt_attachments p JOIN attachments a ON a.id = p.attachment_id
                 WHERE p.response_id = ? ORDER BY p."order" """
        for row in database.rows(sql, id):
            sources += attachment(row, id, notes)
    return tuple(sources)


def attachment(row: Mapping[str, Any], message: str, notes: Notes) -> Sequence[Source]:
    """An attached text; anything else is told by its name."""
    kind, content = text(row.get("type")), row.get("content")
    named = text(row.get("path")).replace("\\", "/").rpartition("/")[2]
    name = named or text(row.get("url")) or f"attachment {text(row.get('id'))[:8]}"
    if kind.startswith("text/") and isinstance(content, bytes | str):
        data = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
        return [source(name, data, kind)]
    notes.leave_out(message, f"{name}, which is {kind or 'of unknown type'} and not text")
    return []
