"""Conversations as wholes: listed, changed, deleted; and the unsent prompts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.adapters.history.conversations import SHELVES
from chatspace.core.chat.conversation import Conversation, Shelf
from chatspace.core.chat.stores import History
from chatspace.core.errors import StoreError
from chatspace.core.ports import Ledger
from chatspace.core.workspace.stored_runs import RunStore
from tests.adapters.history.conftest import check_index, start_reply

NOON = datetime(2025, 3, 12, 12, tzinfo=UTC)


def test_the_store_fulfils_the_ports(store: Store) -> None:
    ports: tuple[History, Ledger, RunStore] = (store, store.ledger, store.runs)
    assert ports


def test_a_new_conversation_is_read_back_as_it_was_given(store: Store) -> None:
    created = store.conversations.create("Launch")
    assert store.conversations.get(created.id) == created
    assert (created.title, created.message_count, created.leaf) == ("Launch", 0, None)
    assert abs(created.created - datetime.now(UTC)) < timedelta(minutes=1)


def test_an_unknown_conversation_is_none_whatever_its_number(store: Store) -> None:
    assert store.conversations.get(1) is None
    with pytest.raises(StoreError, match="entry not found"):
        store.conversations.get(10**30)


def test_pages_hold_every_conversation_once_newest_first(store: Store) -> None:
    made = [store.conversations.create(str(number), created=NOON) for number in range(7)]
    made += [store.conversations.create(str(number), created=NOON + timedelta(hours=number)) for number in range(1, 4)]
    seen: list[Conversation] = []
    while page := store.conversations.page(limit=3, before=seen[-1] if seen else None):
        assert len(page) <= 3
        seen += page
    assert seen == sorted(made, key=lambda conversation: (conversation.updated, conversation.id), reverse=True)


def test_a_message_brings_its_conversation_to_the_top(store: Store) -> None:
    old = store.conversations.create("old", created=NOON)
    store.conversations.create("new", created=NOON + timedelta(days=1))
    store.messages.add(old.id, None, "user", "again")
    assert [conversation.title for conversation in store.conversations.page()] == ["old", "new"]


def test_an_archived_conversation_leaves_the_list_and_comes_back(store: Store) -> None:
    conversation = store.conversations.create("memo")
    store.conversations.archive(conversation.id)
    assert store.conversations.page() == []
    assert [archived.archived for archived in store.conversations.page(shelf="archived")] == [True]
    store.conversations.archive(conversation.id, False)
    assert store.conversations.page() == [conversation]


def test_title_and_tags_can_be_changed(store: Store) -> None:
    conversation = store.conversations.create("memo").id
    store.conversations.rename(conversation, "Pricing “memo”")
    store.conversations.set_tags(conversation, ["harbour, north", "Ä", "Ä"])
    changed = store.conversations.get(conversation)
    assert changed is not None
    assert (changed.title, changed.tags) == ("Pricing “memo”", ("harbour, north", "Ä"))


def test_changing_a_conversation_that_is_gone_says_so(store: Store) -> None:
    gone = store.conversations.create("memo").id
    store.purging.purge([gone])
    for change in (
        lambda: store.conversations.rename(gone, "title"),
        lambda: store.conversations.archive(gone),
        lambda: store.conversations.set_tags(gone, []),
        lambda: store.branches.set_leaf(gone, 1),
        lambda: store.messages.add(gone, None, "user", "hello"),
    ):
        with pytest.raises(StoreError) as failure:
            change()
        assert "another program has deleted it" in failure.value.reason
        assert failure.value.remedy


def test_pinned_ones_stand_on_top_of_every_page_in_order(store: Store) -> None:
    made = [store.conversations.create(str(number), created=NOON + timedelta(hours=number)) for number in range(6)]
    for number in (1, 4):
        store.conversations.pin(made[number].id)
    seen: list[Conversation] = []
    while page := store.conversations.page(limit=2, before=seen[-1] if seen else None):
        seen += page
    assert [conversation.title for conversation in seen] == ["4", "1", "5", "3", "2", "0"]
    latest = store.conversations.latest()
    assert latest is not None
    assert latest.title == "5"
    store.conversations.pin(made[4].id, False)
    assert [conversation.title for conversation in store.conversations.page(limit=2)] == ["1", "5"]


def test_the_latest_may_be_a_pinned_one_and_is_never_put_away(store: Store) -> None:
    assert store.conversations.latest() is None
    made = [store.conversations.create(str(number), created=NOON + timedelta(hours=number)).id for number in range(4)]
    store.conversations.pin(made[3])
    assert [latest.title for latest in [store.conversations.latest()] if latest] == ["3"]
    store.conversations.archive(made[3])
    store.conversations.delete(made[2])
    assert [latest.title for latest in [store.conversations.latest()] if latest] == ["1"]


def test_what_is_deleted_stands_in_the_trash_alone_until_it_is_restored(store: Store) -> None:
    first, second = store.conversations.create("first"), store.conversations.create("second")
    store.conversations.archive(second.id)
    for each in (first, second):
        store.conversations.delete(each.id)
    assert store.conversations.page() == store.conversations.page(shelf="archived") == []
    trash = store.conversations.page(shelf="trash")
    assert {conversation.title for conversation in trash} == {"first", "second"}
    assert all(conversation.deleted and conversation.shelf == "trash" for conversation in trash)
    store.conversations.restore(first.id)
    store.conversations.restore(second.id)
    assert store.conversations.page() == [first]
    assert [conversation.shelf for conversation in store.conversations.page(shelf="archived")] == ["archived"]
    assert store.conversations.page(shelf="trash") == []


def test_the_trash_comes_by_the_page_the_last_deleted_first(store: Store) -> None:
    made = [store.conversations.create(str(number)).id for number in range(5)]
    for conversation in made:
        store.conversations.delete(conversation)
    seen: list[Conversation] = []
    while page := store.conversations.page(limit=2, before=seen[-1] if seen else None, shelf="trash"):
        seen += page
    assert sorted(conversation.id for conversation in seen) == made
    times = [(conversation.deleted, conversation.id) for conversation in seen if conversation.deleted]
    assert times == sorted(times, reverse=True)


def test_a_message_of_the_users_brings_a_conversation_out_of_the_trash(store: Store) -> None:
    conversation = store.conversations.create("memo").id
    user = store.messages.add(conversation, None, "user", "harbour")
    store.conversations.delete(conversation)
    start_reply(store, conversation, user.id)
    assert store.conversations.page() == []
    store.messages.add(conversation, user.id, "user", "go on")
    assert [conversation.title for conversation in store.conversations.page()] == ["memo"]
    assert len(store.search.find("harbour")) == 1


@pytest.mark.parametrize("shelf", ["current", "archived", "trash"])
def test_a_page_of_a_list_is_read_from_an_index_without_sorting(store: Store, path: Path, shelf: Shelf) -> None:
    before = store.conversations.create("memo")
    there, order = SHELVES[shelf]
    store.conversations.page(before=before, shelf=shelf)
    sql = f"""SELECT * FROM conversations WHERE {there} AND ({", ".join(order)}) < ({", ".join("1" * len(order))})
              ORDER BY {", ".join(f"{column} DESC" for column in order)} LIMIT 100"""
    with closing(sqlite3.connect(path)) as connection:
        [plan] = connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
    assert plan[3].startswith("SEARCH conversations USING INDEX")


def test_deleting_a_conversation_thousands_of_messages_deep_works(store: Store, path: Path) -> None:
    conversation = store.conversations.create("deep").id
    parent = None
    for number in range(1_500):
        parent = store.messages.add(conversation, parent, "user", f"message {number}").id
    assert len(store.messages.thread(conversation)) == 1_500
    store.purging.purge([conversation])
    assert store.search.find("message") == []
    check_index(path)


def test_an_unsent_prompt_is_kept_per_conversation(store: Store, path: Path) -> None:
    conversation = store.conversations.create("memo").id
    store.prompts.save(None, "for a new one")
    store.prompts.save(conversation, "half a")
    store.prompts.save(conversation, "half a sentence")
    store.close()
    with Store(path) as later:
        assert later.prompts.saved(None) == "for a new one"
        assert later.prompts.saved(conversation) == "half a sentence"
        later.prompts.save(None, "")
        assert later.prompts.saved(None) == ""
        assert later.prompts.saved(conversation) == "half a sentence"
