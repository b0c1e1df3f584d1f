"""The keys of the user's own: which can hold, what is told of the others, and what they do then."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.binding import ActiveBinding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Input, TextArea

from chatspace.tui.keys import _bindings, _parts, actions, checked, normal_keys
from chatspace.tui.navigation import SCREENS
from tests.model_server import ModelServer
from tests.tui.conftest import Open

pytestmark = pytest.mark.drill  # a whole workspace for each test: the gate runs them


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ctrl+y", ("ctrl+y",)),
        ("Ctrl+Y, F7", ("ctrl+y", "f7")),
        ("?", ("question_mark",)),
        ("G", ("G",)),
        ("ctrl++", ("ctrl+plus",)),
        ("+", ("plus",)),
        (",", ("comma",)),
        (" space ", ("space",)),
    ],
)
def test_a_key_may_be_written_as_people_do(written: str, meant: tuple[str, ...]) -> None:
    assert normal_keys(written) == meant


@pytest.mark.parametrize(
    ("keys", "kept", "told"),
    [
        ({"chat.new": "f20"}, {"chat.new"}, []),
        ({"chat.new": "ctrl+o", "chat.choose": "ctrl+n"}, {"chat.new", "chat.choose"}, []),
        ({"chat.yank": "Y"}, {"chat.yank"}, []),
        ({"chat.nwe": "f7", "chat.choose": "f20"}, {"chat.choose"}, ["Did you mean chat.new?"]),
        ({"nothing.at_all": "f7"}, set(), ["unknown action"]),
        ({"chat.new": "ctlr+y"}, set(), ["'ctlr+y' is not a key"]),
        ({"chat.new": "foo"}, set(), ["'foo' is not a key"]),
        ({"chat.new": "ctrl+i"}, set(), ["can't tell ctrl+i from tab"]),
        ({"chat.new": "n"}, set(), ["taken from what you type"]),
        ({"chat.new": "space"}, set(), ["taken from what you type"]),
        ({"chat.new": "ctrl+o"}, set(), ["ctrl+o is model already"]),
        ({"chat.new": "ctrl+q"}, set(), ["ctrl+q is quit already"]),
        ({"app.settings": "ctrl+n"}, set(), ["ctrl+n is "]),
        ({"chat.new": "f20", "chat.choose": "f20"}, {"chat.choose"}, ["f20 is model already"]),
    ],
)
def test_what_cannot_hold_is_told_and_the_rest_holds(keys: dict[str, str], kept: set[str], told: list[str]) -> None:
    holds, faults = checked(keys)
    assert set(holds) == kept
    assert len(faults) == len(told)
    for fault, said in zip(faults, told, strict=True):
        assert said in f"{fault.reason} {fault.remedy}"
        assert fault.place[0] == "keys"


def test_every_action_of_the_workspace_has_an_id_that_a_key_can_be_given_to() -> None:
    actions()  # imports every place
    missing = {
        f"{part.__name__}: {binding.key}" for part in _parts(DOMNode) for binding in _bindings(part) if not binding.id
    }
    assert missing == set()


async def test_a_mapped_key_acts_the_old_one_does_not_and_help_and_footer_show_it(
    open_workspace: Open, home: Path
) -> None:
    (home / "settings.toml").write_text('[keys]\nchat.history = "f7"\n', encoding="utf-8")
    async with open_workspace() as seat:
        await seat.until(lambda: "f7 history" in seat.hints)
        await seat.pilot.press("f1")
        await seat.until(lambda: re.search(r"f7 +history", seat.shown))
        assert not re.search(r"f9 +history", seat.shown)


@pytest.mark.parametrize("place", [None, *SCREENS])
async def test_the_keys_of_vim_answer_wherever_no_text_is_written(
    open_workspace: Open, served: ModelServer, place: str | None
) -> None:
    """The check-list of every place: each part that can have the focus and isn't a text."""
    async with open_workspace() as seat:
        if place is None:
            await seat.exchange("Hello")
        else:
            seat.screen.action_place(place)
            await seat.until(lambda: seat.app.screen is not seat.screen)
            await seat.pilot.pause(0.3)
        screen: Screen[object] = seat.app.screen
        for widget in screen.query("*"):
            if not (widget.focusable and widget.display) or isinstance(widget, Input | TextArea):
                continue
            screen.set_focus(widget)
            await seat.pilot.pause()
            # The chain of a dialog ends with it; the app listens to the keys that come through.
            everywhere = {
                key: ActiveBinding(seat.app, known[0], True, "")
                for key, known in seat.app._bindings.key_to_bindings.items()
            }
            active = {**(everywhere if screen.is_modal else {}), **screen.active_bindings}
            for key, like in (("j", "down"), ("k", "up"), ("g", "home"), ("G", "end")):
                part = f"{key} on {type(widget).__name__} in {place or 'the conversation'}"
                assert key in active, part
                if active[key].node is seat.app:
                    assert like in active, part
                    assert active[like].node is not seat.app, part
            assert "slash" in active, f"/ on {type(widget).__name__} in {place or 'the conversation'}"


async def test_a_wrong_key_is_told_with_its_line_and_the_rest_holds(open_workspace: Open, home: Path) -> None:
    path = home / "settings.toml"
    path.write_text('[keys]\n"chat.nwe" = "f7"\n"chat.history" = "f20"\n', encoding="utf-8")
    async with open_workspace() as seat:
        await seat.until(lambda: seat.notices)
        assert f"{path}, line 2: keys.chat.nwe" in seat.notices[0]
        await seat.until(lambda: "f20 history" in seat.hints)
