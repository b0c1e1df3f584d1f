"""A draft: the sources' own sentences and blocks, selected and arranged. Nothing is rewritten and nothing is added."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chatspace.adapters.offline.briefs import Shown, subject_of
from chatspace.adapters.offline.material import Material, Scale, reader_text
from chatspace.adapters.offline.phrases import leans
from chatspace.core.extraction import Block
from chatspace.core.text.length import words as count_words
from chatspace.core.text.sentences import sentences

SLACK = 1.1
"""A text up to a tenth longer than asked for is left whole."""

MAX_LEAD_WORDS = 90

_NAMES_NO_SUBJECT = re.compile(
    r"#*\s*(?:\d+[.)]?\s*)?(?:abstract|background|context|introduction|intro|overview|summary|hintergrund|einleitung|einführung|"
    r"kontext|überblick|zusammenfassung)\s*#*",
    re.IGNORECASE,
)
_HARD_BREAK = re.compile(r"(?: {2,}|\\)\n")
_REFERENCE = re.compile(r"^ {0,3}\[(?!\^)(?P<label>[^\]\n]{1,200})\]:[ \t]*\S.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block, or a sentence of one; `whole` is the block's own text."""

    text: str
    block: str
    whole: str
    kind: str


@dataclass(slots=True, eq=False)
class _Unit:
    """Pieces that only make sense together: they are taken or left as one."""

    pieces: list[_Piece]
    words: int = 0
    weight: float = 0.0
    chosen: bool = False

    @property
    def is_prose(self) -> bool:
        return all(piece.kind == "paragraph" for piece in self.pieces)

    @property
    def is_structure(self) -> bool:
        return any(piece.kind in ("list", "table", "code") for piece in self.pieces)


@dataclass(slots=True, eq=False)
class _Part:
    """A heading with the units below it; `heading` is empty for what stands before any."""

    heading: str
    level: int
    units: list[_Unit] = field(default_factory=list)


def draft(materials: Sequence[Material], words: int | None, *, keep_structure: bool = False) -> str:
    """Markdown of about `words` words, or of all the material where None; empty where there is none.

    `keep_structure` keeps every list, table and code block, and what a brief says to its writer too.
    """
    documents = [_Document(material, keep_structure) for material in materials]
    units = [unit for document in documents for unit in document.units()]
    _choose(documents, words, keep_structure)
    if not any(unit.chosen for unit in units):
        return ""
    return "\n\n".join(_written(documents)) + "\n"


class _Document:
    """One source, cut into parts and units."""

    def __init__(self, material: Material, keep_structure: bool) -> None:
        self.material = material
        self.text = material.structure.text
        self.keep = keep_structure
        self.scale = Scale.of(material)
        self.shown = Shown.of(material)
        self.notes = [self._source(block) for block in material.structure.blocks if block.kind == "footnote"]
        self.parts = self._parts()
        self.lead: list[_Unit] = []
        self.title = self._take_title()

    def _take_title(self) -> str:
        """The heading that the text begins with, else the source's title."""
        first = self.parts[0] if self.parts else None
        heading = first.heading.strip("# ") if first and first.level == 1 else ""
        if first and heading:
            first.heading, first.level = "", 0
        if self.keep:
            return heading or self.material.title
        return reader_text(subject_of(heading)) or self.shown.title

    def _source(self, block: Block) -> str:
        return self.text[slice(*block.span)].strip("\n")

    def units(self) -> list[_Unit]:
        return [unit for part in self.parts for unit in part.units]

    def _parts(self) -> list[_Part]:
        parts = [_Part("", 0)]
        structure = self.material.structure
        blocks = structure.blocks if self.keep else tuple(self.shown.blocks())
        for block in blocks:
            source = self._source(block)
            if block.kind == "heading":
                parts.append(_Part(_atx(source), block.level or 1))
            elif block.kind == "footnote" or (block.kind == "rule" and not self.keep) or source.startswith("<!--"):
                continue
            else:
                self._add(parts[-1].units, self._pieces(block, source))
        return [part for part in parts if part.heading or part.units]

    def _pieces(self, block: Block, source: str) -> list[_Piece]:
        if block.kind != "paragraph":
            return [_Piece(source, block.id, source, block.kind)]
        taken: list[str] = []
        dropped = False
        for text in _cut(source):
            dropped = not self.keep and (not self.shown.takes(text) or (dropped and leans(text)))
            if not dropped:
                taken.append(text)
        return [_Piece(text, block.id, source, block.kind) for text in taken]

    def _add(self, units: list[_Unit], pieces: Iterable[_Piece]) -> None:
        for piece in pieces:
            announced = bool(units) and units[-1].pieces[-1].text.rstrip("*_ ").endswith(":")
            tied = announced or (bool(units) and piece.kind == "paragraph" and leans(piece.text))
            if tied:
                units[-1].pieces.append(piece)
            else:
                units.append(_Unit([piece]))
            unit = units[-1]
            unit.words += count_words(piece.text)
            unit.weight = max(unit.weight, self.scale.weigh(piece.text))


