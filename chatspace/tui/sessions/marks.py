"""Star, discard, bring back: what an editor decides on one of many, the same for openings and for variants."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, Literal, TypeVar

from chatspace.core.errors import ChatspaceError
from chatspace.tui.sessions.changed import Changed, Listener, UndoStep

Item = TypeVar("Item")
State = Literal["fresh", "starred", "scrapped"]
Mark = Literal["star", "discard", "bring_back"]


@dataclass(frozen=True, slots=True)
class Markable(Generic[Item]):
    """What is marked. `mark` and `restore`, which gives an item the state that it has here, block and raise
    ChatspaceError; `load` reads all again and puts the cursor on an item.
    """

    scraps: Callable[[], Sequence[Item]]
    name: Callable[[Item], str]
    is_starred: Callable[[Item], bool]
    mark: Callable[[Item, State], object]
    restore: Callable[[Item], object]
    load: Callable[[Item | None], Awaitable[None]]


class Marks(Generic[Item]):
    """Sets marks, and takes them back. `scraps_shown` says whether the scrap list is in sight instead of the rest."""

    def __init__(self, kept: Markable[Item], listener: Listener) -> None:
        self._kept = kept
        self._listener = listener
        self.scraps_shown = False

    @property
    def scraps(self) -> Sequence[Item]:
        """The scrap list."""
        return self._kept.scraps()

    async def do(self, what: Mark, item: Item | None) -> None:
        """Star or discard this one, or take its star; bring back this one of the scrap list, or else the last."""
        if what == "bring_back":
            await self._bring_back(item if self.scraps_shown else None)
        elif item is not None and what == "discard":
            if await self._mark(item, "scrapped"):
                self._listener(Changed(undo=self.undo(f"{self._kept.name(item)} discarded", [item])))
        elif item is not None:
            await self._mark(item, "fresh" if self._kept.is_starred(item) else "starred")

    async def _bring_back(self, item: Item | None) -> None:
        scraps = self.scraps
        item = item or (scraps[-1] if scraps else None)
        if item is None:
            return
        if len(scraps) == 1:
            self.scraps_shown = False
        if await self._mark(item, "fresh", at=item):
            self._listener(Changed(undo=self.undo(f"{self._kept.name(item)} brought back", [item])))

    async def _mark(self, item: Item, state: State, at: Item | None = None) -> bool:
        """Gives whether it was done; either way all is read again."""
        try:
            await asyncio.to_thread(self._kept.mark, item, state)
        except ChatspaceError as error:
            self._listener(Changed(error=error))
            return False
        finally:
            await self._kept.load(at)
        return True

    def undo(self, done: str, before: Sequence[Item]) -> UndoStep:
        """What gives each of these the state back that it has here."""
        return UndoStep(done, partial(self._restore, before))

    async def _restore(self, before: Sequence[Item]) -> None:
        for item in before:
            await asyncio.to_thread(self._kept.restore, item)
        self.scraps_shown = False
        await self._kept.load(before[0])

    def toggle_scraps(self) -> None:
        """Show the scrap list, or the rest again."""
        if not self.scraps_shown and not self.scraps:
            self._listener(Changed(notice="Nothing was discarded yet."))
            return
        self.scraps_shown = not self.scraps_shown
        self._listener(Changed())
