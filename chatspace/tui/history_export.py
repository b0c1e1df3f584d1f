"""Conversations of the history list into files: what to call them, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from chatspace.core.chat.conversation import Conversation
from chatspace.core.ports import Exporter
from chatspace.tui.screens.save_dialog import Destination
from chatspace.wiring import Workspace

KIND = "conversation"
FOLDER, LINES = "conversations/", "conversations.jsonl"


def suggestions(exporter: Exporter, chosen: Sequence[Conversation]) -> Mapping[str, str]:
    """A name for each format's title: one goes into a file, several into a folder, or as JSON, one a line, into one."""
    formats = exporter.formats(KIND).values()
    if len(chosen) == 1:
        return {each.title: exporter.file_name(chosen[0].title, KIND, each.name) for each in formats}
    return {each.title: LINES if each.name == "json" else FOLDER for each in formats}


def write(workspace: Workspace, chosen: Sequence[Conversation], to: Destination) -> Path:
    """Write them, and give where they are. Raises UsageError. To be called from a thread."""
    exporting = workspace.exporting
    kind = next(name for name, each in exporting.formats.items() if each.title == to.format)
    if to.path.is_dir() or (len(chosen) > 1 and kind != "json"):
        exporting.folder(chosen, to.path, kind)
        return to.path
    if len(chosen) > 1:
        return exporting.lines(chosen, to.path, overwrite=to.overwrite)
    return workspace.exporter.write(to.path, exporting.data(chosen[0], kind), overwrite=to.overwrite)
