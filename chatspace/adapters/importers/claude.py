"""Claude's exports: each conversation a list of `chat_messages`, those of newer exports with their parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chatspace.adapters.importers.tree import Notes, Piece, conversation
from chatspace.adapters.importers.values import compact, fenced, joined, mapping, mappings, moment, source, text
from chatspace.core.chat.conversation import MessageStatus, Role
from chatspace.core.chat.imported import ImportedConversation
from chatspace.core.document import Source

ORIGIN = "claude"
SENDERS: Mapping[str, Role] = {"human": "user", "user": "user", "assistant": "assistant"}
STATUSES: Mapping[str, MessageStatus] = {"max_tokens": "truncated", "user_canceled": "stopped"}
FIRST_PARENT = "00000000-0000-4000-8000-000000000000"
SILENT = {"token_budget": "notes on token budgets", "flag": "flags", "redacted_thinking": "encrypted thinking"}
"""The kinds of blocks that nobody said, with what they are."""


def recognises(data: Mapping[str, Any]) -> bool:
    return isinstance(data.get("chat_messages"), list)


def read(data: Mapping[str, Any], file: str, number: int) -> ImportedConversation:
    """One conversation of the file."""
    id, title = text(data.get("uuid")), text(data.get("name"))
    notes = Notes(file, f"{title or 'untitled'} ({id or f'number {number}'})")
    said = data["chat_messages"]
    with_parents = any("parent_message_uuid" in each for each in mappings(said))
    pieces: list[Piece] = []
    for place, each in enumerate(said, 1):
        if not isinstance(each, dict):
            notes.leave_out(str(place), "it is not a message")
            continue
        own = text(each.get("uuid")) or f"{id}:{place}"
        parent = text(each.get("parent_message_uuid")) if with_parents else pieces[-1].id if pieces else ""
        pieces.append(_piece(own, None if parent == FIRST_PARENT else parent or None, each, data, notes))
    return conversation(
        ORIGIN,
        id or f"{file}:{number}:{title}",
        title,
        pieces,
        notes,
        created=moment(data.get("created_at")),
        updated=moment(data.get("updated_at")),
        leaf=text(data.get("current_leaf_message_uuid")) or (pieces[-1].id if pieces else None),
    )


def _piece(id: str, parent: str | None, each: Mapping[str, Any], data: Mapping[str, Any], notes: Notes) -> Piece:
    sender = text(each.get("sender"))
    role = SENDERS.get(sender)
    if role is None:
        notes.leave_out(id, f"its sender has the unknown role {sender[:40]!r}")
        return Piece(id, parent)
    said, reasoning = _content(each, id, notes)
    sources, names = _attached(each, id, notes)
    model = text(each.get("model")) or text(data.get("model"))
    piece = Piece(
        id,
        parent,
        role,
        joined(said, *(f"[attached: {name}]" for name in names)),
        moment(each.get("created_at")),
        reasoning,
        model or None if role == "assistant" else None,
        STATUSES.get(text(each.get("stop_reason")), "truncated" if each.get("truncated") is True else "complete"),
        sources=sources,
    )
    if not piece.says:
        notes.leave_out(id, "it is empty")
    return piece


def _content(each: Mapping[str, Any], id: str, notes: Notes) -> tuple[str, str]:
    """What is said and what was thought: by the blocks, or where there are none by the text."""
    said: list[str] = []
    thought: list[str] = []
    for block in mappings(each.get("content")):
        kind = text(block.get("type"))
        if kind in SILENT:
            notes.omit(SILENT[kind])
        elif kind == "thinking":
            thought.append(text(block.get("thinking")))
        elif kind == "tool_use":
            said.append(_call(block))
        elif kind == "tool_result":
            said.append(_result(block, id, notes))
        elif isinstance(block.get("text"), str):
            said.append(block["text"])
        else:
            notes.leave_out(id, f"a block of unknown type {kind[:40]!r}")
    return joined(*said) or text(each.get("text")), joined(*thought)


def _call(block: Mapping[str, Any]) -> str:
    """What a tool was given; a document that was made with one is shown as itself."""
    name, given = text(block.get("name")) or "a tool", mapping(block.get("input"))
    made = text(given.get("content"))
    if name == "artifacts" and made:
        kind = text(given.get("language")) or ("markdown" if text(given.get("type")) == "text/markdown" else "")
        return joined(f"**{text(given.get('title')) or 'Artifact'}**", fenced(made, kind))
    return joined(f"To {name}:", fenced(compact(block.get("input")), "json"))


def _result(block: Mapping[str, Any], id: str, notes: Notes) -> str:
    content = block.get("content")
    texts = [content] if isinstance(content, str) else [text(each.get("text")) for each in mappings(content)]
    for each in mappings(content):
        if not isinstance(each.get("text"), str):
            notes.leave_out(id, f"a result of type {text(each.get('type'))[:40] or 'unknown'!r}")
    output = joined(*texts)
    return f"Output of {text(block.get('name')) or 'a tool'}:\n\n{fenced(output)}" if output else ""


def _attached(each: Mapping[str, Any], id: str, notes: Notes) -> tuple[tuple[Source, ...], Sequence[str]]:
    """The texts that went along, and the names of the files of which the export has no more than that."""
    sources: list[Source] = []
    names: list[str] = []
    for attachment in mappings(each.get("attachments")):
        name, content = text(attachment.get("file_name")), text(attachment.get("extracted_content"))
        if content.strip():
            sources.append(source(name or "pasted text", content))
        else:
            names.append(name or "a file")
    with_text = {one.name for one in sources}
    files = mappings(each.get("files"))
    named = [text(file.get("file_name")) or text(file.get("file_uuid")) or "a file" for file in files]
    names += [name for name in dict.fromkeys(named) if name not in with_text and name not in names]
    for name in names:
        notes.leave_out(id, f"the file {name}: an export contains only its name")
    return tuple(sources), names
