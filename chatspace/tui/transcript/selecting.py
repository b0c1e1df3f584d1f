"""Selecting text: names for lines that don't change with scrolling, and what is copied.

Textual keeps a selection as two offsets. Line numbers of the sheet would move under it whenever an estimate above is
corrected, so the y of an offset is the name of a line instead: the indexes of item, block and line in one number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from chatspace.tui.transcript.blocks import Block
from chatspace.tui.transcript.painting import character_at, with_ground
from chatspace.tui.transcript.sheet import Position, Sheet

_LINES = 20
_BLOCKS = 20

_WORD = re.compile(r"[^\W_]+(?:['’.\-_@/:][^\W_]+)*|[^\w\s]+")
_TABLE = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_MARKS = (
    (re.compile(r"^(\s*)• "), r"\1- "),
    (re.compile(r"^(\s*(?:\d+\. )?)☐ "), r"\1- [ ] "),
    (re.compile(r"^(\s*(?:\d+\. )?)☑ "), r"\1- [x] "),
)


@dataclass(frozen=True, slots=True, order=True)
class LineName:
    """The line of a block of an item; the block's gap isn't counted, and lines in it are -1."""

    item: int
    block: int
    line: int

    @classmethod
    def of(cls, place: Position) -> LineName:
        """The name of the line at a place."""
        block = place.item.blocks.things.index(place.block)
        return cls(place.item.index, block, max(-1, place.line - place.block.gap))

    @classmethod
    def from_y(cls, y: int) -> LineName:
        """The name that an offset's y stands for."""
        rest, line = divmod(y, 1 << _LINES)
        item, block = divmod(rest, 1 << _BLOCKS)
        return cls(item, block, line - 1)

    @property
    def y(self) -> int:
        """One number for it, in reading order."""
        return (((self.item << _BLOCKS) + self.block) << _LINES) + self.line + 1


def selected_text(sheet: Sheet, selection: Selection, left: int) -> str:
    """The text of a selection whose x count characters from the widget's edge, `left` of them before the text."""
    items = sheet.items.things
    if not items:
        return ""
    start, end = selection
    first = LineName.from_y(start.y) if start else LineName(0, 0, -1)
    final = LineName.from_y(end.y) if end else LineName(len(items), 0, -1)
    text = ""
    for item in items[first.item : final.item + 1]:
        if not item.opened:
            text += ("\n\n" if text else "") + item.entry.text
            continue
        for index, block in enumerate(item.blocks.things):
            name = item.index, index
            if not (first.item, first.block) <= name <= (final.item, final.block):
                continue
            begin = (first.line, max(0, start.x - left)) if start and name == (first.item, first.block) else (0, 0)
            stop = (final.line, max(0, end.x - left)) if end and name == (final.item, final.block) else None
            piece = copied(block, begin, stop)
            if piece:
                text += ("\n" * (1 + min(block.gap, 1)) if text else "") + piece
    return text


def copied(block: Block, start: tuple[int, int] = (0, 0), end: tuple[int, int] | None = None) -> str:
    """The block's text between two points, each a line and a character in it.

    Lines that were wrapped are whole again. A table that is copied whole, and what isn't rendered, comes as its source.
    """
    whole = start <= (0, 0) and end is None
    if block.lines is None or (whole and block.kind == "prose" and len(block.text) > 1 and _TABLE.match(block.text[1])):
        return block.source
    pieces: list[str] = []
    for number, line in enumerate(block.lines):
        if number < start[0] or (end and number > end[0]):
            continue
        begin = max(line.lead, start[1] if number == start[0] else 0)
        text = line.plain[begin : end[1] if end and number == end[0] else None].rstrip()
        if begin == 0:
            for mark, written in _MARKS:
                text = mark.sub(written, text)
        pieces.append((line.join if pieces else "") + text)
    return "".join(pieces)


def clicked_text(place: Position, text: str, x: int, left: int, *, block: bool) -> Selection | None:
    """The word at a cell of the line `text`, or the whole block that the line belongs to."""
    if block:
        return block_selection(place, left)
    return word_selection(text, character_at(text, x), LineName.of(place).y)


def shaded(strip: Strip, place: Position, selection: Selection, ground: Style, left: int) -> Strip:
    """The strip of a line with another ground behind what is selected of it."""
    span = selection.get_span(LineName.of(place).y)
    if span is None:
        return strip
    return with_ground(strip, span[0], None if span[1] < 0 else span[1], ground, left)


def select(widget: Widget, selection: Selection | None) -> None:
    """Select text in a widget, or none, and leave what is selected elsewhere."""
    others = {each: chosen for each, chosen in widget.screen.selections.items() if each is not widget}
    widget.screen.selections = {**others, widget: selection} if selection else others


def deselect(widget: Widget) -> None:
    """What is selected in a widget may have moved."""
    if widget.is_attached and widget.text_selection is not None:
        select(widget, None)


def word_selection(text: str, x: int, y: int) -> Selection | None:
    """The word of a line at a character, None between words."""
    for found in _WORD.finditer(text):
        if found.start() <= x < found.end():
            return Selection(Offset(found.start(), y), Offset(found.end(), y))
    return None


def block_selection(place: Position, left: int) -> Selection | None:
    """The whole block at a place."""
    lines = place.block.lines
    if not lines:
        return None
    name = LineName.of(place)
    last = LineName(name.item, name.block, len(lines) - 1)
    return Selection(Offset(left, LineName(name.item, name.block, 0).y), Offset(left + len(lines[-1].plain), last.y))
