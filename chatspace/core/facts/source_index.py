"""Sources prepared for looking up facts: the sentence, the section and the words that each stands with."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeVar

from chatspace.core.document import Span
from chatspace.core.extraction import Entity, Fact
from chatspace.core.facts.align import folded
from chatspace.core.facts.compare import Kind, kind_of, readings_of
from chatspace.core.facts.find import find_facts
from chatspace.core.facts.names import find_names
from chatspace.core.text.language import STOPWORDS, language_of
from chatspace.core.text.scripts import without_tags
from chatspace.core.text.sentences import segments, split_segment

Answer = TypeVar("Answer")

STEM = 6
_WORD = re.compile(r"[^\W\d_]{2,}")
_COMMON = 400
"""A word in more passages than this tells none of them from the others."""

_HEADING = 0.4
"""What a word of the heading above counts beside a word of the passage itself."""

_PRONOUN = re.compile(r"[\"“„]?(?:She|He|They|It|Sie|Er|Es|Elle|Il|Ella|Él)\b")
_STOPWORDS = frozenset().union(*STOPWORDS.values())


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence or list item, a table row, or code with facts.

    Sections are counted over all sources; `paragraph` is the block of prose it belongs to. `heading` are the stems of
    the heading above.
    """

    source: int
    span: Span
    section: int
    paragraph: int
    facts: tuple[Fact, ...]
    stems: frozenset[str] = frozenset()
    heading: frozenset[str] = frozenset()
    kind: Literal["prose", "row", "code"] = "prose"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A fact in a source's passage (`passage` counts over all sources)."""

    fact: Fact
    passage: int


class Passages:
    """Texts, as (name, text), cut up; `lang` is for those too short to tell their own language."""

    def __init__(self, sources: Sequence[tuple[str, str]], lang: str | None = None) -> None:
        self.sources = list(sources)
        self.passages: list[Passage] = []
        self.entities: list[tuple[int, Entity]] = []
        self._starts: list[tuple[int, list[int]]] = []
        for number, (_, text) in enumerate(self.sources):
            first_section = self.passages[-1].section + 1 if self.passages else 0
            language = language_of(text) or lang
            found = list(_passages(text, number, first_section, language))
            self._starts.append((len(self.passages), [passage.span[0] for passage in found]))
            self.passages += found
            self.entities += [(number, entity) for entity in find_names(text, lang=language)]

    def passage_at(self, source: int, offset: int) -> int | None:
        """The passage that contains an offset of a source."""
        first, starts = self._starts[source]
        place = first + bisect_right(starts, offset) - 1
        return place if place >= first and offset < self.passages[place].span[1] else None


