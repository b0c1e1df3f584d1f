"""Filing: every change can be taken back, but for a purge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import Conversation
from chatspace.core.errors import StoreError, UsageError
from chatspace.core.workspace.organizer import Change, Organizer, tags_from


def stored(store: Store, conversation: Conversation) -> Conversation:
    found = store.conversations.get(conversation.id)
    assert found is not None
    return found


CHANGES: dict[str, Callable[[Organizer, Conversation], Change]] = {
    "Renamed": lambda organizer, one: organizer.rename(one, " Another\ntitle "),
    "Tagged": lambda organizer, one: organizer.tag(one, ["tern"]),
    "Pinned": lambda organizer, one: organizer.pin(one),
    "Archived": lambda organizer, one: organizer.archive(one),
    "Moved to trash": lambda organizer, one: organizer.delete(one),
}


@pytest.mark.parametrize("done", CHANGES)
def test_a_change_is_taken_back_to_how_it_was(store: Store, done: str) -> None:
    organizer, before = Organizer(store), store.conversations.create("memo")
    change = CHANGES[done](organizer, before)
    assert stored(store, before) != before
    assert (change.done, change.before) == (done, before)
    organizer.take_back(change)
    assert stored(store, before) == before


def test_changes_are_taken_back_the_last_one_first(store: Store) -> None:
    organizer, before = Organizer(store), store.conversations.create("memo")
    states, made = [before], []
    for change in CHANGES.values():
        made.append(change(organizer, states[-1]))
        states.append(stored(store, before))
    for state, change_made in zip(states[-2::-1], reversed(made), strict=True):
        organizer.take_back(change_made)
        assert stored(store, before) == state


def test_what_was_restored_goes_back_into_the_trash_as_of_when_it_went_there(store: Store) -> None:
    organizer, one = Organizer(store), store.conversations.create("memo")
    store.conversations.delete(one.id, datetime(2026, 1, 2, tzinfo=UTC))
    before = stored(store, one)
    change = organizer.restore(before)
    assert stored(store, one).deleted is None
    organizer.take_back(change)
    assert stored(store, one) == before


def test_nothing_brings_back_what_was_purged(store: Store) -> None:
    organizer, one = Organizer(store), store.conversations.create("one")
    change = organizer.delete(one)
    organizer.purge([one.id])
    with pytest.raises(StoreError):
        organizer.take_back(change)
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
