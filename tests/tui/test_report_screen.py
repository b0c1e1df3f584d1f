"""The report under a pilot: groupings and times by keys and clicks, at every size."""

from __future__ import annotations

import pytest
from textual.widgets import OptionList, Static

from chatspace.tui.screens.report import ReportScreen
from tests.model_server import ModelServer, Reply
from tests.tui.conftest import Open, Seat

pytestmark = pytest.mark.drill  # a whole workspace for each test: the gate runs them


async def open_report(seat: Seat, typed: str = "/report") -> ReportScreen:
    await seat.send(typed)
    screen = await seat.opened(ReportScreen)
    await seat.until(lambda: screen._report is not None)
    return screen


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36), (200, 60)])
async def test_groups_have_a_line_with_a_bar_and_the_chosen_one_its_times(
    open_workspace: Open, served: ModelServer, size: tuple[int, int]
) -> None:
    served.answer(Reply("Yes"))
    async with open_workspace(size) as seat:
        await seat.exchange("Hello")
        screen = await open_report(seat)
        await seat.until(lambda: screen.query_one(OptionList).option_count == 1)
        assert "━" in seat.shown
        assert "chat: 1 call" in seat.shown
        assert "‹profile›" in seat.shown
        assert "step" in seat.shown
        assert "1 calls, 0 runs" not in seat.shown
        assert "1 call, 0 runs" in seat.shown


async def test_keys_change_the_grouping_and_the_time(open_workspace: Open, served: ModelServer) -> None:
    served.answer(Reply("Yes"))
    async with open_workspace() as seat:
        await seat.exchange("Hello")
        screen = await open_report(seat)
        await seat.pilot.press("right")
        await seat.until(lambda: screen._report is not None and screen._report.by == "model")
        await seat.until(lambda: "openai/chat-model" in seat.shown)
        await seat.pilot.press("h", "h")
        await seat.until(lambda: screen._report is not None and screen._report.by == "step")
        await seat.pilot.press("a")
        await seat.until(lambda: screen._report is not None and screen._report.since is None)
        assert "‹all›" in seat.shown
        await seat.leave()


async def test_a_click_on_a_choice_takes_it(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        screen = await open_report(seat)
        line = str(screen.query_one("#report-by", Static).render())
        await seat.pilot.click("#report-by", offset=(line.index("channel") + 1, 0))
        await seat.until(lambda: screen._report is not None and screen._report.by == "channel")


async def test_nothing_done_yet_is_said_and_a_wrong_time_too(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        await open_report(seat, "/report last-year")
        assert "No calls or runs" in seat.shown
        assert any("is not a valid start of a period" in notice for notice in seat.notices), seat.notices
