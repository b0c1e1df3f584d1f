"""Openings and variants in the store: kept with their reply, gone with their conversation."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import ReplyEnd
from chatspace.core.chat.openings import CUT, Proposal
from chatspace.core.errors import StoreError
from chatspace.core.runs.run import Variant
from chatspace.core.workspace.copy_editor import VariantStore
from chatspace.core.workspace.stories import OpeningStore
from tests.adapters.history.conftest import check_index


def a_reply(store: Store) -> tuple[int, int]:
    """The ids of a conversation and of a reply in it."""
    conversation = store.conversations.create("Harbour").id
    asked = store.messages.add(conversation, None, "user", "/story", step="story")
    reply = store.messages.start_reply(
        conversation, asked.id, step="story", profile="p", model="m", host="127.0.0.1", run="run-1"
    )
    return conversation, store.messages.finish_reply(reply.id, ReplyEnd("complete", text="said")).id


def variant(text: str, field: str = "headline", pair: str | None = None) -> Variant:
    return Variant(field, text, len(text), 30, None, True, pair, "offline")


def test_store_fulfils_both_ports(store: Store) -> None:
    ports: tuple[OpeningStore, VariantStore] = (store.openings, store.variants)
    assert ports


def test_openings_are_numbered_through_their_story_and_come_back_as_they_were(store: Store) -> None:
    _, message = a_reply(store)
    first = store.openings.add("run-1", message, [Proposal("warm", "One."), Proposal("dry", "Tw\udce9", CUT)])
    second = store.openings.add("run-1", message, [Proposal("", "Three.")])
    assert [each.number for each in (*first, *second)] == [1, 2, 3]
    assert list(store.openings.of_run("run-1")) == [*first, *second]
    assert [each.problem for each in store.openings.of_run("run-1")] == ["", CUT, ""]
    assert store.openings.of_run("run-2") == []


def test_an_opening_keeps_its_state_and_its_edited_text(store: Store) -> None:
    _, message = a_reply(store)
    (made,) = store.openings.add("run-1", message, [Proposal("warm", "On", CUT)])
    store.openings.mark(made.id, "starred")
    edited = store.openings.edit(made.id, "One, whole.")
    assert store.openings.of_run("run-1") == [edited]
    assert (edited.state, edited.text, edited.problem) == ("starred", "One, whole.", "")
    with pytest.raises(StoreError):
        store.openings.mark(99, "fresh")


def test_variants_are_numbered_within_their_field(store: Store) -> None:
    _, message = a_reply(store)
    store.variants.add("run-1", message, "google-ads", [variant("a", pair="A"), variant("b"), variant("c", "path1")])
    store.variants.add("run-1", message, "google-ads", [variant("d")])
    kept = store.variants.of_run("run-1")
    assert [(each.field, each.number, each.text) for each in kept] == [
        ("headline", 1, "a"),
        ("headline", 2, "b"),
        ("path1", 1, "c"),
        ("headline", 3, "d"),
    ]
    assert (kept[0].pair, kept[0].by, kept[0].channel) == ("A", "offline", "google-ads")


def test_a_side_goes_from_one_variant_to_another_and_is_lost_in_the_scrap_list(store: Store) -> None:
    _, message = a_reply(store)
    store.variants.add("run-1", message, "google-ads", [variant("a", pair="A"), variant("b")])
    first, second = store.variants.of_run("run-1")
    store.variants.pair(second.id, "A", [first.id])
    assert [each.pair for each in store.variants.of_run("run-1")] == [None, "A"]
    store.variants.mark(second.id, "scrapped")
    store.variants.edit(first.id, "edited")
    store.variants.count_for("run-1", "meta")
    assert [(each.pair, each.state, each.text, each.channel) for each in store.variants.of_run("run-1")] == [
        (None, "fresh", "edited", "meta"),
        (None, "scrapped", "b", "meta"),
    ]


def test_a_purged_conversation_takes_its_openings_and_variants_with_it(store: Store, path: Path) -> None:
    conversation, message = a_reply(store)
    store.openings.add("run-1", message, [Proposal("warm", "Embargoed opening.")])
    store.variants.add("run-1", message, "x", [variant("Embargoed post", "post")])
    store.purging.purge([conversation])
    assert store.openings.of_run("run-1") == []
    assert store.variants.of_run("run-1") == []
    store.close()
    check_index(path)
    assert b"Embargoed" not in path.read_bytes()
