"""Conversations: messages form a tree, so an edit or a regenerate makes a branch and nothing is overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chatspace.core.usage import Usage

Role = Literal["user", "assistant"]
MessageStatus = Literal["complete", "streaming", "stopped", "truncated", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """`profile` and `model` are those of its last reply; `leaf` is the message it was left at. Times are UTC."""

    id: int
    title: str
    created: datetime
    updated: datetime
    message_count: int = 0
    profile: str | None = None
    model: str | None = None
    tags: tuple[str, ...] = ()
    archived: bool = False
    leaf: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    `error` says why a reply isn't complete and is never part of `text`; `sibling` of `siblings` counts from 1. `step`
    names the stage whose output an assistant's message is ("chat", "extract", "draft", "copy"), `run` the run that made
    it. `why` says how a tier came to its model. Times are in milliseconds, `created` is UTC.
    """

    id: int
    conversation: int
    parent: int | None
    role: Role
    text: str
    created: datetime
    status: MessageStatus = "complete"
    reasoning: str = ""
    step: str = "chat"
    profile: str | None = None
    model: str | None = None
    host: str | None = None
    why: str = ""
    usage: Usage | None = None
    cost_usd: float | None = None
    first_token_ms: int | None = None
    elapsed_ms: int | None = None
    error: str | None = None
    run: str | None = None
    sibling: int = 1
    siblings: int = 1


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A message that matches; the matched words of `snippet` stand between U+E000 and U+E001."""

    conversation: int
    message: int
    role: Role
    created: datetime
    snippet: str
    score: float
    title: str = ""


HIT_START, HIT_END = "\ue000", "\ue001"
"""Private-use characters, which no font draws and no text of ours contains: the marks round a matched word."""


TITLE_LENGTH = 60


def title_from(text: str) -> str:
    """A title for a conversation, made of its first words without a model."""
    line = next((line for line in text.splitlines() if line.strip(" #>*-_`\t")), "")
    words = line.strip(" #>*-_`\t").split()
    title = ""
    for word in words:
        if title and len(title) + 1 + len(word) > TITLE_LENGTH:
            return title + " …"
        title = f"{title} {word}".strip()[:TITLE_LENGTH]
    return title or "Untitled"
