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
from chatspace.tui.widgets.status_line import StatusLine
from tests.drills.newsroom import NUMBER, Register, check_outputs, good_answer, write_documents, write_profiles
from tests.model_answers import Answer
from tests.model_server import HttpError, ModelServer
from tests.tui.conftest import Open, Seat
from tests.waiting import eventually

pytestmark = pytest.mark.drill  # a whole workspace for each test: the gate runs them

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


async def begin(seat: Seat, screen: BatchScreen, line: str) -> None:
    """Another batch, from where the last one is shown."""
    await seat.pilot.press("n")
    screen.query_one(Input).value = line
    await seat.pilot.press("enter")


async def ended(seat: Seat, screen: BatchScreen) -> None:
    await seat.until(lambda: screen.followed and screen.followed.ended)
    await seat.until(lambda: status(screen)[0] in "✓✗■")


def status(screen: BatchScreen) -> str:
    return screen.query_one(StatusLine).left


def part(screen: BatchScreen, name: str) -> str:
    return str(screen.query_one(f"#batch-{name}", Static).content).replace("\xa0", " ")


def states(screen: BatchScreen) -> list[str]:
    return [row.state for row in screen.followed.rows] if screen.followed else []


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


async def test_a_document_that_was_refused_for_good_is_tried_again_by_its_key_alone(
    open_workspace: Open, newsroom: Newsroom
) -> None:
    async with open_workspace() as seat:
        write_documents(Path("in"), 1)
        broken = Path("in/story-0009.md")
        broken.write_bytes(b"\x00\x01\x02" * 50)
        screen = await start(seat)
        await ended(seat, screen)
        assert states(screen) == ["made", "failed"]
        first = screen.followed
        write_documents(Path("in"), 1, first=9)
        await seat.pilot.press("r")
        await seat.until(lambda: screen.followed is not first and states(screen) == ["before", "made"])


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
        assert "3 to do · c goes on" in status(screen)
        assert json.loads(Path("out/report.json").read_bytes())["runs"]["statuses"] == {"complete": 2}
        asked = newsroom.asked.total()
        await seat.pilot.press("c")
        await seat.until(lambda: states(screen) == ["before", "before", "made", "made", "made"])
        await ended(seat, screen)
        assert newsroom.asked.total() == asked + 3 * 5
        check_outputs(Path("out"), Path("in"))


async def test_x_twice_stops_at_once_and_what_was_paid_for_is_not_asked_again(
    open_workspace: Open, newsroom: Newsroom
) -> None:
    async with open_workspace() as seat:
        write_documents(Path("in"), 3)
        newsroom.close()
        screen = await start(seat, "/batch in --jobs 1")
        await seat.until(lambda: states(screen)[:1] == ["working"] and screen.followed.rows[0].stage == "draft")  # type: ignore[union-attr]  # it is there
        await seat.pilot.press("x", "x", "x")
        await ended(seat, screen)
        assert states(screen) == ["stopped", "waiting", "waiting"]
        assert "■ ended with 3 to do" in status(screen)
        assert Path("out/report.json").is_file()
        newsroom.open.set()
        await seat.pilot.press("c")
        await seat.until(lambda: states(screen) == ["made"] * 3)
        assert {count for key, count in newsroom.whole.items()} <= {1, 2}
        check_outputs(Path("out"), Path("in"))


async def test_it_goes_on_while_one_chats_and_says_when_it_ends(open_workspace: Open, newsroom: Newsroom) -> None:
    async with open_workspace() as seat:
        write_documents(Path("in"), 2)
        newsroom.close()
        screen = await start(seat)
        await seat.until(lambda: "2 under way" in status(screen))
        batch = screen.followed
        await seat.leave()
        assert batch
        assert not batch.ended
        back = await start(seat, "/batch")
        assert back is not screen
        assert back.followed is batch
        assert "2 under way" in status(back)
        await seat.leave()
        newsroom.open.set()
        await seat.until(lambda: batch.ended)
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


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/batch nowhere", "nowhere: no such file or folder"),
        ("/batch *.odt", "No files match *.odt"),
        ("/batch empty", "There is no document in empty"),
        ("/batch in --budget lots", "--budget is lots"),
        ("/batch in --budget nan", "--budget is nan"),
        ("/batch in --budget inf", "--budget is inf"),
        ("/batch in --budget -1", "--budget is -1"),
        ("/batch in --token-budget nan", "--token-budget is nan"),
        ("/batch in --token-budget 0", "--token-budget is 0"),
        ("/batch in --jobs -3", "--jobs is -3"),
        ("/batch in --jobs 1000", "at most 256"),
        ("/batch list.csv", "unknown column"),
    ],
)
async def test_what_cannot_begin_is_told_and_the_line_stays_to_be_changed(
    open_workspace: Open, newsroom: Newsroom, line: str, told: str
) -> None:
    async with open_workspace() as seat:
        write_documents(Path("in"), 1)
        Path("empty").mkdir()
        Path("list.csv").write_text("path,chanel\nin/story-0000.md,ad\n", encoding="utf-8")
        screen = await start(seat, line)
        await seat.told(told)
        typed = screen.query_one(Input)
        await seat.until(lambda: typed.value == line.removeprefix("/batch "))
        typed.value = "in -o made"
        await seat.pilot.press("enter")
        await seat.until(lambda: states(screen) == ["made"])


