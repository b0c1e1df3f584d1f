"""The newest tables of llm: messages by their content, shared by the threads that forked from each other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chatspace.adapters.importers.llm_database import Database
from chatspace.adapters.importers.tree import Notes, Piece, conversation
from chatspace.adapters.importers.values import compact, fenced, joined, mapping, mappings, moment, source, text, whole
from chatspace.core.calls.usage import Usage
from chatspace.core.chat.imported import Found
from chatspace.core.chat.titles import title_from
from chatspace.core.document import Source

THREAD_TABLES = {"threads", "turns", "messages", "parts", "part_fragments"}
NEEDED = {
    "threads": ("id", "tip_message_hash"),
    "messages": ("hash", "parent_hash", "role"),
    "parts": ("message_hash", "position", "type", "text", "payload"),
}


def threads(origin: str, file: str, database: Database) -> Iterator[Found]:
    """Threads that forked from each other are the branches of one conversation."""
    if not all(database.has(table, *columns) for table, columns in NEEDED.items()):
        return
    found = {str(row["id"]): row for row in database.rows("SELECT * FROM threads ORDER BY id")}
    groups: dict[str, list[str]] = {}
    for id in found:
        groups.setdefault(_first(id, found), []).append(id)
    for first, ids in groups.items():
        yield _conversation(origin, file, first, [found[id] for id in ids], database)


def _first(id: str, found: Mapping[str, Mapping[str, Any]]) -> str:
    """The thread that this one goes back to."""
    seen: dict[str, None] = {}
    while id not in seen:
        seen[id] = None
        above = text(found[id].get("forked_from"))
        if above not in found:
            return id
        id = above
    return min(seen)


def _conversation(origin: str, file: str, id: str, group: Sequence[Mapping[str, Any]], database: Database) -> Found:
    title = next((text(row.get("name")) for row in group if text(row.get("name"))), "")
    notes = Notes(file, f"{title or 'untitled'} ({id})")
    turns = _turns(group, database)
    pieces: dict[str, Piece] = {}
    for thread in group:
        for row in _chain(text(thread.get("tip_message_hash")), pieces, database):
            pieces[row["hash"]] = _piece(row, turns.get(row["hash"], {}), database, notes)
    dated = list(_dated(pieces))
    asked = next((piece.text for piece in dated if piece.role == "user" and piece.text), "")
    times = [piece.created for piece in dated if piece.created]
    begun = [moment(row.get("datetime_utc")) for row in group]
    return conversation(
        origin,
        id,
        title or title_from(asked),
        dated,
        notes,
        created=min((time for time in (*times, *begun) if time), default=None),
        updated=max(times, default=None),
        leaf=text(group[-1].get("tip_message_hash")) or None,
    )


def _turns(group: Sequence[Mapping[str, Any]], database: Database) -> dict[str, Mapping[str, Any]]:
    """By the last message that it made, the call of each turn."""
    if not database.has("turns", "thread_id", "tip_message_hash"):
        return {}
    sql = "SELECT * FROM turns WHERE thread_id = ?"
    return {str(row["tip_message_hash"]): row for thread in group for row in database.rows(sql, thread["id"])}


def _chain(tip: str, known: Mapping[str, Piece], database: Database) -> Iterator[Mapping[str, Any]]:
    """The messages from the first to the last that aren't known yet."""
    chain: dict[str, Mapping[str, Any]] = {}
    while tip and tip not in known and tip not in chain:
        row = next(database.rows("SELECT * FROM messages WHERE hash = ?", tip), None)
        if row is None:
            break
        chain[tip] = row
        tip = text(row["parent_hash"])
    yield from reversed(chain.values())


def _dated(pieces: Mapping[str, Piece]) -> Iterator[Piece]:
    """A message carries no time but the end of a turn: those before it get that."""
    times = {id: piece.created for id, piece in pieces.items() if piece.created}
    for id in reversed(list(pieces)):
        parent = pieces[id].parent
        if parent and id in times and parent not in times:
            times[parent] = times[id]
    for id, piece in pieces.items():
        yield replace(piece, created=times.get(id))


def _piece(row: Mapping[str, Any], turn: Mapping[str, Any], database: Database, notes: Notes) -> Piece:
    id, role = str(row["hash"]), text(row["role"])
    parent = text(row["parent_hash"]) or None
    if role == "system":
        notes.omit("system prompts; chatspace keeps them in profiles")
        return Piece(id, parent)
    if role not in ("user", "assistant", "tool"):
        notes.leave_out(id, f"its role {role[:40]!r} is unknown")
        return Piece(id, parent)
    said: list[str] = []
    thought: list[str] = []
    sources: list[Source] = []
    for part in database.rows("SELECT * FROM parts WHERE message_hash = ? ORDER BY position", id):
        _take(part, said, thought, sources, database, notes)
    given, made = whole(turn.get("input_tokens")), whole(turn.get("output_tokens"))
    return Piece(
        id,
        parent,
        "user" if role == "user" else "assistant",
        joined(*said),
        moment(turn.get("datetime_utc")),
        joined(*thought),
        text(turn.get("resolved_model")) or text(turn.get("model")) or None,
        usage=None if given is None and made is None else Usage(given or 0, made or 0, estimated=False),
        elapsed_ms=whole(turn.get("duration_ms")),
        sources=tuple(sources),
    )


def _take(
    part: Mapping[str, Any],
    said: list[str],
    thought: list[str],
    sources: list[Source],
    database: Database,
    notes: Notes,
) -> None:
    payload = _payload(part["payload"])
    kind, name = text(part["type"]), text(payload.get("name")) or text(part.get("tool_name")) or "a tool"
    match kind:
        case "text":
            said.append(_text(part, payload, sources, database, notes))
        case "reasoning":
            thought.append(text(part["text"]) or text(payload.get("text")))
        case "tool_call":
            said.append(joined(f"To {name}:", fenced(compact(payload.get("arguments")), "json")))
        case "tool_result":
            output = payload.get("output")
            said.append(joined(f"Output of {name}:", fenced(output if isinstance(output, str) else compact(output))))
        case _:
            what = "an attachment" if kind == "attachment" else f"a part of type {kind[:40]!r}"
            notes.leave_out(str(part["message_hash"]), f"{what} that is not text")


def _payload(data: object) -> Mapping[str, Any]:
    try:
        return mapping(json.loads(text(data) or "{}"))
    except (ValueError, RecursionError):
        return {}


def _text(
    part: Mapping[str, Any], payload: Mapping[str, Any], sources: list[Source], database: Database, notes: Notes
) -> str:
    """The text of a part; fragments that it borrows go along as sources."""
    references = mappings(payload.get("text_ref"))
    if not references:
        return text(part["text"]) or text(payload.get("text"))
    literal: list[str] = []
    for each in references:
        literal.append(text(each.get("literal")))
        fragment = each.get("fragment")
        if isinstance(fragment, int) and database.has("fragments", "id", "content"):
            rows = list(database.rows("SELECT * FROM fragments WHERE id = ?", fragment))
            sources += [source(text(row.get("source")) or f"fragment {fragment}", text(row["content"])) for row in rows]
            if not rows:
                notes.leave_out(str(part["message_hash"]), f"the fragment {fragment}, which isn't in the database")
    return "".join(literal)
