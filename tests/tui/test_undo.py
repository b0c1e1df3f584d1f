"""Undo: what a single letter put away comes back by one key, which the notice names, exactly as it was."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from chatspace.core.chat.conversation import Conversation
from chatspace.tui.screens.help import Help
from chatspace.tui.widgets.attachment_rows import AttachmentRows
from chatspace.tui.widgets.history_list import HistoryList
from chatspace.tui.widgets.history_pane import HistoryPane
from tests.model_server import ModelServer
from tests.tui.conftest import Open, Seat
from tests.tui.test_history_pane import at_history, at_what_was_said, fill, lines, note, stored

pytestmark = pytest.mark.usefixtures("served")  # with profiles there is no first start


def as_stored(seat: Seat, made: list[Conversation]) -> list[Conversation | None]:
    return [seat.workspace.history.conversations.get(one.id) for one in made]


@pytest.mark.parametrize(("key", "done"), [("d", "Moved to trash"), ("a", "Archived"), ("p", "Pinned")])
async def test_undo_brings_back_what_was_there(open_workspace: Open, key: str, done: str) -> None:
    async with open_workspace() as seat:
        history = seat.workspace.history
        made = await at_history(seat, "one", "two", "three")
        history.conversations.set_tags(made[1].id, ["tern", "launch"])
        seat.screen.query_one(HistoryPane).load(None)
        await seat.until(lambda: any("#tern" in line for line in lines(seat)))
        before = as_stored(seat, made)
        await seat.pilot.press("j", key)
        await seat.until(lambda: note(seat) == f"{done}. u: undo.")
        assert as_stored(seat, made) != before
        await seat.pilot.press("u")
        await seat.told(f"Undone: {done[:1].lower()}{done[1:]}.")
        assert as_stored(seat, made) == before
        assert note(seat) == ""
        under = seat.screen.query_one(HistoryList).under_cursor
        assert under is not None
        assert under.id == made[1].id


@pytest.mark.parametrize(("key", "done"), [("d", "Moved to trash"), ("a", "Archived")])
async def test_the_marked_ones_go_together_and_come_back_together_with_their_marks(
    open_workspace: Open, key: str, done: str
) -> None:
    async with open_workspace() as seat:
        made = await at_history(seat, "one", "two", "three")
        before = as_stored(seat, made)
        await seat.pilot.press("space", "j", "space", key)
        await seat.until(lambda: stored(seat) == ["two"])
        await seat.until(lambda: note(seat) == f"{done}: 2 conversations. u: undo.")
        await seat.pilot.press("u")
        await seat.until(lambda: as_stored(seat, made) == before)
        await seat.until(lambda: [line[:1] for line in lines(seat)[1:]] == ["✓", "t", "✓"])


async def test_what_left_the_trash_goes_back_there_as_it_was(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        made = await at_history(seat, "one", "two")
        for one in made:
            seat.workspace.history.conversations.delete(one.id)
        await seat.pilot.press("full_stop", "full_stop")
        await seat.until(lambda: lines(seat)[:1] == ["deleted today"])
        before = as_stored(seat, made)
        await seat.pilot.press("a")
        await seat.until(lambda: note(seat) == "Restored from the trash. u: undo.")
        await seat.pilot.press("u")
        await seat.until(lambda: as_stored(seat, made) == before)


async def test_the_notice_names_the_key_as_it_is_bound(open_workspace: Open, home: Path) -> None:
    (home / "settings.toml").write_text('[keys]\n"app.undo" = "z"\n', encoding="utf-8")
    async with open_workspace() as seat:
        await at_history(seat, "one")
        await seat.pilot.press("d")
        await seat.until(lambda: note(seat) == "Moved to trash. z: undo.")
        await seat.pilot.press("u")
        assert stored(seat) == []
        await seat.pilot.press("z")
        await seat.until(lambda: stored(seat) == ["one"])


@pytest.mark.parametrize("former", ["history.undo", "desk.undo"])
async def test_a_key_given_to_undo_by_a_former_name_holds(open_workspace: Open, home: Path, former: str) -> None:
    (home / "settings.toml").write_text(f'[keys]\n"{former}" = "z"\n', encoding="utf-8")
    async with open_workspace() as seat:
        await at_history(seat, "one")
        await seat.pilot.press("d")
        await seat.until(lambda: note(seat) == "Moved to trash. z: undo.")


async def test_the_conversation_in_sight_comes_back_into_sight_with_what_was_typed_in_it(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await seat.exchange("One")
        await seat.type("half a thou")
        await at_what_was_said(seat)
        await seat.pilot.press("d")
        await seat.until(lambda: seat.entries == [] and seat.prompt.text == "")
        await seat.pilot.press("u")
        await seat.until(lambda: len(seat.entries) == 2)
        assert seat.prompt.text == "half a thou"
        assert isinstance(seat.app.focused, HistoryList)


async def test_undo_works_in_the_transcript_too(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        await seat.exchange("One")
        fill(seat, "two")
        seat.screen.query_one(HistoryPane).load(None)
        await seat.until(lambda: seat.screen.query_one(HistoryList).loaded == 2)
        await seat.pilot.press("f9", "g", "d")
        await seat.until(lambda: note(seat))
        await seat.pilot.press("escape", "escape", "u")
        await seat.told("Undone: moved to trash.")
        assert stored(seat, "trash") == []


def _listed(seat: Seat, count: int) -> bool:
    return len(stored(seat)) == count and len(lines(seat)) == count + bool(count)


async def test_undo_goes_back_step_by_step_and_then_says_that_nothing_is_left(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one", "two")
        for key, left in (("d", 1), ("a", 0)):
            await seat.pilot.press(key)
            await seat.until(partial(_listed, seat, left))
        for back in (1, 2):
            await seat.pilot.press("u")
            await seat.until(partial(_listed, seat, back))
        await seat.pilot.press("u")
        await seat.told("There is nothing to undo.")


async def test_what_is_gone_for_good_is_nothing_to_undo(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one", "two")
        await seat.pilot.press("d")
        await seat.until(lambda: stored(seat, "trash") == ["one"])
        await seat.pilot.press("full_stop", "full_stop")
        await seat.until(lambda: lines(seat) == ["deleted today", "one"])
        await seat.pilot.press("d", "y")
        await seat.until(lambda: "gone for good" in note(seat))
        await seat.pilot.press("u")
        await seat.told("There is nothing to undo.")


async def test_undo_does_nothing_behind_a_dialog(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one")
        await seat.pilot.press("d")
        await seat.until(lambda: note(seat))
        await seat.pilot.press("f1")
        await seat.opened(Help)
        await seat.pilot.press("u")
        await seat.leave()
        assert stored(seat) == []


def attached(seat: Seat) -> list[str]:
    return [held.path.name for held in seat.screen.query_one(AttachmentRows).held]


async def attach(seat: Seat, *names: str) -> None:
    for name in names:
        Path(name).write_text(f"# {name}\n", encoding="utf-8")
        await seat.paste(str(Path(name).absolute()))
    rows = seat.screen.query_one(AttachmentRows)
    await seat.until(lambda: len(rows.sources) == len(names))


async def test_a_source_that_was_taken_away_comes_back_to_its_place(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await attach(seat, "a.md", "b.md", "c.md")
        await seat.pilot.press("f6", "down", "x")
        await seat.told("b.md taken away. u: undo.")
        assert attached(seat) == ["a.md", "c.md"]
        await seat.pilot.press("u")
        await seat.until(lambda: attached(seat) == ["a.md", "b.md", "c.md"])


@pytest.mark.parametrize("keys", [("f6", "x"), ("backspace",)])
async def test_the_last_source_comes_back_by_the_undo_of_the_prompt(open_workspace: Open, keys: tuple[str]) -> None:
    async with open_workspace() as seat:
        await attach(seat, "a.md")
        await seat.pilot.press(*keys)
        await seat.told("a.md taken away. ^z: undo.")
        assert seat.app.focused is seat.prompt
        await seat.pilot.press("ctrl+z")
        await seat.until(lambda: attached(seat) == ["a.md"])


async def test_undo_in_the_prompt_is_the_texts_once_something_is_typed(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await attach(seat, "a.md")
        await seat.pilot.press("backspace")
        await seat.told("a.md taken away.")
        await seat.pilot.press("h", "i", "ctrl+z")
        assert seat.prompt.text == ""
        assert attached(seat) == []


async def test_a_source_taken_away_from_a_sent_message_does_not_come_back_into_the_next(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await attach(seat, "a.md")
        await seat.pilot.press("backspace")
        await seat.told("a.md taken away.")
        await seat.exchange("Hello")
        await seat.pilot.press("escape", "u")
        await seat.told("There is nothing to undo.")
        assert attached(seat) == []
