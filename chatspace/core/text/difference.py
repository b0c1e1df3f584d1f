"""What changed between two texts, word by word, grouped so that a person can read it; near-linear in their length."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of text that stayed, went or came."""

    kind: Literal["same", "removed", "added"]
    text: str


def changes(before: str, after: str) -> tuple[Change, ...]:
    """The way from `before` to `after`: `same` and `removed` joined are the one, `same` and `added` the other.

    No two neighbours are of one kind, none is empty, and what was removed stands before what came in its place. Common
    words too slight to hold two changes apart belong to the change.
    """
    found: list[Change] = []
    for block in _grouped(_by_units(before, after, 0)):
        if block.same:
            found.append(Change("same", "".join(block.old)))
            continue
        removed, added = "".join(block.old), "".join(block.new)
        found += [Change("removed", removed)] if removed else []
        found += [Change("added", added)] if added else []
    return tuple(found)


def words_changed(before: str, after: str) -> int:
    """How many words were put differently: those that went, or those that came, whichever are more."""
    counts = Counter[str]()
    for change in changes(before, after):
        counts[change.kind] += len(change.text.split())
    return max(counts["removed"], counts["added"])


Pair = tuple[str, str]
"""What stands in the one text and what in the other at its place; equal where nothing changed."""

Match = tuple[int, int]
"""The indexes of a unit that both sequences have."""

_CJK = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3041-\u318f\u31a0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f"
    r"\U0001f200-\U0001f2ff\U00020000-\U0003ffff"
)
_POINT = r"!-/:-@\[-^`{-~\u00a1-\u00bf\u2010-\u2029\u202f-\u205e\u3001-\u3004\u3008-\u3040\uff01-\uff0f\uff1a-\uff20"
_LETTER = rf"[^\s{_POINT}{_CJK}]"
_TOKEN = re.compile(
    rf"[{_CJK}][\ufe00-\ufe0f\u3099\u309a]*|{_LETTER}+(?:['’]{_LETTER}+|(?<=\d)[.,](?=\d){_LETTER}+)*|\s+|(?P<point>.)(?P=point)*",
    re.DOTALL,
)
_WORD = re.compile(rf"{_LETTER}|[{_CJK}]")
_FIRM = re.compile(rf"{_LETTER}|[{_CJK}.!?…。！？]|\s*\n")
"""What can be matched by itself: a word, the end of a sentence or of a line; a comma or a space says too little."""

_WIDE = re.compile(f"[{_CJK}]")

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_SENTENCE = re.compile(r"(?:[^.!?…。！？\n]|[.!?…](?=\w))++[.!?…。！？\n]*+\s*+|[.!?…。！？\n]++\s*+")
_UNITS = (_LINE, _LINE, _SENTENCE, _SENTENCE)
"""What is compared before words are; each twice, as what stands once in a part needn't do so in the whole."""

_MAX_CELLS = 50_000_000
"""The largest table of words by words that is filled, in bits: two passages of 7,000 words each."""

_SENTENCE_ENDS = re.compile(r"\n|[.!?…][\"'”’»)\]]*\s|[。！？]")
_SLIGHT = 3
"""The letters of a common word that can't hold two changes apart; a wide character counts as two."""


def _by_units(before: str, after: str, level: int) -> Iterator[Pair]:
    """Pairs in order, cut by the lines and sentences that stand once in both, and between them by words."""
    if before == after or not before or not after:
        if before or after:
            yield before, after
        return
    if level == len(_UNITS):
        yield from _by_words(_tokens(before), _tokens(after))
        return
    old, new = (_UNITS[level].findall(text) for text in (before, after))
    at, also_at = 0, 0
    for i, j in (*_unique_matches(old, new), (len(old), len(new))):
        yield from _by_units("".join(old[at:i]), "".join(new[also_at:j]), level + 1)
        if i < len(old):
            yield old[i], new[j]
        at, also_at = i + 1, j + 1


def _by_words(old: Sequence[str], new: Sequence[str], *, last: bool = False) -> Iterator[Pair]:
    """Pairs of tokens: first what is firm is matched, then what stands between is compared from both ends."""
    start, end = _trimmed(old, new)
    yield from ((token, token) for token in old[:start])
    middle, other = old[start : len(old) - end], new[start : len(new) - end]
    places, other_places = _firm(middle), _firm(other)
    words, other_words = [middle[i] for i in places], [other[j] for j in other_places]
    exact = len(words) * len(other_words) <= _MAX_CELLS
    match = _longest_matches if exact else _unique_matches
    matches = [] if last and not exact else match(words, other_words)
    at, also_at = 0, 0
    for i, j in (*((places[a], other_places[b]) for a, b in matches), (len(middle), len(other))):
        gap, other_gap = middle[at:i], other[also_at:j]
        yield from _around(gap, other_gap) if exact or not matches else _by_words(gap, other_gap, last=True)
        if i < len(middle):
            yield middle[i], other[j]
        at, also_at = i + 1, j + 1
    yield from ((token, token) for token in old[len(old) - end :])


