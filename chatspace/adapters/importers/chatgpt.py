"""ChatGPT's exports: each conversation a `mapping` of nodes to a tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chatspace.adapters.importers.tree import Notes, Piece, conversation
from chatspace.adapters.importers.values import compact, fenced, joined, mapping, mappings, moment, text
from chatspace.core.chat.conversation import MessageStatus, Role
from chatspace.core.chat.imported import ImportedConversation

ORIGIN = "chatgpt"

HIDDEN = {
    "user_editable_context": "custom instructions",
    "model_editable_context": "memories sent to the model",
    "model_set_context": "memories sent to the model",
    "tether_browsing_display": "lists of pages that a tool visited",
    "app_pairing_content": "states of a paired app",
}
"""The kinds of content that nobody said, with what they are."""

ROLES: Mapping[str, Role] = {"user": "user", "assistant": "assistant", "tool": "assistant"}
STATUSES: Mapping[str, MessageStatus] = {
    "max_tokens": "truncated",
    "max_length": "truncated",
    "length": "truncated",
    "interrupted": "stopped",
    "cancelled": "stopped",
}
_CITATION = re.compile("\ue200[^\ue201]{0,2000}\ue201")


def recognises(data: Mapping[str, Any]) -> bool:
    return isinstance(data.get("mapping"), dict)


def read(data: Mapping[str, Any], file: str, number: int) -> ImportedConversation:
    """One conversation of the file."""
    id = text(data.get("conversation_id")) or text(data.get("id"))
    title = text(data.get("title"))
    notes = Notes(file, f"{title or 'untitled'} ({id or f'number {number}'})")
    nodes = {key: mapping(node) for key, node in mapping(data["mapping"]).items()}
    parents = _parents(nodes)
    pieces = []
    for key in _in_order(nodes):
        if nodes[key] or parents[key]:
            pieces.append(_piece(key, parents[key], nodes[key], notes))
        else:
            notes.leave_out(key, "the node is empty")
    created = moment(data.get("create_time"))
    return conversation(
        ORIGIN,
        id or f"{file}:{number}:{title}",
        title,
        pieces,
        notes,
        created=created,
        updated=moment(data.get("update_time")),
        leaf=text(data.get("current_node")) or None,
        archived=data.get("is_archived") is True,
    )


def _parents(nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, str | None]:
    """What a node says of its parent, else who says it is a child."""
    named: dict[str, str] = {}
    for key, node in nodes.items():
        children = node.get("children")
        for child in children if isinstance(children, list) else []:
            if isinstance(child, str) and child in nodes:
                named.setdefault(child, key)
    parents: dict[str, str | None] = {}
    for key, node in nodes.items():
        parent = text(node.get("parent")) or None
        parents[key] = parent if parent in nodes else named.get(key, parent)
    return parents


def _in_order(nodes: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """Siblings as their parent names them, the others as they stand."""
    places: dict[str, int] = {}
    for node in nodes.values():
        children = node.get("children")
        for place, child in enumerate(children if isinstance(children, list) else []):
            if isinstance(child, str):
                places.setdefault(child, place)
    return sorted(nodes, key=lambda key: places.get(key, 0))


def _piece(id: str, parent: str | None, node: Mapping[str, Any], notes: Notes) -> Piece:
    message = mapping(node.get("message"))
    if not message:
        if node.get("message") is not None:
            notes.leave_out(id, "it is not a message")
        return Piece(id, parent)
    metadata, content = mapping(message.get("metadata")), mapping(message.get("content"))
    author = text(mapping(message.get("author")).get("role"))
    kind = text(content.get("content_type"))
    hidden = HIDDEN.get(kind) or _hidden(author, metadata)
    if hidden:
        if kind in HIDDEN or _has_text(content):
            notes.omit(hidden)
        return Piece(id, parent)
    role = ROLES.get(author)
    if role is None:
        notes.leave_out(id, f"its author has the unknown role {author[:40]!r}")
        return Piece(id, parent)
    said, reasoning = _read(kind, content, message, id, notes)
    said = joined(said, *_attached(metadata, id, notes))
    return Piece(
        id,
        parent,
        role,
        said,
        moment(message.get("create_time")),
        reasoning,
        text(metadata.get("model_slug")) or None,
        _status(message, metadata) if author == "assistant" else "complete",
    )


def _hidden(author: str, metadata: Mapping[str, Any]) -> str:
    """What a message is that isn't shown, empty where it is."""
    if author == "system":
        return "system messages"
    if metadata.get("is_visually_hidden_from_conversation") is True:
        return f"hidden messages of the {'tools' if author == 'tool' else author or 'system'}"
    return ""


