"""The outline: sections from the headings that stand outside every container."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatspace.core.document import Span
from chatspace.core.extraction import Section
from chatspace.core.text.tokens import estimate_tokens

WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{WIDE}]|[^\W_{WIDE}][^\s{WIDE}]*")


def count_words(text: str) -> int:
    """Runs between spaces that hold a letter or digit; Chinese and Japanese characters count one each."""
    return sum(1 for _ in WORD.finditer(text))


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    title: str
    start: int


def sections_of(text: str, headings: Sequence[Heading], begin: int) -> tuple[Section, ...]:
    """The sections of `text` from `begin` on; words are counted once and added up from the inside."""
    end = len(text)
    first = headings[0].start if headings else end
    outline = list(headings)
    if text[begin:first].strip():
        start = begin + len(text[begin:first]) - len(text[begin:first].lstrip())
        outline.insert(0, Heading(0, "", start))
    bounds = [heading.start for heading in outline] + [end]
    words = [count_words(text[bounds[index] : bounds[index + 1]]) for index in range(len(outline))]
    ends = [0] * len(outline)
    parents: list[int | None] = [None] * len(outline)
    stack: list[int] = []

    def close(level: int, at: int) -> None:
        while stack and (outline[stack[-1]].level >= level or outline[stack[-1]].level == 0):
            index = stack.pop()
            ends[index] = at
            parent = parents[index]
            if parent is not None:
                words[parent] += words[index]

    for index, heading in enumerate(outline):
        close(heading.level, heading.start)
        parents[index] = stack[-1] if stack else None
        stack.append(index)
    close(0, end)
    return tuple(_sections(text, outline, ends, parents, words))


def _sections(
    text: str, outline: Sequence[Heading], ends: Sequence[int], parents: Sequence[int | None], words: Sequence[int]
) -> list[Section]:
    made: list[Section] = []
    for index, heading in enumerate(outline):
        parent = parents[index]
        above = made[parent] if parent is not None else None
        path = (*above.path, heading.title) if above else ((heading.title,) if heading.level else ())
        piece = text[heading.start : ends[index]].rstrip()
        span: Span = (heading.start, heading.start + len(piece))
        identity = f"s{index + 1}"
        parent_id = above.id if above else None
        tokens = estimate_tokens(piece)
        made.append(Section(identity, parent_id, heading.level, heading.title, path, span, words[index], tokens))
    return made
