"""Another program writes to the history and doesn't end: typing and drawing go on, and nothing typed is lost."""

from __future__ import annotations

import time

from tests.model_server import ModelServer, SlowDrip
from tests.tui.conftest import Open, locked

PATIENCE = 5.0
"""Half of what a write waits for another program."""


async def test_typing_sending_and_drawing_go_on_while_another_program_holds_the_history(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(SlowDrip())
    async with open_workspace() as seat:
        await seat.send("One")
        await seat.until(lambda: seat.session.job and seat.session.job.live.text)
        with locked():
            began = time.monotonic()
            await seat.send("Two")
            await seat.until(lambda: seat.texts[2:] == ["Two"])
            await seat.pilot.press(*"Half a")
            seat.session.keep()
            await seat.pilot.press(*" word")
            assert "Half a word" in seat.shown
            assert "Two" in seat.shown
            assert time.monotonic() - began < PATIENCE
            assert not seat.workspace.history.queue.waiting(seat.stored[0].conversation)
        await seat.session.close()
        conversation = seat.stored[0].conversation
        assert [one.text for one in seat.workspace.history.queue.waiting(conversation)] == ["Two"]
        assert seat.workspace.history.prompts.saved(conversation) == "Half a word"


async def test_another_conversation_begins_while_another_program_holds_the_history(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await seat.exchange("One")
        await seat.type("unsent here")
        conversation = seat.stored[0].conversation
        with locked():
            began = time.monotonic()
            await seat.pilot.press("ctrl+n", *"there")
            assert seat.entries == []
            assert seat.prompt.text == "there"
            await seat.open_newest()
            await seat.until(lambda: seat.prompt.text == "unsent here")
            assert time.monotonic() - began < PATIENCE
        await seat.session.close()
        assert seat.workspace.history.prompts.saved(None) == "there"
        assert seat.workspace.history.prompts.saved(conversation) == "unsent here"
