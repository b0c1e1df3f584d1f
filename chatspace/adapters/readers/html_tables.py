"""Tables of a page as rows of cells."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from lxml import etree

from chatspace.adapters.readers.blocks import StyledText

_WIDEST = 1_000
_MAX_PLACES = 1_000_000
"""Beyond so many places in the grid merged cells count as one, so that a small file can't become a huge table."""


def is_layout(table: etree._Element) -> bool:
    """Whether a table only arranges the page: then its cells are read as blocks, one after the other."""
    if table.get("role") in ("presentation", "none"):
        return True
    tables, cells = table.iter("table"), table.iter("td", "th")
    next(tables)
    # A table within comes first: nested a thousand deep, the rest is looked at for the innermost alone.
    if next(tables, None) is not None or len(list(islice(cells, 2))) < 2:
        return True
    return any(True for _ in table.iter("h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote"))


def rows_of(
    table: etree._Element, drops: Callable[[etree._Element], bool], read: Callable[[etree._Element], list[StyledText]]
) -> list[list[list[StyledText]]]:
    """The cells of each row; a merged cell's text stands in its first place, the others stay empty."""
    rows: list[list[list[StyledText]]] = []
    taken: dict[int, int] = {}
    places = 0
    for row in table.iter("tr"):
        if drops(row):
            continue
        cells: dict[int, list[StyledText]] = {}
        column = 0
        still = {place: rest - 1 for place, rest in taken.items() if rest > 1}
        for cell in row.iterchildren("td", "th"):
            if drops(cell):
                continue
            while column in taken:
                column += 1
            cells[column] = read(cell)
            spans = column < _WIDEST and places < _MAX_PLACES
            width, height = (_span(cell, "colspan"), _span(cell, "rowspan")) if spans else (1, 1)
            if height > 1:
                still.update(dict.fromkeys(range(column, column + width), height - 1))
            column += width
        taken = still
        rows.append([cells.get(place, []) for place in range(max(cells, default=-1) + 1)])
        places += len(rows[-1])
    return rows


def _span(cell: etree._Element, name: str) -> int:
    value = cell.get(name, "").strip()
    return max(1, min(int(value[:5]), _WIDEST)) if value.isdecimal() and value.isascii() else 1
