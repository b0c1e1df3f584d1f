"""What the parts of the workspace tell each other: one message per fact."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from chatspace.core.conversation import Conversation
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import Event
from chatspace.tui.jobs import Job


@dataclass
class Submitted(Message):
    """The user sent what stands in the prompt."""

    text: str


@dataclass
class PromptPaused(Message):
    """Nothing was typed for a moment."""

    text: str


@dataclass
class ConversationChosen(Message):
    conversation: Conversation


@dataclass
class JobHappened(Message):
    """Something happened in a job, as the core told it."""

    job: Job
    event: Event


@dataclass
class JobEnded(Message):
    """A job is over; `error` says what it couldn't do."""

    job: Job
    error: ChatspaceError | None = None
