"""What the readers of HTML, DOCX and PDF make of a file, before it is written as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Script = Literal["sup", "sub"]

MAX_DEPTH = 60
"""Lists and quotes within each other; what lies deeper stands at this depth."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a run looks and where it links to; `scripts` says how it is raised and lowered, the outermost first."""

    strong: bool = False
    emphasis: bool = False
    struck: bool = False
    code: bool = False
    href: str | None = None
    scripts: tuple[Script, ...] = ()


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class StyledText:
    """A stretch of text in one style; `\\n` in `text` is a line break that the author meant.

    An image has its alternative text as `text` and its address as `target`; a note's `target` is its label; a task's
    text is the mark in its box. A formula's text is one line and joins nothing beside it.
    """

    text: str
    style: Style = PLAIN
    kind: Literal["text", "image", "note", "task", "formula"] = "text"
    target: str = ""


@dataclass(slots=True)
class Text:
    """A paragraph, or a heading where `level` is 1 to 6."""

    runs: list[StyledText]
    place: str
    level: int = 0


@dataclass(slots=True)
class Code:
    text: str
    place: str
    info: str = ""


@dataclass(slots=True)
class Table:
    """Rows of cells; the first row is the header, as Markdown knows no table without one."""

    rows: list[list[list[StyledText]]]
    place: str


@dataclass(slots=True)
class Rule:
    place: str


@dataclass(slots=True)
class Quote:
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class List:
    ordered: bool
    start: int = 1
    items: list[list[Block]] = field(default_factory=list)


Block = Text | Code | Table | Rule | Quote | List


@dataclass(slots=True)
class Body:
    """A whole file. `notes` are the footnotes by label, in the order in which the text refers to them."""

    blocks: list[Block]
    notes: dict[str, list[Block]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def place_item(
    blocks: list[Block], level: int, *, ordered: bool, start: int = 1, new_list: bool = False
) -> list[Block]:
    """Open an item `level` lists below the list that `blocks` ends with, and give the blocks to fill it with.

    Level 0 is the outermost; a level that skips one goes as deep as there are items to hold it.
    """
    for _ in range(level):
        last = blocks[-1] if blocks else None
        if not isinstance(last, List) or not last.items:
            break
        blocks = last.items[-1]
    last = blocks[-1] if blocks else None
    if new_list or not isinstance(last, List) or last.ordered != ordered:
        last = List(ordered, start)
        blocks.append(last)
    item: list[Block] = []
    last.items.append(item)
    return item


def flattened(blocks: Sequence[Block]) -> list[StyledText]:
    """All text of `blocks` as one paragraph with a line break between the blocks, as a table's cell needs it."""
    runs: list[StyledText] = []
    for block in blocks:
        inner: list[StyledText]
        match block:
            case Text():
                inner = block.runs
            case Code():
                inner = [StyledText(line + "\n", Style(code=True)) for line in block.text.split("\n")]
            case Table():
                inner = [run for row in block.rows for cell in row for run in (*cell, StyledText(" "))]
            case Quote():
                inner = flattened(block.blocks)
            case List():
                inner = flattened([part for item in block.items for part in item])
            case Rule():
                inner = []
        if runs and inner:
            runs.append(StyledText("\n"))
        runs.extend(inner)
    return runs
