"""The variants of one copy, without their screen: what the editor decides on them, more of them, their export."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chatspace.core.errors import ChatspaceError, UsageError
from chatspace.core.events import Event, Warned
from chatspace.core.runs.variants import Side, VariantRow, VariantTable
from chatspace.core.workspace.copy_editor import STEP
from chatspace.tui.navigation import ScreenContext, ScreenResult
from chatspace.tui.sessions.changed import Changed, Listener, attempt
from chatspace.tui.sessions.marks import Markable, Marks

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from chatspace.core.profiles.profile import Channel
    from chatspace.tui.commands import ParsedCommand
    from chatspace.tui.jobs import Job, Jobs
    from chatspace.wiring import Workspace

MORE = 3
"""How many further variants are asked for at once."""


class CopySession:
    """The table of variants of the run that `message` belongs to. `job` is the reply on its way.

    The job reports to the `owner`, who passes it on to `take` and `ended`.
    """

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        owner: MessagePump,
        context: ScreenContext,
        typed: ParsedCommand,
        listener: Listener,
    ) -> None:
        self._workspace = workspace
        self._jobs = jobs
        self._owner = owner
        self._context = context
        self._typed = typed
        self._listener = listener
        self._stored = False
        self.message = context.reply_of(STEP)
        self.table: VariantTable | None = None
        self.job: Job | None = None
        self.marks = Marks(
            Markable(
                scraps=lambda: self.table.scrapped if self.table else (),
                name=lambda line: line.name[:1].upper() + line.name[1:],
                is_starred=lambda line: line.kept.state == "starred",
                mark=workspace.copy_editor.mark,
                restore=self._restore,
                load=lambda line: self.load(line.kept.id if line else None),
            ),
            listener,
        )

    async def begin(self) -> None:
        """Read the table, and count it for the channel that was typed."""
        await self.load()
        if channel := self._typed.options.get("channel"):
            await self.switch(str(channel))

    async def load(self, at: int | None = None) -> None:
        await self._read()
        self._listener(Changed(at=at))

    async def _read(self) -> None:
        if self.message:
            table = await attempt(self._listener, asyncio.to_thread(self._workspace.copy_editor.sheet, self.message))
            self.table = table or self.table

    @property
    def in_sight(self) -> Sequence[VariantRow]:
        """Those of the table or of the scrap list."""
        if self.table is None:
            return ()
        return self.table.scrapped if self.marks.scraps_shown else self.table.lines

    # What the editor decides

    async def pair(self, line: VariantRow, side: Side) -> None:
        """Make it this side of its field's A/B test, or none where it is that already."""
        if self.table:
            await attempt(self._listener, asyncio.to_thread(self._workspace.copy_editor.pair, self.table, line, side))
            await self.load()

    async def edit(self, line: VariantRow, text: str) -> None:
        if text.strip() and text.split() != line.kept.text.split():
            await attempt(self._listener, asyncio.to_thread(self._workspace.copy_editor.edit, line, text))
        await self.load()

    async def channels(self) -> list[Channel]:
        """Those that the variants can be counted for."""
        channels = await attempt(self._listener, asyncio.to_thread(self._workspace.library.channels))
        return [channel for channel in channels or () if channel.fields]

    async def switch(self, channel: str) -> None:
        """Count for another channel."""
        if self.table:
            await attempt(self._listener, asyncio.to_thread(self._workspace.copy_editor.switch, self.table, channel))
            await self.load()

    def _restore(self, line: VariantRow) -> None:
        if self.message:
            editor = self._workspace.copy_editor
            editor.bring_back(editor.sheet(self.message), line)

    # Asking for more

    async def more(self, line: VariantRow) -> None:
        """Further variants of the field that this one is of."""
        table, message, editor = self.table, self.message, self._workspace.copy_editor
        if table is None or message is None or self.job:
            return
        if line.field is None:
            error = UsageError(f"{table.channel.title} has no {line.kept.field}")
            self._listener(Changed(error=error))
            return
        asked = f"{MORE} more of {line.field.name} for {table.channel.name}"
        try:
            options = await asyncio.to_thread(editor.options_like, message, self._context.options)
            store = self._workspace.conversations.store
            stored = await store(asked, conversation=message.conversation, step=STEP)
        except ChatspaceError as failure:
            self._listener(Changed(error=failure))
            return
        self._stored = True
        work = partial(editor.more, table, stored, line.field, MORE, options)
        self.job = self._jobs.start(message.conversation, work, self._owner)
        self._listener(Changed())

    def take(self, job: Job, event: Event) -> None:
        if isinstance(event, Warned):
            self._listener(Changed(notice=event.message, severity="warning"))

    async def ended(self, job: Job, error: ChatspaceError | None) -> None:
        self.job = None
        known = {line.kept.id for line in self.table.lines} if self.table else set()
        await self._read()
        new = (line.kept.id for line in self.in_sight if line.kept.id not in known)
        self._listener(Changed(at=None if self.marks.scraps_shown else next(new, None), error=error))

    def stop(self) -> None:
        if self.job:
            self._jobs.stop(self.job)

    # Leaving

    async def export_names(self) -> Mapping[str, str] | None:
        """A name of a file for each format; None where there is nothing that the channel would take."""
        table, exporter = self.table, self._workspace.exporter
        if table is None:
            self._listener(Changed(notice="Nothing to export: this conversation has no copy yet."))
            return None
        if await attempt(self._listener, asyncio.to_thread(self._workspace.copy_editor.export, table, "csv")) is None:
            return None
        record = await attempt(self._listener, asyncio.to_thread(self._workspace.run_store.get, table.run))
        source = record.source.name if record else STEP
        known = self._workspace.copy_editor.formats
        wanted = [each for each in (table.channel.export, "csv") if each in known]
        return {each: exporter.file_name(source, STEP, each) for each in wanted if each}

    async def export(self, path: Path, format_name: str, *, overwrite: bool = False) -> None:
        """Write what is chosen."""
        if self.table is None:
            return
        data = await attempt(
            self._listener, asyncio.to_thread(self._workspace.copy_editor.export, self.table, format_name)
        )
        if data is None:
            return
        write = partial(self._workspace.exporter.write, path, data, overwrite=overwrite)
        written = await attempt(self._listener, asyncio.to_thread(write))
        if written is not None:
            self._listener(Changed(notice=f"{len(self.table.chosen)} variants written to {written}"))

    @property
    def left(self) -> ScreenResult | None:
        """Where it goes on when the variants are left: their conversation, if something was asked for."""
        return ScreenResult(self.message.conversation) if self.message and self._stored else None
