"""What sending the prompt would take, known before anything is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from chatspace.core.errors import ChatspaceError
from chatspace.tui.sessions.changed import Changed, Listener
from chatspace.tui.sessions.tasks import Tasks

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
        self._tasks = Tasks(listener)
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
        self._tasks.start(partial(self._look, text, options, thread, waiting, sources), "look")

    async def _look(self, *asked: Any) -> None:
        await asyncio.sleep(LOOK_AHEAD_SECONDS)
        try:
            self.outlook = await asyncio.to_thread(self._workspace.conversations.outlook, *asked)
        except ChatspaceError as error:
            self.outlook = None
            self._listener(Changed("preview", error=error))
        else:
            self._listener(Changed("preview"))
