"""Which elements of two sequences of texts belong together: sentences with sentences, blocks with blocks."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chatspace.core.document import Span

Pairing = tuple[Span, Span]
"""Elements `[i0, i1)` of the one and `[j0, j1)` of the other sequence; one of the two may be empty."""

MAX_CELLS = 40_000
"""Pairs that are all compared; beyond that those near the diagonal alone, so that the time stays linear."""

BAND = 16
SAME_KIND, OTHER_KIND = 0.02, 0.001
"""What pairing is worth where the texts have nothing in common, so that a new text stands in the place of an old."""

NEVER = float("-inf")
MIN_SPLIT = 0.45
"""How alike a sentence and two others together must be to be one that was split or joined."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")


@dataclass(frozen=True, slots=True)
class Element:
    """A text to be paired; texts of one `kind` rather than of two. Only the `divisible` pair one with two."""

    text: str
    kind: str = ""
    divisible: bool = False


def align(before: Sequence[Element], after: Sequence[Element]) -> list[Pairing]:
    """Pairings in order that cover both sequences; none crosses another."""
    found: list[Pairing] = []
    for (i0, i1), (j0, j1) in _anchored(before, after):
        if i1 - i0 == j1 - j0 == 1:
            found.append(((i0, i1), (j0, j1)))
        else:
            gap = _Gap(before[i0:i1], after[j0:j1]).pairings()
            found += (((i0 + a, i0 + b), (j0 + c, j0 + d)) for (a, b), (c, d) in gap)
    return found


def _anchored(before: Sequence[Element], after: Sequence[Element]) -> Iterator[Pairing]:
    """Equal elements, each by itself, and what stands between them."""
    i = j = 0
    for i1, j1 in [*_anchors(before, after), (len(before), len(after))]:
        if i < i1 or j < j1:
            yield (i, i1), (j, j1)
        if i1 < len(before) and j1 < len(after):
            yield (i1, i1 + 1), (j1, j1 + 1)
        i, j = i1 + 1, j1 + 1


def _anchors(before: Sequence[Element], after: Sequence[Element]) -> list[tuple[int, int]]:
    """Equal elements at both ends, and between these the longest row of those that stand once on each side."""
    least = min(len(before), len(after))
    head = next((at for at in range(least) if before[at] != after[at]), least)
    most = least - head
    tail = next((at for at in range(most) if before[-1 - at] != after[-1 - at]), most)
    middle = range(head, len(before) - tail), range(head, len(after) - tail)
    counts = [Counter(side[at] for at in places) for side, places in zip((before, after), middle, strict=True)]
    places = {after[j]: j for j in middle[1] if counts[1][after[j]] == 1}
    once = [(i, places[before[i]]) for i in middle[0] if counts[0][before[i]] == 1 and before[i] in places]
    row = _longest_row(once)
    ends = [(len(before) - at, len(after) - at) for at in range(tail, 0, -1)]
    return [*((at, at) for at in range(head)), *row, *ends]


def _longest_row(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence in which both numbers rise; the first one rises already."""
    tops: list[int] = []
    at_top: list[int] = []
    previous: list[int] = []
    for index, (_, j) in enumerate(pairs):
        length = bisect_left(tops, j)
        previous.append(at_top[length - 1] if length else -1)
        tops[length:] = [j] if length == len(tops) else [j, *tops[length + 1 :]]
        at_top[length:] = [index] if length == len(at_top) else [index, *at_top[length + 1 :]]
    row: list[tuple[int, int]] = []
    index = at_top[-1] if at_top else -1
    while index >= 0:
        row.append(pairs[index])
        index = previous[index]
    return row[::-1]


class _Gap:
    """Two short sequences, or the diagonal of two long ones, paired for the most likeness in all."""

    def __init__(self, before: Sequence[Element], after: Sequence[Element]) -> None:
        self._before = before
        self._after = after
        self._words = [_words(element.text) for element in before], [_words(element.text) for element in after]
        self._shared: dict[tuple[int, int], int] = {}
        wide = len(before) * len(after) > MAX_CELLS
        self._band = BAND if wide else max(len(before), len(after))

    def pairings(self) -> list[Pairing]:
        n, m = len(self._before), len(self._after)
        best: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {(0, 0): (0.0, (0, 0))}
        for i in range(n + 1):
            for j in self._columns(i):
                options = [
                    (best[i - di, j - dj][0] + score(i, j), (di, dj))
                    for (di, dj), score in self._moves.items()
                    if (i - di, j - dj) in best
                ]
                if options:
                    best[i, j] = max(options, key=lambda option: option[0])
        found: list[Pairing] = []
        i, j = n, m
        while i or j:
            di, dj = best[i, j][1]
            found.append(((i - di, i), (j - dj, j)))
            i, j = i - di, j - dj
        return found[::-1]

    def _columns(self, i: int) -> range:
        """Those near the diagonal. Neighbouring rows overlap, so that every row can be reached."""
        n, m = len(self._before), len(self._after)
        if not n:
            return range(m + 1)
        low, high = (i - 1) * m // n, (i + 1) * m // n
        return range(max(0, low - self._band), min(m, high + self._band) + 1)

    @property
    def _moves(self) -> dict[tuple[int, int], Callable[[int, int], float]]:
        return {
            (1, 1): self._pair,
            (1, 0): lambda i, j: 0.0,
            (0, 1): lambda i, j: 0.0,
            (1, 2): lambda i, j: self._split(i, j, 1, 2),
            (2, 1): lambda i, j: self._split(i, j, 2, 1),
        }

    def _pair(self, i: int, j: int) -> float:
        if self._before[i - 1].kind != self._after[j - 1].kind:
            return OTHER_KIND
        return SAME_KIND + self._likeness(i, j, 1, 1)

    def _split(self, i: int, j: int, di: int, dj: int) -> float:
        """Worth more than the better of two pairs only where both parts come from the one."""
        if not self._before[i - 1].divisible or not self._after[j - 1].divisible:
            return NEVER
        alike = self._likeness(i, j, di, dj)
        return SAME_KIND + alike if alike >= MIN_SPLIT else NEVER

    def _likeness(self, i: int, j: int, di: int, dj: int) -> float:
        """0 (no word in common) to 1 (the same words), of the last `di` before `i` and the last `dj` before `j`."""
        rows, columns = range(i - di, i), range(j - dj, j)
        sizes = (
            sum(len(self._words[0][row]) for row in rows),
            sum(len(self._words[1][column]) for column in columns),
        )
        shared = sum(self._shared_words(row, column) for row in rows for column in columns)
        return 2 * min(shared, *sizes) / sum(sizes) if any(sizes) else 0.0

    def _shared_words(self, row: int, column: int) -> int:
        known = self._shared.get((row, column))
        if known is None:
            known = self._shared[row, column] = len(self._words[0][row] & self._words[1][column])
        return known


def likeness(left: str, right: str) -> float:
    """0 (no word in common) to 1 (the same words)."""
    one, other = _words(left), _words(right)
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0


def _words(text: str) -> frozenset[tuple[str, int]]:
    """The words, a repeated one as often as it stands there."""
    seen: Counter[str] = Counter()
    found = []
    for word in _WORD.findall(text.lower()):
        found.append((word, seen[word]))
        seen[word] += 1
    return frozenset(found)
