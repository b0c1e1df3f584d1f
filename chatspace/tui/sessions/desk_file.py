"""The file behind the desk: a text that is opened, kept while it isn't saved, saved and exported."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from chatspace.core.chat.conversation import Message
from chatspace.core.ports import Exporter
from chatspace.core.workspace.desk import Desk, Opened
from chatspace.core.workspace.reply import run_uncancelled
from chatspace.tui.sessions.changed import Changed, Listener, attempt

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class DeskFile:
    """What was opened, if anything; `text` is what it is now and `first` what it was, which an export compares.

    `note` says what saving couldn't keep of the file, until the text is changed. What is stored and written is so in
    the order in which it was asked for.
    """

    def __init__(self, desk: Desk, exporter: Exporter, listener: Listener) -> None:
        self._desk = desk
        self._exporter = exporter
        self._listener = listener
        self._order = asyncio.Lock()
        self.opened: Opened | None = None
        self.first = self.text = self.note = ""

    @property
    def original(self) -> str:
        """What the text was when it was opened or saved."""
        return self.opened.original if self.opened else ""

    @property
    def dirty(self) -> bool:
        return self.text != self.original

    async def open(self, path: Path | None, message: Message | None) -> Opened | None:
        """A file, else the text of a message, else an empty one; None, and said so, where it can't be read."""
        desk = self._desk
        call = asyncio.to_thread(desk.open, path) if path else asyncio.to_thread(desk.open_message, message)
        self.opened = await attempt(self._listener, call)
        self.first = self.original
        return self.opened

    def begin(self, text: str) -> None:
        """What was opened is in the editor, whose line ends are its own."""
        assert self.opened is not None, "a text is opened before it is shown"
        self.opened, self.text = replace(self.opened, original=text), text
        self._listener(Changed("file"))

    async def in_order(
        self, function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Result:
        """Call behind what is being stored, in a thread, and see it through."""
        async with self._order:
            return await run_uncancelled(function, *arguments, **named)

    async def keep(self, conversation: int | None) -> None:
        """Keep what isn't saved. Raises StoreError."""
        async with self._order:
            if self.opened:
                await run_uncancelled(self._desk.keep, self.opened, self.text, conversation)

    async def save(self, *, overwrite: bool = False) -> None:
        """Raises ChangedMeanwhile where the file isn't what was opened, and what writing raises."""
        await self._write(self._desk.save, overwrite=overwrite)

    async def save_as(self, path: Path, *, overwrite: bool = False) -> None:
        """Write to another file, which the text is saved to from now on. Raises what writing raises."""
        await self._write(self._desk.save_as, path, overwrite=overwrite)

    async def _write(self, write: Callable[..., Opened], *arguments: Any, **named: Any) -> None:
        async with self._order:  # each must know what the last one wrote
            self.opened = await run_uncancelled(write, self.opened, self.text, *arguments, **named)
        self.note = self.opened.lost
        self._listener(Changed("file", notice=f"Saved to {self.opened.path}"))

    async def reload(self) -> str | None:
        """What is in the file now, to be put into the editor."""
        assert self.opened is not None, "a text is opened before it is reloaded"
        assert self.opened.path is not None, "only a file can be reloaded"
        fresh = await attempt(self._listener, self.in_order(self._desk.reread, self.opened.path))
        self.opened = fresh or self.opened
        self._listener(Changed("file"))
        return fresh.original if fresh else None

    @property
    def suggested_name(self) -> str:
        return self._exporter.file_name(Path(self.opened.name if self.opened else "").stem, "", "md")

    async def export(self, path: Path, rejected: Sequence[tuple[str, str]] | None, *, overwrite: bool = False) -> None:
        """The text to another file; with what was `rejected`, every change since the beginning is marked."""
        text = self.text

        def write() -> Path:
            data = text.encode("utf-8") if rejected is None else self._exporter.critic(self.first, text, rejected)
            return self._exporter.write(path, data, overwrite=overwrite)

        if written := await attempt(self._listener, asyncio.to_thread(write)):
            self._listener(Changed(notice=f"Written to {written}"))
