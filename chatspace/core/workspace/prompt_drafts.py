"""What stands unsent in prompts, on its way to the store: whoever types waits for no disk and no other program."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from chatspace.core.chat.conversation import UnsentPrompt
from chatspace.core.chat.stores import PromptStore
from chatspace.core.errors import ChatspaceError


class PromptDrafts:
    """Stores drafts by one writer, in the order in which they came; of each conversation the last value wins.

    `failed` is called with what the store couldn't do. What isn't stored then is tried again with the next draft, and
    by `flush`.
    """

    def __init__(self, prompts: PromptStore) -> None:
        self._prompts = prompts
        self._unwritten: dict[int | None, UnsentPrompt] = {}
        self._writer: asyncio.Task[None] | None = None
        self.failed: Callable[[ChatspaceError], object] = lambda error: None

    def save(self, conversation: int | None, text: str, attached: Sequence[str] = ()) -> None:
        """Keep this instead of what was kept of the conversation; without text and paths, forget that."""
        self._unwritten.pop(conversation, None)
        self._unwritten[conversation] = UnsentPrompt(text, tuple(attached))
        self._begin()

    async def unsent(self, conversation: int | None) -> UnsentPrompt:
        """What is kept of a conversation, be it stored yet or not. Raises StoreError."""
        unwritten = self._unwritten.get(conversation)
        return await asyncio.to_thread(self._prompts.unsent, conversation) if unwritten is None else unwritten

    async def flush(self) -> bool:
        """Wait until all is stored; gives whether it could be."""
        if self._unwritten:
            self._begin()
        if self._writer:
            await asyncio.wait([self._writer])
        return not self._unwritten

    def _begin(self) -> None:
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._unwritten:
            conversation, draft = next(iter(self._unwritten.items()))
            try:
                await asyncio.to_thread(self._prompts.save, conversation, draft.text, draft.attached)
            except ChatspaceError as error:
                self.failed(error)
                return
            if self._unwritten.get(conversation) is draft:
                del self._unwritten[conversation]
