"""The prompt of the conversation in sight, and what is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from chatspace.tui.sessions.changed import Changed, Listener

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import UnsentPrompt
    from chatspace.core.document import Source
    from chatspace.core.workspace.prompt_drafts import PromptDrafts
    from chatspace.wiring import Workspace


class PromptField(Protocol):
    """Where the user writes. `paths` are those of what is attached, `sources` what is read of all that goes along."""

    @property
    def text(self) -> str: ...

    @property
    def paths(self) -> tuple[str, ...]: ...

    @property
    def sources(self) -> tuple[Source, ...]: ...

    def write(self, text: str) -> None:
        """Put this in the place of the text."""
        ...

    def put(self, unsent: UnsentPrompt) -> None:
        """Put this in the place of the text and of what is attached."""
        ...

    def take_sources(self) -> tuple[Source, ...]:
        """Those that go along; they are no longer there afterwards."""
        ...

    def give_back(self, sources: Sequence[Source]) -> None:
        """Let these go along again."""
        ...


class PromptDraft:
    """What is written in the `field`, and its copy on disk."""

    def __init__(self, workspace: Workspace, field: PromptField, listener: Listener) -> None:
        self._workspace = workspace
        self._listener = listener
        self._expected = False
        self.field = field

    @property
    def _drafts(self) -> PromptDrafts:
        drafts = self._workspace.prompt_drafts
        drafts.failed = lambda error: self._listener(Changed(error=error))
        return drafts

    def keep(self, conversation: int | None, others: Sequence[str] = ()) -> None:
        """Store what stands unsent here, behind other texts that aren't stored yet."""
        if conversation is None and self._expected:
            return  # it would overwrite what is still to come
        text = "\n\n".join(text for text in (*others, self.field.text) if text)
        self._drafts.save(conversation, text, self.field.paths)

    def forget(self) -> None:
        """What was kept for a new conversation is kept for the one that has begun."""
        if not self._expected:
            self._drafts.save(None, "")

    async def unsent(self, conversation: int) -> UnsentPrompt:
        """What was kept of a conversation. Raises StoreError."""
        return await self._drafts.unsent(conversation)

    async def expect(self) -> UnsentPrompt:
        """What was kept for a new conversation; what stands here isn't kept for it meanwhile. Raises StoreError."""
        self._expected = True
        try:
            return await self._drafts.unsent(None)
        finally:
            self._expected = False

    def typed_since(self, left: str) -> str:
        """What was typed behind a text that stood here."""
        text = self.field.text
        return text.removeprefix(left) if text.startswith(left) else ""

    def put_before(self, texts: Sequence[str]) -> None:
        """Put texts above the one that stands here."""
        self.field.write("\n\n".join(text for text in (*texts, self.field.text) if text))

    def give_back(self, text: str, sources: Sequence[Source]) -> None:
        """What couldn't be stored stands here again."""
        self.put_before([text])
        self.field.give_back(sources)

    async def keep_for_later(self, conversation: int | None, texts: Sequence[str]) -> None:
        """Keep texts above what is unsent in a conversation that isn't in sight. Raises StoreError."""
        unsent = await self._drafts.unsent(conversation)
        self._drafts.save(conversation, "\n\n".join(text for text in (*texts, unsent.text) if text), unsent.attached)

    async def flush(self) -> bool:
        """Wait until all drafts are stored; gives whether they could be."""
        return await self._drafts.flush()
