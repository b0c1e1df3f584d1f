"""The words for numbers in English, German, French and Spanish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from chatspace.core.text.word_lists import lines_of

_JOINERS = {"en": "and", "de": "und", "fr": "et", "es": "y"}


@dataclass(frozen=True, slots=True)
class Words:
    """`small` are added, `scales` multiply; `joiner` stands between hundreds and ones ("and") or tens and ones ("y").

    `abbreviations` are scales that only follow digits and whose case matters.
    """

    small: Mapping[str, Decimal]
    scales: Mapping[str, int]
    joiner: str
    abbreviations: Mapping[str, int]


@cache
def words_of(language: str | None) -> Words:
    """Those of one language, so that Spanish "once" is no English number; English where it is unknown."""
    code = language if language in _JOINERS else "en"
    small = {form: value for line in lines_of("numbers")[code] for form, value in _counted(line).items()}
    abbreviations = _scales("scales behind digits")
    if code == "es":
        del abbreviations["mil"]
    return Words(_joined(small) if code == "de" else small, _scales(f"{code} scales"), _JOINERS[code], abbreviations)


def _counted(line: str) -> dict[str, Decimal]:
    """The words of a line numbered from its start by its step."""
    numbers, _, listed = line.partition(":")
    start, step = map(int, numbers.split())
    return {
        form: Decimal(start + step * place) for place, forms in enumerate(listed.split()) for form in forms.split("/")
    }


def _scales(heading: str) -> dict[str, int]:
    split = (line.partition(":") for line in lines_of("numbers")[heading])
    return {name: int(float(factor)) for factor, _, names in split for name in names.split()}


def _joined(below_twenty_and_tens: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """German writes a number below a million as one word, so each of them is an entry."""
    below_hundred = dict(below_twenty_and_tens)
    stems = {
        name: value for name, value in below_hundred.items() if 0 < value < 10 and not name.startswith(("eine", "eins"))
    }
    for ten, base in below_twenty_and_tens.items():
        if base >= 20:
            below_hundred |= {f"{one}und{ten}": base + value for one, value in stems.items()}
    small = dict(below_hundred)
    for one, hundreds in {"": Decimal(1), **stems}.items():
        small |= {f"{one}hundert{rest}": hundreds * 100 + value for rest, value in below_hundred.items() if value}
        small[f"{one}hundert"] = hundreds * 100
    thousands = {f"{count}tausend": value * 1000 for count, value in small.items() if value}
    halves = {f"{one}einhalb": value + Decimal("0.5") for one, value in stems.items()}
    return small | thousands | halves | {"tausend": Decimal(1000), "anderthalb": Decimal("1.5")}
