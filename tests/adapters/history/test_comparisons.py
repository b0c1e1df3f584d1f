"""Comparisons in the store: who was asked, who was picked, and that they go with their messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.chat.comparison import ComparisonTarget
from chatspace.core.chat.conversation import Message
from chatspace.core.errors import StoreError
from tests.adapters.history.conftest import check_index

WHO = (ComparisonTarget("chat"), ComparisonTarget("chat", "openai/gpt-4.1"), ComparisonTarget("quick"))


def answered(store: Store, question: Message, profile: str, model: str, text: str = "Well.") -> Message:
    reply = store.start_reply(
        question.conversation, question.id, step="chat", profile=profile, model=model, host="127.0.0.1"
    )
    return store.finish_reply(reply.id, "complete" if text else "failed", text=text)


@pytest.fixture
def question(store: Store) -> Message:
    question = store.add_message(store.create_conversation("memo").id, None, "user", "Which?")
    store.start_comparison(question.id, WHO)
    return question


def test_who_was_asked_is_kept_before_anything_is_picked(store: Store, question: Message) -> None:
    (kept,) = store.comparisons()
    assert (kept.message, kept.conversation, kept.contestants) == (question.id, question.conversation, WHO)
    assert (kept.picked, kept.winner) == (None, None)
    assert kept.beaten == ()


def test_a_pick_says_who_won_and_who_was_beaten(store: Store, question: Message) -> None:
    answered(store, question, "chat", "openai/small")
    winner = answered(store, question, "chat", "openai/gpt-4.1")
    answered(store, question, "quick", "openai/quick")
    store.pick_winner(question.id, winner.id, blind=True)
    (kept,) = store.comparisons()
    assert kept.blind
    assert kept.winner
    assert (kept.winner.message, kept.winner.profile, kept.winner.model) == (winner.id, "chat", "openai/gpt-4.1")
    assert [(rival.profile, rival.model) for rival in kept.beaten] == [
        ("chat", "openai/small"),
        ("quick", "openai/quick"),
    ]


def test_who_gave_no_text_was_not_beaten_and_who_was_asked_twice_counts_once(store: Store, question: Message) -> None:
    answered(store, question, "chat", "openai/small", "First try.")
    again = answered(store, question, "chat", "openai/small", "Second try.")
    answered(store, question, "quick", "openai/quick", "")
    answered(store, question, "chat", "openai/gpt-4.1", "First try.")
    winner = answered(store, question, "chat", "openai/gpt-4.1")
    store.pick_winner(question.id, winner.id, blind=False)
    assert [rival.message for rival in store.comparisons()[0].beaten] == [again.id]


def test_another_pick_stands_in_the_place_of_the_first(store: Store, question: Message) -> None:
    first, second = (answered(store, question, "chat", f"openai/{number}") for number in range(2))
    store.pick_winner(question.id, first.id, blind=False)
    store.pick_winner(question.id, second.id, blind=False)
    winner = store.comparisons()[0].winner
    assert winner
    assert winner.message == second.id


def test_only_an_answer_of_the_comparison_can_be_picked(store: Store, question: Message) -> None:
    other = store.add_message(question.conversation, None, "user", "Another matter")
    stranger = answered(store, other, "chat", "openai/small")
    for message, winner in ((question.id, stranger.id), (question.id, 7), (other.id, stranger.id)):
        with pytest.raises(StoreError):
            store.pick_winner(message, winner, blind=False)


def test_comparisons_come_newest_first_and_by_the_page(store: Store, question: Message) -> None:
    later = store.add_message(question.conversation, None, "user", "And now?")
    store.start_comparison(later.id, WHO[:2])
    assert [kept.message for kept in store.comparisons(limit=1)] == [later.id]
    assert [kept.message for kept in store.comparisons(before=later.id)] == [question.id]


def test_a_comparison_goes_with_its_conversation(store: Store, question: Message, path: Path) -> None:
    winner = answered(store, question, "chat", "openai/small")
    store.pick_winner(question.id, winner.id, blind=False)
    store.purge([question.conversation])
    assert store.comparisons() == []
    check_index(path)
