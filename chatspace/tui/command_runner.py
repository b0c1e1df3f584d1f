"""What the slash commands do, put as work for a job. The screen only says in which conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatspace.core.errors import UsageError
from chatspace.core.registry import by_suffix
from chatspace.core.stages.registry import BUILT_IN, main_stage, stage
from chatspace.core.text import display

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Conversation, Message
    from chatspace.core.document import Source
    from chatspace.core.events import Emit
    from chatspace.core.profiles.options import Options
    from chatspace.core.registry import Format
    from chatspace.core.runs.plan import Plan
    from chatspace.core.runs.run import ReusedArtifacts, RunResult
    from chatspace.tui.commands import ParsedCommand
    from chatspace.wiring import Workspace

SOURCE_COMMANDS = BUILT_IN
"""The commands that make what a stage of this name makes."""
TAKES_SOURCES = (*SOURCE_COMMANDS, "compare", "story")
"""The commands that what is attached goes along with."""
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
                    f"/{typed.name} needs a text",
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
        """Write what the name of the file says: the conversation, its last draft, or the copy that was chosen in it.

        Into a folder go the files of its last run. Raises ChatspaceError.
        """
        exporter, exporting = self._workspace.exporter, self._workspace.exporting
        path = Path(typed.text).expanduser()
        if typed.text and (typed.text.endswith("/") or path.is_dir()):
            return self._export_run(path, thread)
        if not typed.text:
            path = Path(exporter.file_name(conversation.title, "conversation", "md"))
        if chosen := by_suffix(path.suffix, exporting.formats):
            branch = thread[-1].id if thread else None
            # As JSON the whole tree, which an import reads back; else the branch in sight.
            data = exporting.data(conversation, chosen.name, None if chosen.name == "json" else branch)
            return exporter.write(path, data)
        text = main_stage()
        drafts, copies = exporter.formats(text), self._workspace.copy_editor.formats
        if chosen := by_suffix(path.suffix, drafts):
            run = _last_run(thread, text, f"This conversation has no {text} yet", f"Make one with /{text}.")
            return exporter.write(exporter.target(path), self._workspace.runs.file(run, text, chosen.name))
        if chosen := by_suffix(path.suffix, copies):
            return self._export_variants(path, thread, chosen)
        known = dict.fromkeys(each.suffix for each in (*exporting.formats.values(), *drafts.values(), *copies.values()))
        raise UsageError(
            f"The format of {path.name} is unknown",
            remedy=f"End the name in {', '.join(known)}; a FOLDER/ takes a run's files.",
        )

    def export_all(self, target: str) -> str:
        """Write every conversation, as Markdown into a folder or as JSON into one file; gives what to say of it."""
        path = Path(target).expanduser()
        exporting = self._workspace.exporting
        if not target:
            raise UsageError("/export --all needs a folder", remedy="As in /export --all talks/, or talks.json.")
        if path.suffix == ".json" and not path.is_dir():
            return f"Written to {exporting.lines(exporting.every(), path)}"
        written = exporting.folder(exporting.every(), path, "md")
        return f"Written to {path}: {display.count(written, 'conversation')}, and an index"

    def _export_variants(self, path: Path, thread: Sequence[Message], format: Format) -> Path:
        """The variants that were chosen of the last copy, as their channel imports them where it has a form for it."""
        desk = self._workspace.copy_editor
        last = desk.last(thread)
        if last is None:
            raise UsageError("This conversation has no copy yet", remedy="Make some with /copy.")
        sheet = desk.sheet(last)
        own = desk.formats.get(sheet.channel.export or "")
        chosen = own if own and own.suffix == format.suffix else format
        return self._workspace.exporter.write(path, desk.export(sheet, chosen.name))

    def _export_run(self, folder: Path, thread: Sequence[Message]) -> Path:
        remedy = "Make one with /extract, /draft or /copy."
        return self.export_run(folder, _last_run(thread, None, "This conversation has no run yet", remedy))

    def export_run(self, folder: Path, run: str) -> Path:
        """Write the files of a run into a folder. Raises ChatspaceError, before anything is written."""
        files = self._workspace.runs.files(run)
        for name in files:
            self._workspace.exporter.target(folder / name)
        for name, data in files.items():
            self._workspace.exporter.write(folder / name, data)
        return folder


def _last_run(thread: Sequence[Message], step: str | None, missing: str, remedy: str) -> str:
    """The run of the last reply, or of the last one of a step. Raises UsageError where there is none."""
    for message in reversed(thread):
        if message.run and step in (None, message.step):
            return message.run
    raise UsageError(missing, remedy=remedy)


def path_in(typed: str) -> Path:
    """The path that somebody wrote behind a command, also as `@path`, as in a message."""
    path = Path(typed).expanduser()
    if typed.startswith("@") and not path.exists():
        return Path(typed[1:].strip('"')).expanduser()
    return path
