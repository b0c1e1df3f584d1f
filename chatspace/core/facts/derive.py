"""Figures that follow from others: a sum, a difference, a percentage, a ratio, a product."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from chatspace.core.extraction import Fact
from chatspace.core.facts.compare import FIGURES, amount_of, days_of, kind_of

MAX_OPERANDS = 40

_FIGURE = r"(?:[\d$€£]|one|two|three|four|five|six|seven|eight|nine|ten|half|zwei|drei|vier|fünf|zehn)"
_SUM = rf"""total|sum|together|combined|altogether|in\ all|difference|(?:more|fewer|less)(?!\ than\ {_FIGURE})
    |insgesamt|zusammen|summe|differenz|(?:mehr|weniger)(?!\ als\ {_FIGURE})|ensemble|juntos"""
_SUM_CUE = re.compile(rf"\b(?:{_SUM})\b", re.IGNORECASE | re.VERBOSE)
_CUE = re.compile(
    rf"""\b(?:{_SUM}|overall|gap|increas\w*|decreas\w*|ris\w*|rose|gr[eo]w\w*|up|down|fell|fall\w*|drop\w*|cut\w*|saves?
    |saved|saving\w*|doubl\w*|tripl\w*|average|mean|share|of\ which|remain\w*|left|times|within|after|later|annual\w*
    |yearly|(?:a|per)\ year|each|half|growth|compared|margin|ago|since|old|anniversary|gesamt\w*|stieg\w*|anstieg|wuchs
    |gesunken|sank|durchschnitt\w*|anteil|marge|vor|seit|alt|jährlich|(?:im|pro)\ jahr|doppelt|hälfte
    |halbiert\w*|il\ y\ a|par\ an|hace|al\ año)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PER_YEAR = re.compile(
    r"\b(?:annual\w*|yearly|(?:a|per|every) year|jährlich\w*|(?:im|pro) jahr|par an|al año)\b", re.IGNORECASE
)
_AGO = re.compile(r"\b(?:ago|since|old|anniversary|vor|seit|alt|il y a|hace)\b", re.IGNORECASE)
_HALF = re.compile(r"\b(?:half|halves|halved|hälfte|halbiert\w*|moitié|mitad)\b", re.IGNORECASE)
_PERIODS = ("mo", "wk", "d", "yr", "h")
_MIN_WITHOUT_SUM = 12


@dataclass(frozen=True, slots=True)
class Operands:
    """Facts of a source that a draft's figure may follow from.

    `close` where they stand in one passage, or where the draft's sentence itself gives them; then any calculation is
    tried. Of those of a whole section only sums and differences are, and only where the sentence speaks of one: with
    enough numbers every percentage follows from two of them.
    """

    facts: Sequence[Fact]
    close: bool


def derive(fact: Fact, sentence: str, groups: Iterable[Operands]) -> tuple[str, Fact] | None:
    """How a draft's figure follows from the facts of one group, and the first of these; None where it doesn't.

    The sentence must speak of a sum, a change or a share. At most 40 facts of a group are tried.
    """
    amount = amount_of(fact)
    if amount is None or not _CUE.search(sentence):
        return None
    of_a_sum = _SUM_CUE.search(sentence) is not None
    if fact.type == "number" and amount <= _MIN_WITHOUT_SUM and not of_a_sum:
        return None
    per_year = _PER_YEAR.search(sentence) is not None
    for group in groups:
        figures = [(one, abs(value)) for one in group.facts[:MAX_OPERANDS] if (value := amount_of(one))]
        figures = [(one, value) for one, value in figures if one.type in FIGURES]
        found = _by_the_year(fact, abs(amount), figures) if per_year else None
        if found is None and _HALF.search(sentence):
            found = _half(fact, abs(amount), figures)
        if found is None and (group.close or of_a_sum):
            found = _sum_or_difference(fact, abs(amount), figures)
        if found is None and group.close:
            found = _by_pairs(fact, abs(amount), figures)
        if found is None and (group.close or _AGO.search(sentence)):
            found = _between_years(fact, abs(amount), group.facts)
        if found:
            return found
    return None


