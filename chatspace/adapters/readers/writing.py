"""Blocks as Markdown that parses back to the same blocks, with a map to where each line came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from chatspace.adapters.readers import inline
from chatspace.adapters.readers.blocks import Block, Body, Code, List, Quote, Rule, Table, Text
from chatspace.core.document import Origin

Line = tuple[str, str]
"""A line of Markdown and the place it comes from, which is empty for a line of ours."""

_LARGEST_NUMBER = 999_999_999
_MAX_CELLS = 2_000_000
_TICKS = re.compile(r"`{3,}")


def write(body: Body) -> tuple[str, tuple[Origin, ...]]:
    """The Markdown of a file, its footnotes at the end, and its origins."""
    lines = list(_sequence(body.blocks))
    for label, blocks in body.notes.items():
        lines += [("", "")] if lines else []
        lines += _prefixed(_sequence(blocks) if blocks else [("", "")], f"[^{label}]: ", "    ")
    return "".join(f"{text}\n" for text, _ in lines), tuple(_origins(lines))


def _origins(lines: Iterable[Line]) -> Iterator[Origin]:
    offset, last = 0, ""
    for text, place in lines:
        if place and place != last:
            yield Origin(offset, place)
            last = place
        offset += len(text) + 1


def _sequence(blocks: Sequence[Block], tight: bool = False) -> Iterator[Line]:
    """Blocks with a blank line between them, or without one in an item of a tight list."""
    previous: Block | None = None
    other_marker = False
    for block in blocks:
        # Two lists of one kind would be read as one, so they take turns in their markers.
        follows_its_like = isinstance(previous, List) and isinstance(block, List) and previous.ordered == block.ordered
        other_marker = follows_its_like and not other_marker
        lines = list(_lines(block, other_marker))
        if not lines:
            continue
        if previous is not None and not tight:
            yield "", ""
        yield from lines
        previous = block


def _lines(block: Block, other_marker: bool) -> Iterable[Line]:
    match block:
        case Text():
            return _text(block)
        case Code():
            return _code(block)
        case Table():
            return _table(block)
        case Rule():
            return [("___", block.place)]
        case Quote():
            return _prefixed(_sequence(block.blocks), "> ", "> ")
        case List():
            return _list(block, other_marker)


def _text(block: Text) -> Iterator[Line]:
    if block.level:
        line = inline.heading(block.runs)
        return iter([(f"{'#' * min(block.level, 6)} {line}", block.place)] if line else [])
    text = inline.paragraph(block.runs)
    return ((line, block.place) for line in text.split("\n")) if text else iter(())


def _code(block: Code) -> Iterator[Line]:
    longest = max((len(ticks) for ticks in _TICKS.findall(block.text)), default=2)
    fence = "`" * (longest + 1)
    yield fence + block.info, block.place
    for line in block.text.split("\n"):
        yield line, block.place
    yield fence, block.place


def _table(block: Table) -> Iterator[Line]:
    rows = [[inline.cell(cell) for cell in row] for row in block.rows]
    width = max((index + 1 for row in rows for index, text in enumerate(row) if text), default=0)
    # A parser fills short rows itself; written out, a few wide rows could make a small file a huge one.
    full = width * len(rows) <= _MAX_CELLS
    first = True
    for row in rows:
        if not any(row):
            continue
        cells = row[:width] + [""] * (width - len(row) if full or first else 0)
        yield f"| {' | '.join(cells)} |", block.place
        if first:
            yield f"|{' --- |' * width}", block.place
            first = False


def _list(block: List, other_marker: bool) -> Iterator[Line]:
    tight = all(_is_tight(item) for item in block.items)
    number = max(0, min(block.start, _LARGEST_NUMBER - len(block.items)))
    written = False
    for item in block.items:
        lines = list(_sequence(item, tight))
        if not lines:
            continue
        if written and not tight:
            yield "", ""
        bullet = f"{number}{')' if other_marker else '.'} " if block.ordered else ("* " if other_marker else "- ")
        yield from _prefixed(lines, bullet, " " * len(bullet))
        written = True
        number += 1


def _is_tight(item: Sequence[Block]) -> bool:
    """Whether an item's blocks can follow each other without a blank line between them."""
    for index, block in enumerate(item):
        if isinstance(block, Text) and not block.level and index == 0:
            continue
        # Only a list that starts at 1 can interrupt a paragraph.
        if not isinstance(block, List) or (block.ordered and block.start != 1):
            return False
    return True


def _prefixed(lines: Iterable[Line], first: str, rest: str) -> Iterator[Line]:
    prefix = first
    for text, place in lines:
        yield (prefix + text if text else prefix.rstrip()), place
        prefix = rest
