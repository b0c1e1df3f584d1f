"""The openings of a story side by side: their tone against the set, those that are alike, and what no source says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chatspace.core.chat.openings import Opening
from chatspace.core.text.similarity import near_duplicates
from chatspace.core.text.tone_table import Cell, tone_table

if TYPE_CHECKING:
    from chatspace.core.facts.evidence import Evidence


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """An opening with what can be told of it without a model.

    `near` are the numbers of those that say nearly the same; `evidence` are its claims, their spans in its text, and
    None before they were looked up.
    """

    opening: Opening
    cells: tuple[Cell, ...]
    near: tuple[int, ...] = ()
    evidence: tuple[Evidence, ...] | None = None


def openings_table(openings: Sequence[Opening]) -> list[OpeningRow]:
    """A row for each, in their order."""
    texts = [each.text for each in openings]
    pairs = near_duplicates(texts)
    near = [
        tuple(openings[i if j == index else j].number for i, j in pairs if index in (i, j))
        for index in range(len(openings))
    ]
    return [
        OpeningRow(opening, tuple(cells), near[index])
        for index, (opening, cells) in enumerate(zip(openings, tone_table(texts), strict=True))
    ]


BETWEEN = "\n\n"


def joined(rows: Sequence[OpeningRow]) -> str:
    """All openings as one text, so that their facts are looked up at once."""
    return BETWEEN.join(row.opening.text for row in rows)


def with_evidence(rows: Sequence[OpeningRow], found: Sequence[Evidence]) -> list[OpeningRow]:
    """The rows with their share of what was found in `joined`."""
    grounded, start = [], 0
    for row in rows:
        end = start + len(row.opening.text)
        mine = tuple(
            replace(each, claim=replace(each.claim, span=(each.claim.span[0] - start, each.claim.span[1] - start)))
            for each in found
            if start <= each.claim.span[0] and each.claim.span[1] <= end
        )
        grounded.append(replace(row, evidence=mine))
        start = end + len(BETWEEN)
    return grounded
