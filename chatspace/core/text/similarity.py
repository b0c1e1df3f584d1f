"""Which of a few short texts say the same in nearly the same words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

NEAR = 0.7
"""Two variants from here on are near-duplicates: one word of five or six differs, or their order."""

_WORD = re.compile(r"\w+")


def similarity(left: str, right: str) -> float:
    """0 (nothing in common) to 1 (the same words), without regard to case, punctuation and the order of words."""
    return _Signature.of(left).likeness(_Signature.of(right))


def near_duplicates(texts: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of indexes, the lower one first, whose texts are at least NEAR alike."""
    signatures = [_Signature.of(text) for text in texts]
    return [
        (i, j)
        for i, left in enumerate(signatures)
        for j in range(i + 1, len(signatures))
        if left.likeness(signatures[j]) >= NEAR
    ]


@dataclass(frozen=True, slots=True)
class _Signature:
    words: frozenset[str]
    trigrams: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Signature:
        words = _WORD.findall(normalize("NFKC", text).casefold())
        joined = f" {' '.join(words)} "
        return cls(frozenset(words), frozenset(joined[i : i + 3] for i in range(len(joined) - 2)))

    def likeness(self, other: _Signature) -> float:
        if not self.words or not other.words:
            return 1.0 if self.words == other.words else 0.0
        shared = len(self.words & other.words) / len(self.words | other.words)
        return max(shared, 2 * len(self.trigrams & other.trigrams) / (len(self.trigrams) + len(other.trigrams)))
