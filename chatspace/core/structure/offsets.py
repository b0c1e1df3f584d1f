"""Where the lines of a text begin and end, and the offsets of bytes in code points: both in linear time."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from chatspace.core.document import Span

NEWLINE = re.compile(r"\r\n?|\n")
BLANKS = re.compile(r"[ \t]*")
QUOTE_MARKS = re.compile(r"[ \t>]*")


class Lines:
    """The lines of a text as Markdown counts them: LF, CR and CRLF end one, nothing else does."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        self.ends: list[int] = []
        for newline in NEWLINE.finditer(text):
            self.ends.append(newline.start())
            self.starts.append(newline.end())
        self.ends.append(len(text))
        self._filled: list[int] = []
        last = -1
        for index, (start, end) in enumerate(zip(self.starts, self.ends, strict=True)):
            if end > start and not text[start:end].isspace():
                last = index
            self._filled.append(last)

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, line: int) -> str:
        return self.text[self.starts[line] : self.ends[line]]

    def line_of(self, offset: int) -> int:
        """The line that holds `offset`, from 0."""
        return bisect_right(self.starts, offset) - 1

    def span(self, first: int, end: int, *, nested: bool = False) -> Span:
        """The span of the lines `[first, end)` without the indent before and the blank lines after.

        What is `nested` begins after the marks of the quotes it stands in.
        """
        last = max(first, self._filled[min(end, len(self)) - 1])
        start = self.starts[first]
        margin = (QUOTE_MARKS if nested else BLANKS).match(self.text, start, self.ends[first])
        stop = self.ends[last]
        start = margin.end() if margin and margin.end() < stop else start
        return start, stop

    def locate(self, content: str, first: int, end: int) -> Span:
        """Where the lines `[first, end)` say `content`, whose own lines may have lost their margins."""
        start, stop = self.span(first, end, nested=True)
        last = self.line_of(stop)
        head, _, _ = content.partition("\n")
        tail = content.rpartition("\n")[2]
        found = self.text.find(head, self.starts[first], self.ends[first])
        begin = found if found >= 0 else start
        found = self.text.rfind(tail, max(begin, self.starts[last]), stop)
        return begin, max(begin, found + len(tail) if found >= 0 else stop)


def from_bytes(text: str, offsets: Iterable[int]) -> dict[int, int]:
    """The code point offset of each UTF-8 byte offset."""
    wanted = sorted(set(offsets))
    if text.isascii():
        return {offset: offset for offset in wanted}
    data = text.encode()
    points: dict[int, int] = {}
    at = count = 0
    for offset in wanted:
        count += len(data[at:offset].decode("utf-8", "ignore"))
        at = offset
        points[offset] = count
    return points
