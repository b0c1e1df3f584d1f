"""Comparisons in the store: who was asked, who was picked, and that they go with their messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.chat.comparison import ComparisonTarget
from chatspace.core.chat.conversation import Message, ReplyEnd
from chatspace.core.errors import StoreError
from tests.adapters.history.conftest import check_index

WHO = (ComparisonTarget("chat"), ComparisonTarget("chat", "openai/gpt-4.1"), ComparisonTarget("quick"))


def answered(store: Store, question: Message, profile: str, model: str, text: str = "Well.") -> Message:
    reply = store.messages.start_reply(
        question.conversation, question.id, step="chat", profile=profile, model=model, host="127.0.0.1"
    )
    return store.messages.finish_reply(reply.id, ReplyEnd("complete" if text else "failed", text=text))


@pytest.fixture
def question(store: Store) -> Message:
    question = store.messages.add(store.conversations.create("memo").id, None, "user", "Which?")
    store.comparisons.start(question.id, WHO)
    return question


def test_who_was_asked_is_kept_before_anything_is_picked(store: Store, question: Message) -> None:
    (kept,) = store.comparisons.page()
    assert (kept.message, kept.conversation, kept.contestants) == (question.id, question.conversation, WHO)
    assert (kept.picked, kept.winner) == (None, None)
    assert kept.beaten == ()


def test_a_pick_says_who_won_and_who_was_beaten(store: Store, question: Message) -> None:
    answered(store, question, "chat", "openai/small")
    winner = answered(store, question, "chat", "openai/gpt-4.1")
    answered(store, question, "quick", "openai/quick")
    store.comparisons.pick(question.id, winner.id, blind=True)
    (kept,) = store.comparisons.page()
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
    store.comparisons.pick(question.id, winner.id, blind=False)
    assert [rival.message for rival in store.comparisons.page()[0].beaten] == [again.id]


def test_another_pick_stands_in_the_place_of_the_first(store: Store, question: Message) -> None:
    first, second = (answered(store, question, "chat", f"openai/{number}") for number in range(2))
    store.comparisons.pick(question.id, first.id, blind=False)
    store.comparisons.pick(question.id, second.id, blind=False)
    winner = store.comparisons.page()[0].winner
    assert winner
    assert winner.message == second.id


def test_only_an_answer_of_the_comparison_can_be_picked(store: Store, question: Message) -> None:
    other = store.messages.add(question.conversation, None, "user", "Another matter")
    stranger = answered(store, other, "chat", "openai/small")
    for message, winner in ((question.id, stranger.id), (question.id, 7), (other.id, stranger.id)):
        with pytest.raises(StoreError):
            store.comparisons.pick(message, winner, blind=False)


def test_comparisons_come_newest_first_and_by_the_page(store: Store, question: Message) -> None:
    later = store.messages.add(question.conversation, None, "user", "And now?")
    store.comparisons.start(later.id, WHO[:2])
    assert [kept.message for kept in store.comparisons.page(limit=1)] == [later.id]
    assert [kept.message for kept in store.comparisons.page(before=later.id)] == [question.id]


def test_a_comparison_goes_with_its_conversation(store: Store, question: Message, path: Path) -> None:
    winner = answered(store, question, "chat", "openai/small")
    store.comparisons.pick(question.id, winner.id, blind=False)
    store.purging.purge([question.conversation])
    assert store.comparisons.page() == []
    check_index(path)
