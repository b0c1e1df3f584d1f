"""The chat use case: what is stored, what is sent, in which place of the tree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.calls.call import Request
from chatspace.core.chat.conversation import Message
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import MessageStored, discard_events
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.profile import Profile, Target, Timeouts
from chatspace.core.workspace.conversations import Conversations
from tests.core.runs.running import AnsweringProvider, Desk


def answer(request: Request) -> str:
    return f"On {request.turns[-1].content}."


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path / "profiles", AnsweringProvider(answer))
    desk.profile("chat", "chat", "You chat.", reasoning_effort="high")
    return desk


@pytest.fixture
def conversations(desk: Desk, store: Store) -> Conversations:
    return Conversations(store, desk.tools)


def thread(store: Store, message: Message) -> list[str]:
    return [one.text for one in store.messages.thread(message.conversation)]


async def test_a_version_of_a_message_stands_beside_it_also_at_the_root(
    conversations: Conversations, store: Store
) -> None:
    first = await conversations.send("one", Options(), discard_events)
    events: list[object] = []
    asked = store.messages.thread(first.conversation)[0]
    second = await conversations.send("other", Options(), events.append, beside=asked)
    assert thread(store, first) == ["other", "On other."]
    assert next(event.message.parent for event in events if isinstance(event, MessageStored)) is None
    assert len(store.messages.all(second.conversation)) == 4


async def test_a_further_reply_is_not_told_of_the_ones_beside_it(
    conversations: Conversations, desk: Desk, store: Store
) -> None:
    reply = await conversations.send("one", Options(), discard_events)
    again = await conversations.answer(store.messages.thread(reply.conversation)[0], Options(), discard_events)
    assert (again.sibling, again.siblings) == (2, 2)
    assert [turn.content for turn in desk.provider.requests[-1].turns[1:]] == ["one"]


async def test_a_reply_amended_by_hand_is_a_whole_one_that_no_model_wrote(
    conversations: Conversations, store: Store
) -> None:
    reply = await conversations.send("one", Options(), discard_events)
    amended = await conversations.amend(reply, "mine")
    assert (amended.role, amended.status, amended.model, amended.why) == (
        "assistant",
        "complete",
        None,
        "edited by hand",
    )
    assert thread(store, reply) == ["one", "mine"]


async def test_what_waits_is_found_on_every_branch_that_goes_through_its_reply_and_on_no_other(
    conversations: Conversations, store: Store
) -> None:
    reply = await conversations.send("one", Options(), discard_events)
    beside = await conversations.answer(store.messages.thread(reply.conversation)[0], Options(), discard_events)
    queued = conversations.queue("next", reply, Options(profile="chat", effort="low"))
    below = await conversations.send("two", Options(), discard_events, conversation=reply.conversation, parent=reply.id)
    assert list(conversations.waiting(reply)) == list(conversations.waiting(below)) == [queued]
    assert list(conversations.waiting(beside)) == []


async def test_the_outlook_counts_the_branch_and_what_waits_before_it(
    conversations: Conversations, store: Store
) -> None:
    reply = await conversations.send("word " * 100, Options(), discard_events)
    alone = conversations.outlook("", Options()).tokens
    thread = store.messages.thread(reply.conversation)
    behind = conversations.outlook("", Options(), thread).tokens
    waiting = conversations.outlook("", Options(), thread, ["word " * 100]).tokens
    assert behind - alone > 250
    assert waiting - behind == 125 + 4


@pytest.mark.parametrize(("effort", "asked"), [(None, "high"), ("low", "low"), ("off", None)])
async def test_the_effort_of_a_message_replaces_the_profiles_and_is_kept_with_the_reply(
    conversations: Conversations, desk: Desk, effort: str | None, asked: str | None
) -> None:
    reply = await conversations.send("one", Options(effort=effort), discard_events)  # type: ignore[arg-type]  # a literal
    request = desk.provider.requests[-1]
    assert (request.target.profile.reasoning_effort, reply.effort) == (asked, asked)


def test_another_effort_is_another_question_to_the_ledger() -> None:
    target = Target(Profile("chat", ("chat",), "openai/test", ""), "openai/test", "here", True)
    keys = {Request("chat", target.thinking(effort), ()).key for effort in (None, "off", "low", "medium", "high")}
    assert len(keys) == 4, "off is what a profile without an effort asks"


@pytest.mark.parametrize(
    ("own", "first_token", "effort", "then"),
    [
        (None, 30.0, "high", 90.0),
        (None, 30.0, "low", 30.0),
        ("high", 90.0, "off", 30.0),
        ("high", 12.0, "medium", 12.0),
        (None, 12.0, "high", 12.0),
    ],
)
def test_the_first_token_may_take_three_times_as_long_with_more_effort_unless_set(
    own: str | None, first_token: float, effort: str, then: float
) -> None:
    profile = Profile("chat", ("chat",), "m", "", reasoning_effort=own, timeouts=Timeouts(first_token))  # type: ignore[arg-type]  # a literal
    target = Target(profile, "openai/test", "here", True).thinking(effort)  # type: ignore[arg-type]  # a literal
    assert target.profile.timeouts == replace(Timeouts(), first_token=then)


async def test_a_failure_that_is_no_models_is_stored_with_the_reply(desk: Desk, store: Store) -> None:
    def refuse(request: Request) -> str:
        raise ChatspaceError("The disk is full", "nothing more fits", "Make room.")

    desk.provider = AnsweringProvider(refuse)
    conversations = Conversations(store, desk.tools)
    with pytest.raises(ChatspaceError):
        await conversations.send("one", Options(), discard_events)
    reply = store.messages.thread(store.conversations.page()[0].id)[-1]
    assert reply.status == "failed"
    assert "Make room." in str(reply.error)
