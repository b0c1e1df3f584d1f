"""The sentences, items and rows of sources that say most for their length, where not all of their text fits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from chatspace.core.document import Span
from chatspace.core.extraction import Extraction, Section
from chatspace.core.runs.chunks import Element, elements, split
from chatspace.core.text.sentences import sentences
from chatspace.core.text.tokens import estimate_tokens

FACT_WEIGHT = 0.2
OPENING_WEIGHT = 0.3
PLAIN_WEIGHT = 0.02
"""What weighs beside a key point's 1 to 2: a fact, the beginning of a section, and text with neither."""

GAP = "[…]"
"""Stands where sentences of a paragraph are left out."""

UNIT_OVERHEAD = 3
"""Tokens that the gap or the line break before a unit takes at most."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is shown or left out as one. `section` and `element` are indexes; `seam` joins it to the one before it."""

    section: int
    element: int
    text: str
    tokens: int
    score: float
    seam: str


@dataclass(frozen=True, slots=True)
class Own:
    """A section with the stretch below its heading, up to the next; `text` is without the heading's line."""

    section: Section
    span: Span
    text: str

    @property
    def name(self) -> str:
        return " / ".join(self.section.path) or "(start)"


def own_sections(extraction: Extraction) -> list[Own]:
    """In reading order."""
    text = extraction.text or ""
    ordered = sorted(extraction.sections, key=lambda section: section.span[0])
    headings = {block.span[0]: block.span[1] for block in extraction.blocks if block.kind == "heading"}
    found = []
    for index, section in enumerate(ordered):
        end = ordered[index + 1].span[0] if index + 1 < len(ordered) else section.span[1]
        start = section.span[0]
        body = text[headings.get(start, start) : end] if section.level else text[start:end]
        found.append(Own(section, (start, min(end, section.span[1])), body.strip()))
    return found


@dataclass(frozen=True, slots=True)
class Candidates:
    """A source in units, with its sections."""

    sections: tuple[Own, ...]
    units: tuple[Unit, ...]

    @classmethod
    def of(cls, extraction: Extraction, largest: int) -> Candidates:
        """In parts of at most `largest` tokens."""
        return cls(tuple(own_sections(extraction)), tuple(_units(extraction, largest)))

    def headings(self, unit: Unit) -> list[Section]:
        """Those that the unit stands under, the outermost first."""
        by_id = {own.section.id: own.section for own in self.sections}
        found, section = list[Section](), self.sections[unit.section].section if unit.section >= 0 else None
        while section and section.level:
            found.insert(0, section)
            section = by_id.get(section.parent or "")
        return found

    def arranged(self, kept: Collection[int]) -> str:
        """The units that are kept, in their order, each below the headings that it stood under."""
        shown: set[str] = set()
        pieces: list[str] = []
        before = -1
        for index in sorted(kept):
            unit = self.units[index]
            for section in self.headings(unit):
                if section.id not in shown:
                    shown.add(section.id)
                    pieces += ["\n\n", heading_line(section)]
            if before >= 0 and self.units[before].element == unit.element:
                gap = unit.seam == " " and index != before + 1
                pieces.append(f" {GAP} " if gap else unit.seam)
            else:
                pieces.append("\n\n")
            pieces.append(unit.text)
            before = index
        return "".join(pieces).strip("\n")

    def left_out(self, kept: Collection[int]) -> list[Own]:
        """The sections with text of which nothing is kept."""
        shown = {self.units[index].section for index in kept}
        return [own for number, own in enumerate(self.sections) if own.text and number not in shown]


def _units(extraction: Extraction, largest: int) -> Iterator[Unit]:
    text = extraction.text or ""
    starts = sorted(section.span[0] for section in extraction.sections)
    weigh = _Scale(extraction)
    opened: set[int] = set()
    for number, element in enumerate(elements(extraction)):
        if element.kind == "heading":
            continue
        section = bisect_right(starts, element.span[0]) - 1
        for span, part, seam in _parts(text, element, largest):
            tokens = estimate_tokens(part) + UNIT_OVERHEAD
            weight = weigh(span) + (0.0 if section in opened else OPENING_WEIGHT)
            opened.add(section)
            yield Unit(section, number, part, tokens, weight / tokens, seam)


def _parts(text: str, element: Element, largest: int) -> Iterator[tuple[Span, str, str]]:
    """Sentences of prose, outermost items of lists, and other blocks in one piece where they aren't too large."""
    start, end = element.span
    if element.kind == "paragraph":
        for first, last in sentences(text[start:end]):
            if estimate_tokens(text[start + first : start + last]) <= largest:
                yield (start + first, start + last), text[start + first : start + last], " "
        return
    for part, _ in split(text, element, 1 if element.kind == "list" else largest):
        if shown := part.text(text).strip("\n"):
            yield part.span, shown, "\n" if element.kind == "list" else "\n\n"


class _Scale:
    """Weighs a span by the key points and the facts that begin in it."""

    def __init__(self, extraction: Extraction) -> None:
        points = sorted((point.span[0], 1 + point.score) for point in extraction.key_points)
        self._points = [start for start, _ in points]
        self._sums = [0.0, *accumulate(weight for _, weight in points)]
        self._facts = sorted(fact.span[0] for fact in extraction.facts)

    def __call__(self, span: Span) -> float:
        first, last = (bisect_left(self._points, at) for at in span)
        facts = bisect_left(self._facts, span[1]) - bisect_left(self._facts, span[0])
        return PLAIN_WEIGHT + self._sums[last] - self._sums[first] + FACT_WEIGHT * facts


def best(sources: Sequence[Candidates], room: int) -> list[frozenset[int]]:
    """For each source the units that say most and fit `room`, with the headings above them."""
    kept: list[set[int]] = [set() for _ in sources]
    headed: list[set[str]] = [set() for _ in sources]
    ranked = [
        (-unit.score, source, index) for source, each in enumerate(sources) for index, unit in enumerate(each.units)
    ]
    for _, source, index in sorted(ranked):
        unit = sources[source].units[index]
        if unit.tokens > room:
            continue
        above = [section for section in sources[source].headings(unit) if section.id not in headed[source]]
        needed = unit.tokens + sum(estimate_tokens(heading_line(section)) + 1 for section in above)
        if needed <= room:
            kept[source].add(index)
            headed[source].update(section.id for section in above)
            room -= needed
    return [frozenset(each) for each in kept]


def heading_line(section: Section) -> str:
    return f"{'#' * section.level} {section.title}"
