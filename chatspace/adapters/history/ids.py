"""Ids that sort by time, and times as the store writes them: whole milliseconds since 1970, UTC."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime

LOW_BITS = 20
"""An id is milliseconds << 20 plus a low part: 43 bits of time reach the year 2248, a million ids fit a millisecond."""

LARGEST_ID = (1 << 63) - 1

LATEST_MS = 8_500_000_000_000
"""In the year 2239: leaves room for the ids that have to stand above those of an impossible time."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def to_ms(moment: datetime) -> int:
    """Clamped to what an id can hold, because imported times may be anything."""
    return min(max(1, round(moment.timestamp() * 1000)), LATEST_MS)


def from_ms(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def id_at(moment: datetime) -> int:
    """The first id of that moment: those of earlier messages are less."""
    return to_ms(moment) << LOW_BITS


class Ids:
    """Makes positive 63-bit integers that serve as rowids.

    Those made for the present always ascend within a process. The low part starts at random, so that two processes
    hardly ever meet; the database tells where they do.
    """

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def draw(self, *, at: int | None = None, above: int = 0) -> int:
        """An id of the moment `at` in milliseconds (by default now), but greater than `above`."""
        with self._lock:
            if at is None:
                drawn = self._last = max(now_ms() << LOW_BITS | _low(), self._last + 1)
            else:
                drawn = at << LOW_BITS | _low()
        return drawn if drawn > above else above + 1 + _low()


def _low() -> int:
    return int.from_bytes(os.urandom(3)) >> 24 - LOW_BITS
