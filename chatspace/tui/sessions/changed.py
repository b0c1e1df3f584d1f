"""What a session reports to the screen that shows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from chatspace.core.errors import ChatspaceError
from chatspace.core.events import DeltaReceived

Part = Literal["file", "counts", "asking", "proposal", "hunks", "nothing"]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class UndoStep:
    """What was done, as a sentence without its full stop; `back` takes it back and may raise ChatspaceError."""

    done: str
    back: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Changed:
    """The session has to be shown again: on the desk the `part` that has changed, with its `hunks`; in a table all of
    it, with the cursor on the row `at` where there is one.

    `notice` and `error` are for the user; `undo` takes back what was done. With a `delta` a text has grown by it, and
    nothing else has changed.
    """

    part: Part = "nothing"
    hunks: frozenset[int] = frozenset()
    at: int | None = None
    notice: str = ""
    severity: Literal["information", "warning", "error"] = "information"
    error: ChatspaceError | None = None
    undo: UndoStep | None = None
    delta: DeltaReceived | None = None


Listener = Callable[[Changed], object]


async def attempt(listener: Listener, call: Awaitable[Result]) -> Result | None:
    """What a call gives; a failure is reported and gives None."""
    try:
        return await call
    except ChatspaceError as error:
        listener(Changed(error=error))
        return None
