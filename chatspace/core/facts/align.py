"""Where an item that a model names stands in the source: exactly, but for its typography, or nearly."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from chatspace.core.document import Span
from chatspace.core.text.reading import reading

Alignment = Literal["exact", "normalized", "fuzzy"]

MAX_FUZZY_ITEM = 400
MIN_FUZZY_ITEM = 6
MIN_LIKENESS = 0.85
_MAX_WINDOWS = 40
_MIN_ANCHOR = 3

_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
_FOLD = str.maketrans(
    {**dict.fromkeys("“”„«»‟″", '"'), **dict.fromkeys("‘’‚‛′`´", "'"), **dict.fromkeys("‐‑‒–—―−", "-"), "…": "."}
)
_DROPPED = frozenset("*_\u00ad\u200b\u200c\u200d\ufeff")


def align(item: str, text: str) -> tuple[Span, Alignment] | None:
    """The first place of `item` in `text` and how it was found; None where it isn't there.

    Normalized differs in case, white space, quotes, dashes, emphasis marks or compatibility forms alone. Fuzzy is at
    least 85 % alike and has the same digits; an item over 400 or below 6 characters isn't searched that way.
    """
    item = item.strip()
    if not item:
        return None
    at = text.find(item)
    if at >= 0:
        return (at, at + len(item)), "exact"
    plain, places = _folded_source(text)
    wanted, _ = folded(item)
    wanted = wanted.strip()
    if not wanted:
        return None
    at = plain.find(wanted)
    if at >= 0:
        return (places[at], places[at + len(wanted) - 1] + 1), "normalized"
    near = _nearest(wanted, plain) if MIN_FUZZY_ITEM <= len(wanted) <= MAX_FUZZY_ITEM else None
    return ((places[near[0]], places[near[1] - 1] + 1), "fuzzy") if near else None


@lru_cache(maxsize=2)
def _folded_source(text: str) -> tuple[str, Sequence[int]]:
    return folded(text)


def folded(text: str) -> tuple[str, Sequence[int]]:
    """`text` in one case, with plain quotes and dashes and single spaces, and for each character where it was."""
    read = reading(text)
    characters: list[str] = []
    places = array("L")
    space = True
    for place, character in enumerate(read.text):
        if character.isspace():
            if not space:
                characters.append(" ")
                places.append(place)
            space = True
            continue
        if character in _DROPPED:
            continue
        space = False
        plain = character.lower() if character.isascii() else _fold(character)
        characters.append(plain)
        places.extend([place] * len(plain))
    return "".join(characters), places if read.text == text else array("L", read.places(places))


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    return unicodedata.normalize("NFKC", character).translate(_FOLD).casefold().replace(" ", "")


def _nearest(wanted: str, folded: str) -> Span | None:
    """The window most like `wanted`, among those round the places of its rarest words."""
    digits = sorted(_DIGITS.findall(wanted))
    best: tuple[float, Span] | None = None
    for start in _window_starts(wanted, folded):
        low, high = max(0, start - 4), min(len(folded), start + len(wanted) + 8)
        span = _tight(wanted, folded, low, high)
        if span is None or sorted(_DIGITS.findall(folded[slice(*span)])) != digits:
            continue
        likeness = SequenceMatcher(None, wanted, folded[slice(*span)], autojunk=False).ratio()
        if likeness >= MIN_LIKENESS and (best is None or likeness > best[0]):
            best = likeness, span
    return best[1] if best else None


def _window_starts(wanted: str, folded: str) -> list[int]:
    """Where the item would begin if one of its words stands where the text has it; the longest words first."""
    words = sorted(
        {(match[0], match.start()) for match in _WORD.finditer(wanted)}, key=lambda word: (-len(word[0]), word)
    )
    starts: dict[int, None] = {}
    for word, offset in words[:6]:
        stem = word[: max(_MIN_ANCHOR, len(word) - 2)]
        at = folded.find(stem)
        for _ in range(_MAX_WINDOWS // 4):
            if at < 0:
                break
            starts.setdefault(max(0, at - offset))
            at = folded.find(stem, at + 1)
        if len(starts) >= _MAX_WINDOWS:
            break
    return list(starts)[:_MAX_WINDOWS]


def _tight(wanted: str, folded: str, low: int, high: int) -> Span | None:
    """The part of the window between the first and the last run of characters that both share, out to whole words."""
    window = folded[low:high]
    matcher = SequenceMatcher(None, wanted, window, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size >= 2]
    if not blocks:
        return None
    start, end = low + blocks[0].b, low + blocks[-1].b + blocks[-1].size
    while start > low and folded[start - 1].isalnum() and folded[start].isalnum():
        start -= 1
    while end < high and folded[end].isalnum() and folded[end - 1].isalnum():
        end += 1
    return start, end
