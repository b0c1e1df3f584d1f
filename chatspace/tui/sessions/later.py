"""Something that is done a little later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Later:
    """Does its work once so many seconds after it was begun; with `postponed` each further begin starts them again."""

    def __init__(
        self, seconds: float, work: Callable[[], Coroutine[Any, Any, None]], *, postponed: bool = False
    ) -> None:
        self._seconds = seconds
        self._work = work
        self._postponed = postponed
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        if self._postponed:
            self.stop()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._fire)

    def stop(self) -> None:
        """Forget what hasn't begun yet."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        self._task = asyncio.create_task(self._work())
