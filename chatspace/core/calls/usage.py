"""What a call consumed and what it cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call.

    `output` includes `reasoning`, `input` includes `cached`; `estimated` unless the server sent them.
    """

    input: int = 0
    output: int = 0
    reasoning: int = 0
    cached: int = 0
    estimated: bool = True

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.reasoning + other.reasoning,
            self.cached + other.cached,
            self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens."""

    input: float
    output: float

    def cost(self, usage: Usage) -> float:
        """USD."""
        return (usage.input * self.input + usage.output * self.output) / 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """A sum over calls. `usd` is None as soon as one price is unknown; `known_usd` is the part that is known."""

    usd: float | None = 0.0
    known_usd: float = 0.0

    @classmethod
    def total(cls, costs: Iterable[float | None]) -> Cost:
        listed = list(costs)
        known = sum(cost for cost in listed if cost is not None)
        return cls(None if None in listed else known, known)
