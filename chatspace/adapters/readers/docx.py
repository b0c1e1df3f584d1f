"""DOCX as blocks: headings by style, lists by numbering, style or indentation, whichever the author used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chatspace.adapters.readers.blocks import Block, Body, Code, Quote, StyledText, Table, Text, flattened, place_item
from chatspace.adapters.readers.docx_package import Element, Package, ParagraphStyle, W, indent_of, value
from chatspace.adapters.readers.docx_runs import Runs

_WRAPPERS = frozenset(W + name for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
_HEADING = re.compile(r"heading ([1-9])$")
_LIST_STYLE = re.compile(r"list(?: (bullet|number))?(?: ([2-5]))?$")
_CONTINUED = re.compile(r"list (?:continue|paragraph)(?: [2-5])?$")
_QUOTES = frozenset(("quote", "intense quote", "block text", "quotations", "quotation", "blockquote"))
_CODE = re.compile(
    r"(?:source |block )?code(?: block)?|html preformatted|preformatted(?: text)?|verbatim|macro text|listing"
)
_TITLES = ("title",)
_SAME_INDENT = 100
"""Twentieths of a point by which indents of one level may differ."""
_WIDEST = 200
_MAX_PLACES = 1_000_000
"""Beyond so many places in the grid merged cells count as one, so that a small file can't become a huge table."""


def read_docx(data: bytes, name: str) -> Body:
    """Raises SourceError for a file that is damaged, encrypted or too large."""
    package = Package(data, name)
    runs = Runs(package)
    story = _DocxBody(package, runs)
    blocks = story.blocks(package.body)
    notes: dict[str, list[Block]] = {}
    # A note can hold a reference to a further note, so the list may grow.
    for label, element in enumerate(runs.notes, start=1):
        notes[str(label)] = _DocxBody(package, runs).blocks(element)
    warnings = []
    if story.contents_lines:
        warnings.append(f"The table of contents of {name} was skipped.")
    return Body(blocks, notes, warnings)


@dataclass(frozen=True, slots=True)
class _Item:
    """Where a list's paragraph stands: by level first, by indent within one level."""

    level: int
    indent: int
    number: str
    ordered: bool

    def deeper_than(self, other: _Item) -> bool:
        if self.level != other.level:
            return self.level > other.level
        return self.indent > other.indent + _SAME_INDENT

    def beside(self, other: _Item) -> bool:
        return not self.deeper_than(other) and not other.deeper_than(self)


