"""Conversations that come from other programs, and what of them couldn't be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chatspace.core.calls.usage import Usage
from chatspace.core.chat.conversation import MessageStatus, Role
from chatspace.core.document import Source
from chatspace.core.text import display

Filed = Literal["new", "grown", "known", "trash"]
"""What an imported conversation is to the store; what stands in the trash is left there as it is."""


@dataclass(frozen=True, slots=True)
class ImportedMessage:
    """A message by the id that it had where it comes from; `created` is None where that isn't known."""

    id: str
    parent: str | None
    role: Role
    text: str
    created: datetime | None = None
    status: MessageStatus = "complete"
    reasoning: str = ""
    model: str | None = None
    profile: str | None = None
    step: str = "chat"
    usage: Usage | None = None
    cost_usd: float | None = None
    elapsed_ms: int | None = None
    error: str | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that couldn't be taken over: in which file, conversation and message, and why."""

    file: str
    why: str
    conversation: str = ""
    message: str = ""

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.file, self.conversation, self.message, self.why)))


@dataclass(frozen=True, slots=True)
class ImportedConversation:
    """A conversation as another program had it, parents before their replies.

    `origin` names the program and `id` the conversation there: together they tell it from all others. `leaf` is the
    message that it was left at. `left_out` is what couldn't be read of it, `omitted` counts what isn't a part of a
    conversation here, by what it is.
    """

    origin: str
    id: str
    title: str
    messages: tuple[ImportedMessage, ...]
    created: datetime | None = None
    updated: datetime | None = None
    leaf: str | None = None
    archived: bool = False
    pinned: bool = False
    tags: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)


Found = ImportedConversation | LeftOut
"""What an importer hands over, one after the other."""


@dataclass(frozen=True, slots=True)
class FiledImport:
    """What became of an imported conversation: its id here, and how many messages were new."""

    filed: Filed
    conversation: int | None
    messages: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `messages` are the new ones; `left_out` has everything that couldn't be read."""

    filed: Mapping[Filed, int]
    messages: int
    left_out: Sequence[LeftOut]
    omitted: Mapping[str, int]
    stopped: bool = False

    @property
    def conversations(self) -> int:
        """How many could be read, new or not."""
        return sum(self.filed.values())

    @property
    def summary(self) -> str:
        """What came in, in a sentence."""
        new, grown = self.filed.get("new", 0), self.filed.get("grown", 0)
        parts = [display.count(new, "new conversation"), display.count(self.messages, "new message")]
        if grown:
            parts.append(f"{display.count(grown, 'conversation')} extended")
        if known := self.filed.get("known", 0):
            parts.append(f"{display.count(known, 'conversation')} already imported")
        if trash := self.filed.get("trash", 0):
            parts.append(f"{display.count(trash, 'conversation')} skipped in the trash")
        return ", ".join(parts) + (" (stopped; run it again to continue)" if self.stopped else "")

    @property
    def lines(self) -> Sequence[str]:
        """The summary, then what was left out, each with why."""
        lines = [self.summary]
        lines += [f"skipped by design: {number:,} × {what}" for what, number in sorted(self.omitted.items())]
        if self.left_out:
            lines.append(f"skipped: {len(self.left_out):,}")
        return [*lines, *(f"  {each}" for each in self.left_out)]
