"""The tree of messages and the replies that grow in it."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.history import Store
from chatspace.core.calls.usage import Usage
from chatspace.core.chat.conversation import Message, ReplyEnd
from chatspace.core.errors import StoreError
from tests.adapters.history.conftest import check_index, start_reply
from tests.properties import examples


@pytest.fixture
def conversation(store: Store) -> int:
    return store.conversations.create("Launch").id


def test_a_message_is_read_back_as_it_was_given(store: Store, conversation: int) -> None:
    text = "two\nlines, a NUL \0, ünï, 我爱北京, 👩‍👩‍👧 and 'quotes'\r\n"
    message = store.messages.add(conversation, None, "user", text, step="draft")
    assert store.messages.thread(conversation) == store.messages.all(conversation) == [message]
    assert (message.text, message.role, message.status, message.step) == (text, "user", "complete", "draft")


def test_half_a_surrogate_pair_is_stored_as_a_replacement_character(store: Store, conversation: int) -> None:
    message = store.messages.add(conversation, None, "user", "a \ud83d b, joined \ud83d\ude00")
    assert message.text == "a \ufffd b, joined \U0001f600"


def test_a_reply_starts_as_streaming_and_ends_with_all_that_is_known(store: Store, conversation: int) -> None:
    user = store.messages.add(conversation, None, "user", "hello")
    reply = store.messages.start_reply(
        conversation, user.id, step="chat", profile="chat", model="auto", host="h", why="a key", run="r1"
    )
    assert (reply.status, reply.text, reply.why, reply.run) == ("streaming", "", "a key", "r1")
    usage = Usage(10, 20, 5, 3, estimated=False)
    finished = store.messages.finish_reply(
        reply.id,
        ReplyEnd(
            "truncated",
            text="Good",
            reasoning="Hm",
            usage=usage,
            cost_usd=0.5,
            first_token_ms=7,
            elapsed_ms=9,
            error="the stream ended",
        ),
    )
    assert finished == store.messages.thread(conversation)[-1]
    assert (finished.status, finished.text, finished.reasoning, finished.usage) == ("truncated", "Good", "Hm", usage)
    assert (finished.cost_usd, finished.first_token_ms, finished.elapsed_ms) == (0.5, 7, 9)
    assert (finished.error, finished.profile, finished.model) == ("the stream ended", "chat", "auto")


def test_a_finished_reply_is_stored_once(store: Store, conversation: int, path: Path) -> None:
    user = store.messages.add(conversation, None, "user", "hello")
    reply, other = (start_reply(store, conversation, user.id) for _ in range(2))
    for id in (reply, other):
        store.messages.append(id, "Good ", "Hm")
        store.messages.append(id, "morning", "")
    store.messages.finish_reply(reply, ReplyEnd("complete", text="Good morning", reasoning="Hm"))
    with closing(sqlite3.connect(path)) as connection:
        pieces = connection.execute("SELECT message, text FROM message_chunks ORDER BY message, number").fetchall()
    assert pieces == [(other, "Good "), (other, "morning")]


def test_an_unknown_price_and_usage_stay_unknown(store: Store, conversation: int) -> None:
    reply = start_reply(store, conversation, store.messages.add(conversation, None, "user", "hello").id)
    finished = store.messages.finish_reply(reply, ReplyEnd("complete", text="Good"))
    assert finished.cost_usd is None
    assert finished.usage is None


def test_who_answered_in_the_end_stands_on_reply_and_conversation(store: Store, conversation: int) -> None:
    reply = start_reply(store, conversation, store.messages.add(conversation, None, "user", "hello").id)
    started = store.conversations.get(conversation)
    assert started is not None
    assert (started.profile, started.model) == ("chat", "auto")
    finished = store.messages.finish_reply(
        reply, ReplyEnd("complete", text="Good", profile="fallback", model="m2", host="h2")
    )
    after = store.conversations.get(conversation)
    assert after is not None
    assert (finished.profile, finished.model, finished.host) == ("fallback", "m2", "h2")
    assert (after.profile, after.model) == ("fallback", "m2")


def test_a_growing_reply_is_readable_from_another_program(store: Store, path: Path, conversation: int) -> None:
    reply = start_reply(store, conversation, store.messages.add(conversation, None, "user", "hello").id)
    for piece in ("Once ", "upon ", "a "):
        store.messages.append(reply, piece, reasoning=piece.upper())
    with Store(path) as other:
        seen = other.messages.thread(conversation)[-1]
    assert (seen.text, seen.reasoning, seen.status) == ("Once upon a ", "ONCE UPON A ", "streaming")


def test_the_finished_text_takes_the_place_of_the_pieces(store: Store, conversation: int, path: Path) -> None:
    reply = start_reply(store, conversation, store.messages.add(conversation, None, "user", "hello").id)
    store.messages.append(reply, "piece")
    assert store.search.find("piece") == []
    store.messages.finish_reply(reply, ReplyEnd("stopped", text="the whole"))
    assert store.messages.thread(conversation)[-1].text == "the whole"
    assert [hit.message for hit in store.search.find("whole")] == [reply]
    check_index(path)


def test_a_reply_finished_anew_is_found_by_its_new_text_alone(store: Store, conversation: int, path: Path) -> None:
    reply = start_reply(store, conversation, store.messages.add(conversation, None, "user", "hello").id)
    store.messages.finish_reply(reply, ReplyEnd("stopped", text="harbour"))
    store.messages.finish_reply(reply, ReplyEnd("complete", text="tern"))
    assert [hit.message for hit in store.search.find("tern")] == [reply]
    assert store.search.find("harbour") == []
    check_index(path)


def test_a_piece_for_a_reply_that_does_not_grow_is_refused(store: Store, conversation: int) -> None:
    reply = start_reply(store, conversation, store.messages.add(conversation, None, "user", "hello").id)
    store.messages.finish_reply(reply, ReplyEnd("complete", text="whole"))
    for message in (reply, 4711):
        with pytest.raises(StoreError):
            store.messages.append(message, "late")
    with pytest.raises(StoreError):
        store.messages.finish_reply(4711, ReplyEnd("complete", text="whole"))


def test_an_edit_makes_a_sibling_and_the_thread_follows_the_leaf(store: Store, conversation: int) -> None:
    first = store.messages.add(conversation, None, "user", "first")
    answer = store.messages.add(conversation, first.id, "assistant", "answer")
    edited = store.messages.add(conversation, None, "user", "edited")
    assert [message.id for message in store.messages.thread(conversation)] == [edited.id]
    assert (edited.sibling, edited.siblings) == (2, 2)
    store.branches.set_leaf(conversation, answer.id)
    assert [(message.text, message.sibling, message.siblings) for message in store.messages.thread(conversation)] == [
        ("first", 1, 2),
        ("answer", 1, 1),
    ]
    assert [message.text for message in store.messages.all(conversation)] == ["first", "answer", "edited"]


def test_messages_of_another_conversation_are_refused(store: Store, conversation: int) -> None:
    other = store.conversations.create("other").id
    message = store.messages.add(other, None, "user", "hello")
    with pytest.raises(StoreError):
        store.messages.add(conversation, message.id, "assistant", "hi")
    with pytest.raises(StoreError):
        store.branches.set_leaf(conversation, message.id)
    assert store.messages.thread(conversation, message.id) == []


def test_the_thread_of_an_unknown_or_empty_conversation_is_empty(store: Store, conversation: int) -> None:
    assert store.messages.thread(conversation) == store.messages.thread(4711) == []


def test_imported_messages_take_their_own_time_and_stand_after_their_parents(store: Store, conversation: int) -> None:
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    recent = store.messages.add(conversation, None, "user", "recent")
    old = store.messages.add(conversation, None, "user", "old", created=noon)
    reply = store.messages.add(conversation, old.id, "assistant", "old reply", created=noon - timedelta(days=1))
    assert old.created == noon
    assert old.id < reply.id < recent.id


@pytest.mark.parametrize("year", [1, 1969, 2100, 9999])
def test_an_impossible_time_of_an_imported_message_is_clamped(store: Store, conversation: int, year: int) -> None:
    parent = store.messages.add(conversation, None, "user", "odd", created=datetime(year, 12, 31, tzinfo=UTC))
    child = store.messages.add(conversation, parent.id, "assistant", "reply")
    assert 0 < parent.id < child.id < 1 << 63
    assert store.messages.thread(conversation)[-1] == child


@examples(20)
@given(parents=st.lists(st.integers(-1, 30), max_size=25))
def test_the_thread_of_any_leaf_is_the_path_of_its_parents(parents: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "chatspace.db") as store:
        conversation = store.conversations.create().id
        tree: list[Message] = []
        for number, drawn in enumerate(parents):
            parent = tree[drawn % number].id if number and drawn >= 0 else None
            tree.append(store.messages.add(conversation, parent, "user", str(number)))
        assert [message.id for message in store.messages.all(conversation)] == [message.id for message in tree]
        by_id = {message.id: message for message in tree}
        for leaf in tree:
            path = [leaf.id]
            while (parent := by_id[path[-1]].parent) is not None:
                path.append(parent)
            thread = store.messages.thread(conversation, leaf.id)
            assert [message.id for message in thread] == path[::-1]
            for message in thread:
                family = [other.id for other in tree if other.parent == message.parent]
                assert (message.sibling, message.siblings) == (family.index(message.id) + 1, len(family))
