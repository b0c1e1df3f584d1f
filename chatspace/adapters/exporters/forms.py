"""The form of a text file: its encoding, its byte-order mark and its line ends."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
WINDOWS = "cp1252"
NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", WINDOWS: "Windows-1252"}


@dataclass(frozen=True, slots=True)
class Form:
    """How a text is written; a new one as UTF-8 with LF."""

    encoding: str = "utf-8"
    mark: bytes = b""
    newline: str = "\n"

    @property
    def name(self) -> str:
        return NAMES[self.encoding]

    def written(self, text: str) -> bytes:
        """A text with LF newlines in this form. Raises UnicodeEncodeError for what the encoding doesn't have."""
        return self.mark + text.replace("\n", self.newline).encode(self.encoding)


def form_of(data: bytes) -> Form:
    """The form in which the readers read these bytes: UTF-8, UTF-16 with its mark, else Windows-1252.

    Where lines end in several ways, the most frequent one counts.
    """
    mark = next((mark for mark in MARKS if data.startswith(mark)), b"")
    encoding = MARKS.get(mark, "utf-8")
    try:
        text = data.removeprefix(mark).decode(encoding)
    except UnicodeDecodeError:
        mark, encoding = b"", WINDOWS
        text = data.decode(encoding, "replace")
    windows = text.count("\r\n")
    ends = {"\n": text.count("\n") - windows, "\r\n": windows, "\r": text.count("\r") - windows}
    return Form(encoding, mark, max(ends, key=lambda end: ends[end]))
