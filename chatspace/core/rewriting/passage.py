"""Passages of a text that is being edited: the block at a place, and where a passage is once something changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chatspace.core.document import Span
from chatspace.core.errors import SourceError

_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})", re.MULTILINE)
_BLANK = re.compile(r"\n[ \t]*(?=\n)")


def block_at(text: str, offset: int) -> Span:
    """The paragraph, heading, list, table or code block at `offset`; between two blocks it is the one below.

    An empty span where there is none.
    """
    fenced = _fence_at(text, offset)
    if fenced:
        return fenced
    line = text.rfind("\n", 0, offset) + 1
    end_of_line = (text + "\n").index("\n", line)
    if not text[line:end_of_line].strip():
        below = re.compile(r"\S").search(text, end_of_line)
        above = len(text[:offset].rstrip())
        if below is None and not above:
            return offset, offset
        offset = below.start() if below else above - 1
        return block_at(text, offset)
    start = max((found.end() + 1 for found in _BLANK.finditer(text, max(0, offset - 100_000), line)), default=0)
    if not start:
        start = 0 if not text.startswith("\n") else len(text) - len(text.lstrip("\n"))
    found = _BLANK.search(text, max(0, end_of_line - 1))
    end = found.start() if found else len(text.rstrip())
    return _block_within(text, (start, end), offset)


def _block_within(text: str, span: Span, offset: int) -> Span:
    """The block of a few lines without a blank one between them: a heading needs none."""
    from chatspace.core.structure import parse  # the parsers load with it

    try:
        blocks = parse(text[slice(*span)]).blocks
    except SourceError:
        return span
    for block in blocks:
        if offset - span[0] <= block.span[1]:
            return span[0] + block.span[0], span[0] + block.span[1]
    return span


def _fence_at(text: str, offset: int) -> Span | None:
    """The fenced code that holds `offset`."""
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            if fence.start() > offset:
                return None
            opened = fence
        elif fence[1].startswith(opened[1]):
            end = (text + "\n").index("\n", fence.start())
            if opened.start() <= offset <= end:
                return opened.start(), end
            opened = None
    return (opened.start(), len(text.rstrip())) if opened else None


@dataclass(frozen=True, slots=True)
class Edit:
    """`removed` characters at `at` were replaced by `inserted` others."""

    at: int
    removed: int
    inserted: int


def edit_between(before: str, after: str) -> Edit | None:
    """The one edit that makes `after` of `before`, as small as it can be; None where they are the same."""
    if before == after:
        return None
    shorter = min(len(before), len(after))
    head = _common(shorter, lambda size: before[:size] == after[:size])
    tail = _common(shorter - head, lambda size: size == 0 or before[-size:] == after[-size:])
    return Edit(head, len(before) - head - tail, len(after) - head - tail)


def _common(most: int, holds: Callable[[int], bool]) -> int:
    """The largest size up to `most` for which `holds`, which holds for every smaller one too."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def moved(span: Span, edit: Edit) -> Span:
    """Where a span is after an edit; one that the edit reaches into takes in what was put there."""
    start, end = span
    change = edit.inserted - edit.removed
    if edit.at + edit.removed <= start:
        return start + change, end + change
    if edit.at >= end:
        return span
    return min(start, edit.at), max(end, edit.at + edit.removed) + change
