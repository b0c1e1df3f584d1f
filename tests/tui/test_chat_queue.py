"""Messages that are written while a reply comes in."""

from __future__ import annotations

from tests.model_server import ModelServer, Reply, SlowDrip
from tests.tui.conftest import Open, Seat, turns_of


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
        await seat.until(lambda: seat.entries[-1].footer.startswith("not sent: the reply is incomplete"))
        assert len(served.bodies) == 1


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
