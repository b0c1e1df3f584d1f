"""Conversations as files: one, a branch of one, some or all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import get_args

from chatspace.core.chat.conversation import Conversation, Message, Shelf
from chatspace.core.chat.stores import History
from chatspace.core.errors import UsageError
from chatspace.core.ports import Exporter
from chatspace.core.registry import Format
from chatspace.core.text.safe import file_name
from chatspace.core.workspace.organizer import all_on

INDEX, USUAL = "index", "md"


def _nothing(line: str) -> None:
    """For those who don't listen."""


class Exporting:
    """Every method blocks while it reads and writes: to be called from a thread where that matters."""

    def __init__(self, history: History, exporter: Exporter) -> None:
        self._history = history
        self._exporter = exporter

    @property
    def formats(self) -> Mapping[str, Format]:
        """Those that a conversation can be written in, by name."""
        return self._exporter.formats("conversation")

    def every(self, *, since: datetime | None = None, tag: str | None = None) -> Iterator[Conversation]:
        """All conversations, archived ones too but for the trash: those changed since then, with this tag."""
        shelves: tuple[Shelf, ...] = get_args(Shelf)
        for each in chain.from_iterable(all_on(shelf, self._history) for shelf in shelves if shelf != "trash"):
            if (since is None or each.updated >= since) and (tag is None or tag in each.tags):
                yield each

    def data(self, conversation: Conversation, format_name: str, branch: int | None = None) -> bytes:
        """One conversation: as JSON with its whole tree, else as it was left; of a `branch` up to its last message."""
        return self._exporter.conversation(conversation, self._messages(conversation, format_name, branch), format_name)

    def lines(self, conversations: Iterable[Conversation], path: Path, *, overwrite: bool = False) -> Path:
        """Several as JSON, one a line, into a file."""
        return self._exporter.write(path, (self.data(each, "json") for each in conversations), overwrite=overwrite)

    def folder(
        self,
        conversations: Iterable[Conversation],
        folder: Path,
        format_name: str,
        *,
        overwrite: bool = False,
        tell: Callable[[str], None] = _nothing,
    ) -> int:
        """Several into a folder, each in a file of its own, with an index; gives how many.

        Raises UsageError for a file that is there already; those written before stay.
        """
        suffix = self.formats[format_name].suffix
        indexes = self._exporter.formats("conversations")
        index_format = format_name if format_name in indexes else USUAL
        index = self._exporter.target(folder / f"{INDEX}{indexes[index_format].suffix}", overwrite=overwrite)
        taken, entries = {index.name.casefold()}, list[tuple[str, Conversation]]()
        for each in conversations:
            name = _free(each, suffix, taken)
            self._exporter.write(folder / name, self.data(each, format_name), overwrite=overwrite)
            entries.append((name, each))
            tell(f"{len(entries):,} conversations written")
        self._exporter.write(index, self._exporter.conversation_index(entries, index_format), overwrite=overwrite)
        return len(entries)

    def _messages(self, conversation: Conversation, format_name: str, branch: int | None) -> Sequence[Message]:
        if branch is None and format_name == "json":
            return self._history.messages.all(conversation.id)
        thread = self._history.messages.thread(conversation.id, branch)
        if branch is not None and not thread:
            raise UsageError(
                f"Message {branch} not found in conversation {conversation.id}",
                remedy=f"`chatspace history show {conversation.id} --format json` lists its messages.",
            )
        return thread


def _free(conversation: Conversation, suffix: str, taken: set[str]) -> str:
    """The day and the title as the name of a file, numbered where another has it, whatever the case."""
    stem = f"{conversation.created:%Y-%m-%d} {conversation.title}"
    name, number = file_name(stem, suffix), 1
    while name.casefold() in taken:
        number += 1
        name = file_name(stem, f"-{number}{suffix}")
    taken.add(name.casefold())
    return name
