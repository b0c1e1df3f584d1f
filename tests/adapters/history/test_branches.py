"""The branches of a tree, and the messages that wait."""

from __future__ import annotations

import pytest

from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import ReplyEnd
from chatspace.core.errors import StoreError


def grown(store: Store, conversation: int, parent: int | None, *texts: str) -> list[int]:
    """Messages one below the other."""
    ids = []
    for number, text in enumerate(texts):
        parent = store.messages.add(conversation, parent, "user" if number % 2 == 0 else "assistant", text).id
        ids.append(parent)
    return ids


def test_siblings_are_the_messages_in_one_place_also_at_the_root(store: Store) -> None:
    conversation = store.conversations.create().id
    first, below = grown(store, conversation, None, "one", "two")
    (second,) = grown(store, conversation, None, "other")
    grown(store, store.conversations.create().id, None, "elsewhere")
    assert list(store.branches.siblings(first)) == [first, second]
    assert list(store.branches.siblings(below)) == [below]


def test_below_a_message_the_branch_that_was_visited_last_is_found_again(store: Store) -> None:
    conversation = store.conversations.create().id
    root, left, left_end = grown(store, conversation, None, "root", "left", "left end")
    right, right_end = grown(store, conversation, root, "right", "right end")
    assert store.branches.leaf_under(root) == right_end, "the newest, where none was visited"
    store.branches.set_leaf(conversation, left_end)
    assert store.branches.leaf_under(root) == left_end
    assert store.branches.leaf_under(right) == right_end
    (newest,) = grown(store, conversation, root, "newest")
    assert store.branches.leaf_under(root) == newest, "a new branch is gone into"
    assert store.branches.leaf_under(left) == left_end
    assert store.branches.leaf_under(newest) == newest


def test_the_inner_branch_comes_back_with_the_outer_one(store: Store) -> None:
    conversation = store.conversations.create().id
    root, outer, inner = grown(store, conversation, None, "root", "outer", "inner")
    (other_inner,) = grown(store, conversation, outer, "other inner")
    store.branches.set_leaf(conversation, inner)
    (other_outer,) = grown(store, conversation, root, "other outer")
    store.branches.set_leaf(conversation, other_outer)
    assert store.branches.leaf_under(outer) == inner != other_inner


def test_a_leaf_of_another_conversation_is_refused(store: Store) -> None:
    (message,) = grown(store, store.conversations.create().id, None, "one")
    with pytest.raises(StoreError):
        store.branches.set_leaf(store.conversations.create().id, message)


def test_messages_wait_in_order_and_go_with_their_conversation(store: Store) -> None:
    conversation = store.conversations.create().id
    (message,) = grown(store, conversation, None, "one")
    first = store.queue.add(message, "first", profile="quick", model=None, effort="high")
    second = store.queue.add(message, "second\ud800", profile=None, model="openai/other", effort=None)
    assert [one.text for one in store.queue.waiting(conversation)] == ["first", "second\ufffd"]
    assert (first.profile, first.effort, second.model) == ("quick", "high", "openai/other")
    (instead,) = grown(store, conversation, None, "other")
    store.queue.move(message, instead)
    assert [one.behind for one in store.queue.waiting(conversation)] == [instead, instead]
    store.queue.remove(first.id)
    assert [one.id for one in store.queue.waiting(conversation)] == [second.id]
    store.purging.purge([conversation])
    assert list(store.queue.waiting(conversation)) == []


def test_nothing_waits_for_a_message_that_is_not_there(store: Store) -> None:
    with pytest.raises(StoreError):
        store.queue.add(1, "first", profile=None, model=None, effort=None)


def test_a_reply_keeps_its_effort_and_how_long_it_thought(store: Store) -> None:
    conversation = store.conversations.create().id
    (message,) = grown(store, conversation, None, "one")
    named = {"step": "chat", "profile": "chat", "model": "openai/test", "host": "here"}
    reply = store.messages.start_reply(conversation, message, **named, effort="high")
    store.messages.finish_reply(reply.id, ReplyEnd("complete", text="two", reasoning="so", reasoning_ms=4000))
    kept = store.messages.thread(conversation)[-1]
    assert (kept.effort, kept.reasoning_ms, kept.reasoning) == ("high", 4000, "so")
