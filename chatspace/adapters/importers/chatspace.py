"""Our own exports, as `chatspace history export --format json` writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from chatspace.adapters.importers.tree import Notes
from chatspace.adapters.importers.values import mapping, mappings, moment, text, whole
from chatspace.core.calls.usage import Usage
from chatspace.core.chat.conversation import MessageStatus, Role
from chatspace.core.chat.imported import ImportedConversation, ImportedMessage

ORIGIN = "chatspace"
SCHEMA = "chatspace.history/"
MAX_COST = 1e9
"""USD; what is more, or no number, is a mistake."""


def recognises(data: Mapping[str, Any]) -> bool:
    return text(data.get("schema")).startswith(SCHEMA) and isinstance(data.get("messages"), list)


def read(data: Mapping[str, Any], file: str, number: int) -> ImportedConversation:
    """One conversation of the file."""
    id, title = text(data.get("id")), text(data.get("title"))
    notes = Notes(file, f"{title or 'untitled'} ({id or f'number {number}'})")
    told: dict[str, ImportedMessage] = {}
    for place, each in enumerate(data["messages"], 1):
        message = _message(mapping(each), notes, str(place))
        if message is None or message.id in told:
            notes.leave_out(text(mapping(each).get("id")) or str(place), "it is not a complete message")
        elif message.parent and message.parent not in told:
            notes.leave_out(message.id, f"its parent, {message.parent}, doesn't precede it in the file")
        else:
            told[message.id] = message
    tags = data.get("tags")
    leaf = text(data.get("leaf"))
    return ImportedConversation(
        origin=ORIGIN,
        id=id or f"{file}:{number}:{title}",
        title=title,
        messages=tuple(told.values()),
        created=moment(data.get("created")),
        updated=moment(data.get("updated")),
        leaf=leaf if leaf in told else None,
        archived=data.get("archived") is True,
        pinned=data.get("pinned") is True,
        tags=tuple(filter(None, map(text, tags))) if isinstance(tags, list) else (),
        left_out=tuple(notes.left_out),
    )


def _message(each: Mapping[str, Any], notes: Notes, place: str) -> ImportedMessage | None:
    """None where it has no id, role or text."""
    id, role, status = text(each.get("id")), each.get("role"), each.get("status")
    if not id or role not in get_args(Role) or not isinstance(each.get("text"), str):
        return None
    for source in mappings(each.get("sources")):
        notes.leave_out(id, f"the source {text(source.get('name'))}: an export contains only its name")
    cost = each.get("cost_usd")
    # One that was still coming in when it was exported is as if its program had ended.
    known = status if status in get_args(MessageStatus) and status != "streaming" else "interrupted"
    return ImportedMessage(
        id=id,
        parent=text(each.get("parent")) or None,
        role=cast(Role, role),
        text=each["text"],
        created=moment(each.get("created")),
        status=cast(MessageStatus, known),
        reasoning=text(each.get("reasoning")),
        model=text(each.get("model")) or None,
        profile=text(each.get("profile")) or None,
        step=text(each.get("step")) or "chat",
        usage=_usage(mapping(each.get("usage"))),
        cost_usd=float(cost) if isinstance(cost, int | float) and abs(cost) < MAX_COST else None,
        elapsed_ms=whole(each.get("elapsed_ms")),
        error=text(each.get("error")) or None,
    )


def _usage(data: Mapping[str, Any]) -> Usage | None:
    if not data:
        return None
    counts = {name: whole(data.get(name)) or 0 for name in ("input", "output", "reasoning", "cached")}
    return Usage(**counts, estimated=data.get("estimated") is not False)
