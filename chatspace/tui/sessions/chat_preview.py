"""What sending the prompt would take, known before anything is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatspace.core.errors import ChatspaceError
from chatspace.tui.sessions.changed import Changed, Listener

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message
    from chatspace.core.document import Source
    from chatspace.core.profiles.options import Options
    from chatspace.core.workspace.conversations import SendPreview
    from chatspace.wiring import Workspace

LOOK_AHEAD_SECONDS = 0.05
"""Of what changes in one go, only the last is looked at."""


class Preview:
    """Looks ahead; `outlook` is what was seen last, None where there is nobody to send to."""

    def __init__(self, workspace: Workspace, listener: Listener) -> None:
        self._workspace = workspace
        self._listener = listener
        self._task: asyncio.Task[None] | None = None
        self.outlook: SendPreview | None = None

    def look(
        self,
        text: str,
        options: Options,
        thread: Sequence[Message],
        waiting: Sequence[str],
        sources: Sequence[Source],
    ) -> None:
        """See what sending `text` behind these would take."""
        if self._task:
            self._task.cancel()
        self._task = asyncio.create_task(self._look(text, options, thread, waiting, sources))

    async def _look(
        self,
        text: str,
        options: Options,
        thread: Sequence[Message],
        waiting: Sequence[str],
        sources: Sequence[Source],
    ) -> None:
        await asyncio.sleep(LOOK_AHEAD_SECONDS)
        error: ChatspaceError | None = None
        try:
            outlook = self._workspace.conversations.outlook
            self.outlook = await asyncio.to_thread(outlook, text, options, thread, waiting, sources)
        except ChatspaceError as failure:
            self.outlook, error = None, failure
        self._listener(Changed("preview", error=error))
