"""Two values for one thing, in one source or between several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatspace.core.document import Span
from chatspace.core.extraction import Fact, FactType
from chatspace.core.facts.clauses import clause_of
from chatspace.core.facts.compare import FIGURES, amount_of, date_relation, days_of, readings_of, rounds_to
from chatspace.core.facts.source_index import Occurrence, SourceIndex, stems_of

MAX_TARGETS = 3_000
"""Facts of one kind that are compared, in reading order."""

_MAX_WITH_A_WORD = 30
_LIKE_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Location:
    """A fact as it stands in a source: `raw` is the source's text at `span`."""

    source: str
    raw: str
    span: Span


@dataclass(frozen=True, slots=True)
class Contradiction:
    """`about` are the words that both places have beside their values."""

    about: str
    type: FactType
    first: Location
    second: Location


@dataclass(frozen=True, slots=True)
class _Statement:
    """A fact with the words of its clause, by stem, and what else its passage speaks of."""

    occurrence: Occurrence
    words: dict[str, str]
    setting: frozenset[str]


def contradictions(sources: Sequence[tuple[str, str]]) -> tuple[Contradiction, ...]:
    """The pairs of figures or dates that say different things in the same words; sources are (name, text).

    Two statements with other years, other names or, in one source, under other headings speak of different things, and
    a rounded value contradicts nothing.
    """
    index = SourceIndex(sources)
    found: list[Contradiction] = []
    for kind in sorted(index.by_kind):
        occurrences = [one for one in index.by_kind[kind] if one.fact.type not in ("quote", "url", "email")]
        statements = [_statement(one, index) for one in occurrences[:MAX_TARGETS]]
        found += [_contradiction(one, other, index) for one, other in _pairs(statements, index)]
    return tuple(sorted(found, key=lambda one: (one.first.source, one.first.span, one.second.source, one.second.span)))


def _statement(one: Occurrence, index: SourceIndex) -> _Statement:
    passage = index.passages[one.passage]
    text = index.sources[passage.source][1]
    spans = [fact.span for fact in passage.facts if fact.type != "quote"]
    start, end = clause_of(text, passage.span, one.fact.span[0], spans)
    words = {
        stem: text[start + at : end].split()[0].strip(".,;:!?|*_()\"'“”„")
        for at, stem in stems_of(text[start:end])
        if not any(span[0] <= start + at < span[1] for span in spans)
    }
    inside = [fact for fact in passage.facts if start <= fact.span[0] < end and fact is not one.fact]
    years = {str(day.year) for fact in passage.facts if fact.type == "date" for day in days_of(fact) if day.year}
    names = {index.entities[number][1].name for number in index.entities_in.get(one.passage, ())}
    if one.fact.type != "date":
        return _Statement(one, words, frozenset(years | names))
    # The year of a figure says when, and is no statement of its own.
    says_when = days_of(one.fact)[0].day is None and any(fact.type in FIGURES for fact in inside)
    return _Statement(one, {} if says_when else words, frozenset(names))


def _pairs(statements: Sequence[_Statement], index: SourceIndex) -> Iterator[tuple[_Statement, _Statement]]:
    by_stem: dict[str, list[int]] = defaultdict(list)
    for number, statement in enumerate(statements):
        candidates = sorted({other for stem in statement.words for other in by_stem[stem][-_MAX_WITH_A_WORD:]})
        for other in candidates:
            if _disagree(statements[other], statement, index):
                yield statements[other], statement
        for stem in statement.words:
            by_stem[stem].append(number)


def _disagree(one: _Statement, other: _Statement, index: SourceIndex) -> bool:
    shared = one.words.keys() & other.words.keys()
    either = one.words.keys() | other.words.keys()
    if len(shared) < _LIKE_ENOUGH * len(either) or one.occurrence.passage == other.occurrence.passage:
        return False
    if len(shared) < 2 and shared != either:
        return False
    if one.setting != other.setting:
        return False
    left, right = index.passages[one.occurrence.passage], index.passages[other.occurrence.passage]
    if left.source == right.source and left.section != right.section:
        return False
    return _differ(one.occurrence.fact, other.occurrence.fact)


def _differ(one: Fact, other: Fact) -> bool:
    if one.type == "date":
        pairs = [(left, right) for left in days_of(one) for right in days_of(other)]
        return all(
            date_relation(left, right) == "other" and left.parts().keys() == right.parts().keys()
            for left, right in pairs
        )
    left, right = amount_of(one), amount_of(other)
    if left is None or right is None:
        return one.value != other.value
    if set(readings_of(one)) & set(readings_of(other)):
        return False
    return not (rounds_to(abs(left), abs(right), None) or rounds_to(abs(right), abs(left), None))


def _contradiction(one: _Statement, other: _Statement, index: SourceIndex) -> Contradiction:
    about = " ".join(word for stem, word in one.words.items() if stem in other.words)
    fact = one.occurrence.fact
    return Contradiction(about, fact.type, _place(one.occurrence, index), _place(other.occurrence, index))


def _place(one: Occurrence, index: SourceIndex) -> Location:
    return Location(index.sources[index.passages[one.passage].source][0], one.fact.raw, one.fact.span)
