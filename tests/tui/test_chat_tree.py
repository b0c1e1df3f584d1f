"""The tree of a conversation: versions, replies asked for again, branches, and the ways between them."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from tests.model_answers import NOTHING_FOUND
from tests.model_server import ModelServer, Reply, SlowDrip
from tests.tui.conftest import Open, Seat, turns_of

pytestmark = pytest.mark.drill  # a whole workspace for each test: the gate runs them


def stored(seat: Seat) -> list[str]:
    history = seat.workspace.history
    return [message.text for message in history.messages.thread(history.conversations.page()[0].id)]


def turning(seat: Seat) -> str:
    line = seat.screen.query_one("#turning", Static)
    return str(line.render()) if line.display else ""


async def shows(seat: Seat, *expected: str) -> None:
    await seat.until(lambda: seat.texts == list(expected))


async def test_r_asks_again_and_the_brackets_walk_between_the_replies(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(Reply("First."), Reply("Second."), Reply("Third."))
    async with open_workspace() as seat:
        await seat.exchange("One")
        for text in ("Second.", "Third."):
            await seat.pilot.press("escape", "r")
            await shows(seat, "One", text)
            await seat.reply()
        assert seat.entries[-1].label == "version 3/3"
        assert turns_of(served.bodies[-1]) == ["One"], "the other replies are no context"
        await seat.pilot.press("left_square_bracket", "left_square_bracket")
        await shows(seat, "One", "First.")
        assert seat.entries[-1].label == "version 1/3"
        await seat.pilot.press("left_square_bracket")  # there is none before the first
        await seat.pilot.press("right_square_bracket")
        await shows(seat, "One", "Second.")


async def test_e_edits_a_message_beside_the_old_one_whose_branch_comes_back(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(lambda body: Reply(f"On {body['messages'][-1]['content']}."))
    async with open_workspace() as seat:
        await seat.exchange("One")
        await seat.exchange("Two")
        await seat.type("unsent")
        await seat.pilot.press("escape", "g", "e")
        assert seat.prompt.text == "One"
        assert turning(seat).startswith("editing message 1 ")
        seat.prompt.put("Other")
        await seat.pilot.press("enter")
        await shows(seat, "Other", "On Other.")
        assert [entry.label for entry in seat.entries] == ["version 2/2", ""]
        assert turning(seat) == ""
        assert seat.prompt.text == "unsent"
        assert turns_of(served.bodies[-1]) == ["Other"]
        await seat.reply()
        await seat.pilot.press("escape", "left_square_bracket")
        await shows(seat, "One", "On One.", "Two", "On Two.")
        assert stored(seat) == seat.texts


async def test_escape_gives_an_edit_up_and_the_prompt_back(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        await seat.exchange("One")
        await seat.type("unsent")
        await seat.pilot.press("escape", "g", "e", "x", "escape")
        assert seat.prompt.text == "unsent"
        assert turning(seat) == ""
        assert len(served.bodies) == 1


async def test_a_reply_edited_by_hand_stands_beside_the_models_and_the_next_message_goes_on_from_it(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(Reply("A noisy winter."), Reply("Yes."))
    async with open_workspace() as seat:
        await seat.exchange("One")
        await seat.pilot.press("escape", "e")
        assert turning(seat).startswith("editing reply 2 by hand")
        seat.prompt.put("A quiet winter.")
        await seat.pilot.press("enter")
        await shows(seat, "One", "A quiet winter.")
        assert seat.entries[-1].footer == "edited by hand"
        assert seat.entries[-1].label == "version 2/2"
        await seat.exchange("Is it?")
        assert turns_of(served.bodies[-1]) == ["One", "A quiet winter.", "Is it?"]


async def test_b_begins_a_branch_behind_any_message_and_escape_leads_back(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(lambda body: Reply(f"On {body['messages'][-1]['content']}."))
    async with open_workspace() as seat:
        await seat.exchange("One")
        await seat.exchange("Two")
        await seat.pilot.press("escape", "g", "down", "b")
        assert seat.texts == ["One", "On One."]
        assert turning(seat).startswith("a branch behind message 2 ")
        await seat.pilot.press("escape")
        await shows(seat, "One", "On One.", "Two", "On Two.")
        await seat.pilot.press("escape", "g", "down", "b")
        await seat.exchange("Three")
        assert seat.texts == ["One", "On One.", "Three", "On Three."]
        assert [entry.label for entry in seat.entries] == ["", "", "version 2/2", ""]
        assert turns_of(served.bodies[-1]) == ["One", "On One.", "Three"]


async def test_reopening_comes_back_to_the_branch_that_was_left(open_workspace: Open, served: ModelServer) -> None:
    served.script(Reply("First."), Reply("Second."))
    async with open_workspace() as seat:
        await seat.exchange("One")
        await seat.pilot.press("escape", "r")
        await shows(seat, "One", "Second.")
        await seat.reply()
        await seat.pilot.press("left_square_bracket")
        await seat.until(lambda: stored(seat) == ["One", "First."])
    async with open_workspace() as seat:
        await seat.open_newest()
        await shows(seat, "One", "First.")
        assert len(served.bodies) == 2


async def test_a_sibling_is_answered_while_another_streams_and_the_two_do_not_mix(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(Reply("Kept."), SlowDrip(0.2), Reply("Whole."))
    async with open_workspace() as seat:
        await seat.exchange("One")
        await seat.pilot.press("escape", "r")
        await seat.until(lambda: len(seat.entries) == 2 and "word" in seat.entries[1].text)
        await seat.pilot.press("left_square_bracket")
        await shows(seat, "One", "Kept.")
        assert seat.session.job is None, "what streams is on another branch"
        await seat.pilot.press("r")
        await shows(seat, "One", "Whole.")
        assert (await seat.reply()).label == "version 3/3"
        await seat.pilot.press("left_square_bracket")
        await seat.until(lambda: len(seat.entries) == 2 and "word word" in seat.entries[1].text)
        assert set(seat.entries[1].text.split()) == {"word"}
        await seat.pilot.press("escape")
        await seat.reply("stopped")


async def test_each_reply_is_asked_of_the_model_that_stands_and_capital_r_chooses_one_for_it_alone(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await seat.exchange("One")
        await seat.pilot.press("escape")
        await seat.choose("quick", by="R")
        await seat.until(lambda: seat.entries[-1].label == "version 2/2")
        assert (await seat.reply()).footer.startswith("quick · openai/quick-model")
        await seat.pilot.press("escape", "r")
        await seat.until(lambda: seat.entries[-1].label == "version 3/3")
        assert (await seat.reply()).footer.startswith("chat · openai/chat-model")


async def test_the_estimate_counts_what_the_next_message_really_goes_on_from(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(Reply("word " * 400))

    def tokens(seat: Seat) -> int:
        counted = [part for part in seat.status.split(" · ") if part.startswith("~")]
        return int(counted[0][1:].split()[0].replace(",", "")) if counted else 0

    async with open_workspace() as seat:
        await seat.exchange("One")
        await seat.exchange("Two")
        await seat.until(lambda: tokens(seat) > 1000)
        await seat.pilot.press("escape", "g", "e")
        await seat.until(lambda: 0 < tokens(seat) < 100)
        await seat.pilot.press("escape", "escape", "g", "down", "b")
        await seat.until(lambda: 400 < tokens(seat) < 700)


async def test_a_draft_is_asked_for_again_from_its_command(open_workspace: Open, served: ModelServer) -> None:
    drafts = iter(("# One", "# Two"))
    served.answer(lambda body: Reply(next(drafts)) if "drafter" in body["model"] else Reply(NOTHING_FOUND))
    async with open_workspace() as seat:
        await seat.exchange("/draft\n# Plan\n\nIt costs $4,200.")
        await seat.pilot.press("escape", "r")
        await seat.until(lambda: seat.entries[-1].label == "version 2/2")
        await seat.reply()
        assert len(seat.entries) == 2
