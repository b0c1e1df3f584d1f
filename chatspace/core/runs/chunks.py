"""A source cut into chunks that fit a window: at headings where possible, never inside what must stay together."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from chatspace.core.document import Span
from chatspace.core.extraction import Block, Section
from chatspace.core.text.sentences import sentences
from chatspace.core.text.tokens import CHARACTERS_PER_TOKEN, estimate_tokens

MIN_CHUNK = 120
"""Tokens. Chunks that are smaller tell a model nothing."""

TITLE_LENGTH = 80
PIECE_OVERHEAD = 12
"""Tokens that the line with the headings above a piece takes beside them."""

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_ITEM = re.compile(r"(?:[-*+•]|\d{1,9}[.)])(?=[ \t]|$)")
_ROW_START = re.compile(r"^", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands below one heading, with the headings above it."""

    path: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """`span` is the part of source number `source` that it covers; the spans of all chunks join without a gap.

    A piece may say more than its span where an element had to be split: a table's header, a fence, the sentence before.
    """

    source: int
    span: Span
    pieces: tuple[Piece, ...]

    @property
    def heading(self) -> str:
        """The first heading in it, else the one it stands below."""
        path = next((piece.path for piece in self.pieces if piece.path), ())
        return path[-1] if path else ""


class Parsed(Protocol):
    """A text with its sections and outermost blocks: an extraction, or a structure."""

    @property
    def text(self) -> str | None: ...

    @property
    def sections(self) -> Sequence[Section]: ...

    @property
    def blocks(self) -> Sequence[Block]: ...


def cost(text: str) -> int:
    """Tokens of a text at most: as JSON has it, which is a little longer."""
    return estimate_tokens(json.dumps(text, ensure_ascii=False))


