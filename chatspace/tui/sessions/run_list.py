"""The runs there were, newest first, read by the page."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from chatspace.tui.sessions.changed import Listener, attempt

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message
    from chatspace.core.runs.run import RunRecord
    from chatspace.core.workspace.stored_runs import RunStore

PAGE = 50

HERE = 0
"""The key of the message that is offered; the runs count from 1."""


class RunList:
    """`offered` is a message that a run can be made of; `whole` says that there are no further runs."""

    def __init__(self, store: RunStore, listener: Listener) -> None:
        self._store = store
        self._listener = listener
        self.runs: list[RunRecord] = []
        self.whole = False
        self.offered: Message | None = None

    async def load(self, *, afresh: bool = False) -> None:
        """The newest; what is there already is kept, unless it is read afresh."""
        if afresh:
            self.runs = []
        if not self.runs:
            await self.load_more()

    async def load_more(self) -> None:
        before = self.runs[-1].id if self.runs else None
        page = await attempt(self._listener, asyncio.to_thread(partial(self._store.page, limit=PAGE, before=before)))
        self.runs += page or ()
        self.whole = not page or len(page) < PAGE
