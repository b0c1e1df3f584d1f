"""What the sources say where a draft's claims come from."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from chatspace.core.document import Span
from chatspace.core.runs.run import Claim
from chatspace.core.text.sentences import sentences

MAX_BESIDE = 240
"""How many characters of a sentence are shown before and behind what was claimed: a line of a file has no end."""

_BREAK = re.compile(r"\n[ \t]*(?:>[ \t]?)*")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A claim with the source's sentence; "" and None where no source says it, or the source is not at hand.

    `line` is that of the source, from 1.
    """

    claim: Claim
    sentence: str = ""
    line: int | None = None


def evidence(claims: Sequence[Claim], sources: Mapping[str, str]) -> tuple[Evidence, ...]:
    """The claims in their order; `sources` are the texts by the names that the claims give them."""
    named = {claim.source for claim in claims}
    opened = {name: _Source(text) for name, text in sources.items() if name in named}

    def found(claim: Claim) -> Evidence:
        source = opened.get(claim.source or "")
        if source is None or claim.source_span is None:
            return Evidence(claim)
        return Evidence(claim, source.sentence(claim.source_span), source.line(claim.source_span[0]))

    return tuple(map(found, claims))


def source_sentence(text: str, span: Span) -> str:
    """The sentence around `span` in one line, or the sentences; in code, its line."""
    return _Source(text).sentence(span)


def in_one_line(text: str) -> str:
    """A stretch of Markdown without its line breaks and the marks of the quotes that it goes on in."""
    return " ".join(_BREAK.sub(" ", text).split())


class _Source:
    """A text whose sentences and lines are found once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._sentences = sentences(text)
        self._starts = [start for start, _ in self._sentences]
        self._lines = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))

    def line(self, offset: int) -> int:
        return bisect_right(self._lines, offset)

    def sentence(self, span: Span) -> str:
        start, end = self._around(span)
        before, behind = max(start, span[0] - MAX_BESIDE), min(end, span[1] + MAX_BESIDE)
        shown = in_one_line(self._text[before:behind])
        return f"{'…' * (before > start)}{shown}{'…' * (behind < end)}"

    def _around(self, span: Span) -> Span:
        first = bisect_right(self._starts, span[0]) - 1
        last = bisect_left(self._starts, span[1]) - 1
        if first < 0 or self._sentences[first][1] <= span[0]:
            line = self.line(span[0]) - 1
            return self._lines[line], max(span[1], self._lines[line + 1] - 1)
        return self._sentences[first][0], max(span[1], self._sentences[last][1])
