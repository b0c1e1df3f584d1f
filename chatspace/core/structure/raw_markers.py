"""The parse against the raw source: what the marks of the text promise and the tree doesn't have."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, pairwise

from chatspace.core.extraction import Finding
from chatspace.core.structure.compare import finding, shortened
from chatspace.core.structure.model import Structure, Table

HEADING_LINE = re.compile(r"^ {0,3}(#{1,6})(?=([ \t]|$)|[^\s#])[^\n]*", re.MULTILINE)
DELIMITER_ROW = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
PIPE = re.compile(r"(?<!\\)\|")

MAX = 100
"""A text with more findings of a kind is no longer told each of them."""


def raw_findings(structure: Structure) -> Iterator[Finding]:
    """Headings, tables and cells that stand in the source and not in the parse."""
    yield from islice(_headings(structure), MAX)
    yield from islice((found for table in structure.tables for found in _rows(structure, table)), MAX)
    yield from islice(_unread_tables(structure), MAX)


def _headings(structure: Structure) -> Iterator[Finding]:
    text = structure.text
    read = {text.rfind("\n", 0, leaf.span[0]) + 1 for leaf in structure.leaves if leaf.is_heading}
    silent = sorted([*structure.opaque, *(table.span for table in structure.tables)])
    starts = [span[0] for span in silent]
    for match in HEADING_LINE.finditer(text):
        at = bisect_right(starts, match.end()) - 1
        hidden = at >= 0 and silent[at][1] > match.start()
        if hidden or match.start() in read:
            continue
        line = shortened(match[0].strip())
        if match[2] is not None:
            message = f"“{line}” looks like a heading but is not read as a heading."
            yield finding("headings", structure, match.span(), line, None, message)
        elif len(match[1]) > 1:
            message = f"“{line}” is read as text: a heading needs a space after the # signs."
            found = finding("headings", structure, match.span(), line, None, message)
            yield replace(found, severity="warn")


def _rows(structure: Structure, table: Table) -> Iterator[Finding]:
    """A row with more cells than the header loses them, and a `|` in a code span makes two cells of one."""
    start = table.span[0]
    for number, row in enumerate(structure.text[start : table.span[1]].split("\n")):
        cells = raw_cells(row)
        surplus = [cell for cell in cells[table.columns :] if cell]
        if surplus and number != 1:
            message = f"This row has {len(cells)} cells under {table.columns} headers, and “{surplus[0]}” is lost; "
            message += "a | inside a cell is written \\|."
            span = (start, start + len(row))
            yield finding("table_cells", structure, span, len(cells), table.columns, message)
        start += len(row) + 1


def _unread_tables(structure: Structure) -> Iterator[Finding]:
    for leaf in structure.leaves:
        if leaf.kind != "paragraph" or "|" not in leaf.text or "-" not in leaf.text:
            continue
        written = structure.text[leaf.span[0] : leaf.span[1]].split("\n")
        for above, row in pairwise(written):
            if "|" in above and "|" in row and DELIMITER_ROW.fullmatch(row):
                header, columns = len(raw_cells(above)), len(raw_cells(row))
                message = f"This looks like a table but is read as text: {header} headers for {columns} columns."
                yield finding("table_shape", structure, leaf.span, header, columns, message)
                break


def raw_cells(row: str) -> list[str]:
    """The cells between the pipes of a raw line."""
    inner = row.strip(" \t>")
    inner = inner.removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.strip() for cell in PIPE.split(inner)]
