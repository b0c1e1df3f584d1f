"""Messages that are written while a reply comes in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model_server import Hang, ModelServer, Reply, SlowDrip
from tests.tui.conftest import Open, Seat, turns_of

pytestmark = pytest.mark.drill  # a whole workspace for each test: the gate runs them


async def begin(seat: Seat) -> None:
    """A reply that comes in, so far that its row is there."""
    await seat.send("One")
    await seat.until(lambda: seat.session.job and seat.session.job.reply and seat.session.job.live.text)


async def stop(seat: Seat) -> None:
    await seat.pilot.press("escape")
    await seat.until(lambda: not seat.session.job)


async def test_messages_wait_in_order_under_the_growing_reply_and_are_sent_one_after_the_other(
    open_workspace: Open, served: ModelServer
) -> None:
    first = "word " * 30
    served.script(Reply(first, chunk=5, delay=0.1))
    served.answer(lambda body: Reply(f"On {body['messages'][-1]['content']}."))
    async with open_workspace() as seat:
        await begin(seat)
        await seat.send("Two")
        await seat.send("Three")
        assert seat.texts[2:] == ["Two", "Three"]
        assert seat.entries[2].footer.startswith("waits for the reply")
        assert seat.prompt.text == ""
        await seat.until(lambda: len(seat.entries) == 6 and seat.entries[-1].status == "complete")
        said = ["One", first, "Two", "On Two.", "Three", "On Three."]
        assert seat.texts == said
        assert turns_of(served.bodies[-1]) == said[:-1]
        assert not seat.workspace.history.queue.waiting(seat.workspace.history.conversations.page()[0].id)


async def test_up_on_an_empty_prompt_takes_the_last_one_back(open_workspace: Open, served: ModelServer) -> None:
    served.answer(SlowDrip())
    async with open_workspace() as seat:
        await begin(seat)
        await seat.send("Two")
        await seat.send("Three")
        await seat.pilot.press("up")
        await seat.until(lambda: len(seat.entries) == 3)
        assert seat.prompt.text == "Three"
        assert seat.entries[-1].text == "Two"


async def test_e_on_a_waiting_message_takes_that_one_back(open_workspace: Open, served: ModelServer) -> None:
    served.answer(SlowDrip())
    async with open_workspace() as seat:
        await begin(seat)
        await seat.send("Two")
        await seat.send("Three")
        await stop(seat)
        await seat.pilot.press("escape", "down", "e")
        await seat.until(lambda: seat.prompt.text == "Two")
        assert seat.texts[2:] == ["Three"]


async def test_what_waits_for_a_stopped_reply_is_not_sent_and_says_so(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(SlowDrip())
    async with open_workspace() as seat:
        await begin(seat)
        await seat.send("Two")
        await stop(seat)
        await seat.until(lambda: seat.entries[-1].footer.startswith("not sent: the reply isn't whole"))
        assert len(served.bodies) == 1


async def test_what_waits_for_a_failed_reply_is_sent_once_the_reply_is_tried_again(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(SlowDrip(), Reply("Whole."), Reply("Next."))
    async with open_workspace() as seat:
        await begin(seat)
        await seat.send("Two")
        await stop(seat)
        await seat.pilot.press("f8")
        await seat.until(lambda: seat.texts == ["One", "Whole.", "Two", "Next."])
        await seat.reply()
        assert turns_of(served.bodies[-1]) == ["One", "Whole.", "Two"]


async def test_what_waits_survives_the_end_of_the_program_and_is_not_sent_by_reopening(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(SlowDrip())
    async with open_workspace() as seat:
        await begin(seat)
        await seat.send("Two")
    async with open_workspace() as seat:
        await seat.open_newest()
        await seat.until(lambda: len(seat.entries) == 3)
        assert seat.entries[-1].text == "Two"
        assert seat.entries[-1].footer.startswith("not sent")
        assert len(served.bodies) == 1
        await seat.pilot.press("up")
        assert seat.prompt.text == "Two"


async def test_a_message_is_sent_with_what_stood_when_it_was_written(open_workspace: Open, served: ModelServer) -> None:
    served.answer(Reply("Slowly, piece by piece.", chunk=3, delay=0.05))
    async with open_workspace() as seat:
        await begin(seat)
        await seat.send("/profile quick")
        await seat.until(lambda: seat.session.options.current.profile == "quick")
        await seat.send("Two")
        await seat.send("/profile chat")
        await seat.until(lambda: len(seat.entries) == 4 and seat.entries[-1].status == "complete")
        assert [body["model"] for body in served.bodies] == ["chat-model", "quick-model"]


async def test_a_message_written_before_anything_of_the_first_is_stored_waits_too(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(Reply("Whole."))
    async with open_workspace() as seat:
        seat.prompt.put("One")
        await seat.pilot.press("enter")
        seat.prompt.put("Two")
        await seat.pilot.press("enter")
        await seat.until(lambda: seat.texts == ["One", "Whole.", "Two", "Whole."])


async def test_what_waits_on_one_branch_is_not_sent_on_another(open_workspace: Open, served: ModelServer) -> None:
    served.script(Reply("First."), SlowDrip(0.2), Reply("Third."))
    async with open_workspace() as seat:
        await seat.exchange("One")
        await seat.pilot.press("f8")
        await seat.until(lambda: "word" in seat.entries[-1].text)
        await seat.send("Two")
        await seat.pilot.press("f6", "left_square_bracket")
        await seat.until(lambda: seat.texts == ["One", "First."])
        await seat.pilot.press("f8")
        await seat.until(lambda: seat.texts == ["One", "Third."])
        await seat.reply()
        assert [body["messages"][-1]["content"] for body in served.bodies] == ["One", "One", "One"]


async def test_a_failed_reply_holds_the_queue(open_workspace: Open, served: ModelServer, home: Path) -> None:
    profile = home / "profiles" / "chat.md"
    profile.write_text(profile.read_text().replace("first_token: 5", "first_token: 2"))
    served.answer(Hang())
    async with open_workspace() as seat:
        await seat.send("One")
        await seat.until(lambda: len(seat.entries) == 2)
        await seat.send("Two")
        await seat.until(lambda: seat.entries[1].status == "failed" and not seat.session.job)
        await seat.until(lambda: seat.entries[-1].footer.startswith("not sent"))
        assert seat.texts == ["One", "", "Two"]
        assert len(served.bodies) == 1
