"""Comparing without a screen: everybody at once, each on its own, over the real store and library."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.calls.call import Request
from chatspace.core.chat.comparison import ComparisonTarget, answer_record, blind_record, without_names
from chatspace.core.errors import ConfigurationError, ModelError, UsageError
from chatspace.core.events import DeltaReceived, Event
from chatspace.core.profiles.options import Options
from chatspace.core.workspace.compare import Compare, Outcome
from chatspace.core.workspace.conversations import Conversations
from tests.core.runs.running import AnsweringProvider, Desk, Say
from tests.doubles import target

NAMES = ("plain", "warm", "terse")
THREE = tuple(map(ComparisonTarget, NAMES))


def says(**said: Say) -> Callable[[Request], Say]:
    return lambda request: said[request.target.profile.name]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path / "profiles", AnsweringProvider(says(plain="One.", warm="Two.", terse="Three.")))
    for name in NAMES:
        desk.profile(name, "chat", f"You are {name}.")
    return desk


@pytest.fixture
def compare(desk: Desk, store: Store) -> Compare:
    return Compare(store, store.comparisons, Conversations(store, desk.tools), desk.tools)


class Heard:
    """What was told, and who ended in which order."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.ended: list[Outcome] = []

    def tell(self, index: int, event: Event) -> None:
        if isinstance(event, DeltaReceived):
            self.texts[index] = self.texts.get(index, "") + event.text

    def end(self, index: int, outcome: Outcome) -> None:
        self.ended.append(outcome)


async def test_each_tells_its_own_and_all_are_given_back_in_the_order_asked_for(compare: Compare) -> None:
    heard = Heard()
    message = await compare.put("Which?", THREE, Options())
    outcomes = await compare.ask_all(message, THREE, Options(), heard.tell, heard.end)
    assert heard.texts == {0: "One.", 1: "Two.", 2: "Three."}
    assert [outcome.answer.text for outcome in outcomes if outcome.answer] == ["One.", "Two.", "Three."]
    assert all(outcome.whole for outcome in outcomes)
    assert compare.last() == THREE


async def test_one_that_fails_leaves_the_others(compare: Compare, desk: Desk) -> None:
    refused = ModelError("It doesn't take the key", kind="unauthorized")
    desk.provider.answer = says(plain="One.", warm=[refused], terse="Three.")
    heard = Heard()
    message = await compare.put("Which?", THREE, Options())
    plain, warm, terse = await compare.ask_all(message, THREE, Options(), heard.tell, heard.end)
    assert plain.whole
    assert terse.whole
    assert warm.error is refused
    assert warm.answer
    assert (warm.answer.status, warm.answer.parent) == ("failed", message.id)


async def test_stopping_all_keeps_what_had_come(compare: Compare, desk: Desk, store: Store) -> None:
    class Waiting(AnsweringProvider):
        async def stream(self, request):  # type: ignore[no-untyped-def]  # as the base class
            async for event in super().stream(request):
                yield event
                await asyncio.Event().wait()

    desk.provider = Waiting(says(plain="One more word.", warm="Two more words.", terse="Three more words."))
    waiting = Compare(store, store.comparisons, Conversations(store, desk.tools), desk.tools)
    heard = Heard()
    message = await waiting.put("Which?", THREE, Options())
    asking = asyncio.create_task(waiting.ask_all(message, THREE, Options(), heard.tell, heard.end))
    while len(heard.texts) < 3:
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    replies = store.messages.all(message.conversation)[1:]
    assert [reply.status for reply in replies] == ["stopped"] * 3
    assert all(reply.text for reply in replies)


async def test_the_pick_makes_the_winner_where_the_conversation_was_left(compare: Compare, store: Store) -> None:
    message = await compare.put("Which?", THREE, Options())
    outcomes = await compare.ask_all(message, THREE, Options(), Heard().tell, Heard().end)
    winner = outcomes[1].answer
    assert winner
    await compare.pick(message, winner)
    assert store.messages.thread(message.conversation)[-1].id == winner.id
    (kept,) = compare.comparisons()
    assert [rival.profile for rival in kept.beaten] == ["plain", "terse"]


async def test_a_further_message_goes_on_from_one_answer(compare: Compare, desk: Desk, store: Store) -> None:
    message = await compare.put("Which?", THREE, Options())
    outcomes = await compare.ask_all(message, THREE, Options(), Heard().tell, Heard().end)
    answer = outcomes[0].answer
    assert answer
    further = await compare.follow(answer, "And then?", THREE[0], Options(), lambda event: None)
    said = [(turn.role, turn.content) for turn in desk.provider.requests[-1].turns[1:]]
    assert said == [("user", "Which?"), ("assistant", "One."), ("user", "And then?")]
    assert [each.text for each in store.messages.thread(message.conversation, further.id)] == [
        "Which?",
        "One.",
        "And then?",
        "One.",
    ]


async def test_what_cannot_be_compared_is_said_before_anything_is_stored(compare: Compare, store: Store) -> None:
    for wrong in (
        THREE[:1],
        (*THREE, *THREE),
        (THREE[0], ComparisonTarget("nobody")),
        (THREE[0], ComparisonTarget("plain", "x")),
    ):
        with pytest.raises(UsageError):
            await compare.put("Which?", wrong, Options())
    assert store.conversations.page() == []


def test_a_name_is_a_profiles_where_there_is_one_and_else_a_models(compare: Compare) -> None:
    assert compare.candidate("warm", Options()).contestant == ComparisonTarget("warm")
    assert compare.candidate("openai/gpt-4.1", Options()).contestant == ComparisonTarget("chat", "openai/gpt-4.1")
    with pytest.raises(UsageError, match="wram"):
        compare.candidate("wram", Options())


def test_a_profile_file_that_is_wrong_is_told_as_such(compare: Compare, desk: Desk) -> None:
    desk.profile("wrong", "chat", "Hi.", temperature="hot")
    with pytest.raises(ConfigurationError):
        compare.candidate("wrong", Options())


def test_the_candidates_are_profiles_for_chat_then_models_then_other_profiles(compare: Compare) -> None:
    names = [candidate.contestant.name for candidate in compare.candidates(Options())]
    assert names.index("warm") < names.index("offline/chat") < names.index("balanced-drafter")


def test_a_letter_stands_for_everything_that_names_the_model() -> None:
    text = "openai/test on 127.0.0.1:1 (profile tester): test is busy, testing continues"
    assert without_names(text, target("openai/test"), "A") == "A on A (profile A): A is busy, testing continues"


def test_a_blind_record_has_neither_names_nor_prices() -> None:
    record = answer_record(ComparisonTarget("tester"), None, "openai/test returned no text")
    blind = blind_record(record, target("openai/test"), "B")
    assert (blind.profile, blind.model, blind.error, blind.cost_usd) == ("B", None, "B returned no text", None)
