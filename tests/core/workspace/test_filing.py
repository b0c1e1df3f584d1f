"""Filing: every change can be taken back, but for a purge."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.conversation import Conversation
from chatspace.core.errors import StoreError, UsageProblem
from chatspace.core.workspace.filing import Filing, tags_from


def stored(store: Store, conversation: Conversation) -> Conversation:
    found = store.conversation(conversation.id)
    assert found is not None
    return found


CHANGES: dict[str, Callable[[Filing, Conversation], object]] = {
    "renamed": lambda filing, one: filing.rename(one, " Another\ntitle "),
    "tagged": lambda filing, one: filing.tag(one, ["tern"]),
    "pinned": lambda filing, one: filing.pin(one),
    "archived": lambda filing, one: filing.archive(one),
    "deleted": lambda filing, one: filing.delete(one),
}


@pytest.mark.parametrize("done", CHANGES)
def test_a_change_is_taken_back_to_how_it_was(store: Store, done: str) -> None:
    filing, before = Filing(store), store.create_conversation("memo")
    CHANGES[done](filing, before)
    assert stored(store, before) != before
    change = filing.undo()
    assert change is not None
    assert (change.done, change.before) == (done, before)
    assert stored(store, before) == before
    assert filing.undo() is None


def test_changes_are_taken_back_the_last_one_first(store: Store) -> None:
    filing, before = Filing(store), store.create_conversation("memo")
    states = [before]
    for change in CHANGES.values():
        change(filing, states[-1])
        states.append(stored(store, before))
    for state in states[-2::-1]:
        filing.undo()
        assert stored(store, before) == state


def test_what_was_restored_goes_back_into_the_trash(store: Store) -> None:
    filing, one = Filing(store), store.create_conversation("memo")
    store.delete(one.id)
    filing.restore(stored(store, one))
    assert stored(store, one).deleted is None
    filing.undo()
    assert stored(store, one).shelf == "trash"


def test_nothing_brings_back_what_was_purged(store: Store) -> None:
    filing, one, two = Filing(store), store.create_conversation("one"), store.create_conversation("two")
    filing.delete(two)
    filing.delete(one)
    filing.purge([one.id])
    change = filing.undo()
    assert change is not None
    assert change.before == two
    assert store.conversation(one.id) is None


def test_a_title_wants_a_word(store: Store) -> None:
    one = store.create_conversation("memo")
    with pytest.raises(UsageProblem):
        Filing(store).rename(one, " \n ")
    assert stored(store, one).title == "memo"


def test_a_shelf_is_read_to_its_end(store: Store) -> None:
    filing = Filing(store)
    made = [store.create_conversation(str(number)).id for number in range(7)]
    for id in made[:3]:
        store.delete(id)
    assert {one.id for one in filing.shelf("trash")} == set(made[:3])
    assert {one.id for one in filing.shelf("current")} == set(made[3:])


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
        filing, one = Filing(store), store.create_conversation("one")
        filing.delete(one)
        with closing(sqlite3.connect(tmp_path / "chatspace.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM messages").fetchone()
            with pytest.raises(StoreError, match="still holds"):
                filing.purge([one.id])
        assert filing.undo() is None
