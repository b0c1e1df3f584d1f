"""Which of a few languages a text is in, by its commonest words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from chatspace.core.text.word_lists import word_lists

STOPWORDS = word_lists("stopwords")
"""The commonest words by language."""

_LANGUAGES_WITH: Mapping[str, tuple[str, ...]] = {
    word: tuple(code for code, words in STOPWORDS.items() if word in words)
    for word in frozenset().union(*STOPWORDS.values())
}
_SAMPLE = 20_000
_MIN_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str | None:
    """ISO 639-1 code of the language, judged by the first 20,000 characters; None where too little speaks for one."""
    return _language_of(text[:_SAMPLE])


@lru_cache(maxsize=64)  # whoever looks for anything in a text asks
def _language_of(sample: str) -> str | None:
    scores = dict.fromkeys(STOPWORDS, 0)
    for word, count in Counter(_WORD.findall(sample)).items():
        for code in _LANGUAGES_WITH.get(word.lower(), ()):
            scores[code] += count
    best, second = sorted(scores, key=lambda code: (-scores[code], code))[:2]
    clear = scores[best] >= _MIN_WORDS and scores[best] > 1.2 * scores[second]
    return best if clear else None
