"""The tree of a conversation: versions, replies asked for again, branches, and the ways between them."""

from __future__ import annotations

from textual.widgets import Static

from tests.model_answers import NOTHING_FOUND
from tests.model_server import ModelServer, Reply
from tests.tui.conftest import Open, Seat, turns_of


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


async def test_a_draft_is_asked_for_again_from_its_command(open_workspace: Open, served: ModelServer) -> None:
    drafts = iter(("# One", "# Two"))
    served.answer(lambda body: Reply(next(drafts)) if "drafter" in body["model"] else Reply(NOTHING_FOUND))
    async with open_workspace() as seat:
        await seat.exchange("/draft\n# Plan\n\nIt costs $4,200.")
        await seat.pilot.press("escape", "r")
        await seat.until(lambda: seat.entries[-1].label == "version 2/2")
        await seat.reply()
        assert len(seat.entries) == 2
