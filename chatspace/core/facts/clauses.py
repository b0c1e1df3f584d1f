"""The clause of a sentence that a fact stands in, cut by punctuation and by joining words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatspace.core.document import Span

_WEAK = re.compile(
    r"[,;()|–—](?=\s)|\s(?:and|but|while|whereas|against|after|before|und|aber|während|sowie|gegenüber|et|mais|y|pero)(?=\s)"
)
_STRONG = re.compile(
    r"""[;|]|,\s(?:after|before|while|whereas|but|when|as|with|nachdem|bevor|während|aber|sondern)(?=\s)
    |\s(?:after|while|whereas|nachdem|während)(?=\s)""",
    re.VERBOSE,
)


def clause_of(text: str, sentence: Span, offset: int, facts: Sequence[Span], *, strong: bool = False) -> Span:
    """The clause of `sentence` round `offset`; no cut is made inside one of `facts`.

    `strong` cuts only where another statement begins, so that "Rui Tavares and Ines Cardoso" stay together.
    """
    start, end = sentence
    for cut in (_STRONG if strong else _WEAK).finditer(text, start, end):
        if any(fact[0] < cut.end() and cut.start() < fact[1] for fact in facts):
            continue
        if cut.end() <= offset:
            start = cut.end()
        elif cut.start() >= offset:
            return start, cut.start()
    return start, end
