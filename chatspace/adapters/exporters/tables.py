"""Copy as CSV: one row per variant, or one row per ad as the ad editor imports it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from chatspace.core.errors import UsageProblem
from chatspace.core.run import Copy

COLUMNS = ("field", "text", "length", "limit", "display_limit", "fits", "pair", "by")
AD_COLUMNS = {
    "headline": ("Headline", 15),
    "description": ("Description", 4),
    "path1": ("Path 1", 0),
    "path2": ("Path 2", 0),
}
"""The ad editor's columns by field: the name, and how many numbered ones there are (0: one without a number)."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


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
    """One responsive search ad, of the variants that fit; campaign, ad group and address are left to be filled in."""
    if copy.channel != "google-ads":
        raise UsageProblem(
            f"Copy for {copy.channel} is no Google ad", remedy="Use --channel google-ads, or another --format."
        )
    row = {"Campaign": "", "Ad group": "", "Ad type": "Responsive search ad", "Final URL": ""}
    for field, (column, most) in AD_COLUMNS.items():
        texts = [no_formula(variant.text) for variant in copy.variants if variant.field == field and variant.fits]
        if most == 0:
            row[column] = texts[0] if texts else ""
        for number in range(1, most + 1):
            row[f"{column} {number}"] = texts[number - 1] if number <= len(texts) else ""
    return _csv([list(row), list(row.values())])


def no_formula(text: str) -> str:
    """With an apostrophe before what a spreadsheet would calculate: to read it back, take it off again."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _csv(rows: Sequence[Sequence[object]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
