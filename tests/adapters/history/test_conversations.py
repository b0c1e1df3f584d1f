"""Conversations as wholes: listed, changed, deleted; and the unsent prompts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.call import Call
from chatspace.core.conversation import Conversation
from chatspace.core.document import Source
from chatspace.core.errors import StoreError
from chatspace.core.ports import History, Ledger, RunStore
from tests.adapters.history.conftest import check_index, start_reply

NOON = datetime(2025, 3, 12, 12, tzinfo=UTC)


def test_store_fulfils_the_three_ports(store: Store) -> None:
    ports: tuple[History, Ledger, RunStore] = (store, store, store)
    assert ports


def test_a_new_conversation_is_read_back_as_it_was_given(store: Store) -> None:
    created = store.create_conversation("Launch")
    assert store.conversation(created.id) == created
    assert (created.title, created.message_count, created.leaf) == ("Launch", 0, None)
    assert abs(created.created - datetime.now(UTC)) < timedelta(minutes=1)


def test_an_unknown_conversation_is_none_whatever_its_number(store: Store) -> None:
    assert store.conversation(1) is None
    with pytest.raises(StoreError, match="no such entry"):
        store.conversation(10**30)


def test_pages_hold_every_conversation_once_newest_first(store: Store) -> None:
    made = [store.create_conversation(str(number), created=NOON) for number in range(7)]
    made += [store.create_conversation(str(number), created=NOON + timedelta(hours=number)) for number in range(1, 4)]
    seen: list[Conversation] = []
    while page := store.conversations(limit=3, before=seen[-1] if seen else None):
        assert len(page) <= 3
        seen += page
    assert seen == sorted(made, key=lambda conversation: (conversation.updated, conversation.id), reverse=True)


def test_a_message_brings_its_conversation_to_the_top(store: Store) -> None:
    old = store.create_conversation("old", created=NOON)
    store.create_conversation("new", created=NOON + timedelta(days=1))
    store.add_message(old.id, None, "user", "again")
    assert [conversation.title for conversation in store.conversations()] == ["old", "new"]


def test_an_archived_conversation_leaves_the_list_and_comes_back(store: Store) -> None:
    conversation = store.create_conversation("memo")
    store.archive(conversation.id)
    assert store.conversations() == []
    assert [archived.archived for archived in store.conversations(archived=True)] == [True]
    store.archive(conversation.id, False)
    assert store.conversations() == [conversation]


def test_title_and_tags_can_be_changed(store: Store) -> None:
    conversation = store.create_conversation("memo").id
    store.rename(conversation, "Pricing “memo”")
    store.set_tags(conversation, ["harbour, north", "Ä", "Ä"])
    changed = store.conversation(conversation)
    assert changed is not None
    assert (changed.title, changed.tags) == ("Pricing “memo”", ("harbour, north", "Ä"))


def test_changing_a_conversation_that_is_gone_says_so(store: Store) -> None:
    gone = store.create_conversation("memo").id
    store.delete(gone)
    for change in (
        lambda: store.rename(gone, "title"),
        lambda: store.archive(gone),
        lambda: store.set_tags(gone, []),
        lambda: store.set_leaf(gone, 1),
        lambda: store.add_message(gone, None, "user", "hello"),
    ):
        with pytest.raises(StoreError) as failure:
            change()
        assert "another program has deleted it" in failure.value.reason
        assert failure.value.remedy


def test_deleting_takes_all_that_belongs_to_it(store: Store, path: Path, source: Source) -> None:
    kept, doomed = store.create_conversation("kept"), store.create_conversation("doomed")
    store.add_message(kept.id, None, "user", "secret harbour")
    user = store.add_message(doomed.id, None, "user", "secret tern")
    reply = start_reply(store, doomed.id, user.id)
    store.append(reply, "secret piece")
    store.save_prompt(doomed.id, "unsent")
    store.start(call("c1"), None, message=reply)
    store.finish(call("c1"))
    store.start_run("r1", source)
    store.add_artifact("r1", "draft", "draft.md", "secret draft")
    run = store.start_reply(doomed.id, user.id, step="draft", profile="p", model="m", host="h", run="r1")
    store.start(call("c2"), "r1")
    store.finish(call("c2"))
    store.finish_reply(run.id, "complete", text="secret draft")

    store.delete(doomed.id)

    assert store.conversation(doomed.id) is None
    assert store.messages(doomed.id) == []
    assert store.saved_prompt(doomed.id) == ""
    assert [hit.conversation for hit in store.search("secret")] == [kept.id]
    assert store.finished("key") is None
    assert store.run("r1") is None
    assert store.artifacts("r1") == []
    assert store.source(source.id) is None
    check_index(path)
    store.close()
    assert b"paid text" not in path.read_bytes()
    assert b"secret draft" not in path.read_bytes()


def test_deleting_keeps_a_source_that_another_run_read(store: Store, source: Source) -> None:
    conversation = store.create_conversation().id
    user = store.add_message(conversation, None, "user", "/draft")
    for run in ("r1", "r2"):
        store.start_run(run, source)
    store.start_reply(conversation, user.id, step="draft", profile="p", model="m", host="h", run="r1")
    store.delete(conversation)
    assert store.source(source.id) == source
    assert [run.id for run in store.runs()] == ["r2"]


def test_deleting_a_conversation_thousands_of_messages_deep_works(store: Store, path: Path) -> None:
    conversation = store.create_conversation("deep").id
    parent = None
    for number in range(1_500):
        parent = store.add_message(conversation, parent, "user", f"message {number}").id
    assert len(store.thread(conversation)) == 1_500
    store.delete(conversation)
    assert store.search("message") == []
    check_index(path)


def test_an_unsent_prompt_is_kept_per_conversation(store: Store, path: Path) -> None:
    conversation = store.create_conversation("memo").id
    store.save_prompt(None, "for a new one")
    store.save_prompt(conversation, "half a")
    store.save_prompt(conversation, "half a sentence")
    with Store(path) as later:
        assert later.saved_prompt(None) == "for a new one"
        assert later.saved_prompt(conversation) == "half a sentence"
    store.save_prompt(None, "")
    assert store.saved_prompt(None) == ""
    assert store.saved_prompt(conversation) == "half a sentence"


def call(id: str) -> Call:
    return Call(id, "key", "chat", "chat", "auto", "127.0.0.1", "complete", text="paid text")
