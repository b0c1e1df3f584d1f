"""The branches of a tree, and the messages that wait."""

from __future__ import annotations

import pytest

from chatspace.adapters.history import Store
from chatspace.core.errors import StoreError


def grown(store: Store, conversation: int, parent: int | None, *texts: str) -> list[int]:
    """Messages one below the other."""
    ids = []
    for number, text in enumerate(texts):
        parent = store.add_message(conversation, parent, "user" if number % 2 == 0 else "assistant", text).id
        ids.append(parent)
    return ids


def test_siblings_are_the_messages_in_one_place_also_at_the_root(store: Store) -> None:
    conversation = store.create_conversation().id
    first, below = grown(store, conversation, None, "one", "two")
    (second,) = grown(store, conversation, None, "other")
    grown(store, store.create_conversation().id, None, "elsewhere")
    assert list(store.siblings(first)) == [first, second]
    assert list(store.siblings(below)) == [below]


def test_below_a_message_the_branch_that_was_visited_last_is_found_again(store: Store) -> None:
    conversation = store.create_conversation().id
    root, left, left_end = grown(store, conversation, None, "root", "left", "left end")
    right, right_end = grown(store, conversation, root, "right", "right end")
    assert store.leaf_under(root) == right_end, "the newest, where none was visited"
    store.set_leaf(conversation, left_end)
    assert store.leaf_under(root) == left_end
    assert store.leaf_under(right) == right_end
    (newest,) = grown(store, conversation, root, "newest")
    assert store.leaf_under(root) == newest, "a new branch is gone into"
    assert store.leaf_under(left) == left_end
    assert store.leaf_under(newest) == newest


def test_the_inner_branch_comes_back_with_the_outer_one(store: Store) -> None:
    conversation = store.create_conversation().id
    root, outer, inner = grown(store, conversation, None, "root", "outer", "inner")
    (other_inner,) = grown(store, conversation, outer, "other inner")
    store.set_leaf(conversation, inner)
    (other_outer,) = grown(store, conversation, root, "other outer")
    store.set_leaf(conversation, other_outer)
    assert store.leaf_under(outer) == inner != other_inner


def test_a_leaf_of_another_conversation_is_refused(store: Store) -> None:
    (message,) = grown(store, store.create_conversation().id, None, "one")
    with pytest.raises(StoreError):
        store.set_leaf(store.create_conversation().id, message)


def test_messages_wait_in_order_and_go_with_their_conversation(store: Store) -> None:
    conversation = store.create_conversation().id
    (message,) = grown(store, conversation, None, "one")
    first = store.queue(message, "first", profile="quick", model=None, effort="high")
    second = store.queue(message, "second\ud800", profile=None, model="openai/other", effort=None)
    assert [one.text for one in store.queued(conversation)] == ["first", "second\ufffd"]
    assert (first.profile, first.effort, second.model) == ("quick", "high", "openai/other")
    (instead,) = grown(store, conversation, None, "other")
    store.requeue(message, instead)
    assert [one.behind for one in store.queued(conversation)] == [instead, instead]
    store.unqueue(first.id)
    assert [one.id for one in store.queued(conversation)] == [second.id]
    store.purge([conversation])
    assert list(store.queued(conversation)) == []


def test_nothing_waits_for_a_message_that_is_not_there(store: Store) -> None:
    with pytest.raises(StoreError):
        store.queue(1, "first", profile=None, model=None, effort=None)


def test_a_reply_keeps_its_effort_and_how_long_it_thought(store: Store) -> None:
    conversation = store.create_conversation().id
    (message,) = grown(store, conversation, None, "one")
    named = {"step": "chat", "profile": "chat", "model": "openai/test", "host": "here"}
    reply = store.start_reply(conversation, message, **named, effort="high")
    store.finish_reply(reply.id, "complete", text="two", reasoning="so", reasoning_ms=4000)
    kept = store.thread(conversation)[-1]
    assert (kept.effort, kept.reasoning_ms, kept.reasoning) == ("high", 4000, "so")
