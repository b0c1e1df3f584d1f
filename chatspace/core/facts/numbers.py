"""Numbers as people write them, in digits and in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from math import gcd

from chatspace.core.facts.conventions import Conventions
from chatspace.core.facts.number_words import Words, words_of


@dataclass(frozen=True, slots=True)
class Number:
    """`lone_one` where it was just the word "one", which is mostly no figure."""

    value: Decimal
    end: int
    ambiguous: bool = False
    lone_one: bool = False


_GROUPED = re.compile(
    r"\d{1,3}(?P<mark>[.,'’ \u00a0\u202f\u2009])\d{3}(?:(?P=mark)\d{3}){0,7}+(?!\d)"
    r"(?P<fraction>[.,]\d{1,12}+(?!\d))?(?![.,]\d)"
)
_PLAIN = re.compile(r"\d{1,24}+(?!\d)(?P<fraction>[.,]\d{1,12}+(?!\d|[.,]\d))?")
_POWER = re.compile(r"(?P<base>\d{1,4})\^(?P<exponent>[-−]?\d{1,2})(?![\d^]|[.,]\d)")
_TIMES_POWER = re.compile(r"[ \u00a0\u202f]?[×x·⋅*][ \u00a0\u202f]?(?=10\^)")
_LARGEST_POWER = Decimal(10) ** 30
_FRACTION = re.compile(
    r"(?:(?P<whole>\d{1,3})(?:[ \u00a0\u202f]|\+))?(?P<top>\d{1,3})(?P<bar>[/⁄])(?P<bottom>\d{1,3})(?![\w/⁄]|[.,]\d)"
)
_BOTTOMS = frozenset((*range(2, 13), 16, 32, 64))
_NO_CEILING = 10**18
_WORD = re.compile(r"[^\W\d_]+")
_SCALE = re.compile(r"[ \u00a0\u202f-]?(?P<name>[^\W\d_]+)\.?")
_LEAD = re.compile(r"(?:(?P<half>half an?|half|eine? halbe?|un demi|medio)|an?|eine?|une?)[ \u00a0]", re.IGNORECASE)
_AND_A_HALF = re.compile(r"[ -]and[ -]a[ -]half\b", re.IGNORECASE)


def read_digits(text: str, at: int, habits: Conventions) -> Number | None:
    """The number that begins with the digit at `at`; None for a run too long to be one."""
    if power := _power(text, at):
        return power
    number = _decimal(text, at, habits)
    if number and (times := _TIMES_POWER.match(text, number.end)) and (power := _power(text, times.end())):
        return Number(number.value * power.value, power.end, number.ambiguous)
    return number


def _decimal(text: str, at: int, habits: Conventions) -> Number | None:
    grouped = _GROUPED.match(text, at)
    if grouped and (number := _read_grouped(grouped, habits)):
        return number
    plain = _PLAIN.match(text, at)
    return Number(Decimal(plain[0].replace(",", ".")), plain.end()) if plain else None


def _power(text: str, at: int) -> Number | None:
    """10^6, 2^10 and 10^-3."""
    match = _POWER.match(text, at)
    if match is None:
        return None
    base, exponent = int(match["base"]), int(match["exponent"].replace("−", "-"))
    if (exponent < 0 and base != 10) or base > _LARGEST_POWER ** (Decimal(1) / max(1, exponent)):
        return None
    return Number(Decimal(base) ** exponent, match.end())


def read_fraction(text: str, at: int) -> tuple[Number, bool] | None:
    """The fraction that begins at `at`, with a number before it or without, and whether it can be nothing else.

    "1/2" may also be two numbers; then they share no factor and the second is one that people divide by.
    """
    match = _FRACTION.match(text, at)
    if match is None:
        return None
    top, bottom = int(match["top"]), int(match["bottom"])
    sure = match["bar"] == "⁄"
    if not bottom or (not sure and not (top < bottom and bottom in _BOTTOMS and gcd(top, bottom) == 1)):
        return None
    value = int(match["whole"] or 0) + Decimal(top) / bottom
    return Number(value, match.end()), sure or match["whole"] is not None


def _read_grouped(match: re.Match[str], habits: Conventions) -> Number | None:
    """Groups of three: thousands, unless their one mark is this text's decimal mark. None: not one number."""
    mark, fraction = match["mark"], match["fraction"] or ""
    if fraction[:1] == mark:
        return None
    groups = match[0].removesuffix(fraction).split(mark)
    if mark == " " and habits.decimal == "." and not groups[1].startswith("0"):
        return None
    if mark in ".," and not fraction and len(groups) == 2:
        if groups[0] == "0":
            return Number(Decimal(".".join(groups)), match.end())
        joined = ("." if mark == habits.decimal else "").join(groups)
        return Number(Decimal(joined), match.end(), ambiguous=not habits.sure_decimal)
    return Number(Decimal("".join(groups) + fraction.replace(",", ".")), match.end())


