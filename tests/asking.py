"""Requests for the tests of providers, and what comes of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from chatspace.core.calls.call import Finished, ProviderEvent, ReasoningDelta, Request, TextDelta, Turn, UsageReported
from chatspace.core.calls.usage import Usage
from chatspace.core.errors import ModelError
from chatspace.core.ports import Provider
from chatspace.core.profiles.profile import Profile, Target, Timeouts

TURNS = (Turn("system", "You are an editor."), Turn("user", "Write a line."))
PATIENT = Timeouts(first_token=60, idle=60, total=120)


def request_to(
    api_base: str | None,
    *,
    model: str = "openai/test-model",
    host: str = "127.0.0.1",
    turns: tuple[Turn, ...] = TURNS,
    schema: Mapping[str, Any] | None = None,
    timeouts: Timeouts = PATIENT,
    **fields: Any,
) -> Request:
    """A request of profile `writer`; `fields` are the profile's."""
    profile = Profile("writer", ("chat",), model, "recipe", api_base=api_base, timeouts=timeouts, **fields)
    return Request("chat", Target(profile, model, host, local=True), turns, response_schema=schema)


@dataclass
class Outcome:
    """All that came of one request."""

    events: list[ProviderEvent] = field(default_factory=list)
    error: ModelError | None = None

    @property
    def pieces(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, TextDelta)]

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def reasoning(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, ReasoningDelta))

    @property
    def usage(self) -> Usage | None:
        return next((event.usage for event in self.events if isinstance(event, UsageReported)), None)

    @property
    def finish(self) -> str | None:
        return next((event.reason for event in self.events if isinstance(event, Finished)), None)


async def outcome(provider: Provider, request: Request) -> Outcome:
    """Ask, and take whatever comes."""
    result = Outcome()
    try:
        async with closing(provider.stream(request)) as events:
            async for event in events:
                result.events.append(event)
    except ModelError as error:
        result.error = error
    return result


def closing(events: AsyncIterator[ProviderEvent]) -> Any:
    """`aclosing` for what a port calls an iterator and every provider makes a generator."""
    return aclosing(events)