def _has_text(content: Mapping[str, Any]) -> bool:
    parts = content.get("parts")
    return any(parts) if isinstance(parts, list) else len(content) > 1


def _status(message: Mapping[str, Any], metadata: Mapping[str, Any]) -> MessageStatus:
    ended = text(mapping(metadata.get("finish_details")).get("type"))
    if message.get("status") == "in_progress":
        return "interrupted"
    return STATUSES.get(ended, "complete")


def _read(kind: str, content: Mapping[str, Any], message: Mapping[str, Any], id: str, notes: Notes) -> tuple[str, str]:
    """What is said and what was thought."""
    if kind == "thoughts":
        thoughts = mappings(content.get("thoughts"))
        return "", joined(*(joined(text(each.get("summary")), text(each.get("content"))) for each in thoughts))
    if kind == "reasoning_recap":
        return "", text(content.get("content"))
    read = READ.get(kind)
    if read is None:
        texts = [text(content.get(name)) for name in ("text", "result", "content")]
        said = joined(*texts, _parts(content, id, notes))
        if not said:
            notes.leave_out(id, f"its content has the unknown type {kind[:40]!r}")
        return said, ""
    said = read(content, id, notes)
    author = mapping(message.get("author"))
    if author.get("role") == "tool" and kind in ("text", "execution_output") and said.strip():
        said = f"Output of {text(author.get('name')) or 'a tool'}:\n\n{fenced(said)}"
    elif author.get("role") == "assistant" and kind == "text" and text(message.get("recipient")) not in ("", "all"):
        said = f"To {text(message.get('recipient'))}:\n\n{fenced(said)}" if said.strip() else ""
    said, marks = _CITATION.subn("", said)
    if marks:
        notes.omitted["marks of citations"] += marks
    return said, ""


def _parts(content: Mapping[str, Any], id: str, notes: Notes) -> str:
    parts = content.get("parts")
    return joined(*(_part(part, id, notes) for part in parts)) if isinstance(parts, list) else ""


def _part(part: object, id: str, notes: Notes) -> str:
    """A part of a message: text, the transcript of speech, or the name of what the export holds elsewhere."""
    if isinstance(part, str):
        return part
    holder = mapping(part)
    kind = text(holder.get("content_type"))
    if kind == "audio_transcription" or (not kind and text(holder.get("text"))):
        return text(holder.get("text"))
    if part is None or part == {}:
        return ""
    name = text(holder.get("asset_pointer")) or text(mapping(holder.get("audio_asset_pointer")).get("asset_pointer"))
    what = "a picture" if kind.startswith("image") else "a recording" if "audio" in kind or "video" in kind else kind
    notes.leave_out(id, f"{what or 'a part'} that is not text{f', {name}' if name else ''}")
    return f"[{what or 'no text'}{f': {name}' if name else ''}]"


def _code(content: Mapping[str, Any], id: str, notes: Notes) -> str:
    code, language = text(content.get("text")), text(content.get("language"))
    return fenced(code, "" if language == "unknown" else language) if code.strip() else ""


def _quote(content: Mapping[str, Any], id: str, notes: Notes) -> str:
    quoted = joined(*(text(content.get(name)) for name in ("title", "url", "text")))
    return "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))


def _failure(content: Mapping[str, Any], id: str, notes: Notes) -> str:
    return ": ".join(filter(None, (text(content.get("name")), text(content.get("text")))))


READ: Mapping[str, Callable[[Mapping[str, Any], str, Notes], str]] = {
    "text": _parts,
    "multimodal_text": _parts,
    "code": _code,
    "execution_output": lambda content, id, notes: text(content.get("text")),
    "tether_quote": _quote,
    "system_error": _failure,
}


def _attached(metadata: Mapping[str, Any], id: str, notes: Notes) -> Sequence[str]:
    names = [text(each.get("name")) or compact(each.get("id")) for each in mappings(metadata.get("attachments"))]
    for name in names:
        notes.leave_out(id, f"the file {name}: an export contains only its name")
    return [f"[attached: {name}]" for name in names]
