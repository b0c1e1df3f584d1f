"""The export of a conversation, of its draft or its run, or of all conversations."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from chatspace.tui.command_runner import EXPORT_ALL, CommandRunner
from chatspace.tui.sessions.changed import Changed, Listener
from chatspace.tui.sessions.chat_branch import Branch

if TYPE_CHECKING:
    from chatspace.tui.commands import ParsedCommand
    from chatspace.wiring import Workspace


class ChatExport:
    """Writes what /export names, and says where."""

    def __init__(self, workspace: Workspace, branch: Branch, listener: Listener) -> None:
        self._workspace = workspace
        self._branch = branch
        self._listener = listener

    async def write(self, typed: ParsedCommand) -> None:
        """Raises ChatspaceError."""
        slash = CommandRunner(self._workspace)
        if typed.text.startswith(EXPORT_ALL):
            said = await asyncio.to_thread(slash.export_all, typed.text.removeprefix(EXPORT_ALL).strip())
            self._listener(Changed(notice=said))
            return
        if self._branch.conversation is None:
            self._listener(Changed(notice="There is nothing to export yet."))
            return
        thread = tuple(self._branch.thread)
        stored = await asyncio.to_thread(self._workspace.history.conversations.get, self._branch.conversation)
        if stored:
            path = await asyncio.to_thread(slash.export, typed, stored, thread)
            self._listener(Changed(notice=f"Written to {path}"))
