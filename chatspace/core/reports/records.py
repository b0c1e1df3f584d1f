"""Stored conversations in the field names that other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chatspace.core.calls.usage import Usage
from chatspace.core.chat.conversation import (
    HIT_END,
    HIT_START,
    Attached,
    Conversation,
    Message,
    MessageStatus,
    Role,
    SearchHit,
)


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A line of `chatspace history list --format json`; ids are strings, as JSON's numbers can't hold them."""

    id: str
    title: str
    created: datetime
    updated: datetime
    message_count: int
    profile: str | None
    model: str | None
    tags: tuple[str, ...]
    archived: bool
    pinned: bool
    deleted: datetime | None


@dataclass(frozen=True, slots=True)
class HitRecord:
    """A line of `chatspace history search --format json`; the matched words stand between `**`."""

    conversation: str
    message: str
    role: Role
    created: datetime
    snippet: str
    score: float
    title: str


@dataclass(frozen=True, slots=True)
class MessageRecord:
    id: str
    parent: str | None
    role: Role
    text: str
    reasoning: str
    status: MessageStatus
    step: str
    profile: str | None
    model: str | None
    usage: Usage | None
    cost_usd: float | None
    elapsed_ms: int | None
    created: datetime
    error: str | None
    sources: tuple[Attached, ...]


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """`chatspace.history/1`: a conversation with all messages of its tree, oldest first."""

    id: str
    title: str
    created: datetime
    updated: datetime
    tags: tuple[str, ...]
    archived: bool
    pinned: bool
    leaf: str | None
    messages: tuple[MessageRecord, ...]
    schema: Literal["chatspace.history/1"] = "chatspace.history/1"


def listed_record(conversation: Conversation) -> ListedRecord:
    return ListedRecord(
        id=str(conversation.id),
        title=conversation.title,
        created=conversation.created,
        updated=conversation.updated,
        message_count=conversation.message_count,
        profile=conversation.profile,
        model=conversation.model,
        tags=conversation.tags,
        archived=conversation.archived,
        pinned=conversation.pinned,
        deleted=conversation.deleted,
    )


def hit_record(hit: SearchHit) -> HitRecord:
    snippet = hit.snippet.replace(HIT_START, "**").replace(HIT_END, "**")
    return HitRecord(str(hit.conversation), str(hit.message), hit.role, hit.created, snippet, hit.score, hit.title)


def message_record(message: Message) -> MessageRecord:
    return MessageRecord(
        id=str(message.id),
        parent=None if message.parent is None else str(message.parent),
        role=message.role,
        text=message.text,
        reasoning=message.reasoning,
        status=message.status,
        step=message.step,
        profile=message.profile,
        model=message.model,
        usage=message.usage,
        cost_usd=message.cost_usd,
        created=message.created,
        error=message.error,
        elapsed_ms=message.elapsed_ms,
        sources=message.sources,
    )


def conversation_record(conversation: Conversation, messages: Sequence[Message]) -> ConversationRecord:
    return ConversationRecord(
        id=str(conversation.id),
        title=conversation.title,
        created=conversation.created,
        updated=conversation.updated,
        tags=conversation.tags,
        archived=conversation.archived,
        pinned=conversation.pinned,
        leaf=None if conversation.leaf is None else str(conversation.leaf),
        messages=tuple(message_record(message) for message in messages),
    )
