"""Bytes of a text file as text: UTF-8, UTF-16 with a byte-order mark, else Windows-1252 with a warning."""

from __future__ import annotations

import codecs
import re

from chatspace.core.document import MAX_TEXT_BYTES
from chatspace.core.errors import SourceError

_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_MAX_CONTROLS = 0.01
_NEWLINES = re.compile(r"\r\n?")

MEGABYTE = 1024 * 1024


def decode(data: bytes, name: str, declared: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The text with LF newlines, and what the user should know about how it was read.

    `declared` is the encoding that the text itself names, tried before Windows-1252. Raises SourceError for what is
    too large, binary or empty.
    """
    if len(data) > MAX_TEXT_BYTES:
        raise too_large(name, MAX_TEXT_BYTES, "text")
    text, warnings = _decoded(data, name, declared)
    refuse_binary(text, name)
    if not text.strip():
        raise empty(name)
    return _NEWLINES.sub("\n", text), warnings


def empty(name: str) -> SourceError:
    return SourceError(f"{name} is empty", "it contains no text", "Choose a file that contains text.")


def too_large(name: str, limit: int, what: str) -> SourceError:
    return SourceError(
        f"{name} is too large",
        f"the limit for {what} is {limit // MEGABYTE} MB",
        "Split it and use each part as a separate source.",
    )


def refuse_binary(text: str, name: str) -> None:
    if "\0" in text or len(_CONTROLS.findall(text)) > _MAX_CONTROLS * len(text):
        raise SourceError(
            f"{name} is not text",
            "it contains binary data",
            "Use a Markdown, text, HTML, DOCX or PDF file.",
        )


def _decoded(data: bytes, name: str, declared: str | None) -> tuple[str, tuple[str, ...]]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16"), ()
        except UnicodeDecodeError as error:
            raise SourceError(
                f"{name} can't be decoded",
                "it starts as UTF-16 but is not valid UTF-16",
                "Save it as UTF-8.",
            ) from error
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    if declared:
        try:
            return data.decode(declared), ()
        except (UnicodeError, LookupError):
            pass
    return _windows(data, name)


def _windows(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Line by line, since a file of two hands can be UTF-8 in one place and Windows-1252 in another."""
    lines: list[str] = []
    mixed = False
    for line in data.removeprefix(codecs.BOM_UTF8).splitlines(keepends=True):
        try:
            lines.append(line.decode("utf-8"))
            mixed = mixed or not line.isascii()
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", "replace"))
    text = "".join(lines)
    lost = text.count("\N{REPLACEMENT CHARACTER}")
    read_as = "partly UTF-8; its other lines were" if mixed else "not UTF-8 and was"
    warning = f"{name} is {read_as} read as Windows-1252. Check accents, dashes and quotation marks."
    if lost:
        warning += f" {lost} invalid bytes were replaced with \N{REPLACEMENT CHARACTER}."
    return text, (warning,)
