"""PDF as blocks. A PDF has no structure, only text at places: it is rebuilt from sizes, indents and bullets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from chatspace.adapters.readers.blocks import Block, Body, List, Style, StyledText, Text, place_item
from chatspace.adapters.readers.pdf_lines import END, JOINED, LOWERED, RAISED, Line, read_pages
from chatspace.core.errors import SourceError

_BULLET = re.compile(r"([•◦▪▫■□●○‣⁃∙·–—*-]|\uf0b7|\uf0a7|o(?= ))\s+(?=\S)")
_NUMBER = re.compile(r"\(?(\d{1,3}|[a-z]|[ivx]{2,5})[.)]\s+(?=\S)")
_DIGITS = re.compile(r"\d+")
_DIVIDED = re.compile(rf"([^\W\d_])([-\u00ad{JOINED}])$")
_DIVIDED_WORD = re.compile(rf"(\w+){JOINED}(\w+)")
_COMPOUND = re.compile(r"\w+-\w+")
_SCRIPT = re.compile(f"([^{RAISED}{LOWERED}]*)([{RAISED}{LOWERED}])([^{END}]*){END}")
_LONG_LINE = 50
_HEADING_FACTOR = 1.15
_MAX_HEADING = 150
_MAX_LEVELS = 4


def read_pdf(data: bytes, name: str) -> Body:
    """Raises SourceError for a file that is damaged, encrypted, too large, or has no text."""
    pages = read_pages(data, name)
    lines = [line for page in pages for line in page]
    if not lines:
        raise SourceError(f"{name} contains no text", "its pages are images", "Run text recognition (OCR) on it first.")
    running = _running(pages)
    kept = [line for line in lines if (line.page, line.base) not in running]
    warnings = [f"The structure of {name} was reconstructed from its page layout. Check headings, lists and tables."]
    if running:
        warnings.append(f"{len(running)} running headers, footers and page numbers of {name} were skipped.")
    return Body(_Layout(kept or lines).blocks(), warnings=warnings)


def _running(pages: list[list[Line]]) -> set[tuple[int, float]]:
    """Page and height of the lines that most pages have at their edge, but for numbers the same."""
    if len(pages) < 3:
        return set()
    marks = [(line, _DIGITS.sub("#", line.text)) for page in pages for line in page if line.at_edge]
    counts = Counter(text for _, text in {(line.page, text) for line, text in marks})
    return {(line.page, line.base) for line, text in marks if counts[text] * 2 > len(pages)}


class _Layout:
    """Joins lines to paragraphs, items and headings."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        weights: Counter[float] = Counter()
        for line in lines:
            weights[line.size] += len(line.text)
        self._body = weights.most_common(1)[0][0]
        self._gap = _usual_gap(lines)
        self._compounds = {match.lower() for line in lines for match in _COMPOUND.findall(line.text)}
        larger = sorted({line.size for line in lines if self._is_large(line)}, reverse=True)
        self._levels = {size: min(index + 1, _MAX_LEVELS) for index, size in enumerate(larger)}
        self._blocks: list[Block] = []
        self._items: list[float] = []
        self._texts: list[Text] = []
        self._text: Text | None = None

    def blocks(self) -> list[Block]:
        previous: Line | None = None
        for line in self._lines:
            self._line(line, previous)
            previous = line
        for text in self._texts:
            whole = (_DIVIDED_WORD.sub(self._joined, run.text).replace(JOINED, "") for run in text.runs)
            text.runs = [run for part in whole for run in _runs(part)]
        return self._blocks

    def _is_large(self, line: Line) -> bool:
        return line.size >= self._body * _HEADING_FACTOR and len(line.text) <= _MAX_HEADING

    def _line(self, line: Line, previous: Line | None) -> None:
        level = self._levels.get(line.size, 0) if self._is_large(line) else 0
        continues = previous is not None and self._follows(line, previous)
        if level:
            if self._text is not None and self._text.level == level and continues:
                self._append(self._text, line.text)
                return
            self._items.clear()
            self._blocks.append(self._begin(line, line.text, level))
        elif mark := self._mark(line, continues):
            self._item(line, mark)
        elif self._text is not None and not self._text.level and continues:
            self._append(self._text, line.text)
        else:
            if self._items and line.left <= self._items[0] + self._body / 2:
                self._items.clear()
            self._paragraph(line)

    def _mark(self, line: Line, continues: bool) -> re.Match[str] | None:
        if bullet := _BULLET.match(line.text):
            return bullet
        number = _NUMBER.match(line.text)
        # A line of running text can begin with a number; in a list, or at its beginning, it is an item's.
        return number if number and (self._items or not continues or number[1] in ("1", "a")) else None

    def _follows(self, line: Line, previous: Line) -> bool:
        """Whether a line goes on with the paragraph of the line before it."""
        if line.size != previous.size:
            return False
        if line.page != previous.page:
            return line.text[:1].islower()
        return 0 < line.base - previous.base < max(1.6 * line.size, 1.2 * self._gap)

    def _item(self, line: Line, mark: re.Match[str]) -> None:
        ordered = mark.re is _NUMBER
        tolerance = self._body / 3
        while self._items and self._items[-1] > line.left + tolerance:
            self._items.pop()
        if self._items and abs(self._items[-1] - line.left) <= tolerance:
            self._items.pop()
        number = int(mark[1]) if ordered and mark[1].isdecimal() else 1
        item = place_item(self._blocks, len(self._items), ordered=ordered, start=number)
        self._items.append(line.left)
        item.append(self._begin(line, line.text[mark.end() :]))

    def _append(self, text: Text, more: str) -> None:
        """Go on with a paragraph; a word that its line's end divided is joined."""
        before = text.runs[-1].text
        divided = _DIVIDED.search(before)
        if divided and more[:1].islower():
            text.runs[-1] = StyledText(before[: divided.start(2)] + JOINED + more)
        else:
            text.runs.append(StyledText(" " + more))

    def _joined(self, match: re.Match[str]) -> str:
        """The two parts of a word, with a hyphen where the text has it elsewhere in the middle of a line."""
        compound = f"{match[1]}-{match[2]}"
        return compound if compound.lower() in self._compounds else match[1] + match[2]

    def _paragraph(self, line: Line) -> None:
        into = _last_item(self._blocks, len(self._items)) if self._items else self._blocks
        into.append(self._begin(line, line.text))

    def _begin(self, line: Line, text: str, level: int = 0) -> Text:
        self._text = Text([StyledText(text)], f"page {line.page}", level)
        self._texts.append(self._text)
        return self._text


def _runs(text: str) -> Iterator[StyledText]:
    """The text of a line as runs, for its marks of what is raised and lowered."""
    for plain, mark, inner in _SCRIPT.findall(text + RAISED + END):
        yield StyledText(plain)
        yield StyledText(inner, Style(scripts=("sup",) if mark == RAISED else ("sub",)))


def _last_item(blocks: list[Block], depth: int) -> list[Block]:
    """The blocks of the item that `depth` lists within each other end with."""
    for _ in range(depth):
        last = blocks[-1]
        if not isinstance(last, List):
            break
        blocks = last.items[-1]
    return blocks


def _usual_gap(lines: Sequence[Line]) -> float:
    """The distance of the lines of running text, in half points."""
    gaps = Counter(
        round(2 * (after.base - before.base)) / 2
        for before, after in pairwise(lines)
        if before.page == after.page
        and len(before.text) >= _LONG_LINE
        and 0 < after.base - before.base < 3 * before.size
    )
    return gaps.most_common(1)[0][0] if gaps else 0.0