class SourceIndex:
    """All sources of one text, in which a draft's claims are looked up."""

    def __init__(self, sources: Sequence[tuple[str, str]]) -> None:
        cut = Passages(sources)
        self.sources, self.passages, self.entities = cut.sources, cut.passages, cut.entities
        self.passage_at = cut.passage_at
        self._folded: dict[int, tuple[str, Sequence[int]]] = {}
        self._known: dict[Hashable, Any] = {}
        self.sections = len({passage.section for passage in self.passages})
        self.entities_in: dict[int, set[int]] = defaultdict(set)
        for place, (number, entity) in enumerate(self.entities):
            for start, _ in entity.mentions:
                if (passage := self.passage_at(number, start)) is not None:
                    self.entities_in[passage].add(place)
        self._index()

    def _index(self) -> None:
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        self._under_stem: dict[str, list[int]] = defaultdict(list)
        self.by_kind: dict[Kind, list[Occurrence]] = defaultdict(list)
        self._by_amount: dict[tuple[Kind, Fraction], list[Occurrence]] = defaultdict(list)
        self._by_value: dict[Fraction, list[Occurrence]] = defaultdict(list)
        self.by_text: dict[str, list[Occurrence]] = defaultdict(list)
        self._by_identity: dict[int, Occurrence] = {}
        self._by_section: dict[int, list[Fact]] = defaultdict(list)
        for place, passage in enumerate(self.passages):
            for stem in passage.stems:
                self._by_stem[stem].append(place)
            for stem in passage.heading:
                self._under_stem[stem].append(place)
            for fact in passage.facts:
                occurrence = Occurrence(fact, place)
                self.by_kind[kind_of(fact)].append(occurrence)
                self._by_section[passage.section].append(fact)
                self._by_identity[id(fact)] = occurrence
                if isinstance(fact.value, str):
                    self.by_text[fact.value].append(occurrence)
                else:
                    self._by_value[abs(Fraction(str(fact.value)))].append(occurrence)
                for amount in readings_of(fact):
                    self._by_amount[kind_of(fact), amount].append(occurrence)

    def with_amount(self, kind: Kind, amount: Fraction) -> Sequence[Occurrence]:
        """The facts of a kind with this amount in the kind's base unit, whatever their sign."""
        return self._by_amount.get((kind, amount), ())

    def with_value(self, value: Fraction) -> Sequence[Occurrence]:
        """The figures of any kind that show this number."""
        return self._by_value.get(value, ())

    def folded(self, source: int) -> tuple[str, Sequence[int]]:
        """A source's text without its case and typography, and where each character was."""
        if source not in self._folded:
            self._folded[source] = folded(self.sources[source][1])
        return self._folded[source]

    def occurrence_of(self, fact: Fact) -> Occurrence:
        """Where one of the index's own facts stands."""
        return self._by_identity[id(fact)]

    def in_section(self, section: int) -> Sequence[Fact]:
        """The facts of a section."""
        return self._by_section.get(section, ())

    def passage_with_antecedent(self, place: int) -> list[int]:
        """The passage, and the one before it where it begins with "She" or "It"."""
        passage = self.passages[place]
        text = self.sources[passage.source][1]
        before = self.passages[place - 1] if place else passage
        linked = _PRONOUN.match(text, passage.span[0]) and before.paragraph == passage.paragraph
        return [place - 1, place] if linked and before.section == passage.section and place else [place]

    def once(self, question: Hashable, answer: Callable[[], Answer]) -> Answer:
        """The answer to a question that many claims put to the same sources."""
        if question not in self._known:
            self._known[question] = answer()
        known: Answer = self._known[question]
        return known

    def likeness(self, words: Mapping[str, float]) -> dict[int, float]:
        """How much of these weighted words each passage has, rare ones counting more; only passages with any."""
        scores: dict[int, float] = defaultdict(float)
        count = max(2, len(self.passages))
        for stem in sorted(words):
            for places, share in ((self._by_stem.get(stem, ()), 1.0), (self._under_stem.get(stem, ()), _HEADING)):
                if 0 < len(places) <= _COMMON:
                    worth = share * words[stem] * self._rarity(len(places), count)
                    for place in places:
                        scores[place] += worth
        return scores

    def shared(self, one: AbstractSet[str], other: AbstractSet[str]) -> float:
        """How many stems two sets share, each counting 1 where one passage has it and less where more do."""
        count = max(2, len(self.passages))
        found = (len(self._by_stem.get(stem, ())) for stem in sorted(one & other))
        return sum(self._rarity(places, count) for places in found if places)

    @staticmethod
    def _rarity(found: int, count: int) -> float:
        return math.log(1 + count / found) / math.log(1 + count)


def stems_of(text: str) -> list[tuple[int, str]]:
    """The content words of a text as stems, each with its offset."""
    return [
        (match.start(), lower[:STEM])
        for match in _WORD.finditer(without_tags(text))
        if (lower := match[0].lower()) not in _STOPWORDS
    ]


def _passages(text: str, source: int, section: int, language: str | None) -> Iterator[Passage]:
    facts = find_facts(text, lang=language)
    german = language == "de"
    heading: frozenset[str] = frozenset()
    upcoming = 0
    for paragraph, segment in enumerate(segments(text)):
        row = segment.kind == "row"
        spans: Iterable[Span] = [(segment.start, segment.end)] if row else split_segment(text, segment, german)
        if segment.kind == "heading":
            section += 1
            heading = frozenset(stem for _, stem in stems_of(text[segment.start : segment.end]))
        for start, end in spans:
            between, upcoming = _facts_before(facts, upcoming, start)
            if between:
                yield Passage(source, (between[0].span[0], start), section, -1, between, kind="code")
            inside, upcoming = _facts_before(facts, upcoming, end)
            own = frozenset(stem for _, stem in stems_of(text[start:end]))
            yield Passage(
                source, (start, end), section, paragraph, inside, own, heading - own, "row" if row else "prose"
            )
    if upcoming < len(facts):
        rest = tuple(facts[upcoming:])
        yield Passage(source, (rest[0].span[0], len(text)), section, -1, rest, kind="code")


def _facts_before(facts: Sequence[Fact], first: int, end: int) -> tuple[tuple[Fact, ...], int]:
    last = first
    while last < len(facts) and facts[last].span[0] < end:
        last += 1
    return tuple(facts[first:last]), last
