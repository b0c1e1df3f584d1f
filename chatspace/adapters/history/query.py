"""A user's search as FTS5 and as what to mark in a text: nothing that is typed can make it fail."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from chatspace.adapters.history.part import storable
from chatspace.core.conversation import HIT_END, HIT_START

MAX_CHARACTERS = 1_000
MAX_TERMS = 32
"""What is typed beyond these is not looked for."""

TERM = re.compile(r'"([^"]*)"?|([^\s"]+)')
WORD = re.compile(r"[^\W_]+")
OUR_MARKS = str.maketrans("", "", HIT_START + HIT_END)

BEFORE_HIT = 48
SNIPPET = 180
"""Characters of a snippet, and how many of them stand before its first hit."""

WINDOW = 65_536
OVERLAP = 256
"""Long texts are looked through in pieces of WINDOW characters, which share OVERLAP."""


@dataclass(frozen=True, slots=True)
class Query:
    """`match` is an FTS5 expression; `hit` finds the same words in a text that `fold` made plain."""

    match: str
    hit: re.Pattern[str]


def parse(text: str) -> Query | None:
    """Bare words must all be there, "quoted ones" in this order, and the last bare word may be the beginning of one.

    None where there is no word to look for.
    """
    shown = unicodedata.normalize("NFC", storable(text[:MAX_CHARACTERS])).replace("\0", " ")
    terms = [found for found in TERM.finditer(shown) if WORD.search(found[0])][:MAX_TERMS]
    if not terms:
        return None
    # A blank after the last word says that it is whole.
    unfinished = terms[-1] if terms[-1][2] and terms[-1].end() == len(shown) else None
    match, hits = [], []
    for term in terms:
        phrase = term[1] or term[2]
        match.append(f'"{phrase}"' + (" *" if term is unfinished else ""))
        words = r"[\W_]+".join(map(re.escape, WORD.findall(fold(phrase))))
        hits.append(words + (r"[^\W_]*" if term is unfinished else ""))
    return Query(" ".join(match), re.compile(rf"(?<![^\W_])(?:{'|'.join(hits)})(?![^\W_])", re.IGNORECASE))


class _Plain(dict[int, int]):
    """Letters without their diacritics, one for one, so that offsets stay."""

    def __missing__(self, code: int) -> int:
        parts = unicodedata.normalize("NFD", chr(code))
        plain = ord(parts[0]) if all(map(unicodedata.combining, parts[1:])) else code
        self[code] = plain
        return plain


_PLAIN = _Plain()


def fold(text: str) -> str:
    """The text as the index compares it, but for its case; as long as it was."""
    return text if text.isascii() else text.translate(_PLAIN)


class Snippets:
    """Makes the snippets of one page, looking through no more than `budget` characters in all."""

    def __init__(self, hit: re.Pattern[str], budget: int = 2_000_000) -> None:
        self._hit = hit
        self._budget = budget

    def of(self, text: str) -> str:
        """The piece round the first hit, each hit between the marks; the beginning where none was found."""
        first = self._first(text)
        start = max(0, first - BEFORE_HIT)
        if start:
            start = text.find(" ", start, first) + 1 or start  # not in the middle of a word
        end = min(len(text), start + SNIPPET)
        piece = text[start:end].translate(OUR_MARKS)
        marked: list[str] = []
        at = 0
        for found in self._hit.finditer(fold(piece)):
            marked += (piece[at : found.start()], HIT_START, piece[found.start() : found.end()], HIT_END)
            at = found.end()
        shown = " ".join("".join([*marked, piece[at:]]).split())
        return ("…" if start else "") + shown + ("…" if end < len(text) else "")

    def _first(self, text: str) -> int:
        for start in range(0, max(1, len(text)), WINDOW - OVERLAP):
            if self._budget <= 0:
                break
            piece = fold(text[start : start + WINDOW])
            self._budget -= len(piece)
            if found := self._hit.search(piece):
                return start + found.start()
        return 0
