"""What is shown of a text that a search found."""

from __future__ import annotations

import re

from chatspace.adapters.history.query import fold
from chatspace.core.chat.conversation import HIT_END, HIT_START

OUR_MARKS = str.maketrans("", "", HIT_START + HIT_END)

BEFORE_HIT = 48
SNIPPET = 180
"""Characters of a snippet, and how many of them stand before its first hit."""

EXCERPT = 6_000
BEFORE_EXCERPT = 1_200
"""The same for what is read beside the list of hits."""

WINDOW = 65_536
OVERLAP = 256
"""Long texts are looked through in pieces of WINDOW characters, which share OVERLAP."""


class Snippets:
    """Makes the snippets of one page, looking through no more than `budget` characters in all."""

    def __init__(self, hit: re.Pattern[str], budget: int = 2_000_000) -> None:
        self._hit = hit
        self._budget = budget

    def of(self, text: str) -> str:
        """The piece round the first hit, on one line; the beginning where none was found."""
        piece = self._piece(text, BEFORE_HIT, SNIPPET)
        return " ".join(piece.split())

    def excerpt(self, text: str) -> str:
        """A longer piece, its lines as they are."""
        return self._piece(text, BEFORE_EXCERPT, EXCERPT).strip("\n")

    def _piece(self, text: str, before: int, length: int) -> str:
        first = self._first(text)
        start = max(0, first - before)
        if start:
            start = text.find(" ", start, first) + 1 or start  # not in the middle of a word
        end = min(len(text), start + length)
        return ("…" if start else "") + self.marked(text[start:end]) + ("…" if end < len(text) else "")

    def marked(self, text: str) -> str:
        """The text with each hit between the marks."""
        piece = text.translate(OUR_MARKS)
        marked: list[str] = []
        at = 0
        for found in self._hit.finditer(fold(piece)):
            marked += (piece[at : found.start()], HIT_START, piece[found.start() : found.end()], HIT_END)
            at = found.end()
        return "".join([*marked, piece[at:]])

    def _first(self, text: str) -> int:
        for start in range(0, max(1, len(text)), WINDOW - OVERLAP):
            if self._budget <= 0:
                break
            piece = fold(text[start : start + WINDOW])
            self._budget -= len(piece)
            if found := self._hit.search(piece):
                return start + found.start()
        return 0
