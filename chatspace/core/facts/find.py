"""Facts found by pattern: one pass over the words and digits of a text, in time linear in its length."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from itertools import islice

from chatspace.core.document import Span
from chatspace.core.extraction import Fact
from chatspace.core.facts.addresses import find_addresses, find_quotes
from chatspace.core.facts.conventions import Conventions, conventions_of
from chatspace.core.facts.dates import MONTHS, read_date
from chatspace.core.facts.figures import read_figures
from chatspace.core.facts.match import FactMatch
from chatspace.core.facts.number_words import words_of
from chatspace.core.facts.units import CURRENCY_CODES
from chatspace.core.text.reading import reading
from chatspace.core.text.scripts import CURRENCY_SIGNS
from chatspace.core.text.sentences import unwrapped
from chatspace.core.text.word_lists import word_lists

MAX_FACTS = 100_000
"""Where a text holds more, the later ones aren't looked for: a file of bare numbers isn't read for its facts."""

MAX_TRIED = 400_000
"""Words and digits that are looked at more closely; an ordinary text of 10 MB stays below both limits."""

_TRIGGER = re.compile(rf"(?<![A-Za-z_])\d+|[{CURRENCY_SIGNS}]|[^\W\d_]+|\+(?=\d)")
_BEGIN_A_DATE = frozenset(MONTHS) | word_lists("numbers")["begin a quarter"]
_BEGIN_A_FIGURE = word_lists("numbers")["begin a figure"] | {code.lower() for code in CURRENCY_CODES}
_TIMES = {"twice": Decimal(2), "thrice": Decimal(3)}
_OTHERS = frozenset({"minus", "v", *_TIMES})
_LIST_MARK = re.compile(r"[.)](?=\s|\Z)")
_NOTE_MARK = re.compile(r"\[\^[^\]\s]{1,60}\]")
_LINK_TARGET = re.compile(r"\]\((?:<[^<>\n]{0,2000}>|(?:[^\s()<]|\([^\s()]{0,200}\)){1,2000}+)(?=\)|[ ][\"'(])")


def find_facts(text: str, skip: Sequence[Span] = (), lang: str | None = None) -> list[Fact]:
    """Money, percentages, numbers, quantities, dates, quotes, URLs and emails in reading order, ids from f1 on.

    `skip` are spans that hold no facts, such as code. `lang` is an ISO 639 code; without it the text decides how
    1.234 and 03/04/2025 are read, and what can't be decided is marked ambiguous. At most MAX_FACTS, from
    MAX_TRIED places. A quote may contain other facts.
    """
    read = reading(text)
    found = _found(read.text, [read.inner(span) for span in skip], lang)
    return [
        _fact(f"f{number}", text, read.outer((one.start, one.end)), one) for number, one in enumerate(found, start=1)
    ]


def _found(text: str, skip: Sequence[Span], lang: str | None) -> list[FactMatch]:
    habits = conventions_of(text, lang)
    flat = unwrapped(text)
    addresses = list(islice(find_addresses(text), MAX_FACTS))
    quotes = list(islice(find_quotes(text), MAX_FACTS))
    notes = (match.span() for match in _NOTE_MARK.finditer(text))
    targets = (match.span() for match in _LINK_TARGET.finditer(text))
    taken = sorted([*skip, *notes, *targets, *((found.start, found.end) for found in addresses)])
    figures = _find_figures(flat, taken, habits)
    outside = _outside(sorted([*addresses, *quotes], key=lambda found: found.start), sorted(skip))
    return sorted([*outside, *figures], key=lambda found: (found.start, -found.end))[:MAX_FACTS]


def _find_figures(text: str, taken: Sequence[Span], habits: Conventions) -> list[FactMatch]:
    found: list[FactMatch] = []
    numbers = _begin_a_figure(habits.language)
    end = tried = 0
    blocks = iter([*taken, (len(text) + 1, len(text) + 1)])
    block = next(blocks)
    for match in _TRIGGER.finditer(text):
        at = match.start()
        if at < end:
            continue
        word = match[0]
        if word[0].isalpha():
            word = word.lower()
            if word not in numbers and word not in _BEGIN_A_DATE and word not in _OTHERS:
                continue
        while block[1] <= at:
            block = next(blocks)
        if at >= block[0]:
            continue
        here = _read_word(text, at, word, habits) if word[0].isalpha() else _read_digits(text, at, word, habits)
        tried += 1
        if here and here[-1].end <= block[0]:
            found += here
            end = here[-1].end
        if len(found) >= MAX_FACTS or tried >= MAX_TRIED:
            break
    return found


def _read_digits(text: str, at: int, digits: str, habits: Conventions) -> list[FactMatch]:
    """The facts that begin with these digits or this currency sign."""
    if _is_part_of_a_name(text, at):
        return []
    if _is_list_mark(text, at, at + len(digits)):
        # "25. Oktober 2025" may begin a line too.
        return read_date(text, at, habits)
    return _negated(text, at, _digits(text, at, habits))


def _read_word(text: str, at: int, word: str, habits: Conventions) -> list[FactMatch]:
    """The facts that begin with this word, given in lower case."""
    end = at + len(word)
    if at and text[at - 1].isalnum():
        return []
    if word in _TIMES:
        return [FactMatch("quantity", at, end, _TIMES[word], "x")]
    if word == "v":
        return read_figures(text, end, habits) if text[end : end + 1].isdecimal() else []
    if word == "minus":
        figures = read_figures(text, end + 1, habits) if end + 1 < len(text) else []
        return [_negative(figures[0], at), *figures[1:]] if figures else []
    dates = read_date(text, at, habits) if word in _BEGIN_A_DATE else []
    return dates or (read_figures(text, at, habits) if word in _begin_a_figure(habits.language) else [])


def _digits(text: str, at: int, habits: Conventions) -> list[FactMatch]:
    """A figure where a unit says so, else a date, else a number."""
    figures = read_figures(text, at, habits)
    if figures and figures[0].type != "number":
        return figures
    if text[at].isdecimal() and (dates := read_date(text, at, habits)):
        return dates
    return figures


def _is_part_of_a_name(text: str, at: int) -> bool:
    """B2B, HTTP/2, COVID-19 and x^2 hold no numbers; a letter without case (年) is no part of a name."""
    before = text[at - 1 : at]
    if before == "^":
        return True
    if before in ("-", "/", ".") and at > 1 and text[at - 2].isalpha():
        return before != "-" or text[at - 2].isupper()
    return before.isalpha() and before.lower() != before.upper()


def _is_list_mark(text: str, start: int, end: int) -> bool:
    if end - start > 9 or not _LIST_MARK.match(text, end):
        return False
    window = text[max(0, start - 60) : start]
    line = window.rpartition("\n")
    return (bool(line[1]) or len(window) == start) and not line[2].strip(" \t>#*")


def _negated(text: str, at: int, figures: list[FactMatch]) -> list[FactMatch]:
    """With the minus sign that stands directly before the first figure."""
    if not figures or text[at - 1 : at] not in ("-", "−") or not isinstance(figures[0].value, Decimal):
        return figures
    before = text[at - 2 : at - 1] if at > 1 else ""
    if before and not before.isspace() and before not in "([":
        return figures
    return [_negative(figures[0], at - 1), *figures[1:]]


def _negative(found: FactMatch, start: int) -> FactMatch:
    value = -found.value if isinstance(found.value, Decimal) else found.value
    return FactMatch(found.type, start, found.end, value, found.unit, found.ambiguous)


@cache
def _begin_a_figure(language: str | None) -> frozenset[str]:
    words = words_of(language)
    return _BEGIN_A_FIGURE | words.small.keys() | words.scales.keys()


def _outside(found: Sequence[FactMatch], skip: Sequence[Span]) -> list[FactMatch]:
    """Those that touch no span to skip; both in order of their starts."""
    kept: list[FactMatch] = []
    blocks = iter(skip)
    block = next(blocks, None)
    for one in found:
        while block and block[1] <= one.start:
            block = next(blocks, None)
        if block is None or one.end <= block[0]:
            kept.append(one)
    return kept


def _fact(name: str, text: str, span: Span, found: FactMatch) -> Fact:
    value: float | int | str
    if isinstance(found.value, Decimal):
        value = int(found.value) if found.value == found.value.to_integral_value() else float(found.value)
    else:
        value = found.value
    return Fact(name, found.type, text[span[0] : span[1]], value, found.unit, span, ambiguous=found.ambiguous)
