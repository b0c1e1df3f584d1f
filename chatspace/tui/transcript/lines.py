"""Lines of styled text: wrapping them, and putting something in front of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style

Join = Literal["\n", " ", ""]

NARROWEST = 8
"""Columns below which nothing is indented any further."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as wide as its text.

    `join` is what stands between the line before and this one when they are copied: a newline, or what wrapping took
    away. The first `lead` characters are layout, and not copied.
    """

    segments: tuple[Segment, ...]
    join: Join = "\n"
    lead: int = 0

    @property
    def plain(self) -> str:
        return "".join(segment.text for segment in self.segments)


def width_of(segments: Iterable[Segment]) -> int:
    """The cells that the segments take."""
    return sum(cell_len(segment.text) for segment in segments)


def cut(segments: Sequence[Segment], offsets: Sequence[int]) -> list[list[Segment]]:
    """The segments in `len(offsets) + 1` pieces, cut at ascending character offsets."""
    pieces: list[list[Segment]] = [[]]
    remaining = iter((*offsets, None))
    border = next(remaining)
    position = 0
    for text, style, _ in segments:
        start = 0
        while border is not None and position + len(text) - start >= border:
            taken = border - position
            if taken:
                pieces[-1].append(Segment(text[start : start + taken], style))
            start += taken
            position = border
            pieces.append([])
            border = next(remaining)
        if start < len(text):
            pieces[-1].append(Segment(text[start:] if start else text, style))
            position += len(text) - start
    return pieces + [[] for _ in range(len(offsets) + 1 - len(pieces))]


def _breaks(text: str, width: int) -> list[int]:
    """The offsets at which a text without newlines is cut to fit the width, at spaces where it can be."""
    if cell_len(text) <= width:
        return []
    single = text.isascii()
    offsets: list[int] = []
    start = 0
    while True:
        # Twice the width, because combining characters take no cell.
        fitting = width if single else len(chop_cells(text[start : start + 2 * width], width)[0])
        end = start + max(1, fitting)
        if end >= len(text):
            return offsets
        space = text.rfind(" ", start, end + 1)
        if space > start and not text[start:space].isspace():
            end = space + 1
        while end < len(text) and text[end] == " ":
            end += 1
        if end >= len(text):
            return offsets
        offsets.append(end)
        start = end


def _without_trailing_spaces(segments: list[Segment]) -> list[Segment]:
    while segments and segments[-1].text.endswith(" "):
        text, style, _ = segments.pop()
        if shorter := text.rstrip(" "):
            segments.append(Segment(shorter, style))
            break
    return segments


def wrap(segments: Sequence[Segment], width: int) -> list[Line]:
    """The segments as lines of at most `width` cells; a newline in them always ends a line."""
    text = "".join(segment.text for segment in segments)
    if "\n" not in text:
        return _wrap_line(segments, text, width)
    lines: list[Line] = []
    borders = [offset + 1 for offset, character in enumerate(text) if character == "\n"]
    for piece in cut(segments, borders):
        one = [Segment(part.text.replace("\n", ""), part.style) for part in piece]
        lines += _wrap_line(one, "".join(part.text for part in one), width)
    return lines


def _wrap_line(segments: Sequence[Segment], text: str, width: int) -> list[Line]:
    offsets = _breaks(text, width)
    lines: list[Line] = []
    join: Join = "\n"
    for number, piece in enumerate(cut(segments, offsets)):
        lines.append(Line(tuple(_without_trailing_spaces(piece)), join))
        if number < len(offsets):
            join = " " if text[offsets[number] - 1] == " " else ""
    return lines


def fold(segments: Sequence[Segment], width: int) -> list[Line]:
    """One line of code in pieces of `width` cells: cut anywhere, nothing taken away."""
    text = "".join(segment.text for segment in segments)
    if cell_len(text) <= width:
        return [Line(tuple(segments))]
    offsets: list[int] = []
    for piece in chop_cells(text, width)[:-1]:
        offsets.append((offsets[-1] if offsets else 0) + len(piece))
    return [Line(tuple(piece), "" if number else "\n") for number, piece in enumerate(cut(segments, offsets))]


def indented(lines: Iterable[Line], first: Segment, rest: Segment) -> list[Line]:
    """The lines with `first` before the first and `rest`, as wide, before the others."""
    shifted: list[Line] = []
    for number, line in enumerate(lines):
        before = rest if number else first
        lead = line.lead + len(before.text) if line.lead or line.join != "\n" else 0
        shifted.append(replace(line, segments=(before, *line.segments), lead=lead))
    return shifted


def padded(line: Line, width: int, style: Style) -> Line:
    """The line with spaces of this style up to the width."""
    missing = width - width_of(line.segments)
    return replace(line, segments=(*line.segments, Segment(" " * missing, style))) if missing > 0 else line
