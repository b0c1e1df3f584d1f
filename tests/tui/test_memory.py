"""What was left is let go of: the screens, the widgets with their painted lines, the replies and the jobs."""

from __future__ import annotations

import gc
from collections import defaultdict
from weakref import WeakKeyDictionary

import pytest
from textual._styles_cache import StylesCache
from textual.dom import DOMNode

from chatspace.tui.jobs import Job
from chatspace.tui.navigation import SCREENS
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.transcript.item import Item
from tests.model_server import ModelServer, Reply
from tests.tui.conftest import Open, Seat

pytestmark = pytest.mark.drill

ROUNDS = 5
KINDS = (DOMNode, StylesCache, Item, Job)


class Births:
    """Of all that a screen consists of and that is still there, the round that made it."""

    def __init__(self) -> None:
        self._rounds: WeakKeyDictionary[object, int] = WeakKeyDictionary()

    def note(self, number: int) -> None:
        gc.collect()
        for each in gc.get_objects():
            if issubclass(type(each), KINDS):
                self._rounds.setdefault(each, number)

    @property
    def leaking(self) -> set[str]:
        """The kinds of which something is there of every round; Textual holds a thing or two until it needs the place.

        The first round made what stays for good.
        """
        rounds: defaultdict[str, set[int]] = defaultdict(set)
        for each, number in self._rounds.items():
            rounds[type(each).__name__].add(number)
        return {kind for kind, made in rounds.items() if made.issuperset(range(1, ROUNDS))}


async def _back(seat: Seat) -> None:
    while seat.app.screen is not seat.screen:
        before = seat.app.screen
        await seat.pilot.press("escape")
        await seat.pilot.pause()
        if seat.app.screen is before and isinstance(before, ToolScreen):
            before.dismiss(None)
            await seat.pilot.pause()


async def _round(seat: Seat, number: int) -> None:
    await seat.exchange(f"Report {number}")
    await seat.send(f"/compare Question {number} --profiles chat,quick")
    await seat.until(lambda: "2 of 2 ended" in seat.shown)
    await _back(seat)
    await seat.pilot.press("ctrl+s")
    await seat.until(lambda: "Words find" in seat.shown)
    await seat.pilot.press(*"report")
    await seat.until(lambda: "found" in seat.shown)
    await _back(seat)
    await seat.open_newest()
    await seat.pilot.press("ctrl+n")
    await seat.until(lambda: not seat.entries)


async def test_nothing_stays_of_rounds_of_work(open_workspace: Open, served: ModelServer) -> None:
    served.answer(Reply("One paragraph.\n\n- a list\n- of two\n\n```python\nprint('code')\n```\n\nThe end."))
    births = Births()
    async with open_workspace() as seat:
        for number in range(ROUNDS):
            await _round(seat, number)
            births.note(number)
        assert not births.leaking


async def test_nothing_stays_of_places_that_were_left(open_workspace: Open, served: ModelServer) -> None:
    births = Births()
    async with open_workspace() as seat:
        for number in range(ROUNDS):
            for place in SCREENS:
                seat.screen.action_place(place)
                await seat.until(lambda: seat.app.screen is not seat.screen)
                await _back(seat)
            births.note(number)
        assert not births.leaking
