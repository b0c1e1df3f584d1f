"""What the parts of the workspace tell each other: one message per fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Conversation


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
