"""Doubles for the ports that cost something: a provider that plays a script, a ledger in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chatspace.core.calls.budget import Budgets, Reservation
from chatspace.core.calls.call import Call, Finished, FinishReason, ProviderEvent, Request, TextDelta, UsageReported
from chatspace.core.calls.endpoints import Endpoints
from chatspace.core.calls.usage import Price, Usage
from chatspace.core.errors import ModelError
from chatspace.core.ports import Ledger, ModelCatalog, ProfileLibrary, Provider
from chatspace.core.profiles.policy import HistoricalUsage
from chatspace.core.profiles.profile import Profile, Step, Target
from chatspace.core.profiles.rendering import Recipes
from chatspace.core.targets import Targets

Answer = Sequence[ProviderEvent | ModelError]


class Forever:
    """An event that never comes."""


class ScriptedProvider:
    """Plays one answer after the other and keeps the requests; a ModelError in an answer is raised there."""

    def __init__(self, *answers: Sequence[ProviderEvent | ModelError | Forever]) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        self.requests.append(request)
        for event in self.answers.pop(0):
            await asyncio.sleep(0)
            if isinstance(event, Forever):
                await asyncio.Event().wait()
            elif isinstance(event, ModelError):
                raise event
            else:
                yield event


class MemoryLedger:
    """Keeps the calls as the store would."""

    def __init__(self) -> None:
        self.started: list[Call] = []
        self.ended: list[Call] = []

    def finished(self, key: str) -> Call | None:
        return next((call for call in reversed(self.ended) if call.key == key and call.outcome == "complete"), None)

    def start(
        self, call: Call, run: str | None, *, message: int | None = None, hold: Reservation | None = None
    ) -> None:
        self.started.append(call)

    def finish(self, call: Call) -> None:
        self.ended.append(call)

    def usual(self, step: Step) -> Mapping[tuple[str, str], HistoricalUsage]:
        return {}


def says(text: str, reason: FinishReason = "stop", usage: Usage | None = None) -> list[ProviderEvent]:
    """An answer in two pieces."""
    half = len(text) // 2
    events: list[ProviderEvent] = [TextDelta(piece) for piece in (text[:half], text[half:]) if piece]
    if usage:
        events.append(UsageReported(usage))
    return [*events, Finished(reason)]


def target(
    model: str = "openai/test", *, price: Price | None = None, window: int | None = None, step: Step = "chat"
) -> Target:
    profile = Profile("tester", (step,), model, "You test.")
    return Target(profile, model, "127.0.0.1:1", True, window=window, price=price)


@dataclass(frozen=True)
class FixedTools:
    """The Tools of a use case, given one by one."""

    library: ProfileLibrary
    catalog: ModelCatalog
    provider: Provider
    ledger: Ledger
    endpoints: Endpoints = field(default_factory=Endpoints)
    budgets: Budgets = field(default_factory=Budgets)
    recipes: Recipes = field(default_factory=Recipes)

    @cached_property
    def targets(self) -> Targets:
        return Targets(self.library, self.catalog)


def tools_for(provider: Provider, ledger: Ledger, **more: Any) -> FixedTools:
    """The Tools of calls whose targets are given, so that neither profiles nor a catalog are asked for."""
    unused: Any = None
    return FixedTools(unused, unused, provider, ledger, **more)
