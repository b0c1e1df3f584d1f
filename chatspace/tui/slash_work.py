"""What the slash commands do, put as work for a job. The screen only says in which conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chatspace.core.conversation import Conversation, Message
from chatspace.core.document import Source
from chatspace.core.errors import UsageProblem
from chatspace.core.events import Emit, MessageStored
from chatspace.core.plan import Options
from chatspace.core.policy import PipelineStepName
from chatspace.core.run import RunResult
from chatspace.core.workspace import Workspace
from chatspace.tui.slash import Typed

SOURCE_COMMANDS: dict[str, PipelineStepName] = {"extract": "extract", "draft": "draft", "copy": "copy"}
EXPORT_SUFFIXES = {".md": "md", ".json": "json", ".html": "html"}


class SlashWork:
    """Runs the commands over the workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def produce(
        self, typed: Typed, line: str, options: Options, thread: Sequence[Message], emit: Emit
    ) -> Message:
        """extract, draft or copy on a path, on pasted text, or on the last message. Raises ChatspaceError."""
        step = SOURCE_COMMANDS[typed.name]
        runs = self._workspace.runs
        values: dict[str, Any] = {"profile": None, "model": None, **typed.options}
        chosen = replace(options, **values)
        plan = await asyncio.to_thread(runs.plan, chosen, step)
        source = await asyncio.to_thread(self._source, typed, thread)
        others = [await asyncio.to_thread(self._read, name) for name in typed.others]
        conversations = self._workspace.conversations
        last = thread[-1] if thread else None
        message = await conversations.store(
            line, conversation=last.conversation if last else None, parent=last.id if last else None, step=step
        )
        emit(MessageStored(message))

        def show(result: RunResult) -> str:
            if step == "draft":
                return result.draft.text if result.draft else ""
            made = result.extraction if step == "extract" else result.copy
            return self._workspace.exporter.render(result, step, "md").decode("utf-8") if made else ""

        return await runs.run_in_conversation(message, source, plan, show, emit, others)

    def _read(self, name: str) -> Source:
        return self._workspace.runs.read(Path(name).expanduser())

    def _source(self, typed: Typed, thread: Sequence[Message]) -> Source:
        runs = self._workspace.runs
        if not typed.text:
            last = next((message for message in reversed(thread) if message.text.strip()), None)
            if last is None:
                raise UsageProblem(
                    f"/{typed.name} wants a text",
                    remedy=f"Name a file, as in /{typed.name} brief.md, or paste the text.",
                )
            return runs.read_bytes(last.text.encode("utf-8"), "the last message")
        if "\n" not in typed.text and len(typed.text) < 4096:
            path = Path(typed.text).expanduser()
            looks_like_path = path.exists() or (" " not in typed.text and ("/" in typed.text or path.suffix))
            if looks_like_path:
                return runs.read(path)
        return runs.read_bytes(typed.text.encode("utf-8"), "pasted text")

    def export(self, typed: Typed, conversation: Conversation, thread: Sequence[Message]) -> Path:
        """Write the conversation, or into a folder the files of its last run. Raises ChatspaceError."""
        exporter = self._workspace.exporter
        path = Path(typed.text).expanduser()
        if typed.text and (typed.text.endswith("/") or path.is_dir()):
            return self._export_run(path, thread)
        if not typed.text:
            path = Path(exporter.file_name(conversation.title, "chat", "md"))
        if path.suffix not in EXPORT_SUFFIXES:
            raise UsageProblem(
                f"{path.name} says no format",
                remedy="End the name in .md, .json or .html; a FOLDER/ takes a run's files.",
            )
        data = exporter.conversation(conversation, thread, EXPORT_SUFFIXES[path.suffix])
        return exporter.write(path, data)

    def _export_run(self, folder: Path, thread: Sequence[Message]) -> Path:
        last = next((message for message in reversed(thread) if message.run), None)
        if last is None or last.run is None:
            raise UsageProblem(
                "There is no run in this conversation", remedy="Make one with /extract, /draft or /copy."
            )
        files = self._workspace.run_store.artifacts(last.run)
        for file in files:
            self._workspace.exporter.target(folder / file.name)
        for file in files:
            self._workspace.exporter.write(folder / file.name, file.text.encode("utf-8"))
        return folder
