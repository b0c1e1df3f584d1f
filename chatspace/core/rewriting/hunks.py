"""Hunks: what a rewrite changes, a sentence each, so that an editor can take some and leave others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from chatspace.core.document import Span
from chatspace.core.errors import SourceError
from chatspace.core.extraction import OPTIONAL, Finding
from chatspace.core.rewriting.align import Element, Pairing, align, likeness
from chatspace.core.rewriting.decisions import Decision
from chatspace.core.structure import parse
from chatspace.core.text.language import language_of
from chatspace.core.text.sentences import Segment, segments, split_segment

SURE = 0.4
"""How alike two sentences must be to be one and the same, rewritten."""

VERBATIM = frozenset({"code", "html", "rule"})
"""Kinds of block that have lines in the place of sentences."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """`after` for the `span` of the passage before, which says `before`; one of the two may be empty.

    `flags` are figures, dates and names that are new in it. `blocked` says why it can't be taken as it is.
    """

    id: int
    before: str
    after: str
    span: Span
    flags: tuple[Finding, ...] = ()
    blocked: str | None = field(default=None, metadata=OPTIONAL)

    def decided(self, decision: Decision, text: str | None = None) -> str:
        """What stands in its place by a decision; `text` is the editor's own."""
        if decision == "rejected":
            return self.before
        return text if decision == "edited" and text is not None else self.after


def hunks(before: str, after: str) -> tuple[Hunk, ...]:
    """What to change in `before` to get `after`, in order: each sentence by itself, within its block.

    A sentence that was split or joined is one hunk with its parts. Spans don't overlap.
    """
    if before == after:
        return ()
    old, new = _text_of(before), _text_of(after)
    changes = _Changes(before, after)
    changes.region(old, new, (0, len(before)), (0, len(after)))
    return tuple(
        Hunk(number, before[slice(*span)], after[slice(*to)], span)
        for number, (span, to) in enumerate(changes.found, 1)
    )


def apply(before: str, chosen: Iterable[Hunk]) -> str:
    """The passage with these hunks, and nothing else changed."""
    parts, at = [], 0
    for hunk in sorted(chosen, key=lambda hunk: hunk.id):
        parts += [before[at : hunk.span[0]], hunk.after]
        at = hunk.span[1]
    return "".join((*parts, before[at:]))


def places_after(found: Sequence[Hunk]) -> list[Span]:
    """Where each hunk's new text stands once all are taken."""
    spans, shift = [], 0
    for hunk in found:
        start = hunk.span[0] + shift
        spans.append((start, start + len(hunk.after)))
        shift += len(hunk.after) - len(hunk.before)
    return spans


