"""The workspace goes on while another program keeps the database from being written."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from chatspace import locations
from chatspace.adapters.history.database import Database
from chatspace.wiring import Workspace
from tests.loop_guard import LoopGuard
from tests.model_server import ModelServer
from tests.tui.conftest import Open, Seat, locked
from tests.tui.desk import add_rewriter, at_desk


async def test_a_call_from_the_loop_is_refused_and_from_a_thread_it_is_not(home: Path) -> None:
    guard, failed = LoopGuard(), asyncio.Event()
    workspace = Workspace(database=Database(locations.database(), guard=guard))
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, _context: failed.set())
    assert await asyncio.to_thread(workspace.conversations.asked, None) == []
    assert guard.refused == []
    loop.call_soon(partial(workspace.conversations.asked, None))
    await failed.wait()
    assert [call.partition(":")[0] for call in guard.refused] == ["core/workspace/conversations.py"]
    workspace.history.close()


async def test_typing_at_the_desk_goes_on_while_another_program_writes(
    open_workspace: Open, home: Path, served: ModelServer, loop_guard: LoopGuard
) -> None:
    add_rewriter(home, served.url)
    async with at_desk(open_workspace, "") as (seat, desk):
        with locked():
            before = loop_guard.elsewhere
            await desk.press("q")
            await seat.until(lambda: loop_guard.elsewhere > before)  # what was typed waits to be kept
            await desk.press("j")
            await seat.until(lambda: "qj" in seat.shown)
            assert kept(seat) == ""
        await seat.until(lambda: kept(seat) == "qj")
        assert seat.notices == []


def kept(seat: Seat) -> str:
    """The text that is kept for the desk when it is opened again."""
    return seat.workspace.desk.open_message(None).text


async def test_typing_a_message_goes_on_while_another_program_writes(
    open_workspace: Open, home: Path, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        with locked():
            await seat.send("Hello")
            await seat.type("and more")
            await seat.until(lambda: "and more" in seat.shown)
            assert seat.workspace.history.conversations.page() == []
        await seat.until(lambda: len(seat.entries) == 2)
        await seat.reply()
        assert seat.notices == []
