"""Whether two facts say the same: values across units and ways of writing, dates of different precision, roundings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from chatspace.core.extraction import Fact
from chatspace.core.facts.units import DIMENSIONS

Kind = str
"""What values can be compared at all: a dimension ("length"), a currency ("money EUR"), "percent" or "number"."""

DateRelation = Literal["same", "coarser", "finer", "other"]

FIGURES = ("money", "percent", "number", "quantity")
_DATE = re.compile(
    r"(?:FY)?(?P<year>\d{4})?(?:-?-?Q(?P<quarter>\d)|-?H(?P<half>\d)|-{1,2}(?P<month>\d\d)(?:-(?P<day>\d\d))?)?\Z"
)


def kind_of(fact: Fact) -> Kind:
    if fact.type == "money":
        return f"money {fact.unit}"
    if fact.type == "quantity":
        return DIMENSIONS[fact.unit or ""][0]
    return "time" if str(fact.value).startswith("T") else fact.type


def amount_of(fact: Fact) -> Fraction | None:
    """The value in the base unit of its kind; None for what is no figure."""
    if isinstance(fact.value, str):
        return Fraction(fact.value) if fact.value.isdecimal() else None
    factor = DIMENSIONS[fact.unit or ""][1] if fact.type == "quantity" else Fraction(1)
    return Fraction(Decimal(repr(fact.value))) * factor


def readings_of(fact: Fact) -> list[Fraction]:
    """The absolute amounts that a figure may mean: an ambiguous 1.234 may be 1234, and 1,234 1.234."""
    amount = amount_of(fact)
    if amount is None:
        return []
    amount = abs(amount)
    if not fact.ambiguous or fact.type == "date":
        return [amount]
    return [amount, amount * 1000, amount / 1000]


@dataclass(frozen=True, slots=True)
class Day:
    """What a date says; None is what it leaves open."""

    year: int | None = None
    quarter: int | None = None
    half: int | None = None
    month: int | None = None
    day: int | None = None
    other: str | None = None

    def parts(self) -> dict[str, int | str]:
        values = {name: getattr(self, name) for name in ("year", "quarter", "half", "month", "day", "other")}
        return {name: value for name, value in values.items() if value is not None}


def days_of(fact: Fact) -> list[Day]:
    """The dates that a fact may mean: 03/04/2025 two of them where nothing decides."""
    match = _DATE.match(str(fact.value))
    if match is None:
        return [Day(other=str(fact.value))]
    part = {name: int(value) for name, value in match.groupdict().items() if value}
    day = Day(**part)  # type: ignore[arg-type]  # the groups have the fields' names
    if fact.ambiguous and day.month and day.day:
        return [day, Day(year=day.year, month=day.day, day=day.month)]
    return [day]


def date_relation(draft: Day, source: Day) -> DateRelation:
    """`coarser` where the draft says less than the source, `finer` where it says more."""
    ours, theirs = draft.parts(), source.parts()
    shared = ours.keys() & theirs.keys()
    if not shared or any(ours[name] != theirs[name] for name in shared):
        return "other"
    if ours.keys() == theirs.keys():
        return "same"
    if ours.keys() <= theirs.keys():
        return "coarser"
    return "finer" if theirs.keys() <= ours.keys() else "other"


def falls_in(draft: Day, source: Day) -> bool:
    """Whether the draft's quarter or half-year is the one of the source's month."""
    if source.month is None or (draft.year is not None and draft.year != source.year):
        return False
    return draft.quarter == (source.month + 2) // 3 or (draft.quarter is None and draft.half == (source.month + 5) // 6)


def rounds_to(draft: Fraction, source: Fraction, direction: int | None) -> bool:
    """Whether the source's amount, rounded to the draft's digits, is the draft's.

    `direction` is None without a word such as "about", and then two digits must agree; with one, a tenth may be lost:
    1 behind "more than" (the source is larger), -1 behind "nearly", 0 behind "about".
    """
    if not draft or not source or draft == source:
        return False
    digits = len(str(_significant(draft)))
    if direction is None:
        return digits >= 2 and _rounded(source, digits) == draft
    off = (source - draft) / source
    if (direction > 0 and off < 0) or (direction < 0 and off > 0):
        return False
    return abs(off) <= Fraction(1, 10) if digits == 1 else abs(off) <= Fraction(1, 20)


def _significant(amount: Fraction) -> int:
    """The digits of an amount without the zeros around them."""
    while amount.denominator > 1 and amount.denominator < 10**12:
        amount *= 10
    digits = int(amount)
    while digits and digits % 10 == 0:
        digits //= 10
    return digits


def _rounded(amount: Fraction, digits: int) -> Fraction:
    """`amount` to so many significant digits, halves up."""
    power = Fraction(1)
    while amount / power >= 10**digits:
        power *= 10
    while amount / power < 10 ** (digits - 1):
        power /= 10
    return int(amount / power + Fraction(1, 2)) * power
