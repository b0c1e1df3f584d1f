"""Old Markdown: lists nested by one or two spaces, by tabs, or bullets under numbers, read by their raw indents.

Lines keep their count and their words; only indents inside lists change, so a line of the rewritten text is the same
line of the original, and `Rewritten.restore` finds every offset again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chatspace.core.document import Span
from chatspace.core.structure.markdown import MAX_NESTING
from chatspace.core.structure.model import Item
from chatspace.core.structure.offsets import Lines
from chatspace.core.structure.token_tree import Tree

PREFIX = re.compile(r"(?: {0,3}> ?)*")
MARKER = re.compile(r"([-+*]|(\d{1,9})[.)])(?=[ \t]|$)")
RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
NEVER_LAZY = "#`~<|"
TAB = 4
STAIRCASE = 3
"""Indents that rise by this many one-column steps and perhaps fall again are drift and not levels."""

LONG = 8
"""In a list of so many items, one that stands out by one column is a slip."""


@dataclass(frozen=True, slots=True)
class RawItem:
    """A list item as its indent tells: `depth` from 1, the `column` of its marker, the `step` from its parent's."""

    line: int
    depth: int
    column: int
    step: int
    sign: str
    number: int | None


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """Lines from `first` on in which lists follow each other, as rewritten, with their raw items."""

    first: int
    lines: tuple[str, ...]
    items: tuple[RawItem, ...]

    def deeper_than(self, depths: Mapping[int, int]) -> list[RawItem]:
        """The items whose indents say deeper than the parse does; `depths` is the parse's, by line."""
        return [item for item in self.items if item.depth > depths.get(item.line, 0)]

    def by_chance(self, deeper: Sequence[RawItem]) -> bool:
        """Whether these deeper items need not be levels.

        That is something below a lone number above 1, or, among bullets of one sign, a drifting staircase or a slip by
        one column in a long list.
        """
        outermost = [item for item in self.items if item.depth == 1]
        if len(outermost) == 1 and (outermost[0].number or 0) > 1:
            return True
        if any(item.sign != self.items[0].sign or item.number is not None for item in self.items):
            return False
        slip = len(deeper) == 1 and deeper[0].step == 1 and len(self.items) >= LONG
        return slip or drifts([item.column for item in self.items])


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The text with list indents rewritten, and the way back."""

    text: str
    before: Lines
    after: Lines

    def restore(self, span: Span) -> Span:
        """The span in the original text."""
        return self._back(span[0]), self._back(span[1])

    def _back(self, offset: int) -> int:
        line = self.after.line_of(offset)
        to_end = max(0, self.after.ends[line] - offset)
        return max(self.before.starts[line], self.before.ends[line] - to_end)


def parsed_depths(items: Sequence[Item]) -> dict[int, int]:
    """The depth of the innermost item that begins on each line."""
    depths: dict[int, int] = {}
    for item in items:
        depths[item.line] = max(depths.get(item.line, 0), item.depth)
    return depths


def drifts(columns: Sequence[int]) -> bool:
    """Whether indents only rise column by column, and perhaps fall again, never holding and never taken up again."""
    steps = [after - before for before, after in pairwise(columns)]
    rise = steps.count(1)
    return rise >= STAIRCASE and steps == [1] * rise + [-1] * (len(steps) - rise)


def rewrite(lines: Lines, runs: Sequence[ItemGroup]) -> Rewritten:
    """The text of `lines` with the lines of these runs as they were rewritten."""
    new = dict(line for run in runs for line in enumerate(run.lines, run.first))
    pieces: list[str] = []
    for index, start in enumerate(lines.starts):
        following = lines.starts[index + 1] if index + 1 < len(lines) else len(lines.text)
        written = new.get(index)
        pieces.append(
            lines.text[start:following] if written is None else written + lines.text[lines.ends[index] : following]
        )
    text = "".join(pieces)
    return Rewritten(text, lines, Lines(text))


def raw_runs(lines: Lines, tree: Tree) -> list[ItemGroup]:
    """Every stretch of lists, read by an indent stack."""
    verbatim = {line: first for first, end in tree.opaque for line in range(first, end)}
    heads = {item.line for item in tree.items}
    return [_Stack(lines, verbatim, heads, quoted).read(*stretch) for quoted, *stretch in _stretches(lines, tree)]


def _stretches(lines: Lines, tree: Tree) -> Iterator[tuple[bool, int, int]]:
    """Whether it is quoted, first and end line of: lists in a row, with indented blocks between, and block quotes."""
    first = end = -1
    for block in tree.blocks:
        start, stop = lines.line_of(block.span[0]), lines.line_of(block.span[1]) + 1
        if block.kind == "list":
            first = start if first < 0 else first
            end = stop
            continue
        if block.kind == "quote":
            yield True, start, stop
        if first >= 0 and not lines[start][:1].isspace():
            yield False, first, end
            first = -1
    if first >= 0:
        yield False, first, end


@dataclass(slots=True)
class _Level:
    """An open item: its marker's column and its content's, as written and as rewritten."""

    raw: int
    raw_content: int
    content: int
    number: int | None
    sign: str


class _Stack:
    """Reads one stretch of lines, one open item per level."""

    def __init__(self, lines: Lines, verbatim: dict[int, int], heads: set[int], quoted: bool) -> None:
        self.lines = lines
        self.quoted = quoted
        self.verbatim = verbatim
        self.heads = heads
        self.levels: list[_Level] = []
        self.items: list[RawItem] = []

    def read(self, first: int, end: int) -> ItemGroup:
        written: list[str] = []
        after_text = False
        block, raw_base, base = -1, 0, 0
        for line in range(first, end):
            raw = self.lines[line]
            prefix = PREFIX.match(raw) if self.quoted else None
            cut = prefix.end() if prefix else 0
            column, body = indent_of(raw[cut:])
            if not body:
                written.append(raw)
                after_text = False
                continue
            opened = self.verbatim.get(line, -1)
            if opened >= 0 and line not in self.heads:
                if opened != block:
                    block, raw_base, base = opened, column, self._continued(column, body, False)
                column, new, body = raw_base, base, _without(raw[cut:], raw_base)
            elif self._opens(column, body, after_text):
                new = self._item(line, column, body)
                if opened >= 0:
                    block, raw_base, base = opened, self.levels[-1].raw_content, self.levels[-1].content
            else:
                new = self._continued(column, body, after_text)
            written.append(raw if new == column else raw[:cut] + " " * new + body)
            after_text = opened < 0
        return ItemGroup(first, tuple(written), tuple(self.items))

    def _opens(self, column: int, body: str, after_text: bool) -> bool:
        """Whether the line is an item; inside a paragraph only `1.` starts a new numbered list, as in CommonMark."""
        marker = MARKER.match(body)
        if not marker or RULE.match(body) or (column >= TAB and not self.levels):
            return False
        if not after_text or not marker[2] or int(marker[2]) == 1:
            return True
        siblings = (level for level in self.levels if level.raw >= column or self._counts_on(level, column, marker))
        return any(level.sign == marker[1][-1] and level.number is not None for level in siblings)

    def _counts_on(self, level: _Level, column: int, marker: re.Match[str]) -> bool:
        """Whether a numbered item is the next one of `level`, only indented a little more."""
        if not marker[2] or level.number is None or int(marker[2]) == 1:
            return False
        return int(marker[2]) == level.number + 1 and marker[1][-1] == level.sign and column < level.raw_content

    def _item(self, line: int, column: int, body: str) -> int:
        """Open the items of a line (`- - a` has two) and give the new indent of the first."""
        marker = MARKER.match(body)
        assert marker
        self._close(column, marker)
        indent = new = self.levels[-1].content if self.levels else 0
        while marker and not RULE.match(body):
            gap, rest = indent_of(body[marker.end() :], column + marker.end())
            new_gap, _ = indent_of(body[marker.end() :], new + marker.end())
            indented_code = gap > TAB
            if not rest or indented_code:
                gap = new_gap = 1
            content, new_content = column + marker.end() + gap, new + marker.end() + new_gap
            number = int(marker[2]) if marker[2] else None
            step = column - self.levels[-1].raw if self.levels else column
            self.levels.append(_Level(column, content, new_content, number, marker[1][-1]))
            self.items.append(RawItem(line, len(self.levels), column, step, marker[1][-1], number))
            column, new, body = content, new_content, rest
            marker = None if indented_code or len(self.levels) >= MAX_NESTING else MARKER.match(body)
        return indent

    def _close(self, column: int, marker: re.Match[str]) -> None:
        """Leave the items that the item at `column` is not under.

        Where an indent falls back to a column at which nothing stands, CommonMark's rule tells siblings from children.
        """
        closed: int | None = None
        while self.levels and column <= self.levels[-1].raw:
            closed = self.levels.pop().raw
        while self.levels and closed != column:
            level = self.levels[-1]
            between = closed is not None and level.sign == marker[1][-1] and column < level.raw_content
            if not between and not self._counts_on(level, column, marker):
                break
            self.levels.pop()

    def _continued(self, column: int, body: str, after_text: bool) -> int:
        """The new indent of a line that is no item: under the innermost item it is indented below."""
        if after_text and self.levels and column <= self.levels[-1].raw and body[0] not in NEVER_LAZY:
            return column
        while self.levels and column <= self.levels[-1].raw:
            self.levels.pop()
        if not self.levels:
            return column
        return self.levels[-1].content + max(0, column - self.levels[-1].raw_content)


def indent_of(text: str, start: int = 0) -> tuple[int, str]:
    """The width of the leading white space, with tab stops every four columns from `start`, and the rest."""
    body = text.lstrip(" \t")
    column = start
    for character in text[: len(text) - len(body)]:
        column += TAB - column % TAB if character == "\t" else 1
    return column - start, body


def _without(text: str, columns: int) -> str:
    """`text` less so many columns of its indent."""
    width, body = indent_of(text)
    if width <= columns:
        return body
    column = 0
    for index, character in enumerate(text):
        if column >= columns:
            return " " * (column - columns) + text[index:]
        column += TAB - column % TAB if character == "\t" else 1
    return body
