"""Copy as CSV: one row per variant, or one row per ad as the ad editor imports it."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence

from chatspace.core.errors import UsageError
from chatspace.core.runs.run import Copy, Variant
from chatspace.core.text.safe import for_file

COLUMNS = ("field", "text", "length", "limit", "display_limit", "fits", "pair", "by")
HEADLINES, DESCRIPTIONS = 15, 4
"""How many one responsive search ad takes."""
AD_FIELDS = ("headline", "description", "path1", "path2")
AD_COLUMNS = (
    *("Campaign", "Ad group", "Ad type"),
    *(f"Headline {number}" for number in range(1, HEADLINES + 1)),
    *(f"Description {number}" for number in range(1, DESCRIPTIONS + 1)),
    *("Path 1", "Path 2", "Final URL"),
)

FORMULA_SIGNS = ("=", "+", "-", "@")


def copy_csv(copy: Copy) -> str:
    rows: list[Sequence[object]] = [
        (
            variant.field,
            no_formula(variant.text),
            variant.length,
            variant.limit,
            "" if variant.display_limit is None else variant.display_limit,
            "true" if variant.fits else "false",
            variant.pair or "",
            variant.by,
        )
        for variant in copy.variants
    ]
    return _csv([COLUMNS, *rows])


def google_ads_csv(copy: Copy) -> str:
    """A row for each responsive search ad, of the variants that fit; the others stand marked in the other formats.

    The two sides of an A/B test are two ads. What one ad has no room for goes into a further one. Campaign, ad group
    and address are left to be filled in. The byte-order mark is how the ad editor and spreadsheets know UTF-8.
    """
    foreign = next((each.field for each in copy.variants if each.field not in AD_FIELDS), None)
    if foreign:
        raise UsageError(
            f"Copy for {copy.channel} can't be exported as a Google ad",
            f"it has a field {foreign}",
            "Choose a channel with only headlines and descriptions, or another --format.",
        )
    fitting = [variant for variant in copy.variants if variant.fits]
    sides = sorted({variant.pair for variant in fitting if variant.pair}) or [""]
    rows = [row for side in sides for row in _ads([v for v in fitting if not v.pair or v.pair == side])]
    return "\ufeff" + _csv([AD_COLUMNS, *rows])


def _ads(variants: Sequence[Variant]) -> Iterator[Sequence[str]]:
    def texts(field: str) -> list[str]:
        return [no_formula_in_ad(variant.text) for variant in variants if variant.field == field]

    headlines = _parts(texts("headline"), HEADLINES)
    descriptions = _parts(texts("description"), DESCRIPTIONS)
    paths = [(texts(field) or [""])[0] for field in ("path1", "path2")]
    for number in range(max(len(headlines), len(descriptions))):
        yield (
            *("", "", "Responsive search ad"),
            *headlines[number % len(headlines)],
            *descriptions[number % len(descriptions)],
            *(*paths, ""),
        )


def _parts(texts: Sequence[str], size: int) -> list[list[str]]:
    """The texts by the ad, each part filled up to its size."""
    parts = [list(texts[start : start + size]) for start in range(0, len(texts), size)] or [[]]
    return [part + [""] * (size - len(part)) for part in parts]


def no_formula(text: str) -> str:
    """A cell: clean, and with an apostrophe before what a spreadsheet would calculate.

    Who reads a cell back takes off one apostrophe, if it begins with one.
    """
    clean = for_file(text)
    return f"'{clean}" if _calculated(clean) or clean.startswith("'") else clean


def no_formula_in_ad(text: str) -> str:
    """With a space in front instead, as an apostrophe would be published with the ad."""
    clean = for_file(text)
    return f" {clean}" if _calculated(clean) else clean


def _calculated(cell: str) -> bool:
    """Whether its first visible character is a sign, wide ones too: programs drop what stands before it."""
    if cell.startswith("\t"):
        return True
    first = next((each for each in cell if each == " " or unicodedata.category(each)[0] not in "CZ"), "")
    return unicodedata.normalize("NFKC", first).startswith(FORMULA_SIGNS)


def _csv(rows: Sequence[Sequence[object]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
