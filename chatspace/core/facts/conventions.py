"""How a text writes numbers and dates: its language, its decimal mark, and whether the day comes before the month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from chatspace.core.text.language import language_of

DecimalMark = Literal[".", ","]


@dataclass(frozen=True, slots=True)
class Conventions:
    """`sure_decimal` is False where 1.234 may be either; `day_first` is None where 03/04/2025 may be either."""

    language: str | None
    decimal: DecimalMark
    sure_decimal: bool
    day_first: bool | None
    pounds_are_money: bool


_SAMPLE = 200_000
_MAX_WITNESSES = 2_000
_WITNESS = re.compile(r"(?<![\w.,/-])\d{1,15}(?:[.,]\d{1,15}){1,6}(?![\w/-]|[.,]\d)")
_SLASHED = re.compile(r"(?<![\w/])(\d{1,2})/(\d{1,2})/(?:\d{4}|\d{2})(?![\w/])")
_AMERICAN = re.compile(r"\b(?:color|center|program|organization|U\.S\.|US\$|USD|fall of|Inc\.)\b")
_BRITISH = re.compile(r"£|\b(?:colour|centre|programme|organisation|GBP|plc|Ltd|per cent|metres?|litres?)\b")
_POUNDS = re.compile(r"£|GBP|\bsterling\b|\bpence\b")


def conventions_of(text: str, language: str | None = None) -> Conventions:
    """Judged by the first 200,000 characters; `language` is an ISO 639 code where the caller knows it."""
    sample = text[:_SAMPLE]
    language = (language or language_of(sample) or "")[:2].lower() or None
    point, comma = _decimal_votes(sample)
    if language == "en":
        point += 2
    elif language is not None:
        comma += 2
    return Conventions(
        language=language,
        decimal="," if comma > point else ".",
        sure_decimal=point != comma,
        day_first=_day_first(sample, language),
        pounds_are_money=_POUNDS.search(sample) is not None,
    )


def _decimal_votes(sample: str) -> tuple[int, int]:
    """How many numbers can only be read with a decimal point, and how many only with a decimal comma."""
    votes = {".": 0, ",": 0}
    for match in islice(_WITNESS.finditer(sample), _MAX_WITNESSES):
        raw = match[0]
        points, commas = raw.count("."), raw.count(",")
        last = "." if raw.rfind(".") > raw.rfind(",") else ","
        if points and commas:
            votes[last] += 1 if raw.count(last) == 1 else 0
        elif points + commas == 1:
            whole, _, fraction = raw.partition(last)
            if len(fraction) != 3 or len(whole) > 3 or whole == "0":
                votes[last] += 1
        elif all(len(group) == 3 for group in re.split(r"[.,]", raw)[1:]):
            votes["," if last == "." else "."] += 1
    return votes["."], votes[","]


def _day_first(sample: str, language: str | None) -> bool | None:
    day = month = 0
    for match in islice(_SLASHED.finditer(sample), _MAX_WITNESSES):
        first, second = int(match[1]), int(match[2])
        day += first > 12 >= second
        month += second > 12 >= first
    if day != month:
        return day > month
    if language not in (None, "en"):
        return True
    american, british = _AMERICAN.search(sample) is not None, _BRITISH.search(sample) is not None
    return None if day or american == british else british
