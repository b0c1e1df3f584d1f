"""The settings that the user changes, on their way into the file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from chatspace.core.errors import ChatspaceError

if TYPE_CHECKING:
    from chatspace.core.profiles.settings import Value
    from chatspace.wiring import Workspace


class SettingsWriter:
    """Writes one after the other in a thread: each reads what the last one wrote. `failed` hears what couldn't be."""

    def __init__(self, workspace: Workspace, failed: Callable[[ChatspaceError], object]) -> None:
        self._workspace = workspace
        self._failed = failed
        self._lock = asyncio.Lock()

    async def change(self, name: str, value: Value) -> None:
        async with self._lock:
            try:
                await asyncio.to_thread(self._workspace.settings.change, name, value)
            except ChatspaceError as error:
                self._failed(error)

    async def finish(self) -> None:
        """Wait for what was changed before."""
        async with self._lock:
            pass
