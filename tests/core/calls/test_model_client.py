"""Asking a model: what counts as a whole reply, what is tried again, what the ledger keeps."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from chatspace.core.calls.call import Finished, FinishReason, ReasoningDelta, Request, TextDelta, Turn
from chatspace.core.calls.endpoints import BREAKER_THRESHOLD, Endpoints
from chatspace.core.calls.model_client import BATCH, INTERACTIVE, ModelClient, RetryPolicy
from chatspace.core.calls.usage import Price, Usage
from chatspace.core.errors import ModelError, ModelFailure
from chatspace.core.events import CallFailed, CallFinished, CallStarted, DeltaReceived, Event, Warned
from tests.doubles import Forever, MemoryLedger, ScriptedProvider, says, target, tools_for


def failure(kind: ModelFailure, retry_after: float | None = 0.001) -> ModelError:
    return ModelError("The server failed", kind=kind, retry_after=retry_after)


class Desk:
    """A caller over doubles, with what it emitted."""

    def __init__(self, *answers: object, patience: RetryPolicy = INTERACTIVE) -> None:
        self.provider = ScriptedProvider(*answers)  # type: ignore[arg-type]  # each test gives a proper answer
        self.ledger = MemoryLedger()
        self.events: list[Event] = []
        self.endpoints = Endpoints()
        tools = tools_for(self.provider, self.ledger, endpoints=self.endpoints)
        self.caller = ModelClient(tools, self.events.append, policy=patience)

    def request(self, price: Price | None = None) -> Request:
        return Request("chat", target(price=price), (Turn("user", "Hello there"),))


async def test_a_whole_reply_is_complete_and_in_the_ledger_before_it_is_given_back() -> None:
    desk = Desk(says("Good morning", usage=Usage(10, 5, estimated=False)))
    call = await desk.caller.ask(desk.request(Price(1.0, 2.0)))
    assert (call.outcome, call.text, call.cost_usd) == ("complete", "Good morning", 20 / 1_000_000)
    assert desk.ledger.ended == [call]
    assert desk.ledger.finished(call.key) == call


async def test_the_destination_is_told_before_anything_is_sent() -> None:
    desk = Desk(says("Good morning"))
    await desk.caller.ask(desk.request())
    assert isinstance(desk.events[0], CallStarted)
    assert [event.text for event in desk.events if isinstance(event, DeltaReceived)] == ["Good m", "orning"]
    assert isinstance(desk.events[-1], CallFinished)


@pytest.mark.parametrize("reason", ["cut", "length", "filtered"])
async def test_a_reply_that_is_not_whole_keeps_its_text_and_is_called_truncated(reason: FinishReason) -> None:
    desk = Desk(says("Half of a sen", reason))
    call = await desk.caller.ask(desk.request())
    assert (call.outcome, call.text) == ("truncated", "Half of a sen")
    assert call.error
    assert desk.ledger.finished(call.key) is None


async def test_a_connection_that_breaks_after_text_came_is_truncated_not_tried_again() -> None:
    desk = Desk([TextDelta("Half"), failure("unavailable")])
    call = await desk.caller.ask(desk.request())
    assert (call.outcome, call.text, len(desk.provider.requests)) == ("truncated", "Half", 1)


@pytest.mark.parametrize("kind", ["rate_limited", "unavailable", "empty", "cut", "crashed"])
async def test_what_can_pass_is_tried_again(kind: ModelFailure) -> None:
    desk = Desk([failure(kind)], says("At last"))
    call = await desk.caller.ask(desk.request())
    assert (call.text, call.attempt) == ("At last", 2)
    assert [call.outcome for call in desk.ledger.ended] == ["failed", "complete"]


@pytest.mark.parametrize("kind", ["unauthorized", "not_found", "bad_request", "refused", "context", "timeout"])
async def test_what_will_not_pass_is_raised_at_once(kind: ModelFailure) -> None:
    desk = Desk([failure(kind)], says("Never asked"))
    with pytest.raises(ModelError):
        await desk.caller.ask(desk.request())
    assert len(desk.provider.requests) == 1


@pytest.mark.parametrize("seconds", [INTERACTIVE.pause + 1, 3600])
@pytest.mark.parametrize("kind", ["rate_limited", "unavailable"])
async def test_a_server_that_wants_a_long_pause_is_left_to_the_user(kind: ModelFailure, seconds: float) -> None:
    desk = Desk([failure(kind, retry_after=seconds)], says("Never asked"))
    with pytest.raises(ModelError):
        await desk.caller.ask(desk.request())
    assert len(desk.provider.requests) == 1


async def test_after_three_attempts_the_failure_is_raised() -> None:
    desk = Desk(*[[failure("unavailable")]] * 3)
    with pytest.raises(ModelError):
        await desk.caller.ask(desk.request())
    assert sum(isinstance(event, CallFailed) for event in desk.events) == 3


@pytest.mark.parametrize("reason", ["stop", "cut", "length", "filtered"])
async def test_a_reply_without_text_is_an_error_whatever_the_server_calls_it(reason: FinishReason) -> None:
    desk = Desk(*[[ReasoningDelta("Hmm."), Finished(reason)]] * 3)
    with pytest.raises(ModelError) as caught:
        await desk.caller.ask(desk.request())
    assert caught.value.remedy
    assert desk.ledger.ended[0].reasoning == "Hmm."


async def test_a_fallback_answers_where_the_first_model_cannot() -> None:
    desk = Desk([failure("context")], says("I could"))
    call = await desk.caller.ask(desk.request(), [target("openai/larger")])
    assert (call.model, call.text) == ("openai/larger", "I could")


async def test_a_wrong_key_does_not_fall_back() -> None:
    desk = Desk([failure("unauthorized")], says("Never asked"))
    with pytest.raises(ModelError):
        await desk.caller.ask(desk.request(), [target("openai/larger")])


async def test_a_reply_stopped_by_the_user_is_in_the_ledger_with_its_text() -> None:
    desk = Desk([TextDelta("So far"), Forever()])
    task = asyncio.create_task(desk.caller.ask(desk.request()))
    while not any(isinstance(event, DeltaReceived) for event in desk.events):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [(call.outcome, call.text) for call in desk.ledger.ended] == [("stopped", "So far")]


async def test_an_unknown_price_is_none_and_missing_usage_is_marked_as_estimated() -> None:
    desk = Desk(says("Good morning"))
    call = await desk.caller.ask(desk.request())
    assert call.cost_usd is None
    assert call.usage.estimated
    assert call.usage.output == 3


def test_the_key_changes_with_what_is_asked_and_with_nothing_else() -> None:
    one, same = (Request("chat", target(), (Turn("user", "A"),)) for _ in range(2))
    assert one.key == same.key
    assert one.key != Request("chat", target(), (Turn("user", "B"),)).key
    assert one.key != Request("chat", target("openai/other"), (Turn("user", "A"),)).key


async def test_a_server_that_is_down_is_passed_over_where_there_is_a_fallback() -> None:
    desk = Desk(says("I could"))
    first, other = desk.request(), replace(target("openai/other"), host="10.0.0.9:1")
    endpoint = desk.endpoints.of(first.target.host)
    for _ in range(BREAKER_THRESHOLD):
        endpoint.failed(failure("unavailable", 60))
    call = await desk.caller.ask(first, [other])
    assert (call.text, call.host) == ("I could", "10.0.0.9:1")
    assert any(isinstance(event, Warned) and "fallback" in event.message for event in desk.events)


async def test_all_calls_to_a_server_wait_for_the_pause_that_one_was_asked_for() -> None:
    desk = Desk([failure("rate_limited", 0.05)], says("Second"), says("First"))
    calls = await asyncio.gather(desk.caller.ask(desk.request()), desk.caller.ask(desk.request()))
    assert sorted(call.text for call in calls) == ["First", "Second"]


async def test_unattended_calls_outlast_what_an_attended_one_would_give_up_on() -> None:
    answers = [[failure("timeout")], *[[failure("unavailable")]] * 5, says("At last")]
    with pytest.raises(ModelError):
        await Desk(*answers).caller.ask(Desk().request())
    patient = Desk(*answers, patience=replace(BATCH, pause=0.001))
    assert (await patient.caller.ask(patient.request())).attempt == 7
