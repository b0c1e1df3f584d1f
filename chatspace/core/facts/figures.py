"""Figures: a number with what makes it money, a percentage or a quantity, and ranges of two that share it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from chatspace.core.extraction import FactType
from chatspace.core.facts.conventions import Conventions
from chatspace.core.facts.match import FactMatch
from chatspace.core.facts.numbers import Number, read_digits, read_fraction, read_scale, read_words
from chatspace.core.facts.units import CURRENCIES, PERCENT_WORDS, UNIT_SYMBOLS, UNIT_WORDS
from chatspace.core.text.scripts import CURRENCY_SIGNS


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number with its scale; `currency` is the code of a sign before it."""

    start: int
    end: int
    number: Number
    scale: int = 1
    currency: str | None = None

    @property
    def value(self) -> Decimal:
        return self.number.value * self.scale


@dataclass(frozen=True, slots=True)
class _Measure:
    """What stands behind a number and makes it more than one."""

    type: FactType
    unit: str
    end: int
    factor: Decimal = Decimal(1)


_SIGNS = [sign for sign in CURRENCIES if not sign.islower()]
_PREFIX = re.compile(
    rf"(?P<sign>{'|'.join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))})[ \u00a0\u202f]?"
    r"(?=\d|[^\W\d_]{3})"
)
_TOKEN = re.compile(
    rf"""(?P<gap>[ \u00a0\u202f\u2009-]?)(?P<token>[%‰¢×]|°[ ]?[CF]?(?!\w)|dB\(A\)|(?:A|C|US|NZ|HK|S|R)\$
        |[{CURRENCY_SIGNS}]|[^\W\d_]+(?:[23](?!\w)|\.(?=[ ]))?(?:/[^\W\d_]+)?)""",
    re.VERBOSE,
)
_WORDS = re.compile(
    r"[ \u00a0-](?:U\.S\. )?(?P<all>(?P<one>[^\W\d_]+)(?:(?P<two>[ \u00a0-][^\W\d_]+)(?P<three>[ \u00a0-][^\W\d_]+)?)?)"
)
_RANGE = re.compile(r"[ \u00a0]?[-–—−][ \u00a0]?|[ \u00a0](?:to|bis|auf|statt|or|oder|ou|à|a|o)[ \u00a0]")
_BETWEEN = re.compile(r"\b(?:between|zwischen|entre)[ ]\Z", re.IGNORECASE)
_AND = re.compile(r"[ \u00a0](?:and|und|et|y)[ \u00a0]")
_DIVIDED = re.compile(r"[ \u00a0·]?[a-zA-Z]{0,3}(?:⁻|\^[-−])")
_UNIT_POWER = re.compile(r"\^(?P<power>[23])(?![\w.,]*\d)")
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b")
_DOTTED = re.compile(r"\d{1,9}(?:\.\d{1,9}){2,6}+(?!\w|\.\d)")
_PHONE = re.compile(r"\+\d[\d ()/-]{5,20}\d(?!\w)")
_COUNTS = {"two": 2, "three": 3, "four": 4, "zwei": 2, "drei": 3, "vier": 4}
_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "tenth": 10, "drittel": 3, "viertel": 4, "fünftel": 5, "zehntel": 10}
_FRACTION = re.compile(
    rf"""(?P<count>an?|one|ein|{"|".join(_COUNTS)})[ -](?P<parts>(?:{"|".join(_PARTS)})s?)
    [ ](?:of[ ]an?[ ](?P<unit>hour|day|week|month|year)\b|of\b(?![ ](?:the[ ])?\d)|(?=de[rs]\b))""",
    re.IGNORECASE | re.VERBOSE,
)
_SPACE_ONLY = {"K", "A", "J", "N"}
_NEVER = {"in", "B"}
_NOT_WITH_ONE = {"d", "x", "s", "ft", "mo"}


