"""What is known of a Markdown text once it is parsed: every value points into the text by spans of code points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from chatspace.core.document import Span
from chatspace.core.extraction import Block, Finding, Link, ParserName, Section

Path = tuple[str, ...]
"""The kinds of a leaf's ancestors, outermost first: `bullet ordered item quote footnote table head row`."""

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """A block without blocks inside.

    `kind` is h1 to h6, paragraph, cell, code, html or rule. `text` is what a reader sees, without inline marks and with
    single spaces (code and HTML verbatim); `span` is where the source says it.
    """

    path: Path
    kind: str
    text: str
    span: Span

    @property
    def shape(self) -> tuple[Path, str, str]:
        """What makes two leaves the same; the margins of HTML and how an address is encoded don't count."""
        text = " ".join(self.text.split()) if self.kind == "html" else self.text
        return self.path, self.kind, unquote(text) if "://" in text and self.kind != "code" else text

    @property
    def is_heading(self) -> bool:
        return self.kind in HEADINGS


@dataclass(frozen=True, slots=True)
class Item:
    """A list item. `depth` is 1 outermost, `number` what an ordered item shows, `text` its own first paragraph."""

    depth: int
    ordered: bool
    number: int | None
    text: str
    span: Span
    line: int
    checked: bool | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` counts the header as its first; each row has as many cells as the header."""

    rows: tuple[tuple[str, ...], ...]
    span: Span

    @property
    def columns(self) -> int:
        return len(self.rows[0]) if self.rows else 0


@dataclass(frozen=True, slots=True)
class Code:
    """A code block with its content verbatim; `closed` is false for a fence that never ends."""

    info: str
    content: str
    span: Span
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Quote:
    """An outermost block quote."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Footnote:
    """A definition, or, in `Structure.references`, a mark in the text: that has no `text`, and its leaf's span."""

    label: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Structure:
    """A parsed Markdown text. Sequences are in reading order and spans index `text`, which is never changed.

    `portable` is the text that every CommonMark parser reads like this: `text` with the list indents that the fallback
    rewrote. `agreement` is the path F1 of the two parsers' readings. `front_matter` holds strings, lists of strings and
    mappings of these. `opaque` are the spans whose marks mean nothing: code, HTML and front matter. `findings` are
    those of parsing itself.
    """

    text: str
    portable: str
    parser: ParserName
    second_parser_agrees: bool
    agreement: float
    front_matter: Mapping[str, Any]
    title: str
    sections: tuple[Section, ...]
    blocks: tuple[Block, ...]
    links: tuple[Link, ...]
    leaves: tuple[Leaf, ...]
    items: tuple[Item, ...]
    tables: tuple[Table, ...]
    codes: tuple[Code, ...]
    quotes: tuple[Quote, ...]
    footnotes: tuple[Footnote, ...]
    references: tuple[Footnote, ...]
    opaque: tuple[Span, ...]
    findings: tuple[Finding, ...]
