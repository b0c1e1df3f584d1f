"""A batch without its screen: begun, stopped, gone on with, and looked at."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from textual import message
from textual.message_pump import MessagePump

from chatspace.core.calls.call import ProviderEvent, Request
from chatspace.core.errors import ModelError
from chatspace.core.profiles.options import Options
from chatspace.tui.commands import parse_slash
from chatspace.tui.jobs import Jobs
from chatspace.tui.navigation import ScreenContext
from chatspace.tui.sessions.batch import BatchSession, RunningBatch, spent, state_of, title_of
from chatspace.tui.sessions.changed import Changed
from chatspace.wiring import Workspace
from tests.doubles import says
from tests.drills.newsroom import NUMBER, check_outputs, good_answer, write_documents, write_profiles
from tests.waiting import eventually_async

STEPS = 5
"""The calls for a document."""


class Newsroom:
    """A provider for all steps; `refused` stories get no draft, and while it isn't `open` no draft comes at all."""

    def __init__(self) -> None:
        self.refused: set[int] = set()
        self.open = asyncio.Event()
        self.open.set()
        self.whole: Counter[str] = Counter()
        self.asked = 0

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        self.asked += 1
        messages = [{"role": turn.role, "content": turn.content} for turn in request.turns]
        drafts = "drafter" in request.target.model
        if drafts:
            await self.open.wait()
        story = NUMBER.search(str(messages))
        if drafts and story and int(story[1]) in self.refused:
            raise ModelError(
                "The server didn't take the key", remedy="Look at api_key_env.", kind="unauthorized", status=401
            )
        await asyncio.sleep(0)
        for event in says(good_answer({"model": request.target.model, "messages": messages}).text):
            yield event
        self.whole[request.key] += 1


class App(MessagePump):
    """Who the job of a batch reports to."""

    def post_message(self, message: message.Message) -> bool:
        return True


