from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.litellm import wire
from chatspace.core.calls.call import Finished, ReasoningDelta, TextDelta, Turn, UsageReported
from chatspace.core.calls.usage import Price, Usage
from chatspace.core.errors import ModelError
from chatspace.core.profiles.profile import Timeouts
from tests.asking import request_to


def through(message: wire.Message) -> wire.Message:
    framed = wire.frame(message)
    head, data = framed[: wire.LENGTH_BYTES], framed[wire.LENGTH_BYTES :]
    assert wire.length(head) == len(data)
    return wire.parse(data)


def test_a_request_arrives_as_it_was_sent_without_its_variables() -> None:
    request = request_to(
        "http://127.0.0.1/v1",
        turns=(Turn("system", "s"), Turn("user", "ü\x00\ud800")),
        schema={"type": "object"},
        timeouts=Timeouts(1, 2, 3),
        fallbacks=("other",),
        price=Price(1, 2),
        reasoning_effort="low",
    )
    sent = replace(request, variables={"words": object()})
    assert wire.request_in(through(wire.request_out(sent))) == request


@given(st.text(st.characters(exclude_categories=())))
def test_every_text_passes(text: str) -> None:
    for event in (TextDelta(text), ReasoningDelta(text)):
        assert wire.event_in(through({"event": wire.event_out(event)})["event"]) == event


def test_usage_and_endings_pass() -> None:
    for event in (UsageReported(Usage(1, 2, 3, 4, estimated=False)), Finished("cut")):
        assert wire.event_in(through({"event": wire.event_out(event)})["event"]) == event


def test_an_error_passes_with_all_that_it_knows() -> None:
    error = ModelError("title", "reason", "remedy", kind="rate_limited", status=429, retry_after=7.5)
    passed = wire.error_in(through(wire.error_out(error)))
    assert (passed.args, passed.kind, passed.status, passed.retry_after) == (error.args, "rate_limited", 429, 7.5)
