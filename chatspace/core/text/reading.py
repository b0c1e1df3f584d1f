"""A text as it is read for facts and names: nothing raised or lowered joins its neighbour, and every place is known."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatspace.core.document import Span
from chatspace.core.text.scripts import Piece, pieces

PARTS = "\u2060"
"""Stands in a reading between what no figure and no name goes across."""

_WOULD_JOIN = re.compile(r"[ \u00a0\u202f]?\d|\w")
_WOULD_JOIN_A_NAME = re.compile(r"\s*[^\Wa-zß-ÿ]|\w")


@dataclass(frozen=True, slots=True)
class Reading:
    """`text` with what was written in its place; without `_from` it is the source itself.

    The stretches begin at `_from` in the reading and at `_source` in the source and end there at `_ends`; those of
    `_pieces` aren't copies.
    """

    text: str
    _from: tuple[int, ...] = ()
    _source: tuple[int, ...] = ()
    _ends: tuple[int, ...] = ()
    _pieces: frozenset[int] = frozenset()

    def outer(self, span: Span) -> Span:
        """The source's span of a span of the reading; a piece is in it altogether."""
        if not self._from:
            return span
        first, last = bisect_right(self._from, span[0]) - 1, bisect_right(self._from, max(span[0], span[1] - 1)) - 1
        start = self._source[first] + (0 if first in self._pieces else span[0] - self._from[first])
        end = self._ends[last] if last in self._pieces else self._source[last] + span[1] - self._from[last]
        return start, end

    def inner(self, span: Span) -> Span:
        """The reading's span of a span of the source."""
        return self._inner(span[0]), self._inner(span[1])

    def places(self, offsets: Iterable[int]) -> Iterator[int]:
        """The source's offsets of rising ones of the reading; the last of a piece's is the last of its own."""
        for offset in offsets:
            at = bisect_right(self._from, offset) - 1
            if at not in self._pieces:
                yield self._source[at] + offset - self._from[at]
            else:
                following = self._from[at + 1] if at + 1 < len(self._from) else len(self.text)
                yield self._ends[at] - 1 if offset == following - 1 else self._source[at]

    def _inner(self, offset: int) -> int:
        if not self._from:
            return min(offset, len(self.text))
        at = max(0, bisect_right(self._source, offset) - 1)
        return self._from[at] + (
            0 if at in self._pieces else min(max(offset, self._source[at]), self._ends[at]) - self._source[at]
        )


def reading(text: str, *, names: bool = False) -> Reading:
    """`text` with `$4<sup>99</sup>` as $4.99, 10⁶ as 10^6, and without note marks; for `names` these part words."""
    found = list(pieces(text))
    if not found:
        return Reading(text)
    would_join = _WOULD_JOIN_A_NAME if names else _WOULD_JOIN
    parts: list[str] = []
    stretches: list[tuple[int, int, int, bool]] = []
    at = length = 0

    def add(written: str, start: int, end: int, is_piece: bool) -> None:
        nonlocal length
        if written:
            stretches.append((length, start, end, is_piece))
            parts.append(written)
            length += len(written)

    for piece in found:
        add(text[at : piece.start], at, piece.start, False)
        add(_written(text, piece, would_join), piece.start, piece.end, True)
        at = piece.end
    add(text[at:], at, len(text), False)
    begins, source, ends, whether = zip(*stretches, strict=True) if stretches else ((), (), (), ())
    return Reading("".join(parts), begins, source, ends, frozenset(i for i, is_piece in enumerate(whether) if is_piece))


def _written(text: str, piece: Piece, would_join: re.Pattern[str]) -> str:
    if piece.kind == "joined":
        return piece.text
    if piece.kind == "tag":
        return PARTS + piece.text
    return PARTS if would_join.match(text, piece.end) else ""
