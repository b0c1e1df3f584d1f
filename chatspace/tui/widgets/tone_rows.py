"""The tone table: a row for each opening, a column for each measure, as bars with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import set_cell_size
from textual.content import Content

from chatspace.core.chat.openings import OpeningState
from chatspace.core.chat.openings_table import OpeningRow
from chatspace.core.text.safe import for_screen
from chatspace.core.text.tone_table import MEASURES, Cell
from chatspace.tui.screens.facts import SOUND
from chatspace.tui.widgets.rows import bar

MARKS: dict[OpeningState, str] = {"fresh": " ", "starred": "★", "scrapped": "×", "merged": "+"}
LABEL, FLAGS = 18, 8
"""Columns of what stands before the bars: mark, number and tone; then what to look at."""

MIN, NUMBER = 11, 5
"""Columns that a measure needs, and those of its number."""


@dataclass(frozen=True, slots=True)
class View:
    """Which measures are in sight: `chosen` is the column with the cursor; `sorted_by` with its direction."""

    width: int
    chosen: int = 0
    sorted_by: int | None = None
    descending: bool = True

    @property
    def room(self) -> int:
        return max(MIN, self.width - LABEL - FLAGS - 2)

    @property
    def columns(self) -> range:
        count = min(len(MEASURES), self.room // MIN)
        first = min(max(0, self.chosen - count + 1), len(MEASURES) - count)
        return range(first, first + count)

    @property
    def column_width(self) -> int:
        return min(18, self.room // len(self.columns))


def head_line(view: View) -> Content:
    """The titles above the numbers; the one under the cursor is underlined, the one that sorts has an arrow."""
    parts: list[Content | str | tuple[str, str]] = [(" " + "".ljust(LABEL + FLAGS), "$foreground 60%")]
    for column in view.columns:
        arrow = ("▾" if view.descending else "▴") if column == view.sorted_by else ""
        title = f"{arrow}{MEASURES[column].title}"
        parts.append(" " * max(1, view.column_width - len(title)))
        parts.append((title, "$foreground underline" if column == view.chosen else "$foreground 60%"))
    return Content.assemble(*parts)


def tone_line(row: OpeningRow, view: View) -> Content:
    """One opening: what it is, what to look at, and its bars."""
    opening = row.opening
    label = f"{MARKS[opening.state]} {opening.number:>2}  {for_screen(opening.tone) or '–'}"
    parts: list[Content | str | tuple[str, str]] = [
        (set_cell_size(label, LABEL), "$accent" if opening.state == "starred" else ""),
        (set_cell_size(flags(row), FLAGS), "$text-warning"),
    ]
    for column in view.columns:
        parts += _cell(row.cells[column], view.column_width)
    return Content.assemble(*parts)


def flags(row: OpeningRow) -> str:
    """What to look at, short: alike with, facts that no source bears out, cut."""
    doubtful = sum(each.claim.verdict not in SOUND for each in row.evidence or ())
    near = f"≈{row.near[0]}" if row.near else ""
    said = (near, f"?{doubtful}" if doubtful else "", "…" if row.opening.problem else "")
    return " ".join(part for part in said if part)


def remarks(row: OpeningRow) -> Sequence[str]:
    """The same in words."""
    doubtful = sum(each.claim.verdict not in SOUND for each in row.evidence or ())
    numbers = ", ".join(map(str, row.near))
    facts = f"{doubtful} {'fact' if doubtful == 1 else 'facts'} to look up" if doubtful else ""
    said = (row.opening.problem, f"nearly the same as {numbers}" if numbers else "", facts)
    return [part for part in said if part]


def _cell(cell: Cell, width: int) -> list[Content | str | tuple[str, str]]:
    drawn = bar(cell.share, width - NUMBER - 2)
    return ["  ", (drawn, "$primary"), cell.written.rjust(NUMBER)]