def read_figures(text: str, at: int, habits: Conventions) -> list[FactMatch]:
    """The figure that begins at `at` with a digit, a currency or a number word; two for a range; else []."""
    if fraction := _FRACTION.match(text, at):
        return _fraction(fraction)
    first = _amount(text, at, habits)
    if first is None:
        return _phone(text, at) if text[at] == "+" else []
    if text[first.end : first.end + 1] == "." and (dotted := _DOTTED.match(text, at)):
        return [FactMatch("number", at, dotted.end(), dotted[0])]
    measure = _measure(text, first, habits)
    if measure or first.end == at:
        return _with(first, measure)
    if (second := _second(text, first, habits)) and (both := _range(text, first, second, habits)):
        return both
    if first.currency:
        return _with(first, None)
    if ordinal := _ORDINAL.match(text, first.end):
        return [FactMatch("number", at, ordinal.end(), first.value)]
    attached = text[first.end : first.end + 1]
    if first.number.lone_one or attached.isalnum() or attached in ("_", "^"):
        return []
    return _with(first, None)


def _amount(text: str, at: int, habits: Conventions) -> _Amount | None:
    prefix = _PREFIX.match(text, at)
    currency = CURRENCIES[prefix["sign"]] if prefix else None
    begin = prefix.end() if prefix else at
    if text[begin : begin + 1].isdecimal():
        if fraction := _fraction_amount(text, _Amount(at, begin, Number(Decimal(0), begin), 1, currency), habits):
            return fraction
        number = read_digits(text, begin, habits)
        scale = read_scale(text, number.end, habits.language, money=currency is not None) if number else None
    else:
        number, scale = read_words(text, begin, habits.language), None
    if number is None:
        return None
    factor, end = scale or (1, number.end)
    amount = _Amount(at, end, number, factor, currency)
    if currency is None and scale is None and text[number.end : number.end + 1] in ("m", " ", "b", "B", "\u00a0"):
        return _short_scale_before_money(text, amount, habits) or amount
    return amount


def _fraction_amount(text: str, start: _Amount, habits: Conventions) -> _Amount | None:
    """The two thirds of "2/3 litres" and "1 2/3"; a bare "2/3" may as well be two numbers."""
    found = read_fraction(text, start.end)
    if found is None:
        return None
    number, sure = found
    scale = read_scale(text, number.end, habits.language, money=start.currency is not None)
    factor, end = scale or (1, number.end)
    amount = replace(start, end=end, number=number, scale=factor)
    return amount if sure or scale or _measure(text, amount, habits) else None


def _short_scale_before_money(text: str, amount: _Amount, habits: Conventions) -> _Amount | None:
    """The millions of "4.2m euros", which would be metres without the euros."""
    scale = read_scale(text, amount.end, habits.language, money=True)
    if scale is None:
        return None
    scaled = replace(amount, scale=scale[0], end=scale[1])
    measure = _measure(text, scaled, habits)
    return scaled if measure and measure.type == "money" else None


def _measure(text: str, amount: _Amount, habits: Conventions) -> _Measure | None:
    """The unit behind an amount. Behind "$5" only a code that says which dollars."""
    token = _TOKEN.match(text, amount.end)
    if token is None:
        return None
    name, gap = token["token"], token["gap"]
    end = token.end()
    if name.endswith(".") and name not in UNIT_SYMBOLS and name not in CURRENCIES:
        name, end = name[:-1], end - 1
    if text[end : end + 1].isalnum() or _DIVIDED.match(text, end):
        return None
    if power := _UNIT_POWER.match(text, end):
        symbol = UNIT_SYMBOLS.get(name + ("²" if power["power"] == "2" else "³"))
        return _Measure("quantity", symbol, power.end()) if symbol and not amount.currency else None
    if name in CURRENCIES and (not name.islower() or gap):
        return _Measure("money", CURRENCIES[name], end)
    if amount.currency:
        return None
    if name == "%":
        return _Measure("percent", "%", end)
    symbol = UNIT_SYMBOLS.get(name.replace("° ", "°"))
    if symbol and _is_symbol(text, name, gap, end, amount):
        return _Measure("quantity", symbol, end)
    return _measure_in_words(text, amount.end, habits)