@dataclass(slots=True)
class _DocxBody:
    """The paragraphs and tables of the body, of a note or of a cell, one after the other."""

    package: Package
    runs: Runs
    contents_lines: int = 0
    _out: list[Block] = field(default_factory=list)
    _items: list[_Item] = field(default_factory=list)
    _current: list[Block] | None = None
    _counters: dict[tuple[str, int], int] = field(default_factory=dict)
    _paragraphs: int = 0
    _tables: int = 0

    def blocks(self, parent: Element) -> list[Block]:
        for element in _unwrapped(parent):
            if element.tag == f"{W}p":
                self._paragraphs += 1
                self._paragraph(element, f"paragraph {self._paragraphs}")
            elif element.tag == f"{W}tbl":
                self._tables += 1
                self._end_list()
                self._out.append(Table(self._rows(element), f"table {self._tables}"))
        return self._out

    def _paragraph(self, element: Element, place: str) -> None:
        properties = element.find(f"{W}pPr")
        key = None if properties is None else value(properties.find(f"{W}pStyle"))
        style = self.package.styles.get(key or "", ParagraphStyle())
        names = style.names
        if any(name.startswith("toc ") or name == "toc heading" for name in names):
            self.contents_lines += 1
            return
        runs, boxes = self.runs.of(element)
        if any(_CODE.fullmatch(name) for name in names):
            self._add_code("".join(run.text for run in runs), place)
        elif any(run.text.strip() or run.kind != "text" for run in runs):
            self._add(element, runs, style, place)
        for box in boxes:
            inner = _DocxBody(self.package, self.runs).blocks(box)
            if inner:
                self._end_list()
                self._out.extend(inner)

    def _add(self, element: Element, runs: list[StyledText], style: ParagraphStyle, place: str) -> None:
        properties = element.find(f"{W}pPr")
        names = style.names
        level = _heading_level(names, style, properties)
        if level:
            self._end_list()
            self._out.append(Text(runs, place, level))
            return
        text = Text(runs, place)
        if item := self._item(element, style):
            self._add_item(item, text)
            return
        if self._current is not None and self._continues(names, style, properties):
            self._current.append(text)
            return
        self._end_list()
        if not _QUOTES.isdisjoint(names):
            last = self._out[-1] if self._out else None
            if not isinstance(last, Quote):
                last = Quote()
                self._out.append(last)
            last.blocks.append(text)
        else:
            self._out.append(text)

    def _item(self, element: Element, style: ParagraphStyle) -> _Item | None:
        """The paragraph as a list's item, if it is one."""
        properties = element.find(f"{W}pPr")
        numbering = None if properties is None else properties.find(f"{W}numPr")
        number, level = style.numbering, style.level
        if numbering is not None:
            own = value(numbering.find(f"{W}numId"))
            number = own if own is not None else number
            depth = value(numbering.find(f"{W}ilvl"))
            level = int(depth[:2]) if depth and depth.isdecimal() else level
        listed = next((match for name in style.names if (match := _LIST_STYLE.match(name))), None)
        if number == "0":  # This paragraph is taken out of the list that its style puts it in.
            return None
        if number is None:
            if not listed:
                return None
            return _Item(int(listed[2] or 1) - 1, indent_of(properties) or style.indent or 0, "", listed[1] == "number")
        if level is None:
            key = None if properties is None else value(properties.find(f"{W}pStyle"))
            level = self.package.numbering.level_of_style(number, key or "") or 0
        look = self.package.numbering.level(number, level)
        level = max(level, int(listed[2]) - 1) if listed and listed[2] else level
        indents = (indent_of(properties), look.indent if numbering is not None else None, style.indent, look.indent, 0)
        indent = next(indent for indent in indents if indent is not None)
        return _Item(level, indent, number, look.ordered)

    def _add_item(self, item: _Item, text: Text) -> None:
        while self._items and self._items[-1].deeper_than(item):
            self._items.pop()
        new_list = False
        if self._items and item.beside(self._items[-1]):
            before = self._items.pop()
            new_list = before.ordered != item.ordered or (item.ordered and before.number != item.number)
        number = self._count(item)
        self._current = place_item(
            self._out,
            len(self._items),
            ordered=item.ordered,
            start=number,
            new_list=new_list or self._current is None,
        )
        self._items.append(item)
        self._current.append(text)

    def _count(self, item: _Item) -> int:
        """The number that Word shows for an ordered item: lists go on counting over what stands between."""
        if not item.number:
            return 1
        depth = len(self._items)
        for key in [key for key in self._counters if key[0] == item.number and key[1] > depth]:
            del self._counters[key]
        look = self.package.numbering.level(item.number, item.level)
        number = self._counters.get((item.number, depth), look.start - 1) + 1
        self._counters[item.number, depth] = number
        return number

    def _continues(self, names: Sequence[str], style: ParagraphStyle, properties: Element | None) -> bool:
        """Whether an unnumbered paragraph belongs to the item before it."""
        if any(_CONTINUED.match(name) for name in names):
            return True
        indent = indent_of(properties)
        indent = style.indent if indent is None else indent
        return bool(indent) and indent is not None and indent + _SAME_INDENT >= self._items[-1].indent > 0

    def _end_list(self) -> None:
        self._items.clear()
        self._current = None

    def _add_code(self, text: str, place: str) -> None:
        into = self._out if self._current is None else self._current
        last = into[-1] if into else None
        if isinstance(last, Code):
            last.text += "\n" + text
        else:
            self._end_list()
            self._out.append(Code(text, place))

    def _rows(self, table: Element) -> list[list[list[StyledText]]]:
        rows: list[list[list[StyledText]]] = []
        places = 0
        for row in _unwrapped(table):
            if row.tag != f"{W}tr":
                continue
            cells: list[list[StyledText]] = []
            for cell in _unwrapped(row):
                if cell.tag != f"{W}tc":
                    continue
                properties = cell.find(f"{W}tcPr")
                merge = None if properties is None else properties.find(f"{W}vMerge")
                below = merge is not None and value(merge) != "restart"
                cells.append([] if below else flattened(_DocxBody(self.package, self.runs).blocks(cell)))
                span = "" if properties is None else value(properties.find(f"{W}gridSpan")) or ""
                if span.isdecimal() and len(cells) < _WIDEST and places < _MAX_PLACES:
                    cells += [[] for _ in range(min(int(span[:3]), _WIDEST) - 1)]
            rows.append(cells)
            places += len(cells)
        return rows


def _unwrapped(parent: Element) -> Iterator[Element]:
    for child in parent:
        if child.tag in _WRAPPERS:
            yield from _unwrapped(child)
        else:
            yield child


def _heading_level(names: Sequence[str], style: ParagraphStyle, properties: Element | None) -> int:
    """1 to 6, or 0 for what is no heading."""
    for name in names:
        if match := _HEADING.match(name):
            return min(int(match[1]), 6)
        if name in _TITLES:
            return 1
    own = None if properties is None else value(properties.find(f"{W}outlineLvl"))
    outline = int(own) if own and own.isdecimal() else style.outline
    return min(outline + 1, 6) if outline is not None and 0 <= outline < 9 else 0
