"""Exports of other programs, made as they make them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from chatspace.adapters.importers import FileImporter
from chatspace.core.chat.imported import ImportedConversation, LeftOut

Node = dict[str, Any]


def node(id: str, parent: str | None, role: str, text: str | None = None, **more: Any) -> Node:
    """A node of ChatGPT's mapping; `content` and `metadata` stand in the place of the usual."""
    content = more.pop("content", {"content_type": "text", "parts": [text]})
    message = {
        "id": id,
        "author": {"role": role, "name": more.pop("name", None), "metadata": {}},
        "create_time": more.pop("create_time", None),
        "content": content,
        "status": more.pop("status", "finished_successfully"),
        "metadata": more.pop("metadata", {}),
        "recipient": more.pop("recipient", "all"),
    }
    return {"id": id, "parent": parent, "children": [], "message": message}


def chatgpt(*nodes: Node, id: str = "c1", title: str | None = "Launch", **more: Any) -> dict[str, Any]:
    """A conversation with a root; each node is entered with its parent as a child too."""
    mapping: dict[str, Any] = {"root": {"id": "root", "parent": None, "children": [], "message": None}}
    mapping |= {each["id"]: each for each in nodes}
    for each in nodes:
        if each["parent"] in mapping:
            mapping[each["parent"]]["children"].append(each["id"])
    return {
        "title": title,
        "create_time": 1_700_000_000.5,
        "update_time": 1_700_000_900.0,
        "mapping": mapping,
        "conversation_id": id,
        **more,
    }


def claude(*messages: object, id: str = "u1", title: str = "Harbour", **more: Any) -> dict[str, Any]:
    return {
        "uuid": id,
        "name": title,
        "created_at": "2025-03-12T10:00:00.000000Z",
        "updated_at": "2025-03-12T11:00:00.000000Z",
        "account": {"uuid": "me"},
        "chat_messages": list(messages),
        **more,
    }


def said(id: str, sender: str, text: str, **more: Any) -> dict[str, Any]:
    """A message of Claude's."""
    return {
        "uuid": id,
        "text": text,
        "content": [{"type": "text", "text": text}],
        "sender": sender,
        "created_at": "2025-03-12T10:00:00.000000Z",
        "attachments": [],
        "files": [],
        **more,
    }


def database(path: Path, script: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


def read(path: Path, format_name: str | None = None) -> tuple[Sequence[ImportedConversation], Sequence[str]]:
    """The conversations, and everything that was left out as it is listed."""
    conversations: list[ImportedConversation] = []
    left: list[str] = []
    for found in FileImporter().read(path, format_name):
        if isinstance(found, LeftOut):
            left.append(str(found))
        else:
            conversations.append(found)
            left += map(str, found.left_out)
    return conversations, left


def shape(conversation: ImportedConversation) -> list[tuple[str, str | None, str, str]]:
    return [(each.id, each.parent, each.role, each.text) for each in conversation.messages]
