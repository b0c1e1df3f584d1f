"""Filing: conversations renamed, tagged, pinned, archived and deleted, each of which can be taken back; and purged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from chatspace.core.chat.conversation import Conversation, Shelf
from chatspace.core.chat.stores import History
from chatspace.core.errors import UsageError

PAGE = 500

Field = Literal["title", "tags", "pinned", "archived", "deleted"]


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a conversation, in words; in which field, and how it was before."""

    done: str
    field: Field
    before: Conversation


class Organizer:
    """Every method raises StoreError, and blocks while the store writes."""

    def __init__(self, history: History) -> None:
        self._history = history

    def rename(self, conversation: Conversation, title: str) -> Change:
        """Raises UsageError for a title without a word."""
        title = " ".join(title.split())
        if not title:
            raise UsageError("The title is empty")
        self._history.conversations.rename(conversation.id, title)
        return Change("Renamed", "title", conversation)

    def tag(self, conversation: Conversation, tags: Sequence[str]) -> Change:
        """These tags and no others."""
        self._history.conversations.set_tags(conversation.id, tags)
        return Change("Tagged" if tags else "Tags removed", "tags", conversation)

    def pin(self, conversation: Conversation, pinned: bool = True) -> Change:
        self._history.conversations.pin(conversation.id, pinned)
        return Change("Pinned" if pinned else "Unpinned", "pinned", conversation)

    def archive(self, conversation: Conversation, archived: bool = True) -> Change:
        self._history.conversations.archive(conversation.id, archived)
        return Change("Archived" if archived else "Unarchived", "archived", conversation)

    def delete(self, conversation: Conversation) -> Change:
        """Into the trash, which is emptied by `purge` alone."""
        self._history.conversations.delete(conversation.id)
        return Change("Moved to trash", "deleted", conversation)

    def restore(self, conversation: Conversation) -> Change:
        self._history.conversations.restore(conversation.id)
        return Change("Restored from the trash", "deleted", conversation)

    def take_back(self, change: Change) -> None:
        """Make the field of the conversation what it was before."""
        before = change.before
        match change.field:
            case "title":
                self._history.conversations.rename(before.id, before.title)
            case "tags":
                self._history.conversations.set_tags(before.id, before.tags)
            case "pinned":
                self._history.conversations.pin(before.id, before.pinned)
            case "archived":
                self._history.conversations.archive(before.id, before.archived)
            case "deleted" if before.deleted:
                self._history.conversations.delete(before.id, before.deleted)
            case "deleted":
                self._history.conversations.restore(before.id)

    def purge(self, conversations: Sequence[int]) -> None:
        """Remove them for good: nothing brings them back.

        Raises StoreError where a reply of one still comes in, and then nothing is removed; or where somebody else still
        reads the file, and then they are removed, but stand in the file until it is cleaned.
        """
        self._history.purging.purge(conversations)

    def shelf(self, shelf: Shelf) -> Iterator[Conversation]:
        """All that stands there, read by the page."""
        return all_on(shelf, self._history)


def all_on(shelf: Shelf, history: History) -> Iterator[Conversation]:
    """All conversations of a shelf, read by the page."""
    before = None
    while page := history.conversations.page(limit=PAGE, before=before, shelf=shelf):
        yield from page
        before = page[-1]


def tags_from(text: str) -> tuple[str, ...]:
    """Tags as typed: between commas, or where there is none between blanks; a # before one is left out."""
    parts = text.split(",") if "," in text else text.split()
    tags = (" ".join(part.strip().lstrip("#").split()) for part in parts)
    return tuple(dict.fromkeys(tag for tag in tags if tag))
