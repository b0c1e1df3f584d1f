"""The values of a JSON file one after the other, so that a file of any size takes the memory of its largest value."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any, Protocol

CHUNK = 1 << 20
LARGEST = 200_000_000
"""Characters of one value; what is larger is not read."""

CUT_TOKEN = 16
"""An error so near the end of what was read may be one of a word that isn't there whole."""

MAX_TRIES = 10_000
"""Places looked at for the value behind a broken one."""

MAX_OPENING = 320
"""Characters, with the blanks round a key."""

_BETWEEN = re.compile(r"[\s,]*")
_FIRST_KEY = re.compile(r'\{\s*("(?:[^"\\]|\\.){0,200}")\s*:')
_DECODER = json.JSONDecoder()


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Broken:
    """A value that couldn't be read, by its number in the file, and why."""

    number: int
    why: str


def values(file: Readable, whole: Callable[[Any], bool]) -> Iterator[Any]:
    """The elements of the array that a file holds, else its values one after the other; Broken for each that isn't one.

    Behind a broken one it goes on at the next object that begins as that one did and that `whole` takes for one.
    What isn't UTF-8, or UTF-16 with a byte-order mark, comes as U+FFFD.
    """
    text = _Text(file)
    in_array = text.next_char() == "["
    if in_array:
        text.at += 1
    number = 0
    while char := text.next_char():
        if in_array and char == "]":
            return
        number += 1
        try:
            yield text.value()
        except (ValueError, RecursionError) as error:
            yield Broken(number, _why(error))
            if not text.find(whole):
                yield Broken(number, "the rest of the file can't be separated from it")
                return
    if in_array:
        yield Broken(number, "the file is incomplete: everything after this is missing")


def _why(error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return f"broken JSON: {error.msg}" if isinstance(error, JSONDecodeError) else str(error)


class _Text:
    """The text of a file from `at` on, as far as it was read."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        first = file.read(CHUNK)
        wide = first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        self._decoder = codecs.getincrementaldecoder("utf-16" if wide else "utf-8-sig")("replace")
        self._text = self._decoder.decode(first, not first)
        self._ended = not first
        self._opening: re.Pattern[str] | None = None
        self.at = 0

    def next_char(self) -> str:
        """The first character of the next value, that `at` is moved to; empty at the end."""
        while True:
            found = _BETWEEN.match(self._text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self._text) or not self._more():
                return self._text[self.at : self.at + 1]

    def value(self) -> Any:
        """The value that begins at `at`, which is moved behind it. Raises ValueError and RecursionError."""
        value, end = self._read()
        self._opening = self._opening or self._opening_here()
        self.at = end
        return value

    def find(self, whole: Callable[[Any], bool]) -> bool:
        """Move to the next object that is whole and begins like those before; gives whether there is one."""
        opening = self._opening or self._opening_here()
        if opening is None:
            return False
        self.at += 1
        for _ in range(MAX_TRIES):
            while (found := opening.search(self._text, self.at)) is None:
                self.at = max(self.at, len(self._text) - MAX_OPENING)
                if not self._more():
                    return False
            self.at = found.start()
            try:
                value, end = self._read()
            except (ValueError, RecursionError):
                self.at += 1
            else:
                if whole(value):
                    return True
                self.at = end
        return False

    def _read(self) -> tuple[Any, int]:
        """The value at `at` and its end."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self.at)
            except JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or error.pos >= len(self._text) - CUT_TOKEN
                if len(self._text) - self.at > LARGEST:
                    raise ValueError(f"it is longer than {LARGEST:,} characters") from error
                if not cut or not self._more():
                    raise
            else:
                if end < len(self._text) or not self._more():  # a number at the end may go on
                    return value, end

    def _more(self) -> bool:
        """Read on and let go of what stands before `at`; gives whether there was more.

        As much again as is held, so that a long value isn't parsed from its start too often.
        """
        if self._ended:
            return False
        kept = self._text[self.at :]
        data = self._file.read(max(CHUNK, len(kept)))
        self._ended = not data
        self._text = kept + self._decoder.decode(data, self._ended)
        self.at = 0
        return not self._ended

    def _opening_here(self) -> re.Pattern[str] | None:
        """How the object at `at` begins: with its first key."""
        key = _FIRST_KEY.match(self._text, self.at)
        return re.compile(rf"\{{\s{{0,50}}{re.escape(key[1])}\s{{0,50}}:") if key else None