def _atx(heading: str) -> str:
    """A heading underlined in the old way as one with marks, so that its level can be changed."""
    lines = heading.split("\n")
    if len(lines) > 1 and not heading.startswith("#"):
        return ("# " if lines[-1].lstrip().startswith("=") else "## ") + " ".join(line.strip() for line in lines[:-1])
    return heading.strip()


def _cut(paragraph: str) -> list[str]:
    """The sentences of a paragraph, verbatim. Where a mark spans several, they stay together; so do lines of verse."""
    if _HARD_BREAK.search(paragraph):
        return [paragraph]
    starts = [start for start, _ in sentences(paragraph)][1:]
    cuts = [0, *starts, len(paragraph)]
    texts: list[str] = []
    open_text = ""
    for start, end in pairwise(cuts):
        open_text += paragraph[start:end]
        if _is_closed(open_text):
            texts.append(open_text.strip())
            open_text = ""
    return [*texts, open_text.strip()] if open_text.strip() else texts


def _is_closed(text: str) -> bool:
    closing = text.count("“") + text.count("”") + text.count('"')
    quoted = text.count("„") <= closing if "„" in text else text.count("“") <= text.count("”")
    emphasis = len(re.findall(r"(?<!\w)_|_(?!\w)|(?<!\*)\*(?!\*)", text))
    even = emphasis % 2 == 0 and all(text.count(mark) % 2 == 0 for mark in ("**", "`"))
    brackets = all(text.count(left) <= text.count(right) for left, right in ("[]", "()", "«»"))
    return even and brackets and quoted and ("„" in text or text.count('"') % 2 == 0)


# Choosing


def _choose(documents: Sequence[_Document], words: int | None, keep_structure: bool) -> None:
    """Mark the units to take: all where they fit, else the weightiest, spread over the parts."""
    units = [unit for document in documents for unit in document.units()]
    if words is None or sum(unit.words for unit in units) <= words * SLACK:
        for unit in units:
            unit.chosen = True
    else:
        total = 0
        parts = [part for document in documents for part in document.parts]
        begun: set[int] = set()
        for unit, part in _ranked(documents, parts, keep_structure):
            needed = unit.words + (0 if id(part) in begun else count_words(part.heading))
            if total + needed <= words or (keep_structure and unit.is_structure) or not total:
                unit.chosen = True
                total += needed
                begun.add(id(part))
    if not keep_structure:
        for document in documents[:1]:
            _find_lead(document)


def _ranked(
    documents: Sequence[_Document], parts: Sequence[_Part], keep_structure: bool
) -> Iterator[tuple[_Unit, _Part]]:
    """Structure first where it must stay, then each source's opening, then by weight.

    Each further unit of a part weighs a little less, so that no part takes all the room.
    """
    openings = {id(document.parts[0].units[0]) for document in documents if document.parts and document.parts[0].units}
    ranked: list[tuple[float, int, _Unit, _Part]] = []
    for part in parts:
        heaviest_first = sorted(part.units, key=lambda unit: -unit.weight)
        for rank, unit in enumerate(heaviest_first):
            first = keep_structure and unit.is_structure
            bonus = 1e6 if first else 1e3 if id(unit) in openings else 0.0
            ranked.append((-(bonus + unit.weight * 0.85**rank), len(ranked), unit, part))
    for _, _, unit, part in sorted(ranked, key=lambda entry: entry[:2]):
        yield unit, part


