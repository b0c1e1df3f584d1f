"""Yank: messages, code blocks by number, what is selected."""

from __future__ import annotations

import pytest
from textual.geometry import Offset
from textual.selection import SELECT_ALL

from chatspace.tui.screens.code_blocks import CodeBlocks
from chatspace.tui.transcript.selecting import select
from tests.model_server import ModelServer, Reply
from tests.tui.conftest import Open, Seat

CODE = "One:\n\n```python\nfirst = 1\n```\n\nTwo:\n\n```sh\nsecond --now\n```\n\nAnd three:\n\n    third\n"


async def answered(seat: Seat) -> None:
    await seat.exchange("Code, please")
    await seat.pilot.press("escape")


@pytest.mark.parametrize(
    ("keys", "block"),
    [(["2"], "second --now\n"), (["down", "down", "enter"], "third\n")],
    ids=["number", "list"],
)
async def test_c_yanks_a_code_block_chosen_by_its_number_or_from_the_list(
    open_workspace: Open, served: ModelServer, keys: list[str], block: str
) -> None:
    served.script(Reply(CODE))
    async with open_workspace() as seat:
        await answered(seat)
        await seat.pilot.press("c")
        await seat.opened(CodeBlocks)
        await seat.pilot.press(*keys)
        await seat.until(lambda: seat.clipboard.texts == [block])


async def test_a_single_code_block_is_yanked_at_once_and_none_is_said(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(Reply("```\nonly\n```"), Reply("No code."))
    async with open_workspace() as seat:
        await answered(seat)
        await seat.pilot.press("c")
        await seat.until(lambda: seat.clipboard.texts == ["only\n"])
        await seat.exchange("More")
        await seat.pilot.press("escape", "c")
        await seat.told("no code block")
        assert len(seat.clipboard.texts) == 1


async def test_escape_leaves_the_code_blocks_without_yanking(open_workspace: Open, served: ModelServer) -> None:
    served.script(Reply(CODE))
    async with open_workspace() as seat:
        await answered(seat)
        await seat.pilot.press("c")
        await seat.opened(CodeBlocks)
        await seat.leave()
        assert seat.clipboard.texts == []


async def test_ctrl_c_yanks_what_the_mouse_selected_and_never_quits(open_workspace: Open, served: ModelServer) -> None:
    served.script(Reply("A *quiet* winter."))
    async with open_workspace() as seat:
        await answered(seat)
        await seat.pilot.press("ctrl+c")
        select(seat.transcript, SELECT_ALL)
        await seat.pilot.press("ctrl+c")
        await seat.until(lambda: seat.clipboard.texts)
        assert "A quiet winter." in seat.clipboard.texts[0]
        seat.screen.set_focus(seat.prompt)
        await seat.pilot.press("ctrl+c")
        await seat.until(lambda: len(seat.clipboard.texts) == 2)
        assert seat.app.is_running


async def test_a_double_click_selects_the_word_that_ctrl_c_yanks(open_workspace: Open, served: ModelServer) -> None:
    served.script(Reply("A quiet winter."))
    async with open_workspace() as seat:
        await answered(seat)
        lines = [seat.transcript.render_line(y).text for y in range(seat.transcript.size.height)]
        y = next(row for row, line in enumerate(lines) if "quiet" in line)
        await seat.pilot.click(seat.transcript, offset=Offset(lines[y].index("quiet") + 1, y), times=2)
        await seat.pilot.press("ctrl+c")
        await seat.until(lambda: seat.clipboard.texts == ["quiet"])
