"""Lines into strips as wide as the widget: margin, mark of the cursor, bar of the user's words, text."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chatspace.tui.transcript.lines import NARROWEST, Line
from chatspace.tui.transcript.palette import Palette

READABLE = 90
"""The widest column of text, unless another is asked for."""

GUTTER = 3
"""The mark of the cursor, the bar, a space."""

BAR = "▌"
MARK = "›"


@dataclass(frozen=True, slots=True)
class Column:
    """Where the text stands in a widget of `width` cells: `text` cells from `left` on, centred where there is more."""

    width: int
    text: int
    left: int

    @classmethod
    def within(cls, width: int, most: int = READABLE) -> Column:
        """The column of a widget so many cells wide, of at most so many cells of text."""
        text = max(NARROWEST, min(most, width - GUTTER - 2))
        return cls(width, text, GUTTER + max(0, (width - text - GUTTER - 2) // 2))


def strip_of(line: Line | None, bar: bool, mark: bool, column: Column, palette: Palette) -> Strip:
    """The line, or a blank one, across the widget."""
    text = palette.text
    if line is None and not bar and not mark:
        return Strip.blank(column.width, text)
    gutter = [
        Segment(" " * (column.left - GUTTER), text),
        Segment(MARK if mark else " ", palette.accent),
        Segment(BAR if bar else " ", palette.accent),
        Segment(" ", text),
    ]
    segments = [*(segment for segment in gutter if segment.text), *(line.segments if line else ())]
    return Strip(segments).adjust_cell_length(column.width, text)


def with_ground(strip: Strip, start: int, end: int | None, ground: Style, left: int) -> Strip:
    """The strip with another ground behind its characters from start to end, but not behind gutter and padding."""
    written = len(strip.text.rstrip())
    start, end = max(start, left), written if end is None else min(end, written)
    if start >= end:
        return strip
    segments: list[Segment] = []
    position = 0
    for segment in strip:
        text, style, _ = segment
        cuts = [max(0, min(len(text), border - position)) for border in (start, end)]
        for begin, stop, chosen in ((0, cuts[0], False), (cuts[0], cuts[1], True), (cuts[1], len(text), False)):
            if begin < stop:
                base = style or Style.null()
                segments.append(Segment(text[begin:stop], base + ground if chosen else base))
        position += len(text)
    return Strip(segments, strip.cell_length)


def character_at(text: str, cell: int) -> int:
    """The index of the character that covers a cell of the text; its length beyond the end."""
    position = 0
    for index, character in enumerate(text):
        position += cell_len(character)
        if cell < position:
            return index
    return len(text)
