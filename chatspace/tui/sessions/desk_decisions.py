"""What was decided on the hunks of a desk's proposals, in the order in which it was decided."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from chatspace.core.rewriting.review import Move
from chatspace.core.workspace.desk import Desk
from chatspace.tui.sessions.changed import Listener, attempt
from chatspace.tui.sessions.desk_file import DeskFile


class DeskDecisions:
    """Stores each decision behind what is written before it; `rejected` is what was turned down, before and after."""

    def __init__(self, desk: Desk, file: DeskFile, listener: Listener) -> None:
        self._desk = desk
        self._file = file
        self._listener = listener
        self._tasks: set[asyncio.Task[None]] = set()
        self.rejected: list[tuple[str, str]] = []

    def take(self, message: int, move: Move) -> None:
        """A hunk of the reply `message` is decided on, or no longer."""
        turned_down = (move.hunk.before, move.hunk.after)
        if move.was.decision == "rejected" and turned_down in self.rejected:
            self.rejected.remove(turned_down)
        if move.now.decision == "rejected":
            self.rejected.append(turned_down)
        desk, in_order = self._desk, self._file.in_order
        if move.now.decision is None:
            self._store(in_order(desk.undecide, message, move.hunk))
        else:
            self._store(in_order(desk.decide, message, move.hunk, move.now.decision, move.now.text))

    def _store(self, call: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(attempt(self._listener, call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stored(self) -> None:
        """Until all of it is."""
        await asyncio.gather(*self._tasks)