def read_words(text: str, at: int, language: str | None) -> Number | None:
    """The number that the words from `at` on spell: "twenty-one", "two and a half", "half a million"."""
    words = words_of(language)
    total = current = last = Decimal(0)
    highest, ceiling = 0, _NO_CEILING
    end = at
    lead = _LEAD.match(text, at)
    if lead and (scale := _WORD.match(text, lead.end())) and scale[0].lower() in words.scales:
        current = last = Decimal("0.5") if lead["half"] else Decimal(1)
        at = scale.start()
    while word := _WORD.match(text, at):
        name = word[0].lower()
        small, factor = words.small.get(name), words.scales.get(name)
        if small is not None and _may_follow(small, last):
            quatre_vingt = last == 4 and small == 20
            current = Decimal(80) if quatre_vingt else current + small
            last = current if quatre_vingt else small
        elif factor is None or not last or not highest < factor < ceiling:
            break
        elif factor < 1000:
            highest, current, last = factor, current * factor, Decimal(factor)
        else:
            total, current, last = total + current * factor, Decimal(0), Decimal(factor)
            highest, ceiling = 0, factor
        end = word.end()
        if half := _AND_A_HALF.match(text, end):
            current, end = current + Decimal("0.5"), half.end()
        at = _next_word(text, end, words, last)
    if not last:
        return None
    return Number(total + current, end, lone_one=last == 1 and not total and current == 1)


def _may_follow(small: Decimal, last: Decimal) -> bool:
    """Whether "twenty" (last) and "one" (small) make one number."""
    if last == 0 or (last >= 100 and small < 1000):
        return True
    if last in (4, 10):  # quatre-vingt, dix-sept
        return small == 20 if last == 4 else 7 <= small <= 9
    return last in (20, 30, 40, 50, 60, 70, 80, 90) and small < (20 if last in (60, 80) else 10)


def _next_word(text: str, end: int, words: Words, last: Decimal) -> int:
    """Where the word behind a space, a hyphen or a joiner begins."""
    if text[end : end + 1] not in (" ", "-", "\u00a0"):
        return end if end < len(text) and not text[end].isalnum() else len(text)
    joined = f" {words.joiner} "
    return end + len(joined) if last >= 20 and text.startswith(joined, end) else end + 1


def read_scale(text: str, at: int, language: str | None, *, money: bool = False) -> tuple[int, int] | None:
    """The factor that follows a number's digits and where it ends: "million", "Mrd.", "k"; "m" and "B" for money."""
    match = _SCALE.match(text, at)
    if match is None:
        return None
    name, words = match["name"], words_of(language)
    attached = match.start("name") == at
    factor = words.scales.get(name.lower()) or words.abbreviations.get(name)
    if factor is None and (money or (attached and name == "M")):
        factor = {"m": 10**6, "M": 10**6, "b": 10**9, "B": 10**9, "K": 10**3, "MM": 10**6}.get(name)
    if factor is None or (name == "k" and not attached):
        return None
    # The point belongs to "Mio." and "Mrd.", not to a word at the end of a sentence.
    return factor, match.end() if name in ("Mio", "Mrd", "Tsd") else match.end("name")
