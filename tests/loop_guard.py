"""The rule that the event loop never waits for the database: in tests such a call is an error."""

from __future__ import annotations

import asyncio
import inspect
import sys
from pathlib import Path
from types import FrameType

PROGRAM, TESTS = (f"{Path(__file__).parents[1] / name}/" for name in ("chatspace", "tests"))


class LoopGuard:
    """Refuses the database to a thread in which an event loop runs; what a test itself looks up is let through.

    `elsewhere` counts the uses in other threads.
    """

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.elsewhere = 0

    def __call__(self) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self.elsewhere += 1
            return
        calls = _calls(sys._getframe(1))
        if calls:
            self.refused.append(" < ".join(calls))
            raise RuntimeError(f"The event loop waits for the database: {self.refused[-1]}")


def _calls(frame: FrameType | None) -> list[str]:
    """The calls that led from the event loop to the database, the innermost first; none where a test only looks."""
    found: list[str] = []
    while frame:
        code = frame.f_code
        if code.co_filename.startswith(TESTS):
            return []
        place = code.co_filename.removeprefix(PROGRAM)
        if place != code.co_filename and not place.startswith("adapters/history/"):
            found.append(f"{place}:{frame.f_lineno} {code.co_name}")
            if place.startswith("tui/") or code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
                break
        frame = frame.f_back
    return found
