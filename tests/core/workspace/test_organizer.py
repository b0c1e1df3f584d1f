"""Filing: every change can be taken back, but for a purge."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import Conversation
from chatspace.core.errors import StoreError, UsageError
from chatspace.core.workspace.organizer import Organizer, tags_from


def stored(store: Store, conversation: Conversation) -> Conversation:
    found = store.conversations.get(conversation.id)
    assert found is not None
    return found


CHANGES: dict[str, Callable[[Organizer, Conversation], object]] = {
    "renamed": lambda organizer, one: organizer.rename(one, " Another\ntitle "),
    "tagged": lambda organizer, one: organizer.tag(one, ["tern"]),
    "pinned": lambda organizer, one: organizer.pin(one),
    "archived": lambda organizer, one: organizer.archive(one),
    "deleted": lambda organizer, one: organizer.delete(one),
}


@pytest.mark.parametrize("done", CHANGES)
def test_a_change_is_taken_back_to_how_it_was(store: Store, done: str) -> None:
    organizer, before = Organizer(store), store.conversations.create("memo")
    CHANGES[done](organizer, before)
    assert stored(store, before) != before
    change = organizer.undo()
    assert change is not None
    assert (change.done, change.before) == (done, before)
    assert stored(store, before) == before
    assert organizer.undo() is None


def test_changes_are_taken_back_the_last_one_first(store: Store) -> None:
    organizer, before = Organizer(store), store.conversations.create("memo")
    states = [before]
    for change in CHANGES.values():
        change(organizer, states[-1])
        states.append(stored(store, before))
    for state in states[-2::-1]:
        organizer.undo()
        assert stored(store, before) == state


def test_what_was_restored_goes_back_into_the_trash(store: Store) -> None:
    organizer, one = Organizer(store), store.conversations.create("memo")
    store.conversations.delete(one.id)
    organizer.restore(stored(store, one))
    assert stored(store, one).deleted is None
    organizer.undo()
    assert stored(store, one).shelf == "trash"


def test_nothing_brings_back_what_was_purged(store: Store) -> None:
    organizer, one, two = Organizer(store), store.conversations.create("one"), store.conversations.create("two")
    organizer.delete(two)
    organizer.delete(one)
    organizer.purge([one.id])
    change = organizer.undo()
    assert change is not None
    assert change.before == two
    assert store.conversations.get(one.id) is None


def test_a_title_wants_a_word(store: Store) -> None:
    one = store.conversations.create("memo")
    with pytest.raises(UsageError):
        Organizer(store).rename(one, " \n ")
    assert stored(store, one).title == "memo"


def test_a_shelf_is_read_to_its_end(store: Store) -> None:
    organizer = Organizer(store)
    made = [store.conversations.create(str(number)).id for number in range(7)]
    for id in made[:3]:
        store.conversations.delete(id)
    assert {one.id for one in organizer.shelf("trash")} == set(made[:3])
    assert {one.id for one in organizer.shelf("current")} == set(made[3:])


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("tern launch", ("tern", "launch")),
        ("#tern, spring  sale,, tern", ("tern", "spring sale")),
        (" , # ", ()),
        ("", ()),
    ],
)
def test_tags_are_taken_as_typed(typed: str, tags: tuple[str, ...]) -> None:
    assert tags_from(typed) == tags


def test_what_is_gone_though_the_file_could_not_be_cleaned_is_not_undone(tmp_path: Path) -> None:
    with Store(tmp_path / "chatspace.db", busy_seconds=0.1) as store:
        organizer, one = Organizer(store), store.conversations.create("one")
        organizer.delete(one)
        with closing(sqlite3.connect(tmp_path / "chatspace.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM messages").fetchone()
            with pytest.raises(StoreError, match="still holds"):
                organizer.purge([one.id])
        assert organizer.undo() is None
