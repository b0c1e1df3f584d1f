"""How many tokens a text takes, and whether a request fits a window: one deterministic estimate for every use."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import east_asian_width

CHARACTERS_PER_TOKEN = 4
MARGIN = 0.10
"""The share of the window kept free, because the count is an estimate."""

DEFAULT_OUTPUT_RESERVE = 1_500
TURN_OVERHEAD = 4
"""What the chat formats add to each message."""

_PERHAPS_WIDE = re.compile("[^\0-\u10ff]")
"""What comes before is narrow, and most characters of most texts do."""


def estimate_tokens(text: str) -> int:
    """Characters / 4, wide East Asian characters 1 each, rounded up."""
    if text.isascii():
        return math.ceil(len(text) / CHARACTERS_PER_TOKEN)
    wide = sum(1 for character in _PERHAPS_WIDE.findall(text) if east_asian_width(character) in "WF")
    return math.ceil(wide + (len(text) - wide) / CHARACTERS_PER_TOKEN)


def estimate_turns(texts: Iterable[str]) -> int:
    """The tokens of a request that consists of these messages."""
    return sum(estimate_tokens(text) + TURN_OVERHEAD for text in texts)


@dataclass(frozen=True, slots=True)
class Fit:
    """`room` is what the window leaves for the input, in tokens; both are None where the window is unknown."""

    fits: bool
    needed: int
    room: int | None
    window: int | None


def fit(needed: int, window: int | None, max_output_tokens: int | None = None) -> Fit:
    """Whether an input of `needed` tokens fits: window - output reserve - 10 %. An unknown window takes everything."""
    if window is None:
        return Fit(True, needed, None, None)
    reserve = max_output_tokens if max_output_tokens is not None else min(DEFAULT_OUTPUT_RESERVE, window // 4)
    room = max(0, math.floor(window * (1 - MARGIN)) - reserve)
    return Fit(needed <= room, needed, room, window)
