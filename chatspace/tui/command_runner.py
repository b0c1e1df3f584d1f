"""What the slash commands do, put as work for a job. The screen only says in which conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatspace.core.errors import UsageError
from chatspace.core.stages.registry import BUILT_IN, stage
from chatspace.core.text import display

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Conversation, Message
    from chatspace.core.document import Source
    from chatspace.core.events import Emit
    from chatspace.core.profiles.options import Options
    from chatspace.core.runs.plan import Plan
    from chatspace.core.runs.run import ReusedArtifacts, RunResult
    from chatspace.tui.commands import ParsedCommand
    from chatspace.wiring import Workspace

SOURCE_COMMANDS = BUILT_IN
"""The commands that make what a stage of this name makes."""
TAKES_SOURCES = (*SOURCE_COMMANDS, "compare", "story")
"""The commands that what is attached goes along with."""
EXPORT_SUFFIXES = {".md": "md", ".json": "json", ".html": "html"}
EXPORT_ALL = "--all"


def options_of(typed: ParsedCommand, options: Options) -> Options:
    """The options of the next message with those that were typed; a profile for the chat is none for a run."""
    values: dict[str, Any] = {"profile": None, "model": None, **typed.options}
    return replace(options, **values)


class CommandRunner:
    """Runs the commands over the workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def produce(
        self,
        typed: ParsedCommand,
        line: str,
        options: Options,
        thread: Sequence[Message],
        emit: Emit,
        *,
        beside: Message | None = None,
        again: Message | None = None,
        attached: Sequence[Source] = (),
    ) -> Message:
        """extract, draft, copy or all of it on a path, on pasted text, on what is attached, or on the last message.

        The line is stored behind the thread or `beside` a message; `again` is the one that it is stored as already,
        with its sources. Raises ChatspaceError.
        """
        from chatspace.core.events import MessageStored  # the first frame has no need of it

        step = typed.name if typed.name in SOURCE_COMMANDS else None
        plan = await asyncio.to_thread(self._workspace.runs.plan, options_of(typed, options), step)
        kept = again or beside
        if kept is not None and kept.sources:
            stored = await asyncio.to_thread(self._workspace.history.attachments.of_messages, [kept.id])
            attached = (*stored.get(kept.id, ()), *attached)
        others = [*attached, *[await asyncio.to_thread(self.read, name) for name in typed.others]]
        source = others.pop(0) if attached and not typed.text else await asyncio.to_thread(self.source, typed, thread)
        message = again
        if message is None:
            last = thread[-1] if thread else None
            message = await self._workspace.conversations.store(
                line,
                conversation=last.conversation if last else None,
                parent=last.id if last else None,
                beside=beside,
                step=plan.requested_step,
                sources=attached,
            )
            emit(MessageStored(message))
        return await self.carry_out(plan, message, source, others, emit)

    async def carry_out(
        self,
        plan: Plan,
        message: Message,
        source: Source,
        others: Sequence[Source],
        emit: Emit,
        *,
        given: ReusedArtifacts | None = None,
    ) -> Message:
        """A run whose outcome is a reply to a stored message. Raises ChatspaceError."""

        def show(step: str, result: RunResult) -> str:
            made, prose = result.artifacts.get(step), stage(step).prose
            if made and prose:
                return prose(made)
            return self._workspace.exporter.render(result, step, "md").decode("utf-8") if made else ""

        return await self._workspace.runs.run_in_conversation(message, source, plan, show, emit, others, given=given)

    def read(self, name: str) -> Source:
        return self._workspace.runs.read(path_in(name))

    def source(self, typed: ParsedCommand, thread: Sequence[Message]) -> Source:
        """What stands behind a command: a path, pasted text, or nothing, which is the last message."""
        runs = self._workspace.runs
        if not typed.text:
            last = next((message for message in reversed(thread) if message.text.strip()), None)
            if last is None:
                raise UsageError(
                    f"/{typed.name} wants a text",
                    remedy=f"Name a file, as in /{typed.name} brief.md, or paste the text.",
                )
            return runs.read_bytes(last.text.encode("utf-8"), "the last message")
        if "\n" not in typed.text and len(typed.text) < 4096:
            path = path_in(typed.text)
            looks_like_path = path.exists() or (" " not in typed.text and ("/" in typed.text or path.suffix))
            if looks_like_path:
                return runs.read(path)
        return runs.read_bytes(typed.text.encode("utf-8"), "pasted text")

    def export(self, typed: ParsedCommand, conversation: Conversation, thread: Sequence[Message]) -> Path:
        """Write the conversation, or into a folder the files of its last run. Raises ChatspaceError."""
        exporter = self._workspace.exporter
        path = Path(typed.text).expanduser()
        if typed.text and (typed.text.endswith("/") or path.is_dir()):
            return self._export_run(path, thread)
        if not typed.text:
            path = Path(exporter.file_name(conversation.title, "chat", "md"))
        if path.suffix == ".csv":
            return self._export_variants(path, thread)
        if path.suffix not in EXPORT_SUFFIXES:
            raise UsageError(
                f"{path.name} says no format",
                remedy="End the name in .md, .json, .html, or .csv for chosen copy; a FOLDER/ takes a run's files.",
            )
        format_name, branch = EXPORT_SUFFIXES[path.suffix], thread[-1].id if thread else None
        # As JSON the whole tree, which an import reads back; else the branch in sight.
        data = self._workspace.exporting.data(conversation, format_name, None if format_name == "json" else branch)
        return exporter.write(path, data)

    def export_all(self, target: str) -> str:
        """Write every conversation, as Markdown into a folder or as JSON into one file; gives what to say of it."""
        path = Path(target).expanduser()
        exporting = self._workspace.exporting
        if not target:
            raise UsageError("/export --all wants a folder", remedy="As in /export --all talks/, or talks.json.")
        if path.suffix == ".json" and not path.is_dir():
            return f"Written to {exporting.lines(exporting.every(), path)}"
        written = exporting.folder(exporting.every(), path, "md")
        return f"Written to {path}: {display.count(written, 'conversation')}, and an index"

    def _export_variants(self, path: Path, thread: Sequence[Message]) -> Path:
        """The variants that were chosen of the last copy, in the form that their channel imports."""
        desk = self._workspace.copy_editor
        last = desk.last(thread)
        if last is None:
            raise UsageError("There is no copy in this conversation", remedy="Make some with /copy.")
        sheet = desk.sheet(last)
        format_name = "google-ads-csv" if sheet.channel.name == "google-ads" else "csv"
        return self._workspace.exporter.write(path, desk.export(sheet, format_name))

    def _export_run(self, folder: Path, thread: Sequence[Message]) -> Path:
        last = next((message for message in reversed(thread) if message.run), None)
        if last is None or last.run is None:
            raise UsageError("There is no run in this conversation", remedy="Make one with /extract, /draft or /copy.")
        return self.export_run(folder, last.run)

    def export_run(self, folder: Path, run: str) -> Path:
        """Write the files of a run into a folder. Raises ChatspaceError, before anything is written."""
        files = self._workspace.runs.files(run)
        for name in files:
            self._workspace.exporter.target(folder / name)
        for name, data in files.items():
            self._workspace.exporter.write(folder / name, data)
        return folder


def path_in(typed: str) -> Path:
    """The path that somebody wrote behind a command, also as `@path`, as in a message."""
    path = Path(typed).expanduser()
    if typed.startswith("@") and not path.exists():
        return Path(typed[1:].strip('"')).expanduser()
    return path