def completed(before: str, cut: str) -> str:
    """A reply that broke off, without its last, broken sentence, and then the rest of the passage as it was.

    So nothing is lost that the model never came to.
    """
    old, new = list(_sentences(_text_of(before))), list(_sentences(_text_of(cut)))[:-1]
    if not new:
        return before
    said = [Element(cut[slice(*span)], kind) for kind, span in new]
    # What comes later can't have been reached: it is not to be paired by chance.
    reached = old[: len(said) + len(said) // 4 + 2]
    asked = [Element(before[slice(*span)], kind) for kind, span in reached]
    pairs = [((i0, i1), (j0, j1)) for (i0, i1), (j0, j1) in align(asked, said) if i0 < i1 and j0 < j1]
    while pairs and _by_chance(pairs, asked, said):
        pairs.pop()
    if not pairs:
        return before
    (_, i1), (_, j1) = pairs[-1]
    end = reached[i1 - 1][1][1]
    return cut[: new[j1 - 1][1][1]] + before[end:]


def _by_chance(pairs: Sequence[Pairing], asked: Sequence[Element], said: Sequence[Element]) -> bool:
    """Whether the last pair stands beyond a gap and has little in common: then the model hardly came so far."""
    (i0, _), (j0, _) = pairs[-1]
    gap = i0 > (pairs[-2][0][1] if len(pairs) > 1 else 0)
    return gap and likeness(asked[i0].text, said[j0].text) < SURE


@dataclass(frozen=True, slots=True)
class _Part:
    """A block or a sentence: where it stands, what of its span is its mark, and the parts that it consists of."""

    kind: str
    span: Span
    mark: int = 0
    parts: tuple[_Part, ...] = ()


def _text_of(text: str) -> list[_Part]:
    german = language_of(text) == "de"
    parts: list[_Part] = []
    end = 0
    for kind, (start, stop) in _leaves(text):
        if start < end or start >= stop:
            continue
        mark = max(end, text.rfind("\n", end, start) + 1)
        spans = _lines(text, (start, stop)) if kind in VERBATIM else _spoken(text, (start, stop), german)
        parts.append(_Part(kind, (mark, stop), start - mark, tuple(_Part("sentence", span) for span in spans)))
        end = stop
    return parts


def _leaves(text: str) -> list[tuple[str, Span]]:
    """The blocks with nothing but text in them, in reading order."""
    try:
        found = [(leaf.kind, leaf.span) for leaf in parse(text).leaves]
    except SourceError:  # links within links, deeper than can be read
        found = [(segment.kind, (segment.start, segment.end)) for segment in segments(text)]
    return sorted(found, key=lambda leaf: leaf[1])


def _spoken(text: str, span: Span, german: bool) -> Iterator[Span]:
    return split_segment(text, Segment("text", *span), german)


def _lines(text: str, span: Span) -> Iterator[Span]:
    start = span[0]
    for line in text[slice(*span)].splitlines(keepends=True):
        end = start + len(line)
        if line.strip():
            yield start, start + len(line.rstrip("\n"))
        start = end


def _sentences(parts: Sequence[_Part]) -> Iterator[tuple[str, Span]]:
    for part in parts:
        for sentence in part.parts:
            yield part.kind, sentence.span


class _Changes:
    """Collects the spans that differ, from the first to the last."""

    def __init__(self, before: str, after: str) -> None:
        self._before = before
        self._after = after
        self.found: list[tuple[Span, Span]] = []

    def region(self, old: Sequence[_Part], new: Sequence[_Part], within: Span, to: Span) -> None:
        """Compare parts that lie in `within` before and in `to` after, with what stands between them.

        What is new or gone takes along the space before it, at the beginning that behind it: so any choice of hunks
        leaves parts that are apart.
        """
        if not old or not new:
            self._glue(within, to)
            return
        i, j = old[0].span[0], new[0].span[0]
        self._glue((within[0], i), (to[0], j))
        leading = True
        pairings = align([_element(self._before, part) for part in old], [_element(self._after, part) for part in new])
        for (i0, i1), (j0, j1) in pairings:
            if i0 < i1 and j0 < j1:
                if not leading:
                    self._glue((i, old[i0].span[0]), (j, new[j0].span[0]))
                self._pair(old[i0:i1], new[j0:j1])
                i, j, leading = old[i1 - 1].span[1], new[j1 - 1].span[1], False
            else:
                end = _start_of_next if leading else _end_of_last
                i_end = end(old, i1) if i0 < i1 else i
                j_end = end(new, j1) if j0 < j1 else j
                self._add((i, i_end), (j, j_end))
                i, j = i_end, j_end
        self._glue((i, within[1]), (j, to[1]))

    def _pair(self, old: Sequence[_Part], new: Sequence[_Part]) -> None:
        span, to = (old[0].span[0], old[-1].span[1]), (new[0].span[0], new[-1].span[1])
        if self._before[slice(*span)] == self._after[slice(*to)]:
            return
        one, other = old[0], new[0]
        inner = len(old) == len(new) == 1 and one.parts and other.parts
        if not inner or (one.kind in VERBATIM) != (other.kind in VERBATIM):
            self._add(span, to)
            return
        words, to_words = (span[0] + one.mark, span[1]), (to[0] + other.mark, to[1])
        self._glue((span[0], words[0]), (to[0], to_words[0]))
        self.region(one.parts, other.parts, words, to_words)

    def _glue(self, span: Span, to: Span) -> None:
        """What stands between parts: line breaks, spaces, marks."""
        if self._before[slice(*span)] != self._after[slice(*to)]:
            self._add(span, to)

    def _add(self, span: Span, to: Span) -> None:
        if span[0] < span[1] or to[0] < to[1]:
            self.found.append((span, to))


def _element(text: str, part: _Part) -> Element:
    return Element(text[slice(*part.span)], part.kind, divisible=part.kind == "sentence")


def _start_of_next(parts: Sequence[_Part], index: int) -> int:
    return parts[index].span[0] if index < len(parts) else parts[-1].span[1]


def _end_of_last(parts: Sequence[_Part], index: int) -> int:
    return parts[index - 1].span[1]
