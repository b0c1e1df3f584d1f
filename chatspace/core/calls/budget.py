"""Budgets: the worst case of a call is put aside before it goes out, so that what may be spent is never passed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from chatspace.core.calls.usage import Usage
from chatspace.core.text.tokens import TURN_OVERHEAD, estimate_tokens

if TYPE_CHECKING:
    from chatspace.core.calls.call import Request

BYTES_PER_TOKEN = 2
"""No tokenizer in use makes more of a text: half its bytes, where our estimate is a quarter of its characters."""

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
        caps = [BudgetLimit(f"day {today}", "the budget of the day", daily.day)] if daily.day else []
        if mine := daily.profiles.get(profile):
            caps.append(BudgetLimit(f"day {today} {profile}", f"the day's budget of {profile}", mine))
        if own and own.allowance:
            caps.append(BudgetLimit(f"purse {own.budget_id}", "the budget", own.allowance))
        return tuple(caps)


def bounded(request: Request) -> Request:
    """The request with an end to its reply, which a budget needs."""
    profile = request.target.profile
    if profile.max_output_tokens is not None:
        return request
    return replace(request, target=replace(request.target, profile=replace(profile, max_output_tokens=MAX_REPLY)))


def reservation_for(request: Request, caps: tuple[BudgetLimit, ...]) -> Reservation:
    """The worst case of a bounded request."""
    output = request.target.profile.max_output_tokens or MAX_REPLY
    sent = Usage(input=sum(map(_most_tokens, (turn.content for turn in request.turns))), output=output)
    price = request.target.price
    return Reservation(sent.input + sent.output, price.cost(sent) if price else None, caps)


def _most_tokens(text: str) -> int:
    size = len(text.encode("utf-8", "surrogatepass"))
    return max(estimate_tokens(text), math.ceil(size / BYTES_PER_TOKEN)) + TURN_OVERHEAD