def _around(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    """What stands between two common words: what both begin and end with, and the change between."""
    start, end = _trimmed(old, new)
    texts = ("".join(old[:start]), "".join(old[start : len(old) - end]), "".join(old[len(old) - end :]))
    pairs = ((texts[0], texts[0]), (texts[1], "".join(new[start : len(new) - end])), (texts[2], texts[2]))
    yield from (pair for pair in pairs if any(pair))


def _tokens(text: str) -> list[str]:
    return [match[0] for match in _TOKEN.finditer(text)]


def _firm(tokens: Sequence[str]) -> list[int]:
    return [index for index, token in enumerate(tokens) if _FIRM.match(token)]


def _trimmed(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many units both begin with, and how many of the rest they end with."""
    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    left = shorter - start
    return start, next((i for i in range(left) if old[-1 - i] != new[-1 - i]), left)


def _unique_matches(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """The most units that stand once on each side and in the same order on both, with what both begin and end with."""
    start, end = _trimmed(old, new)
    middle, other = range(start, len(old) - end), range(start, len(new) - end)
    once, other_once = Counter(old[i] for i in middle), Counter(new[j] for j in other)
    where = {new[j]: j for j in other if other_once[new[j]] == 1}
    common = [(i, where[old[i]]) for i in middle if once[old[i]] == 1 and old[i] in where]
    head = [(i, i) for i in range(start)]
    tail = [(len(old) - i, len(new) - i) for i in range(end, 0, -1)]
    return [*head, *_rising(common), *tail]


def _rising(matches: Sequence[Match]) -> list[Match]:
    """The longest part of `matches`, which rise on the left, that rises on the right too."""
    ends: list[int] = []
    piles: list[int] = []
    came_from: list[int] = []
    for index, (_, j) in enumerate(matches):
        pile = bisect_left(ends, j)
        came_from.append(piles[pile - 1] if pile else -1)
        ends[pile : pile + 1] = [j]
        piles[pile : pile + 1] = [index]
    rising: list[Match] = []
    at = piles[-1] if piles else -1
    while at >= 0:
        rising.append(matches[at])
        at = came_from[at]
    return rising[::-1]


def _longest_matches(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """The longest common subsequence, by the bit-parallel algorithm of Hyyrö (2004): a row is one integer.

    A bit of a row is 0 where the longest common subsequence grows by that unit of `old`.
    """
    masks: dict[str, int] = {}
    for i, unit in enumerate(old):
        masks[unit] = masks.get(unit, 0) | 1 << i
    full = row = (1 << len(old)) - 1
    rows = [row]
    for unit in new:
        hits = row & masks.get(unit, 0)
        row = (row + hits | row - hits) & full
        rows.append(row)
    matches: list[Match] = []
    i, j = len(old), len(new)
    while i and j:
        if rows[j] >> (i - 1) & 1:
            i -= 1
        elif not rows[j - 1] >> (i - 1) & 1:
            j -= 1
        else:
            i, j = i - 1, j - 1
            matches.append((i, j))
    return matches[::-1]


@dataclass(slots=True)
class _Block:
    """Neighbouring pairs of one kind; `weight` is in letters, of the longer side."""

    same: bool
    old: list[str]
    new: list[str]
    weight: int


def _grouped(pairs: Iterable[Pair]) -> list[_Block]:
    """Blocks that are the same and blocks that changed by turns, slight common words taken into the changes."""
    blocks: list[_Block] = []
    for same, group in groupby(pairs, key=lambda pair: pair[0] == pair[1]):
        listed = list(group)
        old, new = "".join(pair[0] for pair in listed), "".join(pair[1] for pair in listed)
        block = _Block(same, [old], [new], max(_weight(old), 0 if same else _weight(new)))
        if not same and len(blocks) > 1 and _slight(blocks[-1], blocks[-2], block):
            between, left = blocks.pop(), blocks[-1]
            left.old += [*between.old, *block.old]
            left.new += [*between.new, *block.new]
            left.weight += between.weight + block.weight
        else:
            blocks.append(block)
    return blocks


def _slight(between: _Block, left: _Block, right: _Block) -> bool:
    """Whether what two changes have between them is too little to be read by itself, within one sentence."""
    little = between.weight <= _SLIGHT or 3 * between.weight <= min(left.weight, right.weight)
    return little and not _SENTENCE_ENDS.search(between.old[0])


def _weight(text: str) -> int:
    return len(_WORD.findall(text)) + len(_WIDE.findall(text))
