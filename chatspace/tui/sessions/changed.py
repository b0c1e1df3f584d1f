"""What a session reports to the screen that shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from chatspace.core.errors import ChatspaceError

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class UndoStep:
    """What was done, as a sentence without its full stop; `back` takes it back and may raise ChatspaceError."""

    done: str
    back: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Changed:
    """The session has to be shown again, with the cursor on the row `at` where there is one.

    `notice`, `warning` and `error` are for the user; `undo` takes back what was done.
    """

    at: int | None = None
    notice: str = ""
    warning: str = ""
    error: ChatspaceError | None = None
    undo: UndoStep | None = None


Listener = Callable[[Changed], object]


async def attempt(listener: Listener, function: Callable[..., Result], *arguments: object) -> Result | None:
    """What a function that blocks gives, asked from a thread; a failure is reported and gives None."""
    try:
        return await asyncio.to_thread(function, *arguments)
    except ChatspaceError as error:
        listener(Changed(error=error))
        return None
