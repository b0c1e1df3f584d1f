"""One of several answers that are compared, as its job reports it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chatspace.core.chat.comparison import ComparisonTarget
from chatspace.core.chat.conversation import Message, MessageStatus
from chatspace.core.errors import ModelError
from chatspace.core.events import DeltaReceived, Event, MessageStored, ReplyFinished, ReplyStarted, Warned
from chatspace.core.workspace.compare import Candidate
from chatspace.tui.jobs import Job
from chatspace.tui.sessions.compared_answer import ComparedAnswer
from tests.doubles import target

NOW = datetime(2026, 3, 12, tzinfo=UTC)
QUESTION = Message(1, 7, None, "user", "Which?", NOW)
FIRST = Message(2, 7, 1, "assistant", "", NOW, "streaming")
FURTHER = Message(3, 7, 2, "user", "Shorter", NOW)
SECOND = Message(4, 7, 3, "assistant", "", NOW, "streaming")


class Playing:
    """An answer, and the events of its jobs."""

    def __init__(self) -> None:
        self.answer = ComparedAnswer(Candidate(ComparisonTarget("tester"), target("openai/gamma")), "1")
        self.begin(QUESTION)

    def begin(self, question: Message | None) -> None:
        self.job = Job(7, beside=True)
        self.answer.begin(self.job, question)

    def play(self, *events: Event) -> None:
        for event in events:
            self.job.take(event)
            self.answer.take(event)

    @property
    def entries(self) -> list[tuple[str, str]]:
        return [(entry.role, entry.text or entry.error or "") for entry in self.answer.entries]


@pytest.fixture
def playing() -> Playing:
    return Playing()


def finished(message: Message, text: str, status: MessageStatus = "complete") -> ReplyFinished:
    return ReplyFinished(replace(message, text=text, status=status))


def test_its_text_grows_with_the_job_and_its_entry_is_replaced_at_the_end(playing: Playing) -> None:
    assert (playing.answer.text, playing.answer.running) == ("", True)
    playing.play(ReplyStarted(FIRST), DeltaReceived("chat", "On"))
    assert (playing.answer.text, playing.entries) == ("On", [("assistant", "")])
    playing.play(DeltaReceived("chat", "e."), finished(FIRST, "One."))
    playing.answer.end(None)
    assert (playing.answer.text, playing.entries) == ("One.", [("assistant", "One.")])
    assert (playing.answer.state, playing.answer.can_win) == ("complete", True)


def test_another_answer_to_the_same_stands_in_the_place_of_the_last(playing: Playing) -> None:
    playing.play(ReplyStarted(FIRST), finished(FIRST, "One."))
    playing.answer.end(None)
    playing.begin(QUESTION)
    assert playing.answer.text == "One.", "until the other has begun"
    other = replace(FIRST, id=9)
    playing.play(ReplyStarted(other), finished(other, "Other."))
    assert playing.entries == [("assistant", "Other.")]
    assert playing.answer.first
    assert playing.answer.first.id == 9


def test_an_answer_further_along_the_branch_leaves_the_first_one_to_be_picked(playing: Playing) -> None:
    playing.play(ReplyStarted(FIRST), finished(FIRST, "One."))
    playing.answer.end(None)
    playing.begin(None)
    playing.play(MessageStored(FURTHER), ReplyStarted(SECOND), finished(SECOND, "Two."))
    assert playing.entries == [("assistant", "One."), ("user", "Shorter"), ("assistant", "Two.")]
    assert (playing.answer.question, playing.answer.text) == (FURTHER, "Two.")
    assert playing.answer.first
    assert playing.answer.first.text == "One."


def test_what_it_was_warned_about_stands_there_until_it_is_asked_again(playing: Playing) -> None:
    playing.play(Warned("a part was left out"), ReplyStarted(FIRST), finished(FIRST, "One."))
    playing.answer.end(None)
    assert playing.entries == [("notice", "a part was left out"), ("assistant", "One.")]
    playing.begin(QUESTION)
    assert playing.entries == [("assistant", "One.")]


def test_an_error_that_no_reply_tells_stands_behind_it(playing: Playing) -> None:
    playing.answer.end(ModelError("It broke", "the disk is full"))
    assert playing.answer.state == "failed"
    (entry,) = playing.answer.entries
    assert entry.error
    assert "the disk is full" in entry.error
    playing.begin(QUESTION)
    failed = replace(FIRST, status="failed", error="It broke")
    playing.play(ReplyStarted(FIRST), ReplyFinished(failed))
    playing.answer.end(ModelError("It broke"))
    assert playing.entries == [("assistant", "It broke")], "the reply tells it"


@pytest.mark.parametrize("begun", [False, True])
def test_one_that_is_stopped_before_its_reply_ends_is_stopped(playing: Playing, begun: bool) -> None:
    if begun:
        playing.play(ReplyStarted(replace(FIRST, status="stopped")))
    playing.answer.end(None)
    assert (playing.answer.state, playing.answer.running) == ("stopped", False)


def test_blind_its_errors_and_notes_give_no_name_away(playing: Playing) -> None:
    playing.play(Warned("openai/gamma is slow"))
    playing.answer.end(ModelError("127.0.0.1:1 doesn't know gamma"))
    shown = playing.entries
    playing.answer.label, playing.answer.blind = "A", True
    assert playing.answer.name == "A"
    assert playing.entries == [("notice", "A is slow"), ("notice", "A doesn't know A")]
    playing.answer.blind = False
    assert (playing.answer.name, playing.entries) == ("tester", shown)