class Seat:
    """A session with a workspace of its own, and what it reports."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.workspace = Workspace(models=newsroom)
        self.jobs = Jobs()
        self.changes: list[Changed] = []
        self.over: list[RunningBatch] = []
        self.session = self.opened()

    def opened(self) -> BatchSession:
        """As the screen opens it, or opens it once more."""
        context = ScreenContext(None, (), Options())
        return BatchSession(self.workspace, self.jobs, App(), context, self.changes.append, self.over.append)

    async def begin(self, line: str) -> None:
        typed = parse_slash(f"/batch {line}")
        assert typed
        await self.session.begin(typed)

    async def to_end(self, line: str = "in") -> None:
        await self.begin(line)
        await self.ended()

    async def ended(self) -> None:
        await eventually_async(lambda: not self.session.at_work)

    async def stage(self, stage: str, documents: int) -> None:
        """Until so many documents have come there."""
        await eventually_async(lambda: [row.stage for row in self.batch.live.rows].count(stage) == documents)

    @property
    def batch(self) -> RunningBatch:
        assert self.session.batch
        return self.session.batch

    @property
    def states(self) -> list[str]:
        return [row.state for row in self.batch.live.rows]

    @property
    def errors(self) -> list[str]:
        return [change.error.explained for change in self.changes if change.error]


@pytest.fixture
async def seat(home: Path, folder: Path) -> AsyncIterator[Seat]:
    write_profiles(home, "http://127.0.0.1:9")
    seat = Seat(Newsroom())
    yield seat
    seat.newsroom.open.set()
    await seat.jobs.stop_all()
    seat.workspace.history.close()


async def test_a_batch_is_counted_to_its_end_and_said_where_nobody_looks(seat: Seat) -> None:
    write_documents(Path("in"), 3)
    seat.newsroom.open.clear()
    await seat.begin("in -j 2 --budget 2.50")
    assert title_of(seat.session) == "Batch of in → out"
    await seat.stage("draft", 2)
    assert state_of(seat.batch) == "2 under way"
    assert spent(seat.batch).endswith(" of $2.50")
    assert (seat.session.can("stop", None), seat.session.can("another", None)) == (True, False)
    seat.newsroom.open.set()
    await seat.ended()
    assert (seat.states, seat.over) == (["made"] * 3, [seat.batch])
    assert state_of(seat.batch).startswith("✓ all there, in ")
    assert (seat.session.can("stop", None), seat.session.can("another", None)) == (False, True)
    check_outputs(Path("out"), Path("in"))


async def test_it_reports_what_has_come_and_nothing_once_the_end_was_reported(seat: Seat) -> None:
    seat.session.look()
    assert seat.changes == [], "nobody has begun"
    write_documents(Path("in"), 1)
    await seat.to_end()
    seat.changes.clear()
    for _ in range(3):
        seat.session.look()
    assert seat.changes == [Changed("counts")]


async def test_a_failure_has_its_cause_and_remedy_and_is_tried_again(seat: Seat) -> None:
    write_documents(Path("in"), 3)
    seat.newsroom.refused = {1}
    await seat.to_end("in -o made")
    assert state_of(seat.batch) == "✗ 1 failed · r retries"
    seat.session.next_filter()
    assert [seat.batch.live.rows[place].document.name for place in seat.session.in_sight] == ["story-0001"]
    assert title_of(seat.session) == "Batch of in → made · failed only"
    (failed,) = (row for row in seat.batch.live.rows if row.failure)
    assert failed.failure
    assert (failed.failure.error, failed.failure.remedy) == ("The server didn't take the key", "Look at api_key_env.")
    assert not seat.session.can("open", failed)
    seat.newsroom.refused = set()
    await seat.session.again(retry=True)
    await seat.ended()
    assert seat.states == ["before", "made", "before"]
    assert seat.session.filter == "all"
    assert Path("made/failures.jsonl").read_text(encoding="utf-8") == ""


async def test_the_filter_shows_the_failed_those_under_way_and_all_again(seat: Seat) -> None:
    write_documents(Path("in"), 3)
    seat.newsroom.open.clear()
    await seat.begin("in -j 2")
    await seat.stage("draft", 2)
    seen = []
    for _ in range(3):
        seat.session.next_filter()
        seen.append((seat.session.filter, len(seat.session.in_sight)))
    assert seen == [("failed", 0), ("under way", 2), ("all", 3)]


async def test_a_document_that_was_refused_for_good_is_tried_again_when_asked_for(seat: Seat) -> None:
    write_documents(Path("in"), 1)
    Path("in/story-0009.md").write_bytes(b"\x00\x01\x02" * 50)
    await seat.to_end()
    assert seat.states == ["made", "failed"]
    write_documents(Path("in"), 1, first=9)
    await seat.session.again()
    await seat.ended()
    assert seat.states == ["before", "failed"]
    await seat.session.again(retry=True)
    await seat.ended()
    assert seat.states == ["before", "made"]


async def test_stopping_ends_what_is_under_way_and_the_same_again_goes_on(seat: Seat) -> None:
    write_documents(Path("in"), 5)
    seat.newsroom.open.clear()
    await seat.begin("in --jobs 2")
    await seat.stage("draft", 2)
    seat.session.stop()
    assert state_of(seat.batch) == "ending the 2 under way · x stops them too"
    seat.newsroom.open.set()
    await seat.ended()
    assert seat.states == ["made", "made", "waiting", "waiting", "waiting"]
    assert state_of(seat.batch) == "■ stopped with 3 to do · c continues"
    assert json.loads(Path("out/report.json").read_bytes())["runs"]["statuses"] == {"complete": 2}
    asked = seat.newsroom.asked
    assert seat.session.can("resume", None)
    await seat.session.again()
    await seat.ended()
    assert seat.states == ["before", "before", "made", "made", "made"]
    assert seat.newsroom.asked == asked + 3 * STEPS
    check_outputs(Path("out"), Path("in"))


async def test_stopping_twice_stops_at_once_and_what_was_paid_for_is_not_asked_again(seat: Seat) -> None:
    write_documents(Path("in"), 3)
    seat.newsroom.open.clear()
    await seat.begin("in --jobs 1")
    await seat.stage("draft", 1)
    for _ in range(3):
        seat.session.stop()
    await seat.ended()
    assert seat.states == ["stopped", "waiting", "waiting"]
    assert state_of(seat.batch) == "■ stopped with 3 to do · c continues"
    assert Path("out/report.json").is_file()
    seat.newsroom.open.set()
    await seat.session.again()
    await seat.ended()
    assert seat.states == ["made"] * 3
    assert set(seat.newsroom.whole.values()) == {1}
    check_outputs(Path("out"), Path("in"))


async def test_who_comes_back_finds_the_batch_and_no_second_one_begins_beside_it(seat: Seat) -> None:
    write_documents(Path("in"), 2)
    seat.newsroom.open.clear()
    await seat.begin("in")
    batch, seat.session = seat.batch, seat.opened()
    assert (seat.session.batch, seat.session.asking) == (batch, False)
    await seat.begin("in -o other")
    assert "A batch is running" in seat.errors[-1]
    assert (seat.session.batch, seat.session.asking) == (batch, False)
    seat.newsroom.open.set()
    await seat.ended()
    assert seat.states == ["made", "made"]
    assert not Path("other").exists()


async def test_quitting_ends_in_order(seat: Seat) -> None:
    write_documents(Path("in"), 2)
    seat.newsroom.open.clear()
    await seat.begin("in")
    await seat.stage("draft", 2)
    await seat.jobs.stop_all()
    assert seat.states == ["stopped", "stopped"]
    assert Path("out/report.json").is_file()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("nowhere", "nowhere: no such file or folder"),
        ("*.odt", "No files match *.odt"),
        ("empty", "No documents found in empty"),
        ("'two words' --budget lots", "--budget is lots"),
        ("in --budget nan", "--budget is nan"),
        ("in --budget inf", "--budget is inf"),
        ("in --budget -1", "--budget is -1"),
        ("in --token-budget nan", "--token-budget is nan"),
        ("in --token-budget 0", "--token-budget is 0"),
        ("in --jobs -3", "--jobs is -3"),
        ("in --jobs 1000", "at most 256"),
        ("list.csv", "unknown column"),
    ],
)
async def test_what_cannot_begin_is_told_and_the_line_stays_to_be_changed(seat: Seat, line: str, told: str) -> None:
    write_documents(Path("in"), 1)
    Path("empty").mkdir()
    Path("list.csv").write_text("path,chanel\nin/story-0000.md,ad\n", encoding="utf-8")
    await seat.begin(line)
    assert told in seat.errors[-1]
    assert (seat.session.asking, seat.session.line) == (True, line)
    await seat.session.submit("in -o made")
    await seat.ended()
    assert seat.states == ["made"]


@pytest.mark.parametrize(("line", "told"), [("in --bugdet 2", "--bugdet"), ("in --budget", "--budget needs a value")])
async def test_a_line_that_says_nothing_known_is_told_and_begins_nothing(seat: Seat, line: str, told: str) -> None:
    await seat.session.submit(line)
    assert told in seat.errors[-1]
    assert seat.session.asking


@pytest.mark.parametrize("line", ["", "   "])
async def test_an_empty_line_begins_nothing(seat: Seat, line: str) -> None:
    await seat.session.submit(line)
    assert (seat.session.batch, seat.changes) == (None, [])


@pytest.mark.parametrize(
    ("line", "told"),
    [("in -o taken", "The folder taken can't be created"), ("in --policy none", "none")],
)
async def test_a_batch_that_cannot_begin_asks_nothing_and_says_why(seat: Seat, line: str, told: str) -> None:
    write_documents(Path("in"), 2)
    Path("taken").write_text("a file", encoding="utf-8")
    await seat.to_end(line)
    assert state_of(seat.batch) == "✗ it could not begin"
    assert seat.batch.wrong
    assert told in seat.batch.wrong.explained
    assert seat.newsroom.asked == 0
    seat.session.another()
    assert (seat.session.asking, title_of(seat.session)) == (True, "Batch")
    assert seat.session.back()
    assert not seat.session.back()


async def test_a_reached_budget_ends_in_order_and_the_line_can_be_changed(seat: Seat) -> None:
    write_documents(Path("in"), 3)
    await seat.to_end("in --token-budget 900")
    assert state_of(seat.batch) == "✗ the budget is reached · n changes the line"
    assert seat.batch.wrong
    assert "budget" in seat.batch.wrong.explained
    seat.session.another()
    assert seat.session.line == "in --token-budget 900"
    await seat.session.submit("in --token-budget 900000")
    await seat.ended()
    assert seat.states == ["made"] * 3
    assert spent(seat.batch).endswith(", at most 900,000 tokens")


async def test_an_edited_draft_is_kept_and_its_row_says_what_to_do(seat: Seat) -> None:
    write_documents(Path("in"), 2)
    await seat.to_end()
    draft = Path("out/story-0001/draft.md")
    draft.write_text("Edited by Maria.", encoding="utf-8")
    for source in Path("in").iterdir():
        source.write_text(source.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    asked = seat.newsroom.asked
    await seat.to_end()
    assert seat.states == ["made", "failed"]
    assert seat.newsroom.asked == asked + STEPS
    failure = seat.batch.live.rows[1].failure
    assert failure
    assert "was edited" in f"{failure.error} {failure.cause}"
    assert "--overwrite" in failure.remedy
    assert "-o" in failure.remedy
    assert draft.read_text(encoding="utf-8") == "Edited by Maria."
    await seat.to_end("in --overwrite")
    assert seat.states == ["before", "made"]
    check_outputs(Path("out"), Path("in"))


async def test_a_foreign_report_is_named_before_a_batch_asks_anything(seat: Seat) -> None:
    write_documents(Path("in"), 2)
    report = Path("out/report.md")
    report.parent.mkdir()
    report.write_text("My own report.", encoding="utf-8")
    await seat.to_end()
    assert state_of(seat.batch) == "✗ it could not begin"
    assert seat.batch.wrong
    assert "out/report.md was not written by chatspace" in seat.batch.wrong.explained
    assert "--overwrite" in seat.batch.wrong.explained
    assert (seat.newsroom.asked, report.read_text(encoding="utf-8")) == (0, "My own report.")


def without_drafts(folder: Path) -> None:
    for draft in folder.rglob("draft.md"):
        draft.unlink()


@pytest.mark.parametrize(("change", "name"), [(lambda folder: None, "draft.md"), (without_drafts, "copy.md")])
async def test_the_text_of_a_document_is_read_without_its_front_matter(
    seat: Seat, change: Callable[[Path], None], name: str
) -> None:
    write_documents(Path("in"), 1)
    await seat.to_end()
    change(Path("out"))
    (row,) = seat.batch.live.rows
    path = await seat.session.path_of(row)
    assert path
    assert path.name == name
    text = await seat.session.text(path)
    assert text
    assert "source_id" not in text


async def test_its_report_is_read_and_where_it_went_that_is_told(seat: Seat) -> None:
    write_documents(Path("in"), 1)
    await seat.to_end()
    found = await seat.session.report()
    assert found
    assert found[1].total.calls == STEPS
    found[0].write_text("[]", encoding="utf-8")
    assert await seat.session.report() is None
    found[0].unlink()
    assert await seat.session.report() is None
    assert "is not a report" in seat.errors[-2]
    assert "can't be read" in seat.errors[-1]