def _find_lead(document: _Document) -> None:
    """Where a text starts with a heading, the paragraph that says most becomes its lead.

    It moves as a whole, so that no sentence loses the one it goes on from, and leaves no heading behind without text,
    but for one that names no subject ("Background").
    """
    if any(unit.is_prose for part in document.parts[:1] if not part.heading for unit in part.units):
        return
    found: tuple[float, list[_Unit]] = (0.0, [])
    for part in document.parts:
        chosen = [unit for unit in part.units if unit.chosen]
        for paragraph in _paragraphs(chosen):
            says_more = (weight := max(unit.weight for unit in paragraph)) > found[0]
            dissolves = len(paragraph) == len(chosen) and not _NAMES_NO_SUBJECT.fullmatch(part.heading)
            short = sum(unit.words for unit in paragraph) <= MAX_LEAD_WORDS
            if says_more and short and not dissolves and not leans(paragraph[0].pieces[0].text):
                found = (weight, paragraph)
    document.lead = found[1]


def _paragraphs(units: Sequence[_Unit]) -> Iterator[list[_Unit]]:
    """The units of each paragraph that isn't tied to another block."""
    members: dict[str, list[_Unit]] = {}
    tied: set[str] = set()
    for unit in units:
        held = {piece.block for piece in unit.pieces}
        if len(held) > 1 or not unit.is_prose:
            tied |= held
        for block in held:
            members.setdefault(block, []).append(unit)
    return (paragraph for block, paragraph in members.items() if block not in tied)


# Writing


def _written(documents: Sequence[_Document]) -> Iterator[str]:
    """The blocks of the draft in order."""
    body = [block for index, document in enumerate(documents) for block in _document(document, index)]
    yield from body
    text = "\n".join(body)
    for document in documents:
        notes = [note for note in document.notes if note.split("]:")[0] + "]" in text]
        yield from notes
        gaps = _between_blocks(document.material)
        links = [found[0].strip() for found in _REFERENCE.finditer(gaps) if f"[{found['label']}]" in text]
        if links:
            yield "\n".join(links)


def _document(document: _Document, index: int) -> Iterator[str]:
    """The first source gives the title; the headings of further ones stand a level lower."""
    if document.title:
        yield f"{'##' if index else '#'} {document.title}"
    if document.lead:
        yield from _blocks(document.lead)
    waiting: list[_Part] = []
    for part in document.parts:
        while waiting and waiting[-1].level >= part.level:
            waiting.pop()
        chosen = [unit for unit in part.units if unit.chosen and unit not in document.lead]
        if part.heading:
            waiting.append(part)
        if chosen:
            yield from (_lowered(above.heading, index) for above in waiting)
            waiting.clear()
            yield from _blocks(chosen)


def _lowered(heading: str, index: int) -> str:
    return f"#{heading}" if index and not heading.startswith("######") else heading


def _blocks(units: Sequence[_Unit]) -> Iterator[str]:
    """Pieces of one block side by side make its paragraph again; a block that is there whole stays as it was."""
    groups: dict[str, list[_Piece]] = {}
    for unit in units:
        for piece in unit.pieces:
            groups.setdefault(piece.block, []).append(piece)
    for pieces in groups.values():
        whole = pieces[0].whole
        taken = " ".join(_flat(piece.text) for piece in pieces)
        yield whole if pieces[0].kind != "paragraph" or taken == _flat(whole) else taken


def _flat(sentence: str) -> str:
    """A sentence without the line breaks of the paragraph it was taken from."""
    return sentence if _HARD_BREAK.search(sentence) else " ".join(sentence.split())


def _between_blocks(material: Material) -> str:
    """What no block holds: the definitions of links."""
    text, at, gaps = material.structure.text, 0, []
    for block in material.structure.blocks:
        gaps.append(text[at : block.span[0]])
        at = max(at, block.span[1])
    return "\n".join((*gaps, text[at:]))
