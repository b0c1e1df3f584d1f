"""What the finders hand to each other before facts get their ids."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from chatspace.core.extraction import FactType


@dataclass(frozen=True, slots=True)
class FactMatch:
    """A fact at `[start, end)`; `value` is a Decimal for figures."""

    type: FactType
    start: int
    end: int
    value: Decimal | str
    unit: str | None = None
    ambiguous: bool = False
