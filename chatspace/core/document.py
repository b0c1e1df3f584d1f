"""A source: an input text with its origin."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

Span = tuple[int, int]
"""`[start, end)` in Unicode code points of a text, never bytes."""

MAX_TEXT_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Origin:
    """From offset `start` of a source's text on, the text comes from `place` ("paragraph 12", "page 3")."""

    start: int
    place: str


@dataclass(frozen=True, slots=True)
class Source:
    """A decoded input with LF newlines.

    `text` is Markdown: the file itself where it was Markdown or plain text, what a reader wrote elsewhere.
    `id` is `sha256:` and the hash of the bytes that were read. `origins` is sorted by start and empty where
    the text is the file's own, whose places are its lines.
    """

    name: str
    text: str
    id: str
    media_type: str = "text/markdown"
    reader: str = "markdown"
    path: str | None = None
    origins: tuple[Origin, ...] = ()
    warnings: tuple[str, ...] = ()

    def line_of(self, offset: int) -> int:
        """The line of `text`, counted from 1."""
        return self.text.count("\n", 0, offset) + 1

    def place_of(self, offset: int) -> str:
        """Where in the original the text at `offset` comes from."""
        index = bisect_right(self.origins, offset, key=lambda origin: origin.start) - 1
        return self.origins[index].place if index >= 0 else f"line {self.line_of(offset)}"


@dataclass(frozen=True, slots=True)
class Written:
    """What a file holds after a text was written to it: the content's id, and what of its form couldn't be kept."""

    id: str
    lost: str = ""
