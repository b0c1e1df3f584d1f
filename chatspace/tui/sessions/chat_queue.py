"""The messages that are written while a reply comes in, and wait for its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from chatspace.core.errors import ChatspaceError
from chatspace.tui.sessions.changed import Changed, Listener
from chatspace.tui.sessions.chat_branch import Branch
from chatspace.tui.sessions.tasks import Tasks

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message, QueuedMessage
    from chatspace.core.document import Source
    from chatspace.core.profiles.options import Options
    from chatspace.wiring import Workspace


@dataclass(frozen=True, slots=True)
class NextMessage:
    """A waiting message whose turn it is, with what it goes on from and what goes along."""

    queued: QueuedMessage
    thread: Sequence[Message]
    sources: Sequence[Source]


@dataclass(frozen=True, slots=True)
class Unstored:
    """A message on its way to the store."""

    message: QueuedMessage
    sources: Sequence[Source]


class MessageQueue:
    """What waits on the branch in sight, in order: shown at once, then stored, one after the other.

    `kept` is called when one was stored, `refused` with the text and sources of one that couldn't be.
    """

    def __init__(
        self,
        workspace: Workspace,
        branch: Branch,
        listener: Listener,
        kept: Callable[[], object],
        refused: Callable[[str, Sequence[Source]], object],
    ) -> None:
        self._workspace = workspace
        self._branch = branch
        self._listener = listener
        self._kept = kept
        self._refused = refused
        self._in_order = asyncio.Lock()  # first come, first served
        self._unstored: dict[int, Unstored] = {}
        self._numbers = count(-1, -1)
        """Of messages that the store has no number for yet."""
        self._gone: set[int] = set()
        """Ids of those that are sent or taken back, and on their way out of the store."""
        self.tasks = Tasks(listener)
        self.waiting: list[QueuedMessage] = []

    @property
    def unstored(self) -> list[str]:
        """The texts that aren't on disk yet."""
        return [each.message.text for each in self._unstored.values()]

    def under(self, key: int | str | None) -> QueuedMessage | None:
        """The waiting message of this key."""
        return next((queued for queued in self.waiting if key == f"queued {queued.id}"), None)

    def clear(self) -> None:
        """Another conversation comes in sight."""
        self.waiting = []

    def load(self) -> None:
        """Show what waits on the branch in sight."""
        if self._branch.last is None:
            self._show([])
        else:
            self.tasks.start(self._load, "load")

    async def _load(self) -> None:
        async with self._in_order:
            leaf = self._branch.last
            if leaf is None:
                return
            waiting = await asyncio.to_thread(self._workspace.conversations.waiting, leaf)
            if self._branch.last and self._branch.last.id == leaf.id:
                new = (each.message for each in self._unstored.values() if self._branch.holds(each.message.behind))
                self._show([*(one for one in waiting if one.id not in self._gone), *new])

    def _show(self, waiting: list[QueuedMessage]) -> None:
        self.waiting = waiting
        self._listener(Changed("waiting"))

    # One more

    def add(self, text: str, reply: Message, options: Options, sources: Sequence[Source] = ()) -> None:
        """Let a message wait until the reply is whole, to be sent as the options are now."""
        from chatspace.core.chat.conversation import QueuedMessage  # the first frame has no need of it

        number = next(self._numbers)
        answerer = options.profile, options.model, options.effort
        new = QueuedMessage(number, reply.conversation, reply.id, text, *answerer)
        self._unstored[number] = Unstored(new, sources)
        self._show([*self.waiting, new])
        self.tasks.start(partial(self._store, new, reply, options, sources))

    async def _store(self, new: QueuedMessage, reply: Message, options: Options, sources: Sequence[Source]) -> None:
        async with self._in_order:
            if new.id not in self._unstored:
                return  # it was taken back
            try:
                queue = self._workspace.conversations.queue
                stored = await asyncio.to_thread(queue, new.text, reply, options, sources)
            except ChatspaceError as error:
                if self._unstored.pop(new.id, None):
                    self._show([one for one in self.waiting if one is not new])
                    self._refused(new.text, sources)
                self._listener(Changed(error=error))
                return
            if self._unstored.pop(new.id, None) is None:
                await asyncio.to_thread(self._workspace.history.queue.remove, stored.id)
            else:
                self._show([stored if one is new else one for one in self.waiting])
        self._kept()

    # One less

    def drop(self, queued: QueuedMessage) -> Sequence[Source] | None:
        """It waits no more; gives its sources where they aren't stored yet."""
        unstored = self._unstored.pop(queued.id, None)
        if unstored is None:
            self._gone.add(queued.id)
        self._show([one for one in self.waiting if one.id != queued.id])
        return unstored.sources if unstored else None

    def sent(self, queued: int) -> None:
        """The message of this id is in the conversation now."""
        self._gone.add(queued)
        self._show([one for one in self.waiting if one.id != queued])
        self.tasks.start(partial(self.remove, queued))

    async def remove(self, queued: int) -> None:
        """Take one that waits no more out of the store. Raises StoreError."""
        async with self._in_order:
            await asyncio.to_thread(self._workspace.history.queue.remove, queued)
            self._gone.discard(queued)  # the next to wait may get the same id

    def move(self, behind: int, instead: int) -> None:
        """What waits for one reply waits for another."""
        self.tasks.start(partial(self._move, behind, instead))

    async def _move(self, behind: int, instead: int) -> None:
        async with self._in_order:
            await asyncio.to_thread(self._workspace.history.queue.move, behind, instead)
        self.load()

    async def next(self, reply: Message) -> NextMessage | None:
        """What waits next for a reply that is whole now. Raises StoreError."""
        async with self._in_order:
            history = self._workspace.history
            waiting = await asyncio.to_thread(self._workspace.conversations.waiting, reply)
            queued = next((one for one in waiting if one.id not in self._gone), None)
            if queued is None:
                return None
            thread = await asyncio.to_thread(history.messages.thread, reply.conversation, reply.id)
            sources = await asyncio.to_thread(history.attachments.of_queued, queued.id)
            return None if queued.id in self._gone else NextMessage(queued, thread, sources)
