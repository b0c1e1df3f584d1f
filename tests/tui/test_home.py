"""At home: the palette, help, settings, themes, the models and the first start."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, OptionList, Static

from chatspace.tui.commands import COMMANDS
from chatspace.tui.navigation import SCREENS
from chatspace.tui.palette import commands
from chatspace.tui.screens.help import Help, about, sections
from chatspace.tui.screens.model_dialog import ModelChoice, ModelDialog
from chatspace.tui.screens.models import ModelsScreen
from chatspace.tui.screens.settings import SettingsScreen
from chatspace.tui.widgets.history_list import HistoryList
from chatspace.tui.widgets.status_line import StatusLine
from tests.model_server import HttpError, ModelServer, Reply
from tests.tui.conftest import Open, Seat


def settings_in(home: Path) -> dict[str, Any]:
    """What stands in the file, without the table of keys that it is made with."""
    read = tomllib.loads((home / "settings.toml").read_text("utf-8"))
    return {name: value for name, value in read.items() if value != {}}


# The palette and help


async def test_the_palette_holds_every_place_every_command_and_what_works_where_the_focus_is(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await seat.exchange("Hello")
        names = [command.name for command in commands(seat.screen)]
        assert len(names) == len(set(names))
        assert {place.title for place in SCREENS.values()} <= {*names, "settings"} | {"Settings"}
        assert {f"/{name}" for name in COMMANDS if name not in SCREENS} <= set(names)
        assert {"help", "settings", "themes", "quit", "new conversation"} <= set(names)
        seat.screen.set_focus(seat.transcript)
        await seat.pilot.pause()
        there = {command.name for command in commands(seat.screen)}
        assert "look up the facts" in there - set(names)


async def test_a_command_of_the_palette_acts_and_one_that_wants_more_stands_in_the_prompt(
    open_workspace: Open,
) -> None:
    async with open_workspace() as seat:
        await seat.pilot.press("ctrl+p")
        await seat.pilot.press(*"/draft")
        await seat.until(lambda: "long-form" in seat.shown)
        await seat.pilot.press("enter")
        await seat.until(lambda: seat.prompt.text == "/draft ")
        await seat.pilot.press("ctrl+p")
        await seat.pilot.press(*"settings")
        await seat.until(lambda: "(f2)" in seat.shown)
        await seat.pilot.press("enter")
        await seat.opened(SettingsScreen)


@pytest.mark.parametrize(("size", "beside"), [((120, 36), True), ((80, 24), False)])
async def test_help_explains_the_part_with_the_focus_then_its_keys_then_the_commands(
    open_workspace: Open, size: tuple[int, int], beside: bool
) -> None:
    async with open_workspace(size) as seat:
        await seat.pilot.press("f1")
        await seat.until(lambda: seat.app.screen.query("#help"))
        panel = seat.app.screen.query_one("#help")
        assert (panel.region.x >= size[0] // 2 - 5) == beside
        assert about(seat.screen).split()[0] in seat.shown
        titles = [title for title, _ in sections(seat.screen)]
        assert titles.index("the conversation") < titles.index("everywhere") < titles.index("moving and text")
        assert dict(sections(seat.screen))["everywhere"]["f2"] == "settings"
        await seat.pilot.press("f1")
        await seat.back_in_chat()
        seat.screen.query_one(HistoryList).display = True
        seat.screen.set_focus(seat.screen.query_one(HistoryList))
        await seat.pilot.press("f1")
        await seat.until(lambda: "the history" in seat.shown)


# The mouse


async def test_what_stands_in_the_status_line_can_be_clicked(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.until(lambda: seat.status and seat.hints.endswith("f1 help"))
        await seat.pilot.click("#status", offset=(112, 0))
        await seat.opened(Help)
        await seat.leave()
        await seat.pilot.click("#status", offset=(5, 0))
        await seat.opened(ModelDialog)


@pytest.mark.parametrize(("width", "kept"), [(200, 3), (60, 2), (20, 1), (3, 1)])
def test_where_there_is_no_room_the_last_keys_go_but_never_help(width: int, kept: int) -> None:
    line = StatusLine()
    line.set_reactive(StatusLine.left, "chat · openai/gpt-4.1 → api.openai.com")
    line.set_reactive(StatusLine.right, "a accept · r reject this very change · f1 help")
    assert line._fitting(width - 38).count(" · ") + 1 == kept
    assert line._fitting(width - 38).endswith("f1 help")


# The settings


async def test_settings_change_at_once_in_the_file_and_for_the_next_start(open_workspace: Open, home: Path) -> None:
    (home / "settings.toml").write_text("# mine\nfuture = 1\n", encoding="utf-8")
    async with open_workspace() as seat:
        await seat.pilot.press("f2")
        await go_to(seat, "side_list")
        await seat.pilot.press("enter")
        await seat.until(lambda: settings_in(home) == {"future": 1, "side_list": False})
        await go_to(seat, "language")
        await seat.pilot.press("enter", *"de", "enter")
        await seat.until(lambda: settings_in(home).get("language") == "de")
        assert (home / "settings.toml").read_text("utf-8").endswith("# mine\nfuture = 1\n")
        await seat.leave()
        assert seat.session.options.current.lang == "de"
    async with open_workspace() as seat:
        assert seat.app.settings.language == "de"
        assert seat.session.options.current.lang == "de"


async def test_what_is_changed_just_before_quitting_is_in_the_file(open_workspace: Open, home: Path) -> None:
    async with open_workspace() as seat:
        for width in range(80, 90):
            seat.app.change_setting("text_width", width)
        seat.app.change_setting("side_list", False)
        seat.app.action_leave()
        await seat.until(lambda: not seat.app.is_running)
    assert settings_in(home) == {"text_width": 89, "side_list": False}


async def test_a_value_that_cannot_stand_there_is_told_and_asked_for_again(open_workspace: Open, home: Path) -> None:
    async with open_workspace() as seat:
        await seat.pilot.press("f2")
        await go_to(seat, "text_width")
        await seat.pilot.press("enter")
        line = seat.app.screen.query_one("#settings-value", Input)
        line.value = "7"
        await seat.pilot.press("enter")
        await seat.told("from 40 to 200")
        assert line.display
        assert settings_in(home) == {}
        await seat.pilot.press("escape")
        assert not line.display
        assert isinstance(seat.app.screen, SettingsScreen)


async def test_a_wrong_file_is_told_its_defaults_hold_and_it_is_left_alone(open_workspace: Open, home: Path) -> None:
    path = home / "settings.toml"
    path.write_text('theme = "nord"\ntone = oops\n', encoding="utf-8")
    async with open_workspace() as seat:
        await seat.until(lambda: seat.notices)
        assert f"{path}, line 2" in seat.notices[0]
        assert seat.app.theme == "chatspace"
        seat.app.change_setting("side_list", False)
        await seat.until(lambda: len(seat.notices) == 2)
        assert path.read_text("utf-8") == 'theme = "nord"\ntone = oops\n'
        assert not seat.app.settings.side_list
        await seat.until(lambda: seat.status)


async def go_to(seat: Seat, name: str) -> None:
    """To a setting, once the settings are there."""
    screen = await seat.opened(SettingsScreen)
    options = screen.query_one("#settings-list", OptionList)
    screen.set_focus(options)
    options.highlighted = options.get_option_index(name)
    await seat.pilot.pause()


# The themes


async def test_a_theme_is_seen_while_choosing_kept_by_enter_and_taken_back_by_escape(
    open_workspace: Open, home: Path
) -> None:
    async with open_workspace() as seat:
        await seat.pilot.press("f12")
        await seat.until(lambda: isinstance(seat.app.screen.focused, Input))
        await seat.pilot.press(*"gruvb")
        await seat.until(lambda: seat.app.theme == "gruvbox")
        await seat.pilot.press("escape")
        await seat.until(lambda: seat.app.theme == "chatspace")
        assert settings_in(home) == {}
        await seat.pilot.press("f12")
        await seat.until(lambda: isinstance(seat.app.screen.focused, Input))
        await seat.pilot.press(*"nord", "enter")
        await seat.until(lambda: settings_in(home) == {"theme": "nord"})
    async with open_workspace() as seat:
        assert seat.app.theme == "nord"


async def test_every_theme_can_be_chosen_the_terminals_own_colours_too(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        for name in seat.app.available_themes:
            seat.app.theme = name
            await seat.pilot.pause()
        seat.app.theme = "ansi-dark"
        await seat.pilot.pause()
        assert seat.app.native_ansi_color


async def test_a_theme_that_does_not_exist_is_told_with_those_that_do(open_workspace: Open, home: Path) -> None:
    (home / "settings.toml").write_text('theme = "nrod"\n', encoding="utf-8")
    async with open_workspace() as seat:
        await seat.until(lambda: seat.notices)
        assert "line 1: theme: unknown theme 'nrod'" in seat.notices[0]
        assert "nord" in seat.notices[0]
        assert seat.app.theme == "chatspace"


# The models


async def test_the_chooser_lists_what_the_endpoints_offer_and_why_one_does_not(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await seat.pilot.press("ctrl+o")
        await seat.until(lambda: "openai/test-model" in seat.shown)
        assert re.search(rf"{served.host} · used by .*chat", seat.shown)
        assert "window unknown · price unknown" in seat.shown
        assert "$2 / $8" in seat.shown
        await seat.until(lambda: "refused the connection" in seat.shown)
        await seat.pilot.press(*"test-model", "enter")
        await seat.back_in_chat()
        await seat.until(lambda: "openai/test-model" in seat.status)
        await seat.exchange("Hello")
        assert served.bodies[-1]["model"] == "test-model"


async def test_the_chooser_opens_at_once_with_the_list_of_last_time(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        await seat.pilot.press("ctrl+o")
        await seat.until(lambda: "openai/test-model" in seat.shown)
        await seat.leave()
        again = ModelDialog(seat.workspace, ModelChoice(profile="chat"))
        again._find()
        assert [offer.name for offers in again._offers.values() for offer in offers] == ["openai/test-model"]


# The first start


@pytest.fixture
def fresh(home: Path) -> Path:
    """A home that nobody was in yet."""
    (home / "settings.toml").unlink()
    return home


def said(screen: ModelsScreen) -> str:
    return str(screen.query_one("#models-said", Static).render())


async def test_the_first_start_says_which_models_there_are_and_enter_goes_on(open_workspace: Open, fresh: Path) -> None:
    async with open_workspace((80, 24)) as seat:
        await seat.opened(ModelsScreen)
        await seat.until(lambda: "no language model" in " ".join(seat.shown.split()))
        assert "OPENAI_API_KEY" in seat.shown
        await seat.pilot.press("enter")
        await seat.back_in_chat()
    assert (fresh / "settings.toml").is_file()
    async with open_workspace() as seat:
        await seat.pilot.pause(0.3)
        assert seat.app.screen is seat.screen, "only once"


async def test_who_just_begins_to_write_on_the_first_start_loses_no_letter(open_workspace: Open, fresh: Path) -> None:
    async with open_workspace() as seat:
        await seat.opened(ModelsScreen)
        await seat.pilot.press(*"Hello there")
        await seat.until(lambda: seat.prompt.text == "Hello there")
        assert seat.app.screen is seat.screen


async def test_three_answers_make_a_profile_and_the_test_call_is_explained(
    open_workspace: Open, fresh: Path, model_server: ModelServer
) -> None:
    model_server.answer(Reply("Yes, I am."))
    async with open_workspace() as seat:
        screen = await seat.opened(ModelsScreen)
        await seat.pilot.press("tab")
        await seat.pilot.press(*model_server.host, "enter")
        await seat.until(lambda: screen.query_one("#models-model", Input).value == "test-model")
        await seat.pilot.press("enter")
        await seat.until(lambda: "It works" in said(screen))
        assert "Yes, I am." in said(screen)
        assert f"openai/test-model on {model_server.host}" in said(screen)
        assert (fresh / "profiles" / "test-model.md").is_file()
        await seat.pilot.press("enter")
        await seat.back_in_chat()
        await seat.until(lambda: seat.status.startswith("test-model · openai/test-model"))
        await seat.exchange("Hello")


@pytest.mark.parametrize(
    ("address", "told"), [("127.0.0.1:9", "no server is listening"), ("not an address", "is not an address")]
)
async def test_an_endpoint_that_does_not_work_says_why(
    open_workspace: Open, fresh: Path, address: str, told: str
) -> None:
    async with open_workspace() as seat:
        screen = await seat.opened(ModelsScreen)
        screen.query_one("#models-url", Input).value = address
        screen.set_focus(screen.query_one("#models-url", Input))
        await seat.pilot.press("enter")
        await seat.until(lambda: told in said(screen))


async def test_a_failing_test_call_names_cause_and_remedy_and_can_be_tried_again(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(HttpError(401), Reply("Here."))
    async with open_workspace() as seat:
        seat.app.action_visit("models")
        screen = await seat.opened(ModelsScreen)
        await seat.pilot.press("ctrl+t")
        await seat.until(lambda: "rejected the key" in said(screen))
        await seat.pilot.press("ctrl+t")
        await seat.until(lambda: "It works" in said(screen))
        assert served.host in said(screen)
