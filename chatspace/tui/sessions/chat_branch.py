"""The branch of a conversation that is in sight."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatspace.tui.sessions.changed import Changed, Listener

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message
    from chatspace.wiring import Workspace


class Branch:
    """Its messages from the first to the last. `conversation` is None until one begins."""

    def __init__(self, workspace: Workspace, listener: Listener) -> None:
        self._workspace = workspace
        self._listener = listener
        self.conversation: int | None = None
        self.thread: list[Message] = []

    @property
    def last(self) -> Message | None:
        return self.thread[-1] if self.thread else None

    def holds(self, message: int) -> bool:
        return any(one.id == message for one in self.thread)

    def place(self, message: Message) -> int:
        """The first is 0. Raises StopIteration."""
        return next(place for place, one in enumerate(self.thread) if one.id == message.id)

    def under(self, key: int | str | None) -> Message | None:
        """The message of this key."""
        return next((message for message in self.thread if message.id == key), None)

    def chosen(self, key: int | str | None) -> Message | None:
        """The message of this key, else the last."""
        return self.under(key) or self.last

    def versioned(self, key: int | str | None) -> Message | None:
        """The chosen message or the nearest above it that has other versions."""
        chosen = self.chosen(key)
        above = self.thread[: self.place(chosen) + 1] if chosen else []
        return next((message for message in reversed(above) if message.siblings > 1), None)

    # What changes it

    def show(self, conversation: int | None, thread: Sequence[Message], title: str = "") -> None:
        """Another conversation."""
        self.conversation, self.thread = conversation, list(thread)
        self._listener(Changed("conversation", text=title))

    def cut(self, message: Message) -> None:
        """Leave out what stands behind this one."""
        self.thread = self.thread[: self.place(message) + 1]
        self._listener(Changed("branch", at=message.id))

    def grow(self, stored: Message) -> bool:
        """Show a new message behind its parent, in the place of what stood there; gives whether anything did.

        Nothing is shown where another branch is in sight.
        """
        places = [place for place, one in enumerate(self.thread, 1) if one.id == stored.parent]
        if stored.parent is not None and not places:
            return False
        place = places[0] if places else 0
        at_end = place == len(self.thread)
        self.thread = [*self.thread[:place], stored]
        self._listener(Changed("grown") if at_end else Changed("branch", at=stored.parent))
        return not at_end

    def replace(self, stored: Message) -> None:
        """A message as it is stored now."""
        self.thread = [stored if one.id == stored.id else one for one in self.thread]
        self._listener(Changed("message", at=stored.id))

    async def keep_place(self) -> None:
        """Reopening comes back to the branch in sight, not to one that grew behind it. Raises StoreError."""
        if self.conversation is not None and self.last:
            set_leaf = self._workspace.history.branches.set_leaf
            await asyncio.to_thread(set_leaf, self.conversation, self.last.id)

    async def sibling(self, message: Message, step: int) -> int | None:
        """The version of a message that is so many steps further, if there is one. Raises StoreError."""
        siblings = list(await asyncio.to_thread(self._workspace.history.branches.siblings, message.id))
        place = siblings.index(message.id) + step if message.id in siblings else -1
        return siblings[place] if 0 <= place < len(siblings) else None

    async def walk(self, message: int, behind: int | None) -> bool:
        """Show the branch that goes through a message, in the place of what stands behind another; gives whether.

        Raises StoreError.
        """
        history, conversation = self._workspace.history, self.conversation
        leaf = await asyncio.to_thread(history.branches.leaf_under, message)
        if leaf is None or conversation is None:
            return False
        await asyncio.to_thread(history.branches.set_leaf, conversation, leaf)
        thread = await asyncio.to_thread(history.messages.thread, conversation, leaf)
        if self.conversation != conversation:
            return False
        self.thread = list(thread)
        self._listener(Changed("branch", at=behind if behind is not None and self.holds(behind) else None))
        return True
