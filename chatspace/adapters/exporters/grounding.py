"""The grounding of a draft written into its Markdown: as footnotes, or as CriticMarkup for an editor's tools."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice, takewhile, zip_longest

from chatspace.core.document import Span
from chatspace.core.facts.evidence import Evidence, in_one_line
from chatspace.core.structure import Structure, parse

SOUND = frozenset({"supported", "derived"})

_WHOLE = re.compile(
    r"""(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)   # code
      | <[^\s<>][^<>]*>                                    # an address, a tag
      | \[\^[^\]\s]+\]                                     # the mark of a footnote
      | &\#?\w+;
      | \\[!-/:-@\[-`{-~]""",
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTES = re.compile(r"[ \t]*\{[^{}\n]*\}[ \t]*\Z")
_EMPHASIS = "*_~"
_ACTIVE = re.compile(r"[\\`*_\[\]<>&|~{}]")
_CRITIC = re.compile(r"\{==|==\}(?:\{>>.*?<<\})+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Evidence, and the stretch of the draft around its claim that can be marked."""

    evidence: Evidence
    start: int
    end: int


_Write = Callable[[Sequence[_Mark]], str]


def footnotes(text: str, found: Sequence[Evidence]) -> str:
    """The draft with a footnote behind each claim; what they say stands at the end, once for what is said alike.

    Code, HTML and front matter get no mark, nor does a paragraph that would be read differently with one.
    """
    prefix = next(name for name in _prefixes() if f"[^{name}-" not in text)

    def write(marks: Sequence[_Mark]) -> str:
        labels: dict[str, str] = {}
        inserted: dict[tuple[int, str], None] = {}
        for mark in sorted(marks, key=lambda mark: mark.end):
            label = labels.setdefault(_note(mark.evidence), f"{prefix}-{len(labels) + 1}")
            inserted[mark.end, f"[^{label}]"] = None
        definitions = "".join(f"\n\n[^{label}]: {_escaped(note)}" for note, label in labels.items())
        return _inserted(text, list(inserted)) + definitions + "\n" * bool(definitions)

    structure = parse(text)
    places = _Places(structure)
    marks = [_Mark(each, *around) for each in found if (around := places.behind(each.claim.span))]
    return write(_harmless(structure, marks, write, str))


def criticmarkup(text: str, found: Sequence[Evidence]) -> str:
    """The draft with a highlight and a comment for each claim that the sources don't bear out.

    Claims within one another share a highlight. What gets no footnote gets no highlight either.
    """

    def write(marks: Sequence[_Mark]) -> str:
        inserted: list[tuple[int, str]] = []
        for group in _overlapping(marks):
            comments = dict.fromkeys(f"{{>>{_escaped(_note(mark.evidence))}<<}}" for mark in group)
            inserted.append((min(mark.start for mark in group), "{=="))
            inserted.append((max(mark.end for mark in group), f"==}}{''.join(comments)}"))
        return _inserted(text, inserted)

    structure = parse(text)
    places = _Places(structure)
    flagged = [each for each in found if each.claim.verdict not in SOUND]
    marks = [_Mark(each, *around) for each in flagged if (around := places.around(each.claim.span))]
    return write(_harmless(structure, marks, write, lambda shown: " ".join(_CRITIC.sub("", shown).split())))


class _Places:
    """Where marks can stand: in prose, and never inside of what is written as one."""

    def __init__(self, structure: Structure) -> None:
        self._text = structure.text
        leaves = [leaf for leaf in structure.leaves if leaf.kind not in ("code", "html", "rule")]
        self._leaves = sorted(leaves, key=lambda leaf: leaf.span)
        self._starts = [leaf.span[0] for leaf in self._leaves]
        self._links = sorted(link.span for link in structure.links)
        self._wholes: dict[Span, list[Span]] = {}

    def around(self, span: Span) -> Span | None:
        """The span without cutting anything, emphasis of just this taken along; None outside of prose."""
        leaf = self._prose_at(span[0])
        return self._around(span, leaf) if leaf else None

    def behind(self, span: Span) -> Span | None:
        """The same up to where a footnote's mark can stand: before a bracket it would be a link, behind a \\ text."""
        leaf = self._prose_at(span[0])
        if leaf is None:
            return None
        text = self._text
        start, end = self._around(span, leaf)
        while end < leaf[1] and text[end] in _EMPHASIS:
            end += 1
        if end < leaf[1] and (text[end] in "([" or text[end - 1] == "\\"):
            while end < leaf[1] and not text[end].isspace():
                end = self._around((end, end + 1), leaf)[1]
        return start, end

    def _prose_at(self, offset: int) -> Span | None:
        """The leaf that holds an offset, without the attributes of a heading."""
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return None
        start, end = self._leaves[at].span
        if self._leaves[at].is_heading and (attributes := _ATTRIBUTES.search(self._text, start, end)):
            end = attributes.start()
        return (start, end) if offset < end else None

    def _around(self, span: Span, leaf: Span) -> Span:
        text = self._text
        start, end = span[0], min(span[1], leaf[1])
        for first, last in self._wholes_of(leaf):
            if first < end and start < last and not (start <= first and last <= end):
                start, end = min(start, first), max(end, last)
        while leaf[0] < start and end < leaf[1] and text[end] in _EMPHASIS and text[start - 1] == text[end]:
            start, end = start - 1, end + 1
        return start, end

    def _wholes_of(self, leaf: Span) -> list[Span]:
        """What must not be cut, the outermost last so that it takes the others in."""
        if leaf not in self._wholes:
            first = bisect_left(self._links, (leaf[0], 0))
            links = takewhile(lambda link: link[0] < leaf[1], islice(self._links, first, None))
            self._wholes[leaf] = [*(match.span() for match in _WHOLE.finditer(self._text, *leaf)), *links]
        return self._wholes[leaf]


def _prefixes() -> Iterator[str]:
    yield "src"
    yield from (f"src{number}" for number in count(2))


def _harmless(
    structure: Structure, marks: Sequence[_Mark], write: _Write, unmarked: Callable[[str], str]
) -> Sequence[_Mark]:
    """The marks with which the draft reads as it does without; all of a paragraph are left out where one isn't."""
    while marks:
        leaves = parse(write(marks)).leaves
        changed = next(
            (
                leaf
                for leaf, other in zip_longest(structure.leaves, leaves[: len(structure.leaves)])
                if other is None
                or (leaf.path, leaf.kind) != (other.path, other.kind)
                or unmarked(leaf.text) != unmarked(other.text)
            ),
            None,
        )
        if changed is None:
            return marks
        kept = [mark for mark in marks if not changed.span[0] <= mark.start < changed.span[1]]
        marks = kept if len(kept) < len(marks) else ()
    return marks


def _overlapping(marks: Sequence[_Mark]) -> Iterator[list[_Mark]]:
    """The marks in groups that share text."""
    group: list[_Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if group and mark.start >= max(one.end for one in group):
            yield group
            group = []
        group.append(mark)
    if group:
        yield group


def _inserted(text: str, pieces: Sequence[tuple[int, str]]) -> str:
    """The text with each piece before its offset; offsets ascend."""
    parts: list[str] = []
    at = 0
    for offset, piece in pieces:
        parts += (text[at:offset], piece)
        at = offset
    return "".join([*parts, text[at:]])


def _note(found: Evidence) -> str:
    """The verdict in words, and what the source says."""
    claim = found.claim
    place = f"{claim.source}, line {found.line}" if found.line else claim.source or "the source"
    value = in_one_line(claim.source_value or "")
    match claim.verdict:
        case "supported":
            said = f"Supported by {place}"
        case "derived":
            said = f"Derived from {place}"
        case "altered":
            said = f"Altered: {place} has “{value}”"
        case "recombined":
            said = f"Recombined: {place} says this about something else"
        case _:
            said = "Unsupported: not in any source"
    shown = found.sentence or (value if claim.verdict != "altered" else "")
    return in_one_line(f"{said}{f': “{shown}”' if shown else ''}{f' ({claim.note})' if claim.note else ''}")


def _escaped(note: str) -> str:
    """The note as plain text wherever it stands, a table's cell among others."""
    return _ACTIVE.sub(r"\\\g<0>", note)
