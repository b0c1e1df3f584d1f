"""Tables of a page as rows of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from lxml import etree

from chatspace.adapters.readers.blocks import StyledText

_CELLS = frozenset(("td", "th"))
_PARTS = frozenset(("thead", "tbody", "tfoot", "tr", "colgroup"))
_BESIDES = frozenset(("caption", "col", "script", "style"))
_WIDEST = 1_000
_MAX_PLACES = 1_000_000
"""Beyond so many places in the grid merged cells count as one, so that a small file can't become a huge table."""


def move_strays(root: etree._Element) -> None:
    """Put what stands in a table but in no cell before or after its rows, and cells without a row into one.

    A table that was left open holds the rest of the page, and browsers show text straight in a table beside it.
    """
    for table in list(root.iter("table")):
        before, after = etree.Element("div"), etree.Element("div")
        place = before
        parts = [table]
        for kind, element in list(_inside(table)):
            if element.tag == "tr" or element.tag in _CELLS:
                place = after
            if kind == "stray":
                place.append(element)
            elif kind == "start":
                _append(place, element.text)
                element.text = None
                parts.append(element)
            elif element is not table:
                _append(place, element.tail)
                element.tail = None
        for part in reversed(parts):
            _mend(part)
        if any(map(str.strip, map(str, before.itertext()))) or before.find(".//img") is not None:
            table.addprevious(before)
        if any(map(str.strip, map(str, after.itertext()))) or after.find(".//img") is not None:
            after.tail, table.tail = table.tail, None
            table.addnext(after)


def _inside(table: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """What a table is made of, with the starts and ends of what holds its cells; what is in the cells is left out."""
    walker = etree.iterwalk(table, events=("start", "end"))
    strays: set[etree._Element] = set()
    for event, element in walker:
        if event == "end":
            yield ("stray" if element in strays else "end"), element
        elif element is table or element.tag in _PARTS or _wraps_cells(element):
            yield "start", element
        else:
            walker.skip_subtree()
            if element.tag not in _CELLS and element.tag not in _BESIDES:
                strays.add(element)


def _wraps_cells(element: etree._Element) -> bool:
    """Whether an element that has no place in a table, such as a form, stands around rows or cells of it."""
    if element.tag in _CELLS or element.tag in _BESIDES:
        return False
    first = next(element.iter("tr", "td", "th", "table"), None)
    return first is not None and first.tag != "table"


def _append(place: etree._Element, text: str | None) -> None:
    if not (text or "").strip():
        return
    if len(place):
        place[-1].tail = f"{place[-1].tail or ''} {text}"
    else:
        place.text = f"{place.text or ''} {text}"


def _mend(part: etree._Element) -> None:
    """Take away an element around cells that has no place in a table, and put cells without a row into one."""
    around = part.getparent()
    if part.tag not in _PARTS and part.tag != "table" and around is not None:
        for child in list(part):
            part.addprevious(child)
        around.remove(part)
    elif part.tag != "tr":
        row = None
        for child in list(part):
            if child.tag not in _CELLS:
                row = None
                continue
            if row is None:
                row = etree.Element("tr")
                child.addprevious(row)
            row.append(child)


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
