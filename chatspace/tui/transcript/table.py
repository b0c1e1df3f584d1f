"""Tables, as wide as their text or as there is room; where columns got too narrow to read, one record after another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from rich.cells import cell_len
from rich.segment import Segment

from chatspace.tui.transcript.lines import Line, width_of, wrap
from chatspace.tui.transcript.palette import Palette

Align = Literal["left", "center", "right"]

GUTTER = 2
NARROWEST_COLUMN = 7


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the first being the header; every row as long as `aligns`."""

    rows: list[list[list[Segment]]]
    aligns: list[Align]


def table_lines(table: Table, width: int, palette: Palette) -> list[Line]:
    """The table in at most `width` cells."""
    natural = [max((_widest(row[column]) for row in table.rows), default=1) for column in range(len(table.aligns))]
    room = width - GUTTER * (len(natural) - 1)
    if sum(natural) > room and room < NARROWEST_COLUMN * len(natural):
        return _records(table, width, palette)
    widths = _shared(natural, room)
    lines: list[Line] = []
    wrapped = any(_widest(cell) > have for row in table.rows for cell, have in zip(row, widths, strict=True))
    for number, row in enumerate(table.rows):
        if wrapped and number > 1:
            lines.append(Line(()))
        lines += _row(row, widths, table.aligns, palette)
        if number == 0:
            rules = (Segment("─" * have + " " * GUTTER, palette.rule) for have in widths[:-1])
            lines.append(Line((*rules, Segment("─" * widths[-1], palette.rule))))
    return lines


def _widest(cell: list[Segment]) -> int:
    text = "".join(segment.text for segment in cell)
    return max(1, *(cell_len(line) for line in text.split("\n")))


def _shared(natural: list[int], room: int) -> list[int]:
    """The widths that fit: the widest columns give way first."""
    if sum(natural) <= room:
        return natural
    widths = [0] * len(natural)
    for rank, column in enumerate(sorted(range(len(natural)), key=natural.__getitem__)):
        widths[column] = min(natural[column], (room - sum(widths)) // (len(natural) - rank))
    return widths


def _row(row: list[list[Segment]], widths: list[int], aligns: list[Align], palette: Palette) -> list[Line]:
    columns = [wrap(cell, have) for cell, have in zip(row, widths, strict=True)]
    lines: list[Line] = []
    for pieces in zip_longest(*columns, fillvalue=Line(())):
        segments: list[Segment] = []
        for piece, have, align in zip(pieces, widths, aligns, strict=True):
            missing = have - width_of(piece.segments)
            before = missing if align == "right" else missing // 2 if align == "center" else 0
            segments += [
                Segment(" " * before, palette.text),
                *piece.segments,
                Segment(" " * (missing - before + GUTTER), palette.text),
            ]
        lines.append(Line(tuple(segment for segment in segments if segment.text)))
    return lines


def _records(table: Table, width: int, palette: Palette) -> list[Line]:
    """Each row as lines of `header: cell`."""
    header, *rows = table.rows
    lines: list[Line] = []
    for number, row in enumerate(rows or [header]):
        if number:
            lines.append(Line(()))
        for name, cell in zip(header, row, strict=True):
            lines += wrap([*name, Segment(": ", palette.text), *cell] if rows else cell, width)
    return lines
