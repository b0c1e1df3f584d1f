"""Thinking: folded with its time, stored, and asked for by its effort."""

from __future__ import annotations

import re
from pathlib import Path

from tests.model_server import ModelServer, Reply
from tests.tui.conftest import Open, Seat

SLOW = Reply("A quiet winter.", reasoning="First this, then that. " * 4, delay=0.2)


def screen_text(seat: Seat) -> str:
    transcript = seat.transcript
    return "\n".join(transcript.render_line(y).text for y in range(transcript.size.height))


async def says(seat: Seat, text: str) -> None:
    await seat.until(lambda: text in seat.status)


async def test_thinking_streams_folded_with_a_time_that_goes_on_and_is_kept(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(SLOW)
    async with open_workspace() as seat:
        await seat.send("One")
        await seat.until(lambda: len(seat.entries) == 2 and seat.entries[1].thought.startswith("thinking… "))
        first = seat.entries[1].thought
        await seat.until(lambda: seat.entries[1].thought not in ("", first))
        assert "thinking… " in screen_text(seat)
        assert "First this" not in screen_text(seat), "it is folded"
        reply = await seat.reply()
        assert re.fullmatch(r"thought for (\d s|0\.\d s)", reply.thought)
        assert reply.reasoning.startswith("First this")
    async with open_workspace() as seat:
        await seat.open_newest()
        await seat.until(lambda: len(seat.entries) == 2)
        assert seat.entries[1].thought == reply.thought
        await seat.pilot.press("escape", "space")
        assert "First this" in screen_text(seat)
        await seat.pilot.press("space")
        assert "First this" not in screen_text(seat)


async def test_what_is_unfolded_while_it_grows_stays_unfolded(open_workspace: Open, served: ModelServer) -> None:
    served.script(SLOW)
    async with open_workspace() as seat:
        await seat.send("One")
        await seat.until(lambda: len(seat.entries) == 2 and seat.entries[1].reasoning)
        seat.screen.set_focus(seat.transcript)
        await seat.pilot.press("space")
        await seat.until(lambda: "then that" in screen_text(seat))
        await seat.reply()
        assert "First this" in screen_text(seat)


async def test_slash_think_sets_the_effort_of_the_next_messages_and_the_footer_says_it(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await seat.send("/think high")
        await seat.until(lambda: "think high" in seat.status)
        reply = await seat.exchange("One")
        assert served.bodies[-1]["reasoning_effort"] == "high"
        assert " · think high · " in reply.footer


async def test_slash_think_off_drops_the_effort_of_the_profile(
    open_workspace: Open, served: ModelServer, home: Path
) -> None:
    profile = home / "profiles" / "chat.md"
    profile.write_text(profile.read_text().replace("step:", "reasoning_effort: high\nstep:"))
    async with open_workspace() as seat:
        await seat.exchange("One")
        assert served.bodies[-1]["reasoning_effort"] == "high"
        await seat.send("/think off")
        reply = await seat.exchange("Two")
        assert "reasoning_effort" not in served.bodies[-1]
        assert "think" not in reply.footer


async def test_a_key_goes_through_the_efforts(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        for level in ("low", "medium", "high", "off"):
            await seat.pilot.press("ctrl+t")
            await says(seat, f"think {level} ")
        await seat.pilot.press("ctrl+t")
        await seat.until(lambda: "think" not in seat.status)


async def test_while_a_reply_comes_the_status_says_how_long_and_how_fast(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(Reply("word " * 30, chunk=5, delay=0.1))
    async with open_workspace() as seat:
        await seat.send("One")
        await seat.until(
            lambda: re.search(r"writing · [\d.]+ s · first token after [\d.]+ m?s · ~\d+ tokens/s", seat.status)
        )
        reply = await seat.reply()
        assert re.search(r" · \d+ tokens/s$", reply.footer)
