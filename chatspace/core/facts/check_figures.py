"""Whether a draft's figure or date is its source's: the same, less exact, derived, or altered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from chatspace.core.document import Span
from chatspace.core.extraction import Fact
from chatspace.core.facts.clauses import clause_of
from chatspace.core.facts.compare import amount_of, date_relation, days_of, falls_in, kind_of, readings_of, rounds_to
from chatspace.core.facts.derive import MAX_OPERANDS, Operands, derive
from chatspace.core.facts.source_index import Occurrence, SourceIndex, stems_of
from chatspace.core.runs.run import Verdict

_RIVAL = 0.9
"""How much more a passage with another value must have in common with the draft's sentence, in rare words."""
_RIVAL_CLAUSE = 0.7
_MAX_PLACES = 20
_FEW_PASSAGES = 300
_SMALL = 20
_NEAREST_PASSAGES = 12
_APPROXIMATELY = re.compile(
    r"""\b(?:(?P<over>more\ than|over|above|at\ least|upwards\ of|exceed\w*|mehr\ als|über|mindestens|plus\ de|más\ de)
    |(?P<under>nearly|almost|close\ to|just\ under|under|below|less\ than|fewer\ than|fast|knapp|beinahe|unter
        |presque|casi)
    |about|around|roughly|approximately|some|circa|ca\.?|etwa|rund|ungefähr|environ|unos|cerca\ de|or\ so)
    (?:\ (?:a|an|the))?[ ]?\Z""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class FigureVerdict:
    """A verdict with the place in the source that it rests on; `support` are all the places that say the same."""

    verdict: Verdict
    occurrence: Occurrence | None = None
    note: str = ""
    support: tuple[Occurrence, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimContext:
    """A figure or date in its draft: the sentence's span and facts, and the weighted words beside the figure."""

    fact: Fact
    draft: str
    span: Span
    words: Mapping[str, float]
    facts: Sequence[Fact]

    @property
    def sentence(self) -> str:
        return self.draft[self.span[0] : self.span[1]]

    @property
    def others(self) -> list[Fact]:
        return [other for other in self.facts if other is not self.fact]


def check_figure(claimed: ClaimContext, index: SourceIndex) -> FigureVerdict:
    fact = claimed.fact
    likeness = index.likeness(claimed.words)
    same = _same(fact, index)
    if same:
        best = max(same, key=lambda one: (likeness.get(one.passage, 0.0), _is_like(one.fact, fact), -one.passage))
        rival = _rival(claimed, index, same, likeness) or _rival_clause(claimed, index, same)
        if rival is None:
            return FigureVerdict("supported", best, support=tuple(same))
        small = fact.type == "number" and isinstance(fact.value, int) and abs(fact.value) <= _SMALL
        said = rival.fact.raw
        return FigureVerdict("altered" if small else "recombined", rival, f"the source says {said} here", tuple(same))
    if fact.type == "date":
        found = _from_dates(fact, index, likeness)
    else:
        found = _rounded(claimed, index, likeness) or _derived(claimed, index, likeness)
    return found or _nearest(claimed, index, likeness)


def _same(fact: Fact, index: SourceIndex) -> list[Occurrence]:
    return _same_dates(fact, index) if fact.type == "date" else _same_figures(fact, index)


def _is_like(one: Fact, other: Fact) -> bool:
    return one.type == other.type and one.unit == other.unit


def _same_figures(fact: Fact, index: SourceIndex) -> list[Occurrence]:
    """The facts of the same amount; a bare number matches any unit, and a table cell any unit of its head."""
    found = [one for amount in readings_of(fact) for one in index.with_amount(kind_of(fact), amount)]
    if isinstance(fact.value, str):
        return found or list(index.by_text.get(fact.value, ()))
    value = abs(Fraction(str(fact.value)))
    if fact.unit == "ct" or fact.type == "money":
        other = value / 100 if fact.unit == "ct" else value * 100
        coins = "money" if fact.unit == "ct" else "quantity"
        found += [
            one for one in index.with_value(other) if one.fact.type == coins and "ct" in (one.fact.unit, fact.unit)
        ]
    if fact.type == "number":
        found += [one for one in index.with_value(value) if one.fact.type != "number"]
        if value.denominator == 1 and 1000 <= value <= 2999:
            found += index.by_text.get(str(value), ())
    elif not found:
        bare = (one for one in index.with_value(value) if one.fact.type == "number")
        found += [one for one in bare if index.passages[one.passage].kind == "row"]
    return found


def _same_dates(fact: Fact, index: SourceIndex) -> list[Occurrence]:
    """The dates that say at least as much; a day and its year may stand apart in the source."""
    found: list[Occurrence] = []
    parted: list[Occurrence] = []
    there = index.by_kind[kind_of(fact)]
    for ours in days_of(fact):
        for one in there:
            relations = {date_relation(ours, theirs) for theirs in days_of(one.fact)}
            if relations & {"same", "coarser"}:
                found.append(one)
            elif "finer" in relations and ours.day and days_of(one.fact)[0].day:
                parted.append(one)
        if parted and not found and any(ours.year == days_of(one.fact)[0].year for one in there):
            found += parted
    if not found and isinstance(fact.value, str) and fact.value.isdecimal():
        found += index.with_value(Fraction(fact.value))
    return found


def _from_dates(fact: Fact, index: SourceIndex, likeness: Mapping[int, float]) -> FigureVerdict | None:
    """The quarter or half-year of one of the source's days."""
    within = [
        one
        for one in index.by_kind["date"]
        if any(falls_in(ours, theirs) for ours in days_of(fact) for theirs in days_of(one.fact))
    ]
    if not within:
        return None
    best = max(within, key=lambda one: (likeness.get(one.passage, 0.0), -one.passage))
    return FigureVerdict("derived", best, f"{best.fact.raw} is within it", (best,))


def _rival(
    claimed: ClaimContext, index: SourceIndex, same: Sequence[Occurrence], likeness: Mapping[int, float]
) -> Occurrence | None:
    """A fact of the same kind but another value in a passage that is much more like the draft's sentence."""
    kind = kind_of(claimed.fact)
    own_places = {one.passage for one in same}
    own = max((likeness.get(place, 0.0) for place in own_places), default=0.0)
    said_here = {(kind_of(fact), str(fact.value)) for fact in claimed.others}
    for place in _most_similar(likeness):
        if likeness[place] < own + _RIVAL:
            break
        if place in own_places:
            continue
        for fact in index.passages[place].facts:
            if (
                kind_of(fact) == kind
                and (kind, str(fact.value)) not in said_here
                and _are_of_a_sort(claimed.fact, fact)
                and not _compared(claimed, fact)
            ):
                return Occurrence(fact, place)
    return None


def _are_of_a_sort(one: Fact, other: Fact) -> bool:
    """Whether one could stand in the other's place: a year stands for no day."""
    return one.type != "date" or days_of(one)[0].parts().keys() <= days_of(other)[0].parts().keys()


def _compared(claimed: ClaimContext, rival: Fact) -> bool:
    """Whether the draft's sentence gives the difference of both, and so means to speak of the other ("23 more")."""
    left, right = amount_of(claimed.fact), amount_of(rival)
    if left is None or right is None:
        return False
    return any(amount_of(other) in (left - right, right - left) for other in claimed.others)


def _most_similar(likeness: Mapping[int, float]) -> list[int]:
    return sorted(likeness, key=lambda place: (-likeness[place], place))[:_NEAREST_PASSAGES]


def _rival_clause(claimed: ClaimContext, index: SourceIndex, same: Sequence[Occurrence]) -> Occurrence | None:
    """Another value in the very passage, whose clause has the words that stand beside this one in the draft.

    Where the draft's sentence says that value too, the two must be swapped: both fit the other's clause better.
    """
    wanted = _clause_stems(claimed.draft, claimed.span, claimed.fact, claimed.facts)
    if not wanted or len(same) > _MAX_PLACES:
        return None
    own = max(index.shared(wanted, _source_clause(one, index)) for one in same)
    here = {(one.passage, one.fact.span) for one in same}
    for place in sorted({one.passage for one in same}):
        for fact in index.passages[place].facts:
            other = Occurrence(fact, place)
            if kind_of(fact) != kind_of(claimed.fact) or (place, fact.span) in here:
                continue
            straight, crossed = own, index.shared(wanted, _source_clause(other, index))
            for said in claimed.others:
                if kind_of(said) == kind_of(fact) and said.value == fact.value:
                    beside = _clause_stems(claimed.draft, claimed.span, said, claimed.facts)
                    straight += index.shared(beside, _source_clause(other, index))
                    crossed += max(index.shared(beside, _source_clause(one, index)) for one in same)
            if crossed >= straight + _RIVAL_CLAUSE:
                return other
    return None


def _source_clause(one: Occurrence, index: SourceIndex) -> set[str]:
    passage = index.passages[one.passage]
    text = index.sources[passage.source][1]
    return index.once((one.passage, one.fact.span), lambda: _clause_stems(text, passage.span, one.fact, passage.facts))


def _clause_stems(text: str, sentence: Span, fact: Fact, facts: Sequence[Fact]) -> set[str]:
    spans = [other.span for other in facts if other.type != "quote"]
    start, end = clause_of(text, sentence, fact.span[0], spans)
    return {
        stem for at, stem in stems_of(text[start:end]) if not any(span[0] <= start + at < span[1] for span in spans)
    }


def _rounded(claimed: ClaimContext, index: SourceIndex, likeness: Mapping[int, float]) -> FigureVerdict | None:
    amount = amount_of(claimed.fact)
    if amount is None:
        return None
    word = _APPROXIMATELY.search(claimed.draft, claimed.span[0], claimed.fact.span[0])
    direction = None if word is None else 1 if word["over"] else -1 if word["under"] else 0
    best: Occurrence | None = None
    own = other = 0.0
    for one in index.by_kind[kind_of(claimed.fact)]:
        exact, score = amount_of(one.fact), likeness.get(one.passage, 0.0)
        if not exact or not rounds_to(abs(amount), abs(exact), direction):
            other = max(other, score)
        elif best is None or score > own:
            best, own = one, score
    if best is None or own + _RIVAL < other:
        return None
    return FigureVerdict("derived", best, f"rounded from {best.fact.raw}", (best,))


def _derived(claimed: ClaimContext, index: SourceIndex, likeness: Mapping[int, float]) -> FigureVerdict | None:
    """From the figures that the draft's sentence gives, from those of a like passage, or of a like section."""
    kind = kind_of(claimed.fact)
    given = [one for other in claimed.others for one in _same(other, index)[:_NEAREST_PASSAGES]]
    passages = dict.fromkeys([*_most_similar(likeness), *(one.passage for one in given)])
    groups = [Operands([one.fact for one in given], close=True)]
    for place in passages:
        facts = index.passages[place].facts
        says_otherwise = claimed.fact.type == "percent" and any(kind_of(fact) == kind for fact in facts)
        groups.append(Operands(facts, close=not says_otherwise))
    for section in dict.fromkeys(index.passages[place].section for place in passages):
        groups.append(Operands(index.in_section(section), close=False))
    if not any(kind_of(fact) == kind for one in given for fact in index.passages[one.passage].facts):
        groups += [
            Operands([one.fact, other], close=True)
            for one in given
            for other in index.in_section(index.passages[one.passage].section)[:MAX_OPERANDS]
        ]
    groups.append(Operands([one.fact for one in index.by_kind["date"][:MAX_OPERANDS]], close=False))
    if len(index.passages) <= _FEW_PASSAGES:
        groups += [Operands(passage.facts, close=False) for passage in index.passages]
    found = derive(claimed.fact, claimed.sentence, groups)
    if found is None:
        return None
    note, first = found
    occurrence = index.occurrence_of(first)
    return FigureVerdict("derived", occurrence, note, (occurrence,))


def _nearest(claimed: ClaimContext, index: SourceIndex, likeness: Mapping[int, float]) -> FigureVerdict:
    """Altered where the source has a like value in a like sentence, or a value close by; else unsupported."""
    fact = claimed.fact
    said_here = {(kind_of(other), str(other.value)) for other in claimed.others}
    best: tuple[float, float, int] | None = None
    chosen: Occurrence | None = None
    for one in _comparable(fact, index):
        if (kind_of(one.fact), str(one.fact.value)) in said_here:
            continue
        score = (round(likeness.get(one.passage, 0.0), 6), _closeness(fact, one.fact), -one.passage)
        if best is None or score > best:
            best, chosen = score, one
    if best is None or chosen is None or (best[0] < 0.5 and best[1] < 0.6):
        return FigureVerdict("unsupported")
    return FigureVerdict("altered", chosen)


def _comparable(fact: Fact, index: SourceIndex) -> Iterator[Occurrence]:
    """Facts of the same kind, else of the same type (another currency, another unit)."""
    kinds = [kind_of(fact)] + [kind for kind in index.by_kind if kind != kind_of(fact)]
    for kind in kinds:
        same = [one for one in index.by_kind[kind] if one.fact.type == fact.type]
        yield from same
        if same and kind == kinds[0]:
            return


def _closeness(one: Fact, other: Fact) -> float:
    """From 0 to 1: the smaller amount's share of the larger, or the parts that two dates share."""
    if one.type == "date":
        ours, theirs = days_of(one)[0].parts(), days_of(other)[0].parts()
        return sum(theirs.get(name) == value for name, value in ours.items()) / max(1, len(ours | theirs))
    left, right = amount_of(one), amount_of(other)
    if not left or not right:
        return 0.0
    left, right = abs(left), abs(right)
    return float(min(left, right) / max(left, right))
