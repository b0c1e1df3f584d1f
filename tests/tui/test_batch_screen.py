"""The batch on a screen: followed, stopped, gone on with, left and come back to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, Static

from chatspace.tui.messages import PromptPaused
from chatspace.tui.screens.batch import BatchScreen
from chatspace.tui.screens.batch_reading import ReportReading, TextReading
from chatspace.tui.screens.desk import DeskScreen
from chatspace.tui.screens.help import Help
from chatspace.tui.widgets.batch_table import BatchTable
from chatspace.tui.widgets.status_line import StatusLine
from tests.drills.newsroom import NUMBER, Register, check_outputs, good_answer, write_documents, write_profiles
from tests.model_answers import Answer
from tests.model_server import HttpError, ModelServer
from tests.tui.conftest import Open, Seat
from tests.waiting import eventually

SIZES = [(60, 20), (80, 24), (140, 45)]


class Newsroom(Register):
    """Answers for all steps; `refused` stories get no draft, and while `closed` no draft is answered at all."""

    def __init__(self) -> None:
        super().__init__(lambda _, body: self._answer_to(body))
        self.refused: set[int] = set()
        self.open = threading.Event()
        self.open.set()

    def _answer_to(self, body: Mapping[str, Any]) -> Answer:
        story = NUMBER.search(str(body["messages"]))
        refused = story is not None and int(story[1]) in self.refused and "drafter" in body["model"]
        return HttpError(401) if refused else good_answer(body)

    def __call__(self, body: Mapping[str, Any]) -> Answer:
        if "drafter" in body["model"]:
            self.open.wait(20)  # each request has a thread of its own
        return super().__call__(body)

    def close(self) -> None:
        self.open.clear()


@pytest.fixture
def newsroom(home: Path, model_server: ModelServer) -> Iterator[Newsroom]:
    """The server that answers for all steps."""
    found = Newsroom()
    model_server.answer(found)
    write_profiles(home, model_server.url)
    yield found
    found.open.set()


async def start(seat: Seat, line: str = "/batch in") -> BatchScreen:
    await seat.send(line)
    return await seat.opened(BatchScreen)


async def ended(seat: Seat, screen: BatchScreen) -> None:
    await seat.until(lambda: screen.session.batch and screen.session.batch.live.ended)
    await seat.until(lambda: status(screen)[0] in "✓✗■")


def status(screen: BatchScreen) -> str:
    return screen.query_one(StatusLine).left


def part(screen: BatchScreen, name: str) -> str:
    return str(screen.query_one(f"#batch-{name}", Static).content).replace("\xa0", " ")


def states(screen: BatchScreen) -> list[str]:
    return [row.state for row in screen.session.batch.live.rows] if screen.session.batch else []


@pytest.mark.parametrize("size", SIZES)
async def test_a_batch_is_followed_to_its_end_at_every_size(
    open_workspace: Open, newsroom: Newsroom, size: tuple[int, int]
) -> None:
    async with open_workspace(size) as seat:
        write_documents(Path("in"), 3)
        newsroom.close()
        screen = await start(seat, "/batch in -j 2 --budget 2.50")
        await seat.until(lambda: "2 under way" in status(screen))
        await seat.until(lambda: seat.shown.count("▸ working") == 2 or "▸ working" in part(screen, "current"))
        await seat.until(lambda: "draft" in seat.shown)
        assert "· waiting" in seat.shown
        assert "0/3" in part(screen, "progress")
        assert "of $2.50" in part(screen, "progress")
        assert "x stop" in seat.hints
        newsroom.open.set()
        await ended(seat, screen)
        assert "3/3" in part(screen, "progress")
        assert "✓ all there" in status(screen)
        assert seat.shown.count("✓ made") == 3
        assert "x stop" not in seat.hints
        check_outputs(Path("out"), Path("in"))
        assert all(len(line) <= size[0] for line in seat.shown.splitlines())


async def test_a_failure_is_shown_with_its_cause_and_remedy_and_tried_again(
    open_workspace: Open, newsroom: Newsroom
) -> None:
    async with open_workspace((80, 24)) as seat:
        write_documents(Path("in"), 3)
        newsroom.refused = {1}
        screen = await start(seat, "/batch in -o made")
        await ended(seat, screen)
        assert "1 failed · r retries" in status(screen)
        await seat.pilot.press("f")
        await seat.until(lambda: "story-0001" in part(screen, "current"))
        assert "rejected the key" in part(screen, "current")
        assert "api_key_env" in part(screen, "current")
        assert "story-0000" not in seat.shown
        newsroom.refused = set()
        await seat.pilot.press("r")
        await seat.until(lambda: states(screen) == ["before", "made", "before"])
        await ended(seat, screen)
        assert "2 there before" in part(screen, "progress")
        assert Path("made/failures.jsonl").read_text(encoding="utf-8") == ""


async def test_x_ends_what_is_under_way_and_the_same_again_goes_on(open_workspace: Open, newsroom: Newsroom) -> None:
    async with open_workspace() as seat:
        write_documents(Path("in"), 5)
        newsroom.close()
        screen = await start(seat, "/batch in --jobs 2")
        await seat.until(lambda: states(screen).count("working") == 2)
        await seat.pilot.press("x")
        await seat.until(lambda: "ending the 2 under way · x stops them too" in status(screen))
        newsroom.open.set()
        await ended(seat, screen)
        assert states(screen) == ["made", "made", "waiting", "waiting", "waiting"]
        assert "3 to do · c continues" in status(screen)
        assert json.loads(Path("out/report.json").read_bytes())["runs"]["statuses"] == {"complete": 2}
        asked = newsroom.asked.total()
        await seat.pilot.press("c")
        await seat.until(lambda: states(screen) == ["before", "before", "made", "made", "made"])
        await ended(seat, screen)
        assert newsroom.asked.total() == asked + 3 * 5
        check_outputs(Path("out"), Path("in"))


async def test_it_goes_on_while_one_chats_and_says_when_it_ends(open_workspace: Open, newsroom: Newsroom) -> None:
    async with open_workspace() as seat:
        write_documents(Path("in"), 2)
        newsroom.close()
        screen = await start(seat)
        await seat.until(lambda: "2 under way" in status(screen))
        batch = screen.session.batch
        await seat.leave()
        assert batch
        assert not batch.live.ended
        back = await start(seat, "/batch")
        assert back is not screen
        assert back.session.batch is batch
        assert "2 under way" in status(back)
        await seat.leave()
        newsroom.open.set()
        await seat.until(lambda: batch.live.ended)
        await seat.told("The batch into out: ✓ all there")
        again = await start(seat, "/batch")
        assert states(again) == ["made", "made"]


async def test_quitting_ends_in_order(open_workspace: Open, newsroom: Newsroom) -> None:
    async with open_workspace() as seat:
        write_documents(Path("in"), 2)
        newsroom.close()
        screen = await start(seat)
        await seat.until(lambda: "2 under way" in status(screen))
        await seat.pilot.press("ctrl+q")
        await seat.until(lambda: states(screen) == ["stopped", "stopped"])
        newsroom.open.set()
        eventually(Path("out/report.json").is_file)


async def test_a_finished_document_is_read_and_taken_to_the_desk(open_workspace: Open, newsroom: Newsroom) -> None:
    async with open_workspace((80, 24)) as seat:
        write_documents(Path("in"), 2)
        screen = await start(seat)
        await ended(seat, screen)
        await seat.pilot.press("g", "enter")
        await seat.opened(TextReading)
        await seat.until(lambda: "Sentence 0 of story 0" in seat.shown)
        assert "source_id" not in seat.shown
        await seat.pilot.press("escape")
        await seat.pilot.click(BatchTable, offset=(4, 0))
        await seat.opened(TextReading)
        await seat.pilot.press("escape", "o")
        await seat.opened(ReportReading)
        await seat.until(lambda: "balanced-drafter" in seat.shown)
        await seat.pilot.press("escape", "f1")
        await seat.opened(Help)
        await seat.until(lambda: "x stops in order" in seat.shown)
        await seat.pilot.press("escape", "d")
        await seat.opened(DeskScreen)
        await seat.until(lambda: "draft.md" in seat.shown)
        await seat.pilot.press("escape")
        await seat.until(lambda: seat.app.screen is screen)


async def test_what_cannot_begin_is_told_and_the_line_stays_to_be_changed(
    open_workspace: Open, newsroom: Newsroom
) -> None:
    async with open_workspace() as seat:
        write_documents(Path("in"), 1)
        screen = await start(seat, "/batch in --jobs -3")
        await seat.told("--jobs is -3")
        typed = screen.query_one(Input)
        await seat.until(lambda: typed.value == "in --jobs -3")
        typed.value = "in -o made"
        await seat.pilot.press("enter")
        await seat.until(lambda: states(screen) == ["made"])


async def test_a_batch_that_cannot_begin_says_why_and_esc_leads_back_from_another_line(
    open_workspace: Open, newsroom: Newsroom
) -> None:
    async with open_workspace((60, 20)) as seat:
        write_documents(Path("in"), 2)
        Path("taken").write_text("a file", encoding="utf-8")
        screen = await start(seat, "/batch in -o taken")
        await seat.until(lambda: "could not begin" in status(screen))
        assert "The folder taken can't be created" in part(screen, "error")
        await seat.pilot.press("n")
        await seat.until(lambda: isinstance(seat.app.focused, Input))
        assert screen.query_one(Input).value == "in --output taken"
        await seat.pilot.press("escape")
        await seat.until(lambda: "could not begin" in seat.shown)


async def test_what_the_next_message_takes_can_be_reckoned_while_the_batch_is_being_taken_down(
    open_workspace: Open, newsroom: Newsroom
) -> None:
    async with open_workspace() as seat:
        write_documents(Path("in"), 1)
        screen = await start(seat, "/batch in -o made")
        await ended(seat, screen)
        await screen.remove_children()
        seat.app.screen_stack[0].post_message(PromptPaused(""))
        await seat.pilot.pause()
        await seat.until(lambda: not [worker for worker in seat.app.workers if worker.group == "outlook"])


async def test_without_paths_it_asks_for_them_and_a_second_one_waits(open_workspace: Open, newsroom: Newsroom) -> None:
    async with open_workspace((60, 20)) as seat:
        write_documents(Path("in"), 2)
        newsroom.close()
        screen = await start(seat, "/batch")
        await seat.until(lambda: "briefs/ -o out" in seat.shown and isinstance(seat.app.focused, Input))
        await seat.pilot.press(*"in", "enter")
        await seat.until(lambda: "2 under way" in status(screen))
        await seat.leave()
        again = await start(seat, "/batch in -o other")
        await seat.told("A batch is running")
        assert again.session.batch is screen.session.batch
        newsroom.open.set()
        await ended(seat, again)
        assert not Path("other").exists()


async def test_a_thousand_documents_are_shown_by_the_page_and_the_keys_go_to_both_ends(
    open_workspace: Open, newsroom: Newsroom
) -> None:
    async with open_workspace((80, 24)) as seat:
        write_documents(Path("in"), 1000)
        newsroom.close()
        screen = await start(seat)
        await seat.until(lambda: "4 under way" in status(screen))
        await seat.pilot.press("G")
        await seat.until(lambda: "story-0999" in part(screen, "current"))
        assert "story-0999" in seat.shown
        await seat.pilot.press("k", "pageup", "g")
        await seat.until(lambda: "story-0000" in part(screen, "current"))
        await seat.pilot.press("slash", *"0500", "enter")
        await seat.until(lambda: "story-0500" in part(screen, "current"))
        assert "1,000" in part(screen, "progress")
        await seat.pilot.press("x", "x")
        newsroom.open.set()
        await ended(seat, screen)
