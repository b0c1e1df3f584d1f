"""A user's search as FTS5 and as what to mark in a text: nothing that is typed can make it fail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chatspace.adapters.history.ids import LARGEST_ID, id_at
from chatspace.adapters.history.spacing import FACT, UNSPACED, spaced
from chatspace.adapters.history.table_access import storable

MAX_CHARACTERS = 1_000
MAX_TERMS = 32
"""What is typed beyond these is not looked for."""

FILTERS = ("profile", "model", "tag", "title", "role", "has", "in", "before", "after")
TERM = re.compile(rf'(?:({"|".join(FILTERS)}):)?(?:"([^"]*)"?|([^\s"]*))', re.IGNORECASE)
SHORT = 3
WORD = re.compile(r"[^\W_]+")
LETTER = rf"[^\W_{UNSPACED}]"
"""Of a word that has ends; the scripts that write without blanks have none."""

NAMES = {"profile": "profile", "model": "model", "tag": "tags"}
"""The filters that look for words in a column of the index."""

FACTS = {
    ("role", "user"): f"{FACT}user",
    ("role", "assistant"): f"{FACT}assistant",
    ("has", "source"): f"{FACT}source",
    ("has", "code"): f"{FACT}code",
}
SHELVES = {
    "trash": f"AND facts : {FACT}trash",
    "archive": f"AND facts : {FACT}archived",
    "archived": f"AND facts : {FACT}archived",
    "all": "",
}
CURRENT = f"NOT facts : ({FACT}trash OR {FACT}archived)"
ANY_MESSAGE = f"facts : ({FACT}user OR {FACT}assistant)"


@dataclass(frozen=True, slots=True)
class Query:
    """`match` is an FTS5 expression; `hit` finds the same words in a text that `fold` made plain.

    `title` is an FTS5 expression for the titles of the conversations that are looked through. Ids are at least `after`
    and less than `before`. One that ends in a letter or two isn't `rankable`: too many words begin so for a rank to say
    anything. Nor is one without words.
    """

    match: str
    hit: re.Pattern[str]
    title: str = ""
    after: int = 0
    before: int = LARGEST_ID
    rankable: bool = False


@dataclass(frozen=True, slots=True)
class _Term:
    """`unfinished` where the user may still be typing it, so that it may be the beginning of a word."""

    filter: str
    text: str
    unfinished: bool

    def phrase(self) -> str:
        whole = spaced(self.text).strip()
        return f'"{whole}"' + (" *" if self.unfinished and not re.search(rf"[{UNSPACED}]\W*$", whole) else "")

    def hit(self) -> str:
        """A pattern for what the phrase finds, in a text that `fold` made plain."""
        words = WORD.findall(spaced(fold(self.text)))
        pattern = "" if _unspaced(words[0]) else f"(?<!{LETTER})"
        for last, word in zip(["", *words], words, strict=False):
            loose = _unspaced(last) or _unspaced(word)
            pattern += (r"[\W_]*" if loose else r"[\W_]+") * bool(last) + re.escape(word)
        if _unspaced(words[-1]):
            return pattern
        return pattern + (f"{LETTER}*" if self.unfinished else "") + f"(?!{LETTER})"


def parse(text: str, now: datetime | None = None) -> Query | None:
    """Bare words must all be there, "quoted ones" in this order, and the last bare word may be the beginning of one.

    `name:value` narrows down where the filter and its value are known, and is a word where they aren't. None where
    there is nothing to look for. `now` is what `today` is reckoned from.
    """
    now = (now or datetime.now()).astimezone()
    after, before = 0, LARGEST_ID
    words: list[_Term] = []
    titles: list[_Term] = []
    narrowed: list[str] = []
    shelf = CURRENT
    filtered = False
    for term in _terms(text):
        value = term.text.casefold()
        start = _day(value, now) if term.filter in ("before", "after") else None
        if not term.filter:
            words.append(term)
            continue
        if term.filter == "title":
            titles.append(term)
        elif term.filter in NAMES:
            narrowed.append(f"{NAMES[term.filter]} : {term.phrase()}")
        elif (term.filter, value) in FACTS:
            narrowed.append(f"facts : {FACTS[term.filter, value]}")
        elif term.filter == "in" and value in SHELVES:
            shelf = SHELVES[value]
        elif start and term.filter == "before":
            before = min(before, id_at(start))
        elif start:
            after = max(after, id_at(start))
        else:
            words.append(_Term("", f"{term.filter}:{term.text}", term.unfinished))
            continue
        filtered = True
    if not words and not filtered:
        return None
    if words:
        narrowed.insert(0, f"{{text heading}} : ({' AND '.join(word.phrase() for word in words)})")
    match = f"(({') AND ('.join(narrowed or [ANY_MESSAGE])})) {shelf}"
    title = f"heading : ({' AND '.join(term.phrase() for term in titles)})" if titles else ""
    hit = re.compile("|".join(word.hit() for word in words) or "(?!)", re.IGNORECASE)
    rankable = bool(words) and not (words[-1].unfinished and len(words[-1].text) < SHORT)
    return Query(match, hit, title, after, before, rankable)


def _terms(text: str) -> Iterator[_Term]:
    shown = unicodedata.normalize("NFC", storable(text[:MAX_CHARACTERS])).replace("\0", " ")
    found = [term for term in TERM.finditer(shown) if WORD.search(term[2] or term[3] or "")][:MAX_TERMS]
    for term in found:
        # A blank after the last word says that it is whole.
        unfinished = term is found[-1] and bool(term[3]) and term.end() == len(shown)
        yield _Term((term[1] or "").lower(), term[2] or term[3], unfinished)


def _day(value: str, now: datetime) -> datetime | None:
    """The start of a day, month or year where the user is: 2026-03-12, 2026-03, 2026, today, yesterday."""
    days = {"today": 0, "yesterday": 1}
    if value in days:
        return (now - timedelta(days=days[value])).replace(hour=0, minute=0, second=0, microsecond=0)
    for form in ("%Y-%m-%d", "%Y-%m", "%Y"):
        try:
            return datetime.strptime(value, form).astimezone()
        except (ValueError, OverflowError, OSError):
            continue
    return None


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


def _unspaced(word: str) -> bool:
    return bool(re.match(f"[{UNSPACED}]", word))