@pytest.mark.parametrize(
    ("line", "told"),
    [("/batch in -o taken", "The folder taken can't be created"), ("/batch in --policy none", "none")],
)
async def test_a_batch_that_cannot_begin_asks_nothing_and_says_why_in_its_place(
    open_workspace: Open, newsroom: Newsroom, line: str, told: str
) -> None:
    async with open_workspace((60, 20)) as seat:
        write_documents(Path("in"), 2)
        Path("taken").write_text("a file", encoding="utf-8")
        screen = await start(seat, line)
        await seat.until(lambda: "could not begin" in status(screen))
        assert told in part(screen, "error")
        assert newsroom.asked.total() == 0
        await seat.pilot.press("n")
        await seat.until(lambda: isinstance(seat.app.focused, Input))
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


async def test_a_reached_budget_ends_in_order_and_is_said(open_workspace: Open, newsroom: Newsroom) -> None:
    async with open_workspace() as seat:
        write_documents(Path("in"), 3)
        screen = await start(seat, "/batch in --token-budget 900")
        await ended(seat, screen)
        assert "budget" in part(screen, "error")
        assert "the budget is reached · n changes the line" in status(screen)
        await seat.pilot.press("n")
        typed = screen.query_one(Input)
        assert typed.value == "in --token-budget 900"
        typed.value = "in --token-budget 900000"
        await seat.pilot.press("enter")
        await seat.until(lambda: states(screen) == ["made"] * 3)


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
        assert again.followed is screen.followed
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


async def test_an_edited_draft_is_kept_and_the_row_says_what_to_do(open_workspace: Open, newsroom: Newsroom) -> None:
    async with open_workspace((80, 24)) as seat:
        write_documents(Path("in"), 2)
        screen = await start(seat)
        await ended(seat, screen)
        draft = Path("out/story-0001/draft.md")
        draft.write_text("Edited by Maria.", encoding="utf-8")
        for source in Path("in").iterdir():
            source.write_text(source.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
        asked = newsroom.asked.total()
        await seat.pilot.press("n", "enter")
        await seat.until(lambda: states(screen) == ["made", "failed"])
        await ended(seat, screen)
        assert newsroom.asked.total() == asked + 5
        await seat.pilot.press("f")
        await seat.until(lambda: "was edited" in part(screen, "current"))
        assert "--overwrite" in part(screen, "current")
        assert "-o" in part(screen, "current")
        assert draft.read_text(encoding="utf-8") == "Edited by Maria."
        await begin(seat, screen, "in --overwrite")
        await seat.until(lambda: states(screen) == ["before", "made"])
        await ended(seat, screen)
        check_outputs(Path("out"), Path("in"))


async def test_a_foreign_report_is_named_before_a_batch_asks_anything(open_workspace: Open, newsroom: Newsroom) -> None:
    async with open_workspace((80, 24)) as seat:
        write_documents(Path("in"), 2)
        report = Path("out/report.md")
        report.parent.mkdir()
        report.write_text("My own report.", encoding="utf-8")
        screen = await start(seat)
        await seat.until(lambda: "could not begin" in status(screen))
        assert "out/report.md was not written by chatspace" in part(screen, "error")
        assert "--overwrite" in part(screen, "error")
        assert (newsroom.asked.total(), report.read_text(encoding="utf-8")) == (0, "My own report.")
        await begin(seat, screen, "in -o other")
        await seat.until(lambda: states(screen) == ["made", "made"])
        check_outputs(Path("other"), Path("in"))
