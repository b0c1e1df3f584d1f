"""Conversations of the history list into files: what to call them, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from chatspace.core.chat.conversation import Conversation
from chatspace.core.ports import Exporter
from chatspace.tui.screens.save_dialog import Destination
from chatspace.wiring import Workspace

FORMATS = {"Markdown": "md", "JSON": "json", "HTML": "html"}
FOLDER, LINES = "conversations/", "conversations.jsonl"


def suggestions(exporter: Exporter, chosen: Sequence[Conversation]) -> Mapping[str, str]:
    """A name for each format: one goes into a file, several into a folder, or as JSON, one a line, into one file."""
    if len(chosen) == 1:
        return {said: exporter.file_name(chosen[0].title, "chat", kind) for said, kind in FORMATS.items()}
    return {said: LINES if kind == "json" else FOLDER for said, kind in FORMATS.items()}


def write(workspace: Workspace, chosen: Sequence[Conversation], to: Destination) -> Path:
    """Write them, and give where they are. Raises UsageError. To be called from a thread."""
    exporting, kind = workspace.exporting, FORMATS[to.format]
    if to.path.is_dir() or (len(chosen) > 1 and kind != "json"):
        exporting.folder(chosen, to.path, kind)
        return to.path
    if len(chosen) > 1:
        return exporting.lines(chosen, to.path, overwrite=to.overwrite)
    return workspace.exporter.write(to.path, exporting.data(chosen[0], kind), overwrite=to.overwrite)