def _is_symbol(text: str, name: str, gap: str, end: int, amount: _Amount) -> bool:
    """Whether letters that also stand for other things are a unit here."""
    if name in _NEVER:
        return False
    if name in _SPACE_ONLY:
        return gap == " " and not text[end + 1 : end + 2].isalpha()
    if name == "x":
        return not text[end : end + 2].strip().isdecimal()
    if name == "s" and not gap:
        return amount.value % 10 != 0
    return True


def _measure_in_words(text: str, at: int, habits: Conventions) -> _Measure | None:
    words = _WORDS.match(text, at)
    if words is None:
        return None
    for last in ("three", "two", "one"):
        if words[last] is None:
            continue
        end = words.end(last)
        name = text[words.start("all") : end].replace("-", " ").replace("\u00a0", " ").lower()
        if name in PERCENT_WORDS:
            return _Measure("percent", "%", end)
        if name in CURRENCIES:
            return _Measure("money", CURRENCIES[name], end)
        if name in ("pound", "pounds"):
            return _Measure("money", "GBP", end) if habits.pounds_are_money else _Measure("quantity", "lb", end)
        if name == "pence":
            return _Measure("money", "GBP", end, Decimal("0.01"))
        if symbol := UNIT_WORDS.get(name):
            return _Measure("quantity", symbol, end)
    return None


def _second(text: str, first: _Amount, habits: Conventions) -> _Amount | None:
    """The other end of a range."""
    link = _RANGE.match(text, first.end)
    if link is None and _BETWEEN.search(text, max(0, first.start - 9), first.start):
        link = _AND.match(text, first.end)
    return _amount(text, link.end(), habits) if link and link.end() < len(text) else None


def _range(text: str, first: _Amount, second: _Amount, habits: Conventions) -> list[FactMatch]:
    """Both ends where they share a currency, a unit or a percent sign; [] where each stands alone."""
    measure = _measure(text, second, habits)
    currency = first.currency or second.currency
    if measure is None and currency is None:
        return []
    paid = measure.unit if measure and measure.type == "money" else second.currency
    if first.currency and paid and first.currency != paid:
        return []
    if first.scale == 1 and second.scale > 1 and first.number.value <= second.number.value:
        first = replace(first, scale=second.scale)
    if measure is None or currency:
        code = measure.unit if measure and measure.type == "money" else currency
        return _with(replace(first, currency=code), None) + _with(
            replace(second, currency=code, end=measure.end if measure else second.end), None
        )
    return _with(first, replace(measure, end=first.end)) + _with(second, measure)


def _with(amount: _Amount, measure: _Measure | None) -> list[FactMatch]:
    ambiguous = amount.number.ambiguous
    if measure is None:
        kind: FactType = "money" if amount.currency else "number"
        return [FactMatch(kind, amount.start, amount.end, amount.value, amount.currency, ambiguous)]
    if amount.number.lone_one and measure.unit in _NOT_WITH_ONE:
        return []
    value = amount.value * measure.factor
    return [FactMatch(measure.type, amount.start, measure.end, value, measure.unit, ambiguous)]


def _fraction(match: re.Match[str]) -> list[FactMatch]:
    """A quarter of the members is 25 percent of them, a quarter of an hour is 0.25 h."""
    count, parts = match["count"].lower(), match["parts"].lower().rstrip("s")
    value = Decimal(_COUNTS.get(count, 1)) / _PARTS[parts]
    unit = UNIT_WORDS.get((match["unit"] or "").lower())
    if unit:
        return [FactMatch("quantity", match.start(), match.end(), value, unit)]
    return [FactMatch("percent", match.start(), match.end("parts"), (value * 100).quantize(Decimal("0.01")), "%")]


def _phone(text: str, at: int) -> list[FactMatch]:
    """A telephone number, as a string: its digits behind the plus."""
    match = _PHONE.match(text, at)
    if match is None:
        return []
    return [FactMatch("number", at, match.end(), "+" + "".join(filter(str.isdecimal, match[0])))]
