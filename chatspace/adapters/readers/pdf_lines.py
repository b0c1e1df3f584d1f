"""The lines of a PDF's pages, with their places, read by PDFium within bounds."""

from __future__ import annotations

import ctypes
import math
import re
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import pypdfium2
import pypdfium2.raw as raw

from chatspace.adapters.readers.decoding import MEGABYTE, too_large
from chatspace.core.document import MAX_TEXT_BYTES
from chatspace.core.errors import SourceError

JOINED = "\ufffe"
"""What PDFium writes for a hyphen at the end of a line."""

RAISED, LOWERED, END = "\ufdd0", "\ufdd1", "\ufdd2"
"""Around raised and lowered digits; no text has these characters."""

_NO_MARKS = str.maketrans(dict.fromkeys((RAISED, LOWERED, END), "\ufffd"))
_DIGITS = re.compile(r"\d+")
_SMALLER, _MIN_RISE, _MIN_DROP = 0.85, 0.12, 0.04
"""The size, rise and drop of raised and lowered characters as shares of their line's size."""

_SPACE = 0.15
"""The gap of a space as a share of the size; spaces of their own aren't wider in a narrow font."""

_MAX_COMPARED = 200
_MAX_PAGES = 3_000
_MAX = 20.0
"""Seconds for all pages; 3,000 ordinary ones take 2."""
_MAX_UNPACKED, _MAX_OF_ONE = 128 * MEGABYTE, 16 * MEGABYTE
_STREAM = re.compile(rb"stream\r?\n")
_DICTIONARY_BYTES = 400
_ONE_AT_A_TIME = threading.Lock()
"""PDFium can't be used by two threads at once, not even for two files."""
_SAME_LINE = 0.5
"""The share of its size by which a character may stand higher or lower than its line."""
_EDGE = 0.07
"""The share of a page, above and below, in which running heads and page numbers stand."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, its raised and lowered digits between marks.

    `left`, `base` and `size` are in points, `base` counted downwards; `at_edge` of the page.
    """

    text: str
    page: int
    left: float
    base: float
    size: float
    at_edge: bool


def _refuse_bombs(data: bytes, name: str) -> None:
    """PDFium would unpack a gigabyte from a megabyte; images it leaves alone when it reads text."""
    total = end = 0
    while match := _STREAM.search(data, end):
        end = data.find(b"endstream", match.end())
        end = len(data) if end < 0 else end + len(b"endstream")
        if b"/Image" in data[max(0, match.start() - _DICTIONARY_BYTES) : match.start()]:
            continue
        size, unpacker, packed = 0, zlib.decompressobj(), data[match.end() : end]
        try:
            while packed and not unpacker.eof and size <= _MAX_OF_ONE:
                size += len(unpacker.decompress(packed, MEGABYTE))
                packed = unpacker.unconsumed_tail
        except zlib.error:  # Another filter, or none.
            pass
        total += size
        if size > _MAX_OF_ONE or total > _MAX_UNPACKED:
            raise too_large(name, _MAX_UNPACKED, "an unpacked PDF without its images")


def read_pages(data: bytes, name: str) -> list[list[Line]]:
    """The lines of each page. Raises SourceError for a file that is damaged, encrypted or too large."""
    _refuse_bombs(data, name)
    with _ONE_AT_A_TIME:
        return list(_pages(data, name))


def _pages(data: bytes, name: str) -> Iterator[list[Line]]:
    deadline = time.monotonic() + _MAX
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise SourceError(
                f"{name} can't be read", "it is password-protected", "Save it without a password."
            ) from error
        raise SourceError(
            f"{name} is damaged", "it is not a complete PDF", "Download it or export it again."
        ) from error
    try:
        if len(document) > _MAX_PAGES:
            raise SourceError(
                f"{name} is too long",
                f"it has more than {_MAX_PAGES} pages",
                "Split it and use each part as a separate source.",
            )
        size = 0
        for number in range(len(document)):
            lines = _page(document, number)
            size += sum(len(line.text) for line in lines)
            if size > MAX_TEXT_BYTES:
                raise too_large(name, MAX_TEXT_BYTES, "the text of a file")
            if time.monotonic() > deadline:
                raise SourceError(
                    f"{name} takes too long to read", "its pages are too complex", "Save it as DOCX or text."
                )
            yield lines
    finally:
        document.close()


