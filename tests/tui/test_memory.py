"""What was left is let go of: the screens, the widgets with their painted lines, the replies and the jobs."""

from __future__ import annotations

import gc
from collections import Counter

import pytest
from textual._styles_cache import StylesCache
from textual.dom import DOMNode

from chatspace.tui.jobs import Job
from chatspace.tui.places import PLACES
from chatspace.tui.screens.place import PlaceScreen
from chatspace.tui.transcript.blocks import Block
from chatspace.tui.transcript.item import Item
from tests.model_server import ModelServer, Reply
from tests.tui.conftest import Open, Seat

pytestmark = pytest.mark.drill

ROUNDS = 5
KINDS = (DOMNode, StylesCache, Item, Block, Job)

Alive = Counter[str]


def _alive() -> Alive:
    """How many there are of each kind of what a screen consists of."""
    gc.collect()
    return Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, KINDS))


def _grown(rounds: list[Alive]) -> dict[str, list[int]]:
    """The kinds of which each round left some; what the last one left may be held until the next."""
    kinds = {kind: [alive[kind] for alive in rounds] for alive in rounds for kind in alive}
    return {kind: counts for kind, counts in kinds.items() if min(counts[-2:]) > max(counts[:2])}


async def _back(seat: Seat) -> None:
    while seat.app.screen is not seat.screen:
        before = seat.app.screen
        await seat.pilot.press("escape")
        await seat.pilot.pause()
        if seat.app.screen is before and isinstance(before, PlaceScreen):
            before.dismiss(None)
            await seat.pilot.pause()


async def _round(seat: Seat, number: int) -> None:
    await seat.send(f"Report {number}")
    await seat.reply()
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
    async with open_workspace() as seat:
        rounds: list[Alive] = []
        for number in range(ROUNDS):
            await _round(seat, number)
            rounds.append(_alive())
    assert not _grown(rounds)


async def test_nothing_stays_of_places_that_were_left(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        rounds: list[Alive] = []
        for _ in range(ROUNDS):
            for place in PLACES:
                seat.screen.action_place(place)
                await seat.until(lambda: seat.app.screen is not seat.screen)
                await _back(seat)
            rounds.append(_alive())
    assert not _grown(rounds)
