"""Conversations: messages form a tree, so an edit or a regenerate makes a branch and nothing is overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chatspace.core.calls.usage import Usage
from chatspace.core.profiles.profile import Effort, EffortChoice

Role = Literal["user", "assistant"]
MessageStatus = Literal["complete", "streaming", "stopped", "truncated", "failed", "interrupted"]
Shelf = Literal["current", "archived", "trash"]
"""Where a conversation is: each is on one shelf, and the trash comes before the archive."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """`profile` and `model` are those of its last reply; `leaf` is the message it was left at. Times are UTC.

    `deleted` is when it came into the trash; None where it isn't there.
    """

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
    pinned: bool = False
    deleted: datetime | None = None

    @property
    def shelf(self) -> Shelf:
        return "trash" if self.deleted else "archived" if self.archived else "current"


@dataclass(frozen=True, slots=True)
class Attached:
    """A source that goes along with a message, by its id."""

    id: str
    name: str
    words: int


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    `error` says why a reply isn't complete and is never part of `text`; `sibling` of `siblings` counts from 1. `step`
    names the stage whose output an assistant's message is ("chat", "extract", "draft", "copy"), `run` the run that made
    it. `why` says how a tier came to its model. `effort` is what the model was asked to think with, `reasoning_ms` how
    long it thought. Times are in milliseconds, `created` is UTC.
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
    effort: Effort | None = None
    reasoning_ms: int | None = None
    sources: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyEnd:
    """How a reply ended, with all that is known of it then. Times are in milliseconds.

    `profile`, `model` and `host` are given where another than the one it started with answered.
    """

    status: MessageStatus
    text: str
    reasoning: str = ""
    usage: Usage | None = None
    cost_usd: float | None = None
    first_token_ms: int | None = None
    reasoning_ms: int | None = None
    elapsed_ms: int | None = None
    error: str | None = None
    profile: str | None = None
    model: str | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message that waits until the reply `behind` is whole, with what it was written for."""

    id: int
    conversation: int
    behind: int
    text: str
    profile: str | None = None
    model: str | None = None
    effort: EffortChoice | None = None


@dataclass(frozen=True, slots=True)
class UnsentPrompt:
    """What stands in a prompt, with the paths of the sources that are to go along."""

    text: str = ""
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SentPrompt:
    """What was once written in the prompt and sent as this message."""

    message: int
    conversation: int
    text: str
    created: datetime


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A message that matches; the matched words of `snippet` and `marked_title` stand between U+E000 and U+E001."""

    conversation: int
    message: int
    role: Role
    created: datetime
    snippet: str
    score: float
    title: str = ""
    marked_title: str = ""


HIT_START, HIT_END = "\ue000", "\ue001"
"""Private-use characters, which no font draws and no text of ours contains: the marks round a matched word."""
