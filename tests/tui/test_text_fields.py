"""The texts that are written in, each as it stands in the workspace: what a long paste does, and undo behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

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
    "hunk": HunkEditor,
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


@asynccontextmanager
async def alone(name: str, text: str) -> AsyncIterator[tuple[Pilot[None], TextField]]:
    """The field with the focus and with this text, which isn't to be undone."""
    app = Alone(FIELDS[name])
    async with app.run_test(size=(60, 20)) as pilot:
        field = app.query_one(TextField)
        field.load_text(text)
        field.focus()
        yield pilot, field


@pytest.mark.parametrize("name", FIELDS)
async def test_a_long_paste_is_taken_back_and_done_again(name: str) -> None:
    assert len(LONG.encode()) > 100_000
    async with alone(name, BEFORE) as (pilot, field):
        field.move_cursor((0, 5))
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
    async with alone(name, KEPT) as (pilot, field):
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
    async with alone(name, BEFORE) as (pilot, field):
        field.move_cursor((1, 3))
        await pilot.press("ctrl+z", "ctrl+y")
        assert (field.text, field.cursor_location) == (BEFORE, (1, 3))
