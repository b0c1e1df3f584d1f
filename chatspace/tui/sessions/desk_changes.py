"""What the parts of the desk's session tell their listener."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from chatspace.core.errors import ChatspaceError

Part = Literal["file", "counts", "asking", "proposal", "hunks", "nothing"]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Changed:
    """The part of the desk that has changed, with the hunks that have; `notice` and `error` are to be shown."""

    part: Part = "nothing"
    hunks: frozenset[int] = frozenset()
    notice: str = ""
    severity: Literal["information", "warning", "error"] = "information"
    error: ChatspaceError | None = None


OnChange = Callable[[Changed], object]


async def attempt(call: Awaitable[Result], on_change: OnChange) -> Result | None:
    """What a call gives; a failure is told and gives None."""
    try:
        return await call
    except ChatspaceError as error:
        on_change(Changed(error=error))
        return None
