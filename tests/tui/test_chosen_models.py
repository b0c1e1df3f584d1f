"""A model chosen in the workspace goes to the endpoint that offers it, and the host shown is the host called."""

from __future__ import annotations

from functools import partial

import pytest
from textual.widgets import Input, OptionList, Static

from chatspace.tui.screens.compare import CompareScreen
from chatspace.tui.screens.model_dialog import ModelDialog
from chatspace.tui.screens.target_picker import TargetPicker
from chatspace.tui.widgets.answer_column import AnswerColumn
from tests.conftest import TwoEndpoints
from tests.tui.conftest import Open, Seat

WIDE = (140, 45)
BOTH = [("first", "shared", "the-first-key"), ("second", "shared", "the-second-key")]


async def pick(seat: Seat, by: str, text: str) -> None:
    """Choose what is typed in the chooser that a key opens, once the endpoints have said what they offer."""
    await seat.pilot.press(by)
    screen = await seat.opened(ModelDialog)
    await seat.until(lambda: screen.query_one(OptionList).option_count and "gamma" in seat.shown)
    screen.query_one(Input).value = text
    await seat.until(lambda: text in seat.shown)
    await seat.pilot.press("enter")
    await seat.back_in_chat()


async def compared(seat: Seat) -> list[AnswerColumn]:
    """The columns, as soon as all have ended."""
    screen = await seat.opened(CompareScreen)
    answers = screen.session.answers
    await seat.until(lambda: answers and all(one.reply and not one.running for one in answers))
    return screen.board.answers.columns


def shows(seat: Seat, text: str) -> bool:
    return text in seat.status


def is_alone(seat: Seat, text: str) -> bool:
    return seat.app.screen.query_one(OptionList).option_count == 1 and text in seat.shown


def details(columns: list[AnswerColumn]) -> list[str]:
    return [str(column.query_one(".answer-detail", Static).render()) for column in columns]


async def test_slash_model_shows_and_calls_the_endpoint_that_offers_it(
    open_workspace: Open, two_endpoints: TwoEndpoints
) -> None:
    async with open_workspace(WIDE) as seat:
        await seat.send("/model openai/gamma")
        await seat.until(lambda: f"openai/gamma → {two_endpoints.second.host}" in seat.status)
        await seat.exchange("Hello")
        assert two_endpoints.received() == [("second", "gamma", "the-second-key")]
        assert seat.stored[-1].host == two_endpoints.second.host


async def test_slash_model_with_a_name_of_two_endpoints_says_how_to_name_each(
    open_workspace: Open, two_endpoints: TwoEndpoints
) -> None:
    async with open_workspace(WIDE) as seat:
        await seat.send("/model openai/shared")
        await seat.told(f"{two_endpoints.at_first('shared')}, or {two_endpoints.at_second('shared')}")
        assert "openai/alpha" in seat.status
        for name in (two_endpoints.at_first("shared"), two_endpoints.at_second("shared")):
            await seat.send(f"/model {name}")
            await seat.until(partial(shows, seat, f"openai/shared → {name.partition('@')[2]}"))
            await seat.exchange("Hello")
        assert two_endpoints.received() == BOTH


@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
async def test_the_chooser_shows_the_host_beside_a_name_of_two_endpoints_and_takes_the_one_that_is_chosen(
    open_workspace: Open, two_endpoints: TwoEndpoints, which: int
) -> None:
    host = (two_endpoints.first, two_endpoints.second)[which].host
    async with open_workspace(WIDE) as seat:
        await seat.pilot.press("ctrl+o")
        screen = await seat.opened(ModelDialog)
        await seat.until(lambda: "gamma" in seat.shown)
        screen.query_one(Input).value = "shared"
        await seat.until(lambda: "openai/gamma" not in seat.shown)
        lines = [line for line in seat.shown.splitlines() if "openai/shared" in line]
        assert len(lines) == 2
        place = next(number for number, line in enumerate(lines) if host in line)
        await seat.pilot.press(*["down"] * place, "enter")
        await seat.back_in_chat()
        await seat.until(lambda: f"openai/shared → {host}" in seat.status)
        await seat.exchange("Hello")
        assert two_endpoints.received() == [BOTH[which]]


async def test_a_name_with_its_endpoint_can_be_typed_in_the_chooser(
    open_workspace: Open, two_endpoints: TwoEndpoints
) -> None:
    async with open_workspace(WIDE) as seat:
        await pick(seat, "ctrl+o", f"unlisted@{two_endpoints.second.host}")
        await seat.exchange("Hello")
        assert two_endpoints.received() == [("second", "unlisted", "the-second-key")]


