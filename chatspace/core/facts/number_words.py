"""The words for numbers in English, German, French and Spanish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache


@dataclass(frozen=True, slots=True)
class Words:
    """`small` are added, `scales` multiply; `joiner` stands between hundreds and ones ("and") or tens and ones ("y").

    `abbreviations` are scales that only follow digits and whose case matters.
    """

    small: Mapping[str, Decimal]
    scales: Mapping[str, int]
    joiner: str
    abbreviations: Mapping[str, int]


_SHORT = {
    "k": 10**3, "mn": 10**6, "mln": 10**6, "mil": 10**6, "Mio": 10**6, "bn": 10**9, "Mrd": 10**9, "tn": 10**12,
    "trn": 10**12, "Tsd": 10**3, "M€": 10**6, "万": 10**4, "億": 10**8, "亿": 10**8,
}  # fmt: skip


def _count(listed: str, start: int = 0, step: int = 1) -> dict[str, Decimal]:
    """The words of a list numbered from `start`; forms of one number stand with slashes between."""
    return {
        form: Decimal(start + step * place) for place, forms in enumerate(listed.split()) for form in forms.split("/")
    }


def _english() -> Words:
    small = _count(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen"""
    )
    small |= _count("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10)
    scales = {"dozen": 12, "hundred": 100, "thousand": 10**3, "lakh": 10**5, "crore": 10**7}
    scales |= {"million": 10**6, "billion": 10**9, "trillion": 10**12}
    scales |= {"millions": 10**6, "billions": 10**9, "trillions": 10**12}
    return Words(small, scales, "and", _SHORT)


def _german() -> Words:
    """German writes a number below a million as one word, so each of them is an entry."""
    ones = _count("null eins/ein/eine/einen/einem/einer zwei drei vier fünf sechs sieben acht neun zehn elf zwölf")
    teens = _count("dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn", 13)
    tens = _count("zwanzig dreißig/dreissig vierzig fünfzig sechzig siebzig achtzig neunzig", 20, 10)
    stems = {name: value for name, value in ones.items() if 0 < value < 10 and not name.startswith(("eine", "eins"))}
    below_hundred = ones | teens | tens
    for ten, base in tens.items():
        below_hundred |= {f"{one}und{ten}": base + value for one, value in stems.items()}
    small = dict(below_hundred)
    for one, hundreds in {"": Decimal(1), **stems}.items():
        small |= {f"{one}hundert{rest}": hundreds * 100 + value for rest, value in below_hundred.items() if value}
        small[f"{one}hundert"] = hundreds * 100
    thousands = {f"{count}tausend": value * 1000 for count, value in small.items() if value}
    halves = {f"{one}einhalb": value + Decimal("0.5") for one, value in stems.items()}
    small |= thousands | halves | {"tausend": Decimal(1000), "anderthalb": Decimal("1.5")}
    scales = {"dutzend": 12, "million": 10**6, "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9}
    scales |= {"billion": 10**12, "billionen": 10**12}
    return Words(small, scales, "und", _SHORT)


def _french() -> Words:
    small = _count("zéro un/une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize")
    small |= _count("vingt/vingts trente quarante cinquante soixante", 20, 10)
    scales = {"douzaine": 12, "cent": 100, "cents": 100, "mille": 10**3, "million": 10**6, "millions": 10**6}
    scales |= {"milliard": 10**9, "milliards": 10**9, "milliers": 10**3}
    return Words(small, scales, "et", _SHORT)


def _spanish() -> Words:
    small = _count(
        """cero uno/un/una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis
        diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis
        veintisiete veintiocho veintinueve"""
    )
    small |= _count("treinta cuarenta cincuenta sesenta setenta ochenta noventa", 30, 10)
    small |= _count("cien/ciento doscientos/doscientas trescientos/trescientas cuatrocientos quinientos", 100, 100)
    scales = {"docena": 12, "docenas": 12, "mil": 10**3, "millón": 10**6, "millones": 10**6, "billones": 10**12}
    return Words(small, scales, "y", {name: value for name, value in _SHORT.items() if name != "mil"})


@cache
def words_of(language: str | None) -> Words:
    """Those of one language, so that Spanish "once" is no English number; English where it is unknown."""
    return {"de": _german, "fr": _french, "es": _spanish}.get(language or "en", _english)()
