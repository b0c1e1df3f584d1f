"""What the use cases need of the stored conversations, as small protocols. Every method raises StoreError."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chatspace.core.chat.conversation import (
    Conversation,
    Message,
    QueuedMessage,
    ReplyEnd,
    Role,
    SearchHit,
    SentPrompt,
    Shelf,
    UnsentPrompt,
)
from chatspace.core.document import Source
from chatspace.core.profiles.profile import Effort


class ConversationStore(Protocol):
    """Conversations as wholes: listed, changed, moved to the trash."""

    def create(self, title: str = "", *, created: datetime | None = None) -> Conversation:
        """`created` is the time of one that comes from elsewhere, here and of a message."""
        ...

    def get(self, conversation: int) -> Conversation | None: ...

    def page(
        self, *, limit: int = 50, before: Conversation | None = None, shelf: Shelf = "current"
    ) -> Sequence[Conversation]:
        """The page after `before`: the pinned ones, then the newest first; of the trash the last deleted first."""
        ...

    def latest(self) -> Conversation | None:
        """The one that changed last, pinned or not, of those that are neither archived nor in the trash."""
        ...

    def rename(self, conversation: int, title: str) -> None: ...

    def archive(self, conversation: int, archived: bool = True) -> None:
        """Take it out of the list, or bring it back."""
        ...

    def set_tags(self, conversation: int, tags: Sequence[str]) -> None: ...

    def pin(self, conversation: int, pinned: bool = True) -> None:
        """Put it on top of its list, or back among the others."""
        ...

    def delete(self, conversation: int, at: datetime | None = None) -> None:
        """Move it to the trash, now or as of then; `restore` brings it back."""
        ...

    def restore(self, conversation: int) -> None: ...


class MessageStore(Protocol):
    """The tree of messages, with replies that grow piece by piece."""

    def add(
        self,
        conversation: int,
        parent: int | None,
        role: Role,
        text: str,
        *,
        step: str = "chat",
        why: str = "",
        sources: Sequence[Source] = (),
        created: datetime | None = None,
    ) -> Message:
        """`sources` go along with it."""
        ...

    def start_reply(
        self,
        conversation: int,
        parent: int,
        *,
        step: str,
        profile: str,
        model: str,
        host: str,
        why: str = "",
        run: str | None = None,
        effort: Effort | None = None,
    ) -> Message:
        """A row of status `streaming` that belongs to this process."""
        ...

    def append(self, message: int, text: str = "", reasoning: str = "") -> None:
        """Store another piece of a growing reply, durably."""
        ...

    def finish_reply(self, message: int, end: ReplyEnd) -> Message:
        """Write the complete text in place of its pieces."""
        ...

    def thread(self, conversation: int, leaf: int | None = None) -> Sequence[Message]:
        """The messages from the root to `leaf` (by default where the conversation was left), oldest first."""
        ...

    def all(self, conversation: int) -> Sequence[Message]:
        """All messages of the tree, oldest first."""
        ...


class BranchStore(Protocol):
    """Which branches of the tree there are, and which were visited last."""

    def set_leaf(self, conversation: int, leaf: int) -> None:
        """The conversation is left at this message, and each message above it at the branch that leads there."""
        ...

    def siblings(self, message: int) -> Sequence[int]:
        """The messages in the place of this one, itself among them, oldest first."""
        ...

    def leaf_under(self, message: int) -> int:
        """The end of the branch below a message that was visited last, else of the newest."""
        ...


class QueueStore(Protocol):
    """Messages that wait for the end of a reply."""

    def add(
        self,
        behind: int,
        text: str,
        *,
        profile: str | None,
        model: str | None,
        effort: str | None,
        sources: Sequence[Source] = (),
    ) -> QueuedMessage:
        """Keep a message that waits for the end of the reply `behind`."""
        ...

    def move(self, behind: int, instead: int) -> None:
        """Let what waits for one reply wait for another."""
        ...

    def waiting(self, conversation: int) -> Sequence[QueuedMessage]:
        """The messages of all branches that wait, in the order in which they were written."""
        ...

    def remove(self, queued: int) -> None: ...


class SearchIndex(Protocol):
    """Full-text search over finished messages and titles."""

    def find(
        self, query: str, *, limit: int = 50, before: int | None = None, by_rank: bool = False
    ) -> Sequence[SearchHit]:
        """Newest first, or the best first among the newest matches; what is put away is found by `in:` alone.

        The filters are `profile: model: tag: title: role: has: in: before: after:`. `before` is the last message id of
        the page before.
        """
        ...

    def excerpt(self, query: str, message: int) -> str:
        """A long piece of a message round its first hit, each hit between the marks; empty where it is gone."""
        ...

    def interrupt(self) -> None:
        """End the searches that run now in other threads; each raises StoreError."""
        ...


class Purger(Protocol):
    """Deletion for good."""

    def purge(self, conversations: Sequence[int]) -> None:
        """Remove them for good, from the index and the free pages of the file too; none where a reply still grows."""
        ...


class AttachmentStore(Protocol):
    """The sources of messages."""

    def add(self, message: int, source: Source) -> None:
        """Let a source go along with a message, behind those that do already."""
        ...

    def of_messages(self, messages: Sequence[int]) -> Mapping[int, Sequence[Source]]:
        """Of those of the messages that have any, in their order."""
        ...

    def of_queued(self, queued: int) -> Sequence[Source]:
        """Those that wait with a message."""
        ...


class PromptStore(Protocol):
    """What is unsent in a prompt, and what was sent from one."""

    def save(self, conversation: int | None, text: str, attached: Sequence[str] = ()) -> None:
        """Keep what stands in the prompt, unsent, with the paths of its sources; where there is neither, forget it."""
        ...

    def unsent(self, conversation: int | None) -> UnsentPrompt:
        """What this program keeps, else what one that is gone has left last, which is this one's from now on."""
        ...

    def saved(self, conversation: int | None) -> str:
        """The text of what is unsent."""
        ...

    def sent(
        self,
        *,
        limit: int = 50,
        before: int | None = None,
        here: int | None = None,
        elsewhere: int | None = None,
        containing: str = "",
    ) -> Sequence[SentPrompt]:
        """What was sent from prompts, newest first, but for the trash.

        `here` is the one conversation to look in, `elsewhere` the one to leave out; every word of `containing` must be
        somewhere in the text. `before` is the last message id of the page before. `interrupt` ends it.
        """
        ...


class History(Protocol):
    """The stored conversations, by parts."""

    @property
    def conversations(self) -> ConversationStore: ...

    @property
    def messages(self) -> MessageStore: ...

    @property
    def branches(self) -> BranchStore: ...

    @property
    def queue(self) -> QueueStore: ...

    @property
    def search(self) -> SearchIndex: ...

    @property
    def purging(self) -> Purger: ...

    @property
    def attachments(self) -> AttachmentStore: ...

    @property
    def prompts(self) -> PromptStore: ...

    def recover(self) -> int:
        """Mark the replies of processes that are gone as interrupted; gives their number."""
        ...

    def close(self) -> None: ...
