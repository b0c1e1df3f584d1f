"""What a session does beside what the user does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from chatspace.core.errors import ChatspaceError
from chatspace.tui.jobs import defect
from chatspace.tui.sessions.changed import Changed, Listener


class Tasks:
    """Runs work and reports what fails. Of a group, only what was begun last goes on."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._running: set[asyncio.Task[None]] = set()
        self._latest: dict[str, asyncio.Task[None]] = {}

    def start(self, work: Callable[[], Awaitable[object]], group: str = "") -> asyncio.Task[None]:
        if group and (former := self._latest.get(group)):
            former.cancel()
        task = asyncio.create_task(self._run(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        if group:
            self._latest[group] = task
        return task

    async def finished(self) -> None:
        """Wait for all that runs."""
        while self._running:
            await asyncio.wait(list(self._running))

    async def _run(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except ChatspaceError as error:
            self._listener(Changed(error=error))
        except Exception as failure:  # noqa: BLE001  # ours, but it must not end in silence
            self._listener(Changed(error=defect(failure)))
