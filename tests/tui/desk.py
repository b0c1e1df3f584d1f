"""Where a test of the desk sits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from textual.widget import Widget
from textual.widgets import Static

from chatspace.tui.screens.desk import DeskScreen
from chatspace.tui.sessions.desk import DeskSession
from chatspace.tui.widgets.desk_helper import DeskHelper
from chatspace.tui.widgets.desk_hunks import DeskHunks
from chatspace.tui.widgets.desk_text import DeskText
from chatspace.tui.widgets.status_line import StatusLine
from tests.tui.conftest import Open, Seat


def add_rewriter(home: Path, url: str) -> None:
    """A profile for rewriting that goes to this address."""
    (home / "profiles").mkdir(exist_ok=True)
    (home / "profiles" / "rewriter.md").write_text(
        f"---\nstep: rewrite\nmodel: openai/rewriter-model\napi_base: {url}\n"
        "timeout: {first_token: 5, idle: 5, total: 30}\nprice: {input: 2.0, output: 8.0}\n---\n"
        "{{ instruction }}\n{% for one in rejected or [] %}Not: {{ one }}\n{% endfor %}",
        encoding="utf-8",
    )


@asynccontextmanager
async def at_desk(open_workspace: Open, line: str = "brief.md", **kwargs: Any) -> AsyncIterator[tuple[Seat, DeskSeat]]:
    """A workspace where `/desk` was sent with this line."""
    async with open_workspace(**kwargs) as seat:
        desk = DeskSeat(seat)
        await desk.open(line)
        yield seat, desk


class DeskSeat:
    """A seat at the desk of a workspace."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.pilot = seat.pilot

    async def open(self, line: str = "") -> None:
        """`/desk` with what stands behind it, until its text is there."""
        if line:
            await self.seat.send(f"/desk {line}")
        else:
            await self.pilot.press("f4")
        await self.seat.opened(DeskScreen)
        await self.until(lambda: self.helper.keys.option_count and self.screen.focused is self.editor)

    async def until(self, predicate: object) -> None:
        await self.seat.until(predicate)  # type: ignore[arg-type]  # a callable, as the seat says

    @property
    def screen(self) -> DeskScreen:
        return cast(DeskScreen, self.seat.app.screen)

    @property
    def session(self) -> DeskSession:
        return self.screen.session

    @property
    def editor(self) -> DeskText:
        return self.screen.query_one(DeskText)

    @property
    def helper(self) -> DeskHelper:
        return self.screen.query_one(DeskHelper)

    @property
    def hunks(self) -> DeskHunks:
        return self.screen.query_one(DeskHunks)

    @property
    def text(self) -> str:
        return self.editor.text

    @property
    def lines(self) -> list[str]:
        """The hunks as they are listed."""
        return [str(self.hunks.get_option_at_index(index).prompt) for index in range(self.hunks.option_count)]

    @property
    def marks(self) -> list[str]:
        """What was decided on each hunk."""
        return [line[0] for line in self.lines]

    @property
    def said(self) -> str:
        return str(self.helper.query_one("#desk-where", Static).content)

    @property
    def status(self) -> str:
        return self.screen.query_one(StatusLine).left

    def has_focus(self, widget: Widget) -> bool:
        return self.screen.focused is widget

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def ask(self, key: str = "s") -> None:
        """Rewrite the passage at the cursor by a key of the list, until its hunks are there."""
        await self.press("ctrl+r")
        await self.press(key)
        await self.proposal()

    async def proposal(self) -> None:
        await self.until(lambda: self.session.asking.live is None and self.screen.focused is self.hunks)