def _page(document: Any, number: int) -> list[Line]:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:  # One page of a damaged file; the others may be whole.
        return []
    text_page = page.get_textpage()
    height = page.get_height()
    lines: list[Line] = []
    index = before_end = 0
    for text in text_page.get_text_range().translate(_NO_MARKS).split("\r\n"):
        for start, end in _stretches(text_page, text, index):
            left, _ = _origin(text_page, index + start)
            level = _level(text_page, text, index, (start, end))
            at_edge = not _EDGE < level.up / height < 1 - _EDGE
            written = _with_scripts(text_page, text, index, (start, end), level)
            line = Line(written, number + 1, left, height - level.up, level.size, at_edge)
            if lines and _is_beside(lines[-1], line):
                gap = _gap(text_page, before_end, index + start)
                lines[-1] = _joined(lines[-1], line, " " if gap > line.size * _SPACE else "")
            else:
                lines.append(line)
            before_end = index + end - 1
        # PDFium counts as it stores, in UTF-16.
        index += len(text.encode("utf-16-le", "surrogatepass")) // 2 + 2
    text_page.close()
    page.close()
    return lines


@dataclass(frozen=True, slots=True)
class _Level:
    """How large the characters of a line are and how high it stands."""

    size: float
    up: float

    def script_of(self, size: float, up: float) -> str:
        """The mark for a character that is smaller and stands higher or lower, or nothing."""
        if size > self.size * _SMALLER:
            return ""
        rise = (up - self.up) / self.size
        return RAISED if rise > _MIN_RISE else LOWERED if rise < -_MIN_DROP else ""


def _level(text_page: Any, text: str, index: int, stretch: tuple[int, int]) -> _Level:
    """That of the first letter, or of the largest character where there is none."""
    start, end = stretch
    letter = next((place for place in range(start, end) if text[place].isalpha()), None)
    places = [letter] if letter is not None else [place for place in range(start, end) if not text[place].isspace()]
    size, negative = max((_size(text_page, index + place), -place) for place in places[:_MAX_COMPARED])
    return _Level(size, _origin(text_page, index - negative)[1])


def _with_scripts(text_page: Any, text: str, index: int, stretch: tuple[int, int], level: _Level) -> str:
    """The text of a stretch with marks around its raised and lowered digits."""
    parts: list[str] = []
    at = stretch[0]
    for run in _DIGITS.finditer(text, *stretch):
        places = range(run.start(), run.end())
        kinds = [level.script_of(_size(text_page, index + at), _origin(text_page, index + at)[1]) for at in places]
        for kind, group in groupby(zip(kinds, places, strict=True), key=lambda pair: pair[0]):
            first, *rest = (place for _, place in group)
            end = (rest[-1] if rest else first) + 1
            parts += text[at:first], f"{kind}{text[first:end]}{END}" if kind else text[first:end]
            at = end
    return "".join((*parts, text[at : stretch[1]]))


def _is_beside(before: Line, line: Line) -> bool:
    """Whether what PDFium takes for two lines stands at one height."""
    return abs(before.base - line.base) < max(before.size, line.size) * _SAME_LINE and before.left < line.left


def _joined(before: Line, line: Line, gap: str) -> Line:
    """Two parts of a line as one; what is smaller and higher or lower is marked."""
    larger, smaller = (before, line) if before.size >= line.size else (line, before)
    kind = _Level(larger.size, -larger.base).script_of(smaller.size, -smaller.base)
    texts = [f"{kind}{part.text}{END}" if kind and part is smaller else part.text for part in (before, line)]
    return replace(before, text=gap.join(texts), base=larger.base, size=larger.size)


def _gap(text_page: Any, before: int, behind: int) -> float:
    """The room between two characters of a line."""
    left, right, low, high = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(text_page, before, left, right, low, high)
    return _origin(text_page, behind)[0] - right.value


def _stretches(text_page: Any, text: str, index: int) -> Iterator[tuple[int, int]]:
    """The parts of what PDFium takes for a line that stand at one height, without the spaces around them.

    It joins divided words over two lines, and sometimes a short line with the bullet of the next.
    """
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    if start >= end:
        return
    base, tolerance = _origin(text_page, index + start)[1], _size(text_page, index + start) * _SAME_LINE
    if abs(_origin(text_page, index + end - 1)[1] - base) > tolerance:
        for place in range(start, end):
            here = base if text[place].isspace() or text[place] == JOINED else _origin(text_page, index + place)[1]
            if abs(here - base) > tolerance:
                yield start, start + len(text[start:place].rstrip())
                start, base = place, here
    yield start, end


def _origin(text_page: Any, index: int) -> tuple[float, float]:
    """Where a character stands on its line, from the lower left corner of the page."""
    left, up = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text_page, index, left, up)
    return left.value, up.value


def _size(text_page: Any, index: int) -> float:
    """How large a character is shown; some programs write everything at size 1 and scale it."""
    matrix = raw.FS_MATRIX()
    scale = math.hypot(matrix.c, matrix.d) if raw.FPDFText_GetMatrix(text_page, index, matrix) else 1.0
    size: float = raw.FPDFText_GetFontSize(text_page, index)
    return round(size * (scale or 1.0), 1)
