"""The screen of a story: its layout, its keys, and the way from a command back to the conversation."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chatspace.core.chat.conversation import Message
from chatspace.core.chat.openings import Opening
from chatspace.core.text.tone import tone
from chatspace.tui.screens.facts import FactsScreen
from chatspace.tui.screens.story import StoryScreen
from chatspace.tui.widgets.composer import Composer
from chatspace.tui.widgets.opening_cards import OpeningCard
from chatspace.tui.widgets.rows import Rows
from chatspace.tui.widgets.status_line import StatusLine
from chatspace.tui.widgets.text_editor import TextEditor
from tests.model_server import Hang, HttpError, ModelServer, Reply
from tests.tui.conftest import Open, Seat

BRIEF = """# Tern 4

The Tern 4 makes 28 dB(A) at 3 metres. A library is louder. It costs €8,900.

Ingrid Dahl's team in Aarhus took the unit apart. Most of the sound came from the fan.

Our customers like it. We built it for them, and you can hear the difference tonight.
"""
WARM = "Ingrid Dahl's team in Aarhus took the unit apart, and we listened."
DRY = "The Tern 4 costs €7,700. It was built in Aarhus."


def openings(*pairs: tuple[str, str]) -> str:
    return json.dumps({"openings": [{"tone": tone, "text": text} for tone, text in pairs]})


@pytest.fixture
def storyteller(served: ModelServer, home: Path) -> ModelServer:
    """The test server behind the profile storyteller, with the shipped recipe's last words."""
    (home / "profiles" / "storyteller.md").write_text(
        f"---\nstep: story\nmodel: openai/teller\napi_base: {served.url}\n"
        "timeout: {first_token: 5, idle: 5, total: 30}\n---\nWrite {{ openings }} openings"
        "{% if tone %} in {{ tone if tone is string else tone|join(', ') }}{% endif %}.\n",
        encoding="utf-8",
    )
    return served


@asynccontextmanager
async def story(open_workspace: Open, line: str, **kwargs: Any) -> AsyncIterator[tuple[Seat, StoryScreen]]:
    Path("brief.md").write_text(BRIEF, encoding="utf-8")
    async with open_workspace(**kwargs) as seat:
        yield seat, await opened(seat, line)


async def opened(seat: Seat, line: str) -> StoryScreen:
    await seat.send(line)
    return await seat.opened(StoryScreen)


def shown(screen: StoryScreen) -> list[str]:
    """The rows of the tone table."""
    rows = screen.query_one(Rows)
    return [str(rows.get_option_at_index(index).prompt) for index in range(rows.option_count)]


def cards(screen: StoryScreen) -> list[str]:
    """The texts side by side."""
    texts = []
    for card in screen.query(OpeningCard):
        if card.display:
            texts.append(" ".join(str(part.render()) for part in card.query("Static")))
    return texts


def last_reply(seat: Seat) -> Message:
    return [each for each in seat.stored if each.run][-1]


def kept(seat: Seat) -> Sequence[Opening]:
    return seat.workspace.stories.openings(last_reply(seat))


def states(seat: Seat) -> list[str]:
    return [each.state for each in kept(seat)]


async def rows_come(seat: Seat, screen: StoryScreen, count: int) -> None:
    await seat.until(lambda: len(shown(screen)) == count and "on the way" not in status(screen))


async def star_both(seat: Seat, screen: StoryScreen) -> None:
    await seat.pilot.press("s")
    await seat.until(lambda: "★" in shown(screen)[0])
    await seat.pilot.press("down", "s")
    await seat.until(lambda: "★" in shown(screen)[1])


def status(screen: StoryScreen) -> str:
    return screen.query_one(StatusLine).left


async def test_openings_stand_side_by_side_with_their_tone_in_bars_and_numbers(open_workspace: Open) -> None:
    async with story(open_workspace, "/story brief.md --openings 3 --tones plain,warm") as (seat, screen):
        await rows_come(seat, screen, 3)
        assert len(cards(screen)) == 3
        assert "━" in shown(screen)[0]
        counted = tone(kept(seat)[0].text)
        assert f" {counted.words} " in shown(screen)[0]


async def test_facts_that_no_source_bears_out_are_marked_and_can_be_looked_up(
    open_workspace: Open, storyteller: ModelServer
) -> None:
    storyteller.script(Reply(openings(("dry", DRY), ("warm", WARM))))
    async with story(open_workspace, "/story brief.md --openings 2") as (seat, screen):
        await seat.until(lambda: len(shown(screen)) == 2 and "?1" in shown(screen)[0])
        assert "≠€7,700" in cards(screen)[0]
        assert "?" not in shown(screen)[1]
        await seat.pilot.press("v")
        await seat.opened(FactsScreen)
        await seat.pilot.press("escape")