async def test_another_reply_comes_from_the_endpoint_of_the_model_chosen_for_it(
    open_workspace: Open, two_endpoints: TwoEndpoints
) -> None:
    async with open_workspace(WIDE) as seat:
        await seat.exchange("Hello")
        await seat.pilot.press("escape")
        await pick(seat, "R", "openai/gamma")
        await seat.until(lambda: len(two_endpoints.received()) == 2)
        await seat.reply()
        assert two_endpoints.received() == [("first", "alpha", "the-first-key"), ("second", "gamma", "the-second-key")]
        assert seat.stored[-1].host == two_endpoints.second.host
        assert f"openai/alpha → {two_endpoints.first.host}" in seat.status, "the next message goes where it went"


async def test_the_list_of_a_comparison_has_every_endpoint_with_its_models(
    open_workspace: Open, two_endpoints: TwoEndpoints
) -> None:
    async with open_workspace(WIDE) as seat:
        await seat.type("Which?")
        await seat.pilot.press("f3")
        screen = await seat.opened(TargetPicker)
        await seat.until(lambda: "gamma" in seat.shown)
        for name in (two_endpoints.at_first("shared"), two_endpoints.at_second("gamma")):
            screen.query_one(Input).value = name
            await seat.until(partial(is_alone, seat, name))
            assert name.partition("@")[2] in seat.shown
            await seat.pilot.press("space")
        await seat.pilot.press("enter")
        columns = await compared(seat)
        assert details(columns) == [f"chat → {two_endpoints.first.host}", f"chat → {two_endpoints.second.host}"]
        assert [one.answer.reply.host for one in columns if one.answer.reply] == [
            two_endpoints.first.host,
            two_endpoints.second.host,
        ]
        assert two_endpoints.received() == [("first", "shared", "the-first-key"), ("second", "gamma", "the-second-key")]


async def test_those_of_the_last_comparison_are_chosen_again_at_their_endpoints(
    open_workspace: Open, two_endpoints: TwoEndpoints
) -> None:
    names = f"{two_endpoints.at_first('shared')},{two_endpoints.at_second('shared')}"
    async with open_workspace(WIDE) as seat:
        await seat.send(f"/compare Which? --profiles {names}")
        columns = await compared(seat)
        assert details(columns) == [f"chat → {two_endpoints.first.host}", f"chat → {two_endpoints.second.host}"]
        assert two_endpoints.received() == BOTH
    two_endpoints.first.requests.clear()
    two_endpoints.second.requests.clear()
    async with open_workspace(WIDE) as seat:
        await seat.type("And now?")
        await seat.pilot.press("f3")
        await seat.opened(TargetPicker)
        await seat.until(lambda: "2 of 2 to 6" in seat.shown)
        await seat.pilot.press("enter")
        await compared(seat)
        assert two_endpoints.received() == BOTH


async def test_a_comparison_with_a_name_of_two_endpoints_says_how_to_name_each(
    open_workspace: Open, two_endpoints: TwoEndpoints
) -> None:
    async with open_workspace(WIDE) as seat:
        await seat.send("/compare Which? --profiles chat,openai/shared")
        await seat.told(f"{two_endpoints.at_first('shared')}, or {two_endpoints.at_second('shared')}")
        assert two_endpoints.received() == []


async def test_a_conversation_that_is_opened_again_goes_on_where_it_was_answered_last(
    open_workspace: Open, two_endpoints: TwoEndpoints
) -> None:
    async with open_workspace(WIDE) as seat:
        await seat.send(f"/model {two_endpoints.at_second('shared')}")
        await seat.until(lambda: "openai/shared" in seat.status)
        await seat.exchange("Hello")
    async with open_workspace(WIDE) as seat:
        await seat.until(lambda: f"openai/alpha → {two_endpoints.first.host}" in seat.status)
        await seat.open_newest()
        await seat.until(lambda: f"openai/shared → {two_endpoints.second.host}" in seat.status)
        await seat.exchange("And now?")
        assert two_endpoints.received() == [("second", "shared", "the-second-key")] * 2
        await seat.pilot.press("ctrl+n")
        await seat.until(lambda: f"openai/alpha → {two_endpoints.first.host}" in seat.status)


async def test_what_waits_for_a_reply_is_sent_to_the_endpoint_that_stood_when_it_was_written(
    open_workspace: Open, two_endpoints: TwoEndpoints
) -> None:
    async with open_workspace(WIDE) as seat:
        await seat.send("/model openai/gamma")
        await seat.until(lambda: "openai/gamma" in seat.status)
        await seat.send("One")
        await seat.send("Two")
        await seat.until(lambda: len(two_endpoints.received()) == 2 and not seat.session.job)
        assert two_endpoints.received() == [("second", "gamma", "the-second-key")] * 2
