"""The texts that are written in, each as it stands in the workspace: what a long paste does, and undo behind it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual import events
from textual.app import App, ComposeResult

from chatspace.tui.widgets.desk_helper import HunkEditor
from chatspace.tui.widgets.desk_text import DeskText
from chatspace.tui.widgets.prompt import Prompt
from chatspace.tui.widgets.text_editor import TextEditor
from chatspace.tui.widgets.text_field import TextField
from chatspace.tui.widgets.variant_editor import VariantEditor

FIELDS: dict[str, Callable[[], TextField]] = {
    "prompt": Prompt,
    "editor": TextEditor,
    "desk": DeskText,
    "hunk": lambda: HunkEditor(soft_wrap=True, compact=True),
    "variant": VariantEditor,
}
LINES = (
    "The pump is quiet. " * 6,
    "\t\ttabs before\tand\tbetween",
    "静かなヒートポンプ、家を暖める " * 5,
    "",
    "família 👩‍👩‍👧 e\u0301 " * 8,
    "one long line " * 250,
)
LONG = "\r\n".join(LINES * 26) + "\r\n"
KEPT = LONG.replace("\r\n", "\n")
BEFORE = "What stood here.\nIn two lines."


class Alone(App[None]):
    """One field, some lines high."""

    CSS = "TextField { height: 8; }"

    def __init__(self, make: Callable[[], TextField]) -> None:
        super().__init__()
        self._field = make()

    def compose(self) -> ComposeResult:
        yield self._field


@pytest.mark.parametrize("name", FIELDS)
async def test_a_long_paste_is_taken_back_and_done_again(name: str) -> None:
    assert len(LONG.encode()) > 100_000
    app = Alone(FIELDS[name])
    async with app.run_test(size=(60, 20)) as pilot:
        field = app.query_one(TextField)
        field.load_text(BEFORE)
        field.move_cursor((0, 5))
        field.focus()
        field.post_message(events.Paste(LONG))
        await pilot.pause()
        assert field.text == f"What {KEPT}stood here.\nIn two lines."
        after = field.cursor_location
        await pilot.press("ctrl+z")
        assert field.text == BEFORE
        assert field.cursor_location == (0, 5)
        await pilot.press("ctrl+y")
        assert field.text == f"What {KEPT}stood here.\nIn two lines."
        assert field.cursor_location == after
        await pilot.press("x", "ctrl+z", "ctrl+z")
        assert field.text == BEFORE


@pytest.mark.parametrize("name", FIELDS)
async def test_a_paste_over_everything_is_taken_back(name: str) -> None:
    app = Alone(FIELDS[name])
    async with app.run_test(size=(60, 20)) as pilot:
        field = app.query_one(TextField)
        field.load_text(KEPT)
        field.focus()
        field.select_all()
        field.post_message(events.Paste("short\x1b[31m"))
        await pilot.pause()
        assert field.text == "short[31m", "nothing in a paste commands the terminal"
        await pilot.press("ctrl+z")
        assert field.text == KEPT
        await pilot.press("ctrl+y")
        assert field.text == "short[31m"


@pytest.mark.parametrize("name", FIELDS)
async def test_undo_with_nothing_to_take_back_leaves_the_cursor(name: str) -> None:
    app = Alone(FIELDS[name])
    async with app.run_test(size=(60, 20)) as pilot:
        field = app.query_one(TextField)
        field.load_text(BEFORE)
        field.focus()
        field.move_cursor((1, 3))
        await pilot.press("ctrl+z", "ctrl+y")
        assert (field.text, field.cursor_location) == (BEFORE, (1, 3))
