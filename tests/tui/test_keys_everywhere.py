"""The keys that work everywhere, in every place: each does its thing, or says why not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
from textual.command import CommandPalette

from chatspace.tui.navigation import SCREENS
from chatspace.tui.screens.compare import CompareScreen
from chatspace.tui.screens.desk import DeskScreen
from chatspace.tui.screens.help import Help
from chatspace.tui.screens.model_dialog import ModelDialog
from chatspace.tui.screens.pick_dialog import PickDialog
from chatspace.tui.screens.prompt_search import PromptSearch
from chatspace.tui.screens.save_dialog import SaveDialog
from chatspace.tui.screens.search import SearchScreen
from chatspace.tui.screens.settings import SettingsScreen
from chatspace.tui.screens.target_picker import TargetPicker
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.history_list import HistoryList
from chatspace.tui.widgets.prompt import Prompt
from tests.model_server import ModelServer
from tests.tui.conftest import Open, Seat

pytestmark = pytest.mark.drill  # a whole workspace for each place

NO_MODEL, NO_PROMPT, NO_TEXT = "No model is asked here.", "This screen has no prompt", "This screen has no text"
Does = type | str | None
"""The screen that comes, what is said, or None for a key that acts on the place itself."""

EVERYWHERE: Mapping[str, Does] = {
    "ctrl+o": NO_MODEL,
    "ctrl+p": CommandPalette,
    "ctrl+r": NO_PROMPT,
    "ctrl+g": NO_TEXT,
    "ctrl+s": SearchScreen,
    "f1": Help,
    "f2": SettingsScreen,
    "f3": CompareScreen,
    "f4": DeskScreen,
    "f12": PickDialog,
}
IN: Mapping[str, Mapping[str, Does]] = {
    "compare": {
        "ctrl+o": TargetPicker,
        "ctrl+r": PromptSearch,
        "ctrl+g": "The editor can't be opened here",
        "f3": "Compare is open.",
    },
    "desk": {
        "ctrl+o": ModelDialog,
        "ctrl+r": "No passage selected",
        "ctrl+g": "The editor can't be opened here",
        "ctrl+s": SaveDialog,
        "f4": "The desk is open.",
    },
    "story": {"ctrl+o": ModelDialog},
    "run": {"ctrl+o": "Each stage has a profile of its own", "ctrl+s": "Nothing to export"},
    "variants": {"ctrl+o": "/copy --model asks another", "ctrl+s": "Nothing to export"},
    "find": {"ctrl+r": None, "ctrl+s": "Search is open."},
    "models": {"ctrl+o": "enter goes to the conversation", "ctrl+r": None},
    "settings": {"f2": "Settings is open."},
}


async def go_to(seat: Seat, place: str) -> ToolScreen:
    while seat.app.screen is not seat.screen:
        seat.app.pop_screen()
        await seat.pilot.pause()
    seat.app._notifications.clear()
    seat.screen.action_place(place)
    await seat.until(lambda: isinstance(seat.app.screen, ToolScreen | TargetPicker))
    if isinstance(seat.app.screen, TargetPicker):
        await seat.until(lambda: seat.app.screen.query("OptionList"))
        await seat.pilot.press("space", "down", "space", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, CompareScreen) and seat.app.screen.session.answers)
    screen = seat.app.screen
    assert isinstance(screen, ToolScreen)
    await seat.pilot.pause()
    return screen


@pytest.mark.parametrize("place", SCREENS)
async def test_each_does_its_thing_or_says_why_not(
    open_workspace: Open, served: ModelServer, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("EDITOR", "true")
    async with open_workspace() as seat:
        for key, usual in EVERYWHERE.items():
            does = IN.get(place, {}).get(key, usual)
            screen = await go_to(seat, place)
            await seat.pilot.press(key)
            if does is None:
                assert key in screen.active_bindings, f"{key} in {place}"
            else:
                await seat.until(partial(_done, seat, does))
                assert isinstance(does, type) or seat.app.screen is screen, key


def _done(seat: Seat, does: type | str) -> bool:
    if isinstance(does, type):
        return any(isinstance(screen, does) for screen in seat.app.screen_stack)
    return any(does in notice for notice in seat.notices)


@pytest.mark.parametrize("place", SCREENS)
async def test_a_new_conversation_and_the_history_are_one_key_away(
    open_workspace: Open, served: ModelServer, place: str
) -> None:
    async with open_workspace() as seat:
        await seat.exchange("Hello")
        await go_to(seat, place)
        await seat.pilot.press("f9")
        await seat.until(lambda: isinstance(seat.app.focused, HistoryList))
        await go_to(seat, place)
        await seat.pilot.press("ctrl+n")
        await seat.until(lambda: seat.app.screen is seat.screen and not seat.entries)
        assert isinstance(seat.app.focused, Prompt)


@pytest.mark.parametrize("place", ["compare", "desk", "settings"])
async def test_quitting_is_too(open_workspace: Open, served: ModelServer, place: str) -> None:
    async with open_workspace() as seat:
        await go_to(seat, place)
        await seat.pilot.press("ctrl+q")
        await seat.until(lambda: seat.app._leaving and not seat.app.is_running)


async def test_who_goes_on_from_a_place_over_another_leaves_both(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        await seat.exchange("A harbour at dawn")
        await seat.pilot.press("ctrl+n")
        await seat.until(lambda: not seat.entries)
        Path("brief.md").write_text("A brief.\n", encoding="utf-8")
        await seat.send("/desk brief.md")
        await seat.until(lambda: isinstance(seat.app.screen, DeskScreen) and seat.app.screen.board.editor.text)
        await seat.pilot.press("x", "f3")
        await seat.opened(TargetPicker)
        await seat.pilot.press("escape")
        await seat.opened(DeskScreen)
        seat.app.action_visit("find")  # ctrl+s saves here
        await seat.opened(SearchScreen)
        await seat.pilot.press(*"harbour")
        await seat.until(lambda: "1 " in seat.shown and "dawn" in seat.shown)
        await seat.pilot.press("enter")
        await seat.until(lambda: seat.app.screen is seat.screen and seat.entries)
        assert seat.entries[0].text == "A harbour at dawn"
        await seat.told("unsaved text of brief.md is kept")
