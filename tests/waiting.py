"""Waiting for what other threads and processes do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

PAUSE = 0.01


def eventually(predicate: Callable[[], object], seconds: float = 20.0) -> None:
    """Return as soon as `predicate` is true; AssertionError after so many seconds."""
    end = time.monotonic() + seconds
    while not predicate():
        if time.monotonic() > end:
            raise AssertionError(f"still not true after {seconds:g} s")
        time.sleep(PAUSE)


async def eventually_async(predicate: Callable[[], object], seconds: float = 20.0) -> None:
    """The same, while the event loop goes on."""
    end = time.monotonic() + seconds
    while not predicate():
        if time.monotonic() > end:
            raise AssertionError(f"still not true after {seconds:g} s")
        await asyncio.sleep(PAUSE)
