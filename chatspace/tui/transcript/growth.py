"""Text that streams in, taken onto the sheet a few times a second."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter

from chatspace.tui.transcript.item import Item
from chatspace.tui.transcript.sheet import Sheet

FLUSH_SECONDS = 1 / 15
REST = 8
"""The next flush waits this many times what the last one cost, so that a dear block leaves time for keys."""


class Growth:
    """Keeps what came for items; `later` calls after so many seconds, and `grown` is told when the sheet has it."""

    def __init__(self, sheet: Sheet, later: Callable[[float, Callable[[], None]], object], grown: Callable[[], None]):
        self._sheet = sheet
        self._later = later
        self._grown = grown
        self._items: set[Item] = set()
        self._due = False
        self._flushed = self._cost = 0.0

    def add(self, item: Item, text: str, reasoning: str) -> None:
        """Keep it for the next flush, which comes soon."""
        item.take(text, reasoning)
        self._items.add(item)
        if not self._due:
            self._due = True
            wait = self._flushed + max(FLUSH_SECONDS, REST * self._cost) - perf_counter()
            self._later(max(0.001, wait), self._flush)

    def drop(self, items: Iterable[Item]) -> None:
        """These aren't flushed any more."""
        self._items.difference_update(items)

    def _flush(self) -> None:
        started = perf_counter()
        self._due = False
        growing, self._items = self._items, set()
        for item in growing:
            item.flush(self._sheet.width)
            self._sheet.changed(item)
        if growing:
            self._grown()
        self._flushed = perf_counter()
        self._cost = self._flushed - started