def cut(extraction: Parsed, budget: int, source: int = 0) -> list[Chunk]:
    """Chunks of at most `budget` tokens each, as `cost` counts, that cover everything behind the front matter.

    Only an element that is larger than that by itself is split: a list between its items, a table between its rows,
    code between its lines, prose between its sentences.
    """
    limit = max(MIN_CHUNK, budget)
    text = extraction.text or ""
    parts = [
        part
        for element in elements(extraction, limit // 4)
        for part in split(text, element, limit - _overhead(element))
    ]
    return [_chunk(text, group, source) for group in _packed(parts, limit)]


@dataclass(frozen=True, slots=True)
class Element:
    """An outermost block with the blank lines behind it, or a part of one between `lead` and `tail`."""

    span: Span
    path: tuple[str, ...]
    kind: str
    lead: str = ""
    tail: str = ""

    def text(self, source: str) -> str:
        return f"{self.lead}{source[slice(*self.span)]}{self.tail}"


@dataclass(frozen=True, slots=True)
class _Part:
    element: Element
    tokens: int
    overhead: int


def elements(extraction: Parsed, path_limit: int = MIN_CHUNK) -> Iterator[Element]:
    """The outermost blocks in reading order; together they cover everything behind the front matter."""
    text = extraction.text or ""
    sections = sorted(extraction.sections, key=lambda section: section.span[0])
    starts = [section.span[0] for section in sections]
    blocks: list[Block] = sorted(extraction.blocks, key=lambda block: block.span[0])
    edges = [block.span[0] for block in blocks[1:]] + [len(text)]
    begin = min([*starts[:1], *(block.span[0] for block in blocks[:1])], default=0)
    for index, end in enumerate(edges if blocks else [len(text)]):
        start = blocks[index].span[0] if blocks and index else begin
        if start >= end:
            continue
        above = bisect_right(starts, start) - 1
        path = _path(sections[above].path, path_limit) if above >= 0 else ()
        yield Element((start, end), path, blocks[index].kind if blocks else "paragraph")


def _path(titles: Sequence[str], limit: int) -> tuple[str, ...]:
    """The headings above a place, without the outermost ones where all would take more than `limit` tokens."""
    path = tuple(shortened(title) for title in titles)
    while path and sum(map(cost, path)) > limit:
        path = path[1:]
    return path


def shortened(title: str) -> str:
    return title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "…"


def _packed(parts: Sequence[tuple[Element, int]], limit: int) -> Iterator[list[Element]]:
    """Greedily full groups. One that overflows ends at its last heading, if that leaves it at least half full."""
    group: list[_Part] = []
    for element, tokens in parts:
        part = _Part(element, tokens, _overhead(element))
        while group and _size(group) + _added(group[-1], part) > limit:
            at = _last_heading(group, limit)
            yield [each.element for each in group[:at]]
            group = group[at:]
        group.append(part)
    if group:
        yield [part.element for part in group]


def _size(group: Sequence[_Part]) -> int:
    total, path = 0, None
    for part in group:
        total += part.tokens + (part.overhead if part.element.path != path else 0)
        path = part.element.path
    return total


def _added(last: _Part, part: _Part) -> int:
    return part.tokens + (part.overhead if part.element.path != last.element.path else 0)


def _last_heading(group: Sequence[_Part], limit: int) -> int:
    """Where to end a full group. Headings never end one: they go with what follows them."""
    end = len(group)
    while end > 1 and group[end - 1].element.kind == "heading":
        end -= 1
    headings = [index for index in range(1, end) if group[index].element.kind == "heading"]
    for index in reversed(headings):
        while index > 1 and group[index - 1].element.kind == "heading":
            index -= 1
        if _size(group[:index]) >= limit / 2:
            return index
    return end


def _overhead(element: Element) -> int:
    return PIECE_OVERHEAD + sum(cost(title) for title in element.path)


def _chunk(text: str, group: Sequence[Element], source: int) -> Chunk:
    pieces: list[Piece] = []
    for element in group:
        shown = element.text(text)
        if pieces and pieces[-1].path == element.path:
            pieces[-1] = Piece(element.path, pieces[-1].text + shown)
        else:
            pieces.append(Piece(element.path, shown))
    return Chunk(source, (group[0].span[0], group[-1].span[1]), tuple(pieces))


# Elements that are too large by themselves


def split(text: str, element: Element, limit: int) -> Iterator[tuple[Element, int]]:
    """The element, or its parts of at most `limit` tokens where it is larger, each with what it takes."""
    tokens = cost(element.text(text))
    if tokens <= limit:
        yield element, tokens
        return
    lead, tail, starts = _SEAMS.get(element.kind, _prose)(text, element.span)
    room = max(MIN_CHUNK // 2, limit - cost(lead) - cost(tail))
    if room < cost(lead) + cost(tail):
        lead = tail = ""
    overlap = element.kind not in _SEAMS
    before: Span | None = None
    for start, end in _filled(text, starts, element.span[1], room - (room // 8 if overlap else 0)):
        first = start == element.span[0]
        opening = "" if first else lead
        if overlap and before and (repeated := _last_sentence(text[slice(*before)], room // 8)):
            opening = repeated + " "
        closing = tail if end < element.span[1] else ""
        part = Element((start, end), element.path, element.kind, opening, closing)
        yield part, cost(part.text(text))
        before = (start, end)


def _filled(text: str, starts: Sequence[int], end: int, room: int) -> Iterator[Span]:
    """Spans of whole units within `room` tokens; a unit that is larger than that is cut between words."""
    begin, used = starts[0], 0
    for index, start in enumerate(starts):
        stop = starts[index + 1] if index + 1 < len(starts) else end
        if begin < start and used + cost(text[start:stop]) > room:
            yield begin, start
            begin, used = start, 0
        while stop - begin > room * CHARACTERS_PER_TOKEN or cost(text[begin:stop]) > room:
            at = _between_words(text, begin, stop, room)
            yield begin, at
            begin, used = at, 0
        used += cost(text[max(begin, start) : stop])
    if begin < end:
        yield begin, end


def _between_words(text: str, start: int, stop: int, room: int) -> int:
    """An end for a stretch of at most `room` tokens from `start` on."""
    size = min(stop - start, room * CHARACTERS_PER_TOKEN)
    while size > 1 and cost(text[start : start + size]) > room:
        size = min(size - 1, max(1, size * room // max(1, cost(text[start : start + size]))))
    space = max(text.rfind(" ", start + size // 2, start + size), text.rfind("\n", start + size // 2, start + size))
    return space + 1 if space > start and start + size < stop else start + max(1, size)


def _table(text: str, span: Span) -> tuple[str, str, list[int]]:
    """Rows, each part under the header."""
    starts = _line_starts(text, span)
    header = text[starts[0] : starts[2]] if len(starts) > 2 else ""
    return header, "", [starts[0], *starts[3:]]


def _code(text: str, span: Span) -> tuple[str, str, list[int]]:
    """Lines, each part a fence of its own."""
    starts = _line_starts(text, span)
    opening = text[starts[0] : starts[1]] if len(starts) > 1 else ""
    fence = _FENCE.match(opening)
    if not fence:
        return "", "", starts
    return opening, fence[0].lstrip() + "\n", [starts[0], *starts[2:]]


def _list(text: str, span: Span) -> tuple[str, str, list[int]]:
    """Outermost items."""
    starts = _line_starts(text, span)
    indents = {
        start: len(line) - len(line.lstrip(" \t"))
        for start, line in ((start, text[start : start + 80]) for start in starts)
        if _ITEM.match(line.lstrip(" \t"))
    }
    outermost = min(indents.values(), default=0)
    return "", "", sorted({span[0], *(start for start, indent in indents.items() if indent <= outermost)})


def _prose(text: str, span: Span) -> tuple[str, str, list[int]]:
    found = [span[0] + start for start, _ in sentences(text[slice(*span)])]
    return "", "", sorted({span[0], *found})


_SEAMS = {"table": _table, "code": _code, "list": _list}


def _line_starts(text: str, span: Span) -> list[int]:
    inside = [match.start() for match in _ROW_START.finditer(text, span[0], span[1]) if match.start() < span[1]]
    return sorted({span[0], *inside})


def _last_sentence(text: str, most: int) -> str:
    """The end of what stood before a split, so that the next chunk doesn't begin in the air."""
    found = sentences(text)
    last = text[slice(*found[-1])] if found else ""
    return last if last and cost(last) <= most else ""
