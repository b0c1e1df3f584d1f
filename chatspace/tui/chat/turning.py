"""Where the next message goes when it doesn't go to the end of the branch in sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message

SAYS = {
    "edit": "editing message {} · esc gives up · enter sends it beside the old one",
    "amend": "editing reply {} by hand · esc gives up · enter keeps it beside the old one",
    "branch": "a branch behind message {} · esc gives up · what you send begins it",
}


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """The message that is edited, or that a branch begins behind, and its number in the conversation.

    `leaf` is the message that was the last in sight before, `kept` what stood in the prompt.
    """

    kind: Literal["edit", "amend", "branch"]
    message: Message
    number: int
    leaf: Message
    kept: str

    @property
    def said(self) -> str:
        return SAYS[self.kind].format(self.number)
