"""Where the next message goes when it doesn't go to the end of the branch in sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chatspace.tui.sessions.changed import Changed, Listener
from chatspace.tui.sessions.chat_branch import Branch
from chatspace.tui.sessions.chat_prompt import PromptField

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


class Target:
    """Where the next message goes: `current` is None at the end of the branch."""

    def __init__(self, branch: Branch, field: PromptField, listener: Listener) -> None:
        self._branch = branch
        self._field = field
        self._listener = listener
        self.current: ReplyTarget | None = None

    @property
    def thread(self) -> list[Message]:
        """The messages that the next one goes on from."""
        current = self.current
        if current is None or current.kind == "branch" or not self._branch.holds(current.message.id):
            return self._branch.thread
        return self._branch.thread[: self._branch.place(current.message)]

    @property
    def kept(self) -> str:
        """What stands in the prompt again when the edit is over."""
        return self.current.kept if self.current else ""

    def edit(self, message: Message) -> None:
        """Write another version of a message, or of a reply by hand."""
        leaf = self._leaf
        self.give_up_edit()
        kind: Literal["edit", "amend"] = "edit" if message.role == "user" else "amend"
        self.set(ReplyTarget(kind, message, self._branch.place(message) + 1, leaf, self._field.text))
        self._field.write(message.text)

    def branch(self, message: Message) -> bool:
        """Go on from a message, without what follows it; gives whether anything does."""
        place = self._branch.place(message)
        if place == len(self._branch.thread) - 1:
            return False
        leaf = self._leaf
        self.give_up_edit()
        self.set(ReplyTarget("branch", message, place + 1, leaf, ""))
        self._branch.cut(message)
        return True

    @property
    def _leaf(self) -> Message:
        """Where giving up leads back to."""
        return self.current.leaf if self.current else self._branch.thread[-1]

    def give_up_edit(self) -> None:
        """What stood in the prompt before stands there again."""
        if self.current and self.current.kind != "branch":
            self._field.write(self.current.kept)

    def set(self, current: ReplyTarget | None) -> None:
        self.current = current
        self._listener(Changed("target"))