async def test_starring_discarding_and_bringing_back_are_stored(open_workspace: Open, storyteller: ModelServer) -> None:
    storyteller.script(Reply(openings(("warm", WARM), ("dry", DRY))))
    async with story(open_workspace, "/story brief.md") as (seat, screen):
        await rows_come(seat, screen, 2)
        await seat.pilot.press("s")
        await seat.until(lambda: "★" in shown(screen)[0])
        await seat.pilot.press("down", "x")
        await rows_come(seat, screen, 1)
        assert states(seat) == ["starred", "scrapped"]
        assert "1 starred · 1 scrapped" in status(screen)
        await seat.pilot.press("tab")
        await seat.until(lambda: "dry" in shown(screen)[0])
        await seat.pilot.press("u")
        await rows_come(seat, screen, 2)
        assert states(seat) == ["starred", "fresh"]


async def test_the_table_is_sorted_by_the_column_that_is_chosen(open_workspace: Open, storyteller: ModelServer) -> None:
    storyteller.script(Reply(openings(("a", "Short."), ("b", "A much longer opening than that."), ("c", "Two words."))))
    async with story(open_workspace, "/story brief.md") as (seat, screen):
        await rows_come(seat, screen, 3)
        await seat.pilot.press("o")
        assert [row.split()[1] for row in shown(screen)] == ["b", "c", "a"]
        await seat.pilot.press("o")
        assert [row.split()[1] for row in shown(screen)] == ["a", "c", "b"]
        await seat.pilot.press("o", "right")
        assert [row.split()[1] for row in shown(screen)] == ["a", "b", "c"]
        assert "length" in status(screen)


async def test_enter_goes_on_from_an_opening_in_its_conversation(
    open_workspace: Open, storyteller: ModelServer
) -> None:
    storyteller.script(Reply(openings(("warm", WARM))))
    async with story(open_workspace, "/story brief.md --openings 1") as (seat, screen):
        await rows_come(seat, screen, 1)
        await seat.pilot.press("enter")
        await seat.until(lambda: seat.app.screen is seat.screen and WARM in seat.prompt.text)
        assert seat.prompt.text.startswith("Continue from this opening:")
        await seat.until(lambda: len(seat.entries) == 2 and WARM in seat.entries[1].text)


async def test_without_a_model_starred_openings_are_joined_to_be_edited(open_workspace: Open) -> None:
    async with story(open_workspace, "/story brief.md --openings 2 --tones plain,warm") as (seat, screen):
        await rows_come(seat, screen, 2)
        await star_both(seat, screen)
        await seat.pilot.press("m")
        editor = screen.query_one(TextEditor)
        await seat.until(lambda: editor.display and editor.text)
        await seat.pilot.press(*" Mine", "escape")
        await seat.until(lambda: not editor.display and "Mine" in cards(screen)[0])
        assert states(seat) == ["merged", "merged", "starred"]


