"""When something goes wrong: nothing is lost, the prompt stays usable, and one key tries again.

The tests named after a defect of a peer fail on that defect.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model_server import (
    Answer,
    BadJson,
    Cut,
    Empty,
    ErrorEvent,
    HttpError,
    ModelServer,
    NullContent,
    Reply,
    Reset,
    SlowDrip,
)
from tests.tui.conftest import Open, Seat, turns_of

FAULTS: list[Answer] = [HttpError(401), Empty(), Reset(after_chunks=3), Cut(3), ErrorEvent(after_chunks=3), BadJson(3)]


async def send_in_vain(seat: Seat) -> None:
    """Send a first message, until its reply broke."""
    await seat.send("One")
    await seat.until(
        lambda: not seat.session.job and len(seat.entries) == 2 and seat.entries[1].status in ("failed", "truncated")
    )


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_one_key_tries_again_and_the_error_names_cause_remedy_and_key(
    open_workspace: Open, served: ModelServer, fault: Answer
) -> None:
    served.answer(lambda body: Reply("Whole.") if retried else fault)
    retried: list[bool] = []
    async with open_workspace() as seat:
        await send_in_vain(seat)
        cause, *remedy = str(seat.entries[1].error).split("\n")
        assert cause
        assert remedy[-1].startswith("r tries again")
        retried.append(True)
        await seat.type("meanwhile")
        await seat.pilot.press("f8")
        await seat.until(lambda: seat.texts == ["One", "Whole."])
        await seat.reply()
        assert turns_of(served.bodies[-1]) == ["One"], "what was broken is no context of its other version"
        assert seat.prompt.text == "meanwhile"


async def test_r_on_the_failed_reply_tries_again(open_workspace: Open, served: ModelServer) -> None:
    served.script(HttpError(401), Reply("Whole."))
    async with open_workspace() as seat:
        await send_in_vain(seat)
        await seat.pilot.press("escape", "r")
        await seat.until(lambda: seat.texts == ["One", "Whole."])


async def test_a_server_that_is_down_leaves_the_text_stored_and_the_prompt_usable(
    open_workspace: Open, served: ModelServer, home: Path
) -> None:
    profile = home / "profiles" / "chat.md"
    profile.write_text(profile.read_text().replace(served.host, "127.0.0.1:9"))
    async with open_workspace() as seat:
        await send_in_vain(seat)
        assert "127.0.0.1:9" in str(seat.entries[1].error)
        assert seat.stored[0].text == "One"
        await seat.type("Two")
        assert seat.prompt.text == "Two"


async def test_a_wrong_profile_is_told_behind_the_stored_message_which_is_answered_once_it_is_right(
    open_workspace: Open, served: ModelServer, home: Path
) -> None:
    profile = home / "profiles" / "chat.md"
    right = profile.read_text()
    async with open_workspace() as seat:
        await seat.until(lambda: served.host in seat.status)
        profile.write_text(right.replace("step: chat", "step: chat\ntemperature: hot"))
        await seat.send("One")
        await seat.until(lambda: len(seat.entries) == 2 and "temperature" in str(seat.entries[1].error))
        assert str(seat.entries[1].error).split("\n")[-1].startswith("r tries again")
        profile.write_text(right)
        await seat.pilot.press("f8")
        await seat.until(lambda: [entry.text for entry in seat.entries if entry.role == "assistant"] != [])
        await seat.reply()


# Defects of peers


async def test_peer_defect_after_a_failed_request_the_prompt_stays_blocked(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(HttpError(500), HttpError(500), HttpError(500), Reply("Whole."))
    async with open_workspace() as seat:
        await send_in_vain(seat)
        await seat.send("Two")
        await seat.until(lambda: seat.texts[2:] == ["Two", "Whole."])


async def test_peer_defect_the_partial_reply_is_never_stored(open_workspace: Open, served: ModelServer) -> None:
    served.script(Cut(3))
    async with open_workspace() as seat:
        await send_in_vain(seat)
        reply = seat.stored[1]
        assert reply.status == "truncated"
        assert reply.text == seat.entries[1].text != ""


async def test_peer_defect_a_chunk_without_text_ends_the_stream(open_workspace: Open, served: ModelServer) -> None:
    served.script(NullContent("All of it came."), Reply("And here.", reasoning="I think. " * 5, blanks=3))
    async with open_workspace() as seat:
        assert (await seat.exchange("One")).text == "All of it came."
        await seat.pilot.press("f8")
        await seat.until(lambda: seat.entries[-1].text == "And here.")


async def test_peer_defect_on_an_error_both_messages_vanish_and_the_typed_prompt_with_them(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(ErrorEvent(after_chunks=3))
    async with open_workspace() as seat:
        await send_in_vain(seat)
        assert seat.entries[0].text == "One"
        assert seat.entries[1].text
    async with open_workspace() as seat:
        await seat.open_newest()
        await seat.until(lambda: len(seat.entries) == 2)
        assert seat.entries[0].text == "One"
        assert seat.entries[1].text


async def test_peer_defect_error_text_is_stored_in_the_reply_and_goes_back_as_context(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(Cut(3), Reply("Whole."))
    async with open_workspace() as seat:
        await send_in_vain(seat)
        partial, error = seat.entries[1].text, str(seat.entries[1].error)
        await seat.exchange("Two")
        assert turns_of(served.bodies[-1]) == ["One", partial, "Two"]
        assert not any(line in turn for line in error.split("\n") for turn in turns_of(served.bodies[-1]))


@pytest.mark.parametrize("answer", [HttpError(401), SlowDrip(), Reply("Whole.")], ids=["failed", "stopped", "whole"])
async def test_peer_defect_reopening_a_chat_sends_its_last_message_again(
    open_workspace: Open, served: ModelServer, answer: Answer
) -> None:
    served.answer(answer)
    async with open_workspace() as seat:
        await seat.send("One")
        await seat.until(lambda: len(seat.entries) == 2 and (seat.entries[1].text or not seat.session.job))
    count = len(served.bodies)
    async with open_workspace() as seat:
        await seat.open_newest()
        await seat.until(lambda: len(seat.entries) == 2)
        await seat.pilot.press("escape", "g", "G", "i")
        await seat.pilot.pause(0.2)
        assert seat.session.job is None
        assert len(served.bodies) == count
