"""The history at the side under a pilot: every key, and what it leaves in the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from chatspace.core.chat.conversation import Conversation, Shelf
from chatspace.tui.screens.save_dialog import SaveDialog
from chatspace.tui.screens.search import SearchScreen
from chatspace.tui.widgets.history_list import PAGE, HistoryList
from chatspace.tui.widgets.history_pane import HistoryPane
from tests.model_server import ModelServer, SlowDrip
from tests.tui.conftest import Open, Seat

pytestmark = [pytest.mark.drill, pytest.mark.usefixtures("served")]  # with profiles there is no first start


def fill(seat: Seat, *titles: str) -> list[Conversation]:
    """Conversations an hour apart, the first the newest."""
    history, now = seat.workspace.history, datetime.now(UTC)
    made = []
    for number, title in enumerate(titles):
        made.append(history.conversations.create(title, created=now - timedelta(hours=number)))
    return made


async def at_history(seat: Seat, *titles: str) -> list[Conversation]:
    made = fill(seat, *titles)
    seat.screen.query_one(HistoryPane).load(None)
    await seat.until(lambda: seat.screen.query_one(HistoryList).loaded == len(made))
    await seat.pilot.press("f9")
    return made


async def at_what_was_said(seat: Seat) -> None:
    """On the conversation in sight, in the list."""
    await seat.pilot.press("f9")
    await seat.until(lambda: seat.screen.query_one(HistoryList).under_cursor)


def lines(seat: Seat) -> list[str]:
    options = seat.screen.query_one(HistoryList)
    return [str(options.get_option_at_index(index).prompt) for index in range(options.option_count)]


def focused(seat: Seat) -> object:
    return seat.app.focused


def note(seat: Seat) -> str:
    return str(seat.screen.query_one("#history-note", Static).render())


def stored(seat: Seat, shelf: Shelf = "current") -> Sequence[str]:
    return [conversation.title for conversation in seat.workspace.history.conversations.page(shelf=shelf)]


async def test_e_renames_in_place(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one", "two")
        await seat.pilot.press("j", "e")
        assert isinstance(seat.app.focused, Input)
        assert seat.app.focused.region.y == seat.screen.query_one(HistoryList).region.y + 2
        await seat.pilot.press("ctrl+e", *" more", "enter")
        await seat.until(lambda: stored(seat) == ["one", "two more"])
        await seat.until(lambda: "two more" in lines(seat))
        assert focused(seat) is seat.screen.query_one(HistoryList)
        under = seat.screen.query_one(HistoryList).under_cursor
        assert under is not None
        assert under.title == "two more"


async def test_esc_leaves_the_title_as_it_was_and_stays_in_the_list(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one")
        await seat.pilot.press("e", *"xyz", "escape")
        assert focused(seat) is seat.screen.query_one(HistoryList)
        assert not seat.screen.query_one("#history-edit").display
        assert stored(seat) == ["one"]
        await seat.pilot.press("escape")
        assert focused(seat) is seat.prompt


async def test_an_empty_title_changes_nothing(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one")
        await seat.pilot.press("e", "ctrl+u", "delete", "enter")
        assert stored(seat) == ["one"]


async def test_t_sets_tags_that_are_shown_below_the_title(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one")
        await seat.pilot.press("t", *"#tern, spring sale", "enter")
        await seat.until(lambda: "one\n  #tern #spring sale" in lines(seat))
        await seat.pilot.press("u")
        await seat.until(lambda: "one" in lines(seat))


async def test_p_pins_on_top_and_again_back(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one", "two")
        await seat.pilot.press("j", "p")
        await seat.until(lambda: lines(seat)[:2] == ["pinned", "two"])
        await seat.pilot.press("p")
        await seat.until(lambda: "pinned" not in lines(seat))


async def test_a_archives_and_brings_back_from_the_archive(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one", "two")
        await seat.pilot.press("a")
        await seat.until(lambda: stored(seat, "archived") == ["one"])
        await seat.until(lambda: note(seat) == "Archived. u: undo.")
        await seat.until(lambda: "one" not in lines(seat))
        await seat.pilot.press("full_stop")
        await seat.until(lambda: "one" in lines(seat))
        await seat.pilot.press("a")
        await seat.until(lambda: stored(seat) == ["one", "two"])


@pytest.mark.parametrize("undo", ["u", "ctrl+z"])
async def test_d_deletes_into_the_trash_and_undo_brings_it_back(open_workspace: Open, undo: str) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one", "two")
        await seat.pilot.press("d")
        await seat.until(lambda: stored(seat, "trash") == ["one"])
        await seat.until(lambda: note(seat) == "Moved to trash. u: undo.")
        await seat.until(lambda: "one" not in lines(seat))
        under = seat.screen.query_one(HistoryList).under_cursor
        assert under is not None
        assert under.title == "two"
        await seat.pilot.press(undo)
        await seat.until(lambda: stored(seat) == ["one", "two"])
        await seat.until(lambda: "one" in lines(seat))


async def test_from_the_trash_a_brings_back_later(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        seat.workspace.history.conversations.delete(fill(seat, "one")[0].id)
        await at_history(seat, "two")
        await seat.pilot.press("full_stop", "full_stop")
        await seat.until(lambda: lines(seat) == ["deleted today", "one"])
        assert "only D empties it" in str(seat.screen.query_one("#history-shelf", Static).render())
        await seat.pilot.press("a")
        await seat.until(lambda: set(stored(seat)) == {"one", "two"})


async def test_d_in_the_trash_asks_and_then_deletes_for_good(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        one, two = fill(seat, "one", "two")
        for each in (one, two):
            seat.workspace.history.conversations.delete(each.id)
        await at_history(seat)
        await seat.pilot.press("full_stop", "full_stop")
        await seat.until(lambda: len(lines(seat)) == 3)
        await seat.pilot.press("d", "n")
        assert len(stored(seat, "trash")) == 2
        await seat.pilot.press("d", "escape")
        await seat.pilot.press("y")
        assert len(stored(seat, "trash")) == 2
        await seat.pilot.press("d", "y")
        await seat.until(lambda: len(stored(seat, "trash")) == 1)
        await seat.until(lambda: "gone for good" in note(seat))
        await seat.pilot.press("D")
        await seat.until(lambda: "for good?" in note(seat))
        await seat.pilot.press("y")
        await seat.until(lambda: stored(seat, "trash") == [])
        assert seat.workspace.history.conversations.get(one.id) is None
        assert seat.workspace.history.conversations.get(two.id) is None


async def test_what_a_reply_still_comes_into_is_not_purged_and_that_is_said(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(SlowDrip())
    async with open_workspace() as seat:
        await seat.send("Go on")
        await seat.until(lambda: seat.entries and seat.entries[-1].status == "streaming")
        await at_what_was_said(seat)
        await seat.pilot.press("d")
        await seat.until(lambda: stored(seat, "trash"))
        await seat.pilot.press("full_stop", "full_stop")
        await seat.until(lambda: lines(seat) == ["deleted today", "Go on"])
        await seat.pilot.press("d", "y")
        await seat.told("still streaming")
        assert stored(seat, "trash") == ["Go on"]


async def test_deleting_the_conversation_in_sight_begins_a_new_one(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        await seat.exchange("One")
        await at_what_was_said(seat)
        await seat.pilot.press("d")
        await seat.until(lambda: seat.entries == [])
        await seat.exchange("Two")
        assert stored(seat) == ["Two"]
        assert stored(seat, "trash") == ["One"]


async def test_renaming_the_conversation_in_sight_renames_its_heading(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await seat.exchange("One")
        await at_what_was_said(seat)
        await seat.pilot.press("e", "ctrl+e", *" more", "enter")
        await seat.until(lambda: "One more" in str(seat.screen.query_one("#heading", Static).render()))


async def test_slash_in_the_list_opens_the_search(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one")
        await seat.pilot.press("slash")
        await seat.opened(SearchScreen)


async def test_the_list_loads_by_the_page_and_keeps_its_place_when_something_changes(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        history = seat.workspace.history
        for number in range(PAGE + 30):
            history.conversations.create(f"talk {number}")
        pane = seat.screen.query_one(HistoryPane)
        pane.load(None)
        listed = seat.screen.query_one(HistoryList)
        await seat.until(lambda: listed.loaded == PAGE)
        await seat.pilot.press("f9", "G")
        await seat.until(lambda: listed.loaded == PAGE + 30)
        await seat.pilot.press("G")
        under = listed.under_cursor
        assert under is not None
        assert under.title == "talk 0"
        pane.load(None)
        await seat.until(lambda: not [worker for worker in seat.app.workers if worker.group == "history"])
        assert listed.loaded == PAGE + 30
        assert listed.under_cursor == under


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_the_keys_work_at_any_size(open_workspace: Open, size: tuple[int, int]) -> None:
    async with open_workspace(size) as seat:
        await at_history(seat, "one", "two")
        await seat.pilot.press("e", "ctrl+e", *"!", "enter")
        await seat.until(lambda: stored(seat) == ["one!", "two"])
        await seat.pilot.press("d")
        await seat.until(lambda: stored(seat) == ["two"])
        await seat.pilot.press("escape")
        assert focused(seat) is seat.prompt


async def test_x_exports_the_conversation_under_the_cursor_in_the_format_of_the_name(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one", "two")
        await seat.pilot.press("j", "x")
        await seat.opened(SaveDialog)
        seat.app.screen.query_one(Input).value = "talk.json"
        await seat.pilot.press("enter")
        await seat.until(Path("talk.json").exists)
        assert json.loads(Path("talk.json").read_text(encoding="utf-8"))["title"] == "two"
        await seat.until(lambda: note(seat) == "1 exported")


@pytest.mark.parametrize(
    ("tabs", "written"), [(0, ["index.md", "one", "three"]), (1, ["conversations.jsonl"]), (2, ["index.html"])]
)
async def test_the_marked_conversations_are_exported_together(
    open_workspace: Open, tabs: int, written: list[str]
) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one", "two", "three")
        await seat.pilot.press("space", "j", "space")
        assert [line[:1] for line in lines(seat)[1:]] == ["✓", "t", "✓"]
        assert note(seat).startswith("2 marked")
        await seat.pilot.press("x")
        await seat.opened(SaveDialog)
        await seat.pilot.press(*["tab"] * tabs, "enter")
        await seat.until(lambda: note(seat) == "2 exported")
        names = [path.name for path in Path.cwd().rglob("*") if path.is_file()]
        assert all(any(part in name for name in names) for part in written)
        assert not any("two" in name for name in names)
        assert not any("✓" in line for line in lines(seat))


async def test_esc_takes_the_marks_away_before_it_leaves(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one", "two")
        await seat.pilot.press("space", "escape")
        assert not any("✓" in line for line in lines(seat))
        assert isinstance(focused(seat), HistoryList)
        await seat.pilot.press("escape")
        assert not isinstance(focused(seat), HistoryList)