async def test_escape_stops_and_keeps_what_came_then_leaves_to_the_conversation(
    open_workspace: Open, storyteller: ModelServer
) -> None:
    text = openings(("warm", WARM), ("dry", DRY))
    storyteller.script(Hang(len(text[: text.index("7,700")]) // 12, text=text))
    async with story(open_workspace, "/story brief.md") as (seat, screen):
        await seat.until(lambda: any("Ingrid" in card for card in cards(screen)))
        await seat.pilot.press("escape")
        await rows_come(seat, screen, 2)
        assert last_reply(seat).status == "stopped"
        await seat.leave(entries=2)


async def test_a_failure_names_cause_and_remedy_and_one_key_tries_again(
    open_workspace: Open, storyteller: ModelServer
) -> None:
    storyteller.script(HttpError(401), Reply(openings(("warm", WARM))))
    async with story(open_workspace, "/story brief.md --openings 1") as (seat, screen):
        await seat.until(lambda: seat.notices and "r tries again" in status(screen))
        assert "\n" in seat.notices[0]
        await seat.pilot.press("r")
        await rows_come(seat, screen, 1)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_it_works_at_every_size(open_workspace: Open, size: tuple[int, int]) -> None:
    async with story(open_workspace, "/story brief.md --openings 3", size=size) as (seat, screen):
        await seat.until(lambda: len(shown(screen)) >= 2)
        assert len(cards(screen)) == (1 if size[0] < 100 else min(5, len(shown(screen))))
        for _ in range(10):
            await seat.pilot.press("right")
        assert "ease" in str(screen.query_one("#story-columns").render())


async def test_what_is_attached_is_told_of_too_and_stays_with_the_story(
    open_workspace: Open, storyteller: ModelServer
) -> None:
    Path("brief.md").write_text(BRIEF, encoding="utf-8")
    Path("notes.md").write_text("# Notes\n\nIt is made in Porto.\n", encoding="utf-8")
    storyteller.script(Reply(openings(("plain", WARM))))
    async with open_workspace() as seat:
        await seat.send("/attach notes.md")
        screen = await opened(seat, "/story brief.md --openings 1")
        await seat.until(lambda: shown(screen))
        sent = storyteller.bodies[-1]["messages"][-1]["content"]
        assert "28 dB(A)" in sent
        assert "made in Porto" in sent
        await seat.pilot.press("escape")
        await seat.until(lambda: seat.app.screen is seat.screen and seat.entries)
        assert not seat.screen.query_one(Composer).rows.held, "they are not sent twice"
        again = await opened(seat, "/story")
        await seat.until(lambda: shown(again))
        storyteller.script(Reply(openings(("plain", DRY))))
        await seat.pilot.press("plus")
        await seat.until(lambda: len(shown(again)) == 2)
        assert "made in Porto" in str(storyteller.bodies[-1]["messages"])


async def test_an_opening_is_edited_with_e_and_yanked_with_y(open_workspace: Open, storyteller: ModelServer) -> None:
    storyteller.script(Reply(openings(("warm", WARM))))
    async with story(open_workspace, "/story brief.md --openings 1") as (seat, screen):
        await rows_come(seat, screen, 1)
        before = shown(screen)[0]
        await seat.pilot.press("e", *" And more", "escape")
        await seat.until(lambda: "And more" in cards(screen)[0])
        assert shown(screen)[0] != before
        await seat.pilot.press("y")
        await seat.until(lambda: seat.clipboard.texts == [f"{WARM} And more"])


async def test_undo_gives_a_discarded_opening_its_star_back(open_workspace: Open, storyteller: ModelServer) -> None:
    storyteller.script(Reply(openings(("warm", WARM), ("dry", DRY))))
    async with story(open_workspace, "/story brief.md") as (seat, screen):
        await rows_come(seat, screen, 2)
        await seat.pilot.press("s")
        await seat.until(lambda: "★" in shown(screen)[0])
        await seat.pilot.press("x")
        await seat.told("Opening 1 discarded. u: undo.")
        assert states(seat) == ["scrapped", "fresh"]
        await seat.pilot.press("u")
        await seat.told("Undone: opening 1 discarded.")
        await rows_come(seat, screen, 2)
        assert states(seat) == ["starred", "fresh"]


async def test_undo_brings_back_what_was_scrapped_before_the_place_was_opened(
    open_workspace: Open, storyteller: ModelServer
) -> None:
    storyteller.script(Reply(openings(("warm", WARM), ("dry", DRY))))
    async with story(open_workspace, "/story brief.md") as (seat, screen):
        await rows_come(seat, screen, 2)
        await seat.pilot.press("x")
        await seat.until(lambda: states(seat) == ["scrapped", "fresh"])
        await seat.leave()
        again = await opened(seat, "/story")
        await rows_come(seat, again, 1)
        await seat.pilot.press("u")
        await seat.told("Opening 1 brought back. u: undo.")
        await rows_come(seat, again, 2)
        assert states(seat) == ["fresh", "fresh"]


async def test_undo_parts_what_was_merged_and_keeps_the_merged_text(open_workspace: Open) -> None:
    async with story(open_workspace, "/story brief.md --openings 2 --tones plain,warm") as (seat, screen):
        await rows_come(seat, screen, 2)
        await star_both(seat, screen)
        await seat.pilot.press("m")
        editor = screen.query_one(TextEditor)
        await seat.until(lambda: editor.display and editor.text)
        await seat.pilot.press(*" Mine", "escape")
        await seat.until(lambda: not editor.display and "Mine" in cards(screen)[0])
        await seat.pilot.press("u")
        await seat.told("Undone: openings 1 and 2 merged.")
        assert states(seat) == ["starred", "starred", "scrapped"]
        assert kept(seat)[2].text.endswith("Mine")


async def test_the_keys_of_openings_work_as_soon_as_the_first_have_come(
    open_workspace: Open, storyteller: ModelServer
) -> None:
    storyteller.script(Reply("A harbour at dawn, told plainly."))
    async with open_workspace() as seat:
        await seat.exchange("Tell me of a harbour")
        screen = await opened(seat, "/story")
        await seat.pilot.pause()
        storyteller.script(Reply(openings(("warm", WARM), ("dry", DRY))))
        await seat.pilot.press("plus")
        await rows_come(seat, screen, 2)
        await seat.pilot.press("s")
        await seat.until(lambda: "★" in shown(screen)[0])
