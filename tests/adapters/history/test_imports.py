"""Conversations of other programs in the store: once, whole, at their own time, and gone when they are purged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chatspace.adapters.history import Store
from chatspace.core.chat.imported import ImportedConversation, ImportedMessage
from chatspace.core.document import Source
from tests.adapters.history.conftest import check_index

THEN = datetime(2024, 3, 12, 10, tzinfo=UTC)


def conversation(*messages: ImportedMessage, **more: object) -> ImportedConversation:
    made = ImportedConversation("chatgpt", "c1", "Launch", messages, created=THEN)
    return replace(made, **more)  # type: ignore[arg-type]  # fields of the value


def message(id: str, parent: str | None, minutes: int = 0, **more: object) -> ImportedMessage:
    role = "user" if id.startswith("q") else "assistant"
    made = ImportedMessage(id, parent, role, f"text of {id}", THEN + timedelta(minutes=minutes))  # type: ignore[arg-type]  # of the literals
    return replace(made, **more)  # type: ignore[arg-type]  # fields of the value


def test_a_tree_comes_in_with_its_times_branches_and_leaf(store: Store, path: Path) -> None:
    found = conversation(
        message("q", None),
        message("a1", "q", 1, model="gpt-4o", reasoning="Hm.", status="stopped"),
        message("a2", "q", 1, created=None),
        leaf="a1",
        archived=True,
    )
    filed = store.imports.add(found)
    assert (filed.filed, filed.messages) == ("new", 3)
    assert filed.conversation is not None
    stored = store.conversations.get(filed.conversation)
    assert stored is not None
    assert (stored.title, stored.created, stored.archived, stored.message_count) == ("Launch", THEN, True, 3)
    assert stored.updated == THEN + timedelta(minutes=1)
    thread = store.messages.thread(stored.id)
    assert [each.text for each in thread] == ["text of q", "text of a1"]
    reply = thread[-1]
    assert (reply.model, reply.reasoning, reply.status, reply.siblings) == ("gpt-4o", "Hm.", "stopped", 2)
    assert reply.created == THEN + timedelta(minutes=1)
    assert reply.id >> 20 == int(reply.created.timestamp() * 1000)
    assert [hit.message for hit in store.search.find("text in:archived")] == sorted(
        (each.id for each in store.messages.all(stored.id)), reverse=True
    )
    check_index(path)


def test_the_same_conversation_comes_in_once_and_what_grew_is_added(store: Store) -> None:
    first = conversation(message("q", None), message("a", "q", 1))
    store.imports.add(first)
    assert store.imports.add(first).filed == "known"
    grown = conversation(*first.messages, message("q2", "a", 2), leaf="q2")
    assert store.imports.add(grown, dry_run=True).messages == 1
    filed = store.imports.add(grown)
    assert (filed.filed, filed.messages, filed.conversation) == ("grown", 1, store.conversations.page()[0].id)
    assert [each.text for each in store.messages.thread(filed.conversation or 0)] == [
        "text of q",
        "text of a",
        "text of q2",
    ]
    assert len(store.conversations.page()) == 1


def test_a_conversation_that_went_on_here_stays_where_it_was_left(store: Store) -> None:
    first = conversation(message("q", None), message("a", "q", 1))
    id = store.imports.add(first).conversation or 0
    mine = store.messages.add(id, store.messages.thread(id)[-1].id, "user", "mine")
    store.imports.add(conversation(*first.messages, message("q2", "a", 2), leaf="q2"))
    assert store.messages.thread(id)[-1].id == mine.id
    assert len(store.branches.siblings(mine.id)) == 2


def test_what_is_in_the_trash_stays_there_and_what_was_purged_comes_back(store: Store) -> None:
    found = conversation(message("q", None))
    id = store.imports.add(found).conversation or 0
    store.conversations.delete(id)
    assert store.imports.add(found).filed == "trash"
    store.purging.purge([id])
    assert store.imports.add(found).filed == "new"


def test_a_dry_run_stores_nothing(store: Store) -> None:
    assert store.imports.add(conversation(message("q", None)), dry_run=True).filed == "new"
    assert store.conversations.page() == []


def test_attached_texts_are_sources_of_their_message(store: Store, path: Path) -> None:
    source = Source("brief.txt", "The pump hums.", "sha256:1")
    id = store.imports.add(conversation(message("q", None, sources=(source,)))).conversation or 0
    (stored,) = store.messages.all(id)
    assert [each.name for each in stored.sources] == ["brief.txt"]
    assert [hit.message for hit in store.search.find("has:source")] == [stored.id]
    check_index(path)


def test_messages_of_one_moment_keep_their_order(store: Store) -> None:
    found = conversation(*(message(f"q{n}", None) for n in range(50)))
    id = store.imports.add(found).conversation or 0
    assert [each.text for each in store.messages.all(id)] == [f"text of q{n}" for n in range(50)]


def test_impossible_times_and_lone_surrogates_come_in(store: Store) -> None:
    odd = message("q\ud800", None, text="a\ud800b", created=datetime(9999, 1, 1, tzinfo=UTC))
    found = conversation(
        odd, message("a", "q\ud800", created=datetime(1, 1, 1, tzinfo=UTC)), title="\ud800", id="\ud800"
    )
    id = store.imports.add(found).conversation or 0
    assert [each.text for each in store.messages.thread(id)] == ["a�b", "text of a"]
    assert store.imports.add(found).filed == "known"
