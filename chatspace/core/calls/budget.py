"""Budgets: the worst case of a call is put aside before it goes out, so that what may be spent is never passed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from chatspace.core.calls.usage import Usage

if TYPE_CHECKING:
    from chatspace.core.calls.call import Request

MAX_FORMAT_TOKENS = 16
"""What a chat format adds to each message, and once to each request."""

MAX_SCHEMA_TOKENS = 1_024
"""What a provider adds to a request with a schema: Anthropic's instructions for tools take up to 935."""

MAX_REPLY = 8_192
"""Tokens that a reply may have under a budget where its profile sets no `max_output_tokens`."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be spent; None where nothing is said."""

    usd: float | None = None
    tokens: int | None = None

    def __bool__(self) -> bool:
        return self.usd is not None or self.tokens is not None


@dataclass(frozen=True, slots=True)
class Budget:
    """What one command or batch may spend; `budget_id` names it in the ledger, also when it is resumed."""

    budget_id: str
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class DailyBudgets:
    """What may be spent a day: in all, and by profile."""

    day: Allowance = Allowance()
    profiles: Mapping[str, Allowance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BudgetLimit:
    """One limit that a call counts against: `scope` names its sum in the ledger, `title` says it to people."""

    scope: str
    title: str
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a call may take at worst, and the limits that this counts against. `usd` is None for an unknown price."""

    tokens: int
    usd: float | None
    caps: tuple[BudgetLimit, ...]


class Budgets:
    """The limits of a process: those of the files, for every call."""

    def __init__(self, daily: Callable[[], DailyBudgets] = DailyBudgets) -> None:
        """`daily` gives those that are configured; it is asked at each call and may read a file."""
        self._daily = daily

    def caps(self, profile: str, own: Budget | None) -> tuple[BudgetLimit, ...]:
        """What a call of this profile counts against today. Raises ConfigurationError."""
        daily, today = self._daily(), date.today().isoformat()
        caps = [BudgetLimit(f"day {today}", "the daily budget", daily.day)] if daily.day else []
        if mine := daily.profiles.get(profile):
            caps.append(BudgetLimit(f"day {today} {profile}", f"the daily budget of {profile}", mine))
        if own and own.allowance:
            caps.append(BudgetLimit(f"purse {own.budget_id}", "the budget", own.allowance))
        return tuple(caps)


def bounded(request: Request) -> Request:
    """The request with an end to its reply, which a budget needs, and which has to reach the server."""
    profile = request.target.profile
    most = profile.max_output_tokens or MAX_REPLY
    target = replace(request.target, profile=replace(profile, max_output_tokens=most))
    return replace(request, target=target, capped=True)


def reservation_for(request: Request, caps: tuple[BudgetLimit, ...]) -> Reservation:
    """The worst case of a bounded request."""
    output = request.target.profile.max_output_tokens or MAX_REPLY
    sent = Usage(input=_max_input(request), output=output, reasoning=output)
    price = request.target.price
    return Reservation(sent.input + sent.output, price.cost(sent) if price else None, caps)


def _max_input(request: Request) -> int:
    """A token for each byte: single digits on lines come to that with every tokenizer in use."""
    tokens = MAX_FORMAT_TOKENS
    for turn in request.turns:
        tokens += len(turn.content.encode("utf-8", "surrogatepass")) + MAX_FORMAT_TOKENS
    if request.response_schema is not None:
        tokens += len(json.dumps(dict(request.response_schema))) + MAX_SCHEMA_TOKENS
    return tokens