_Figures = Sequence[tuple[Fact, Fraction]]


def _by_the_year(fact: Fact, amount: Fraction, figures: _Figures) -> tuple[str, Fact] | None:
    """A monthly or weekly amount for a whole year."""
    for one, value in figures:
        for count in (12, 52):
            if kind_of(one) == kind_of(fact) and value * count == amount:
                return f"{count} x {one.raw}", one
    return None


def _half(fact: Fact, amount: Fraction, figures: _Figures) -> tuple[str, Fact] | None:
    for one, value in figures:
        if kind_of(one) == kind_of(fact) and value == 2 * amount:
            return f"half of {one.raw}", one
    return None


def _sum_or_difference(fact: Fact, amount: Fraction, figures: _Figures) -> tuple[str, Fact] | None:
    kind = "percent" if fact.unit in ("pp", "bp") else kind_of(fact)
    same = [(one, value) for one, value in figures if kind_of(one) == kind]
    if len(same) > 2 and sum(value for _, value in same) == amount:
        return "sum of " + ", ".join(one.raw for one, _ in same), same[0][0]
    if fact.type == "number":
        same = [(one, abs(Fraction(str(one.value)))) for one, _ in figures if not isinstance(one.value, str)]
    for (one, first), (other, second) in combinations(same, 2):
        if one.unit != other.unit and fact.type == "number":
            continue
        if first + second == amount:
            return f"{one.raw} + {other.raw}", one
        if abs(first - second) == amount:
            high, low = (one, other) if first > second else (other, one)
            return f"{high.raw} - {low.raw}", high
    return None


def _by_pairs(fact: Fact, amount: Fraction, figures: _Figures) -> tuple[str, Fact] | None:
    """A percentage, a ratio or a product of two figures."""
    kind, digits = kind_of(fact), _decimals(fact)
    for (one, first), (other, second) in combinations(figures, 2):
        alike = kind_of(one) == kind_of(other)
        if alike and fact.type == "percent":
            if note := _percentage(amount, digits, (one, first), (other, second)):
                return note, one
        elif alike and fact.unit == "x":
            if _close(max(first, second) / min(first, second), amount, digits):
                return f"{one.raw} against {other.raw}", one
        elif not alike and kind in (kind_of(one), kind_of(other)) and _product(one, other) == amount:
            return f"{one.raw} x {other.raw}", one
    return None


def _percentage(amount: Fraction, digits: int, left: tuple[Fact, Fraction], right: tuple[Fact, Fraction]) -> str | None:
    for (before, start), (after, end) in ((left, right), (right, left)):
        if _close(abs(end - start) / start * 100, amount, digits):
            return f"from {before.raw} to {after.raw}"
        if _close(start / end * 100, amount, digits):
            return f"{before.raw} of {after.raw}"
    return None


def _between_years(fact: Fact, amount: Fraction, group: Sequence[Fact]) -> tuple[str, Fact] | None:
    """Years between two years: "in three years" of 2019 and 2022."""
    if fact.unit not in ("yr", "decade"):
        return None
    dated = [(one, year) for one in group if one.type == "date" and (year := days_of(one)[0].year)]
    for (one, first), (other, second) in combinations(dated[:MAX_OPERANDS], 2):
        if abs(first - second) * 12 == amount:
            return f"{one.raw} to {other.raw}", one
    return None


def _product(one: Fact, other: Fact) -> Fraction | None:
    """A count or a stretch of time in its own unit by what one of it costs, weighs or takes: 12 months of 40 €."""
    counts = [fact for fact in (one, other) if fact.type == "number" or fact.unit in _PERIODS]
    if len(counts) != 1 or isinstance(counts[0].value, str):
        return None
    amount = amount_of(other if counts[0] is one else one)
    return abs(Fraction(str(counts[0].value)) * amount) if amount else None


def _decimals(fact: Fact) -> int:
    return len(str(fact.value).partition(".")[2])


def _close(exact: Fraction, shown: Fraction, digits: int) -> bool:
    """Whether `shown` is `exact` rounded to so many decimals."""
    return abs(exact - shown) <= Fraction(1, 2 * 10**digits)
