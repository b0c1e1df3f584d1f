"""Currencies and units: how they are written, their symbols, and how they convert."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from chatspace.core.text.word_lists import lines_of, word_lists

CURRENCY_CODES = word_lists("units")["currency codes"]

PERCENT_WORDS = frozenset(lines_of("units")["percent"])


def _currencies() -> dict[str, str]:
    found = {code: code for code in CURRENCY_CODES}
    for line in lines_of("units")["currencies"]:
        code, _, forms = line.partition(":")
        found |= {form.replace("-", " "): code for form in forms.split()}
    return found


def _units() -> tuple[dict[str, str], dict[str, str], dict[str, tuple[str, Fraction]]]:
    symbols: dict[str, str] = {}
    words: dict[str, str] = {}
    dimensions: dict[str, tuple[str, Fraction]] = {}
    for line in lines_of("units")["units"]:
        symbol, base, others, names = (part.strip() for part in line.split("|"))
        dimension, factor = base.split()
        dimensions[symbol] = (dimension, Fraction(factor))
        symbols |= dict.fromkeys([symbol, *others.split()], symbol)
        words |= {name.replace("-", " "): symbol for name in names.split()}
    return symbols, words, dimensions


CURRENCIES: Mapping[str, str] = _currencies()
"""How a currency is written (signs and codes as they are, words in lower case): its ISO 4217 code."""

UNIT_SYMBOLS, UNIT_WORDS, DIMENSIONS = _units()
"""Symbols as written and words in lower case, each to the unit's symbol; a symbol to dimension and factor."""
