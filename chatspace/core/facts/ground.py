"""Grounding: every figure, date, name, quote and address of a draft, and where its sources have it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from chatspace.core.document import Span
from chatspace.core.extraction import Entity, Fact
from chatspace.core.facts.check_figures import ClaimContext, check_figure
from chatspace.core.facts.check_words import check_address, check_name, check_quote
from chatspace.core.facts.clauses import clause_of
from chatspace.core.facts.cooccurrence import Member, find_recombined
from chatspace.core.facts.source_index import Passage, Passages, SourceIndex, stems_of
from chatspace.core.runs.run import Claim
from chatspace.core.text.language import language_of

_NEAR = ((4, 1.0), (9, 0.6))
_FAR = 0.3
_SAMPLE = 20_000
_SMALL = 12


def ground(draft: str, sources: Sequence[tuple[str, str]]) -> tuple[Claim, ...]:
    """The claims of a draft in reading order, each with its verdict; sources are (name, text).

    `supported` has the source's place. `derived` follows from the source: `note` says how. `altered` has the nearest
    value of the source, `recombined` the place that the value comes from, though its sentence speaks of something else,
    and `unsupported` nothing. Values count, not their writing; quotes must be word for word. Fenced code is left out.
    """
    index = SourceIndex(sources)
    own = Passages([("", draft)], language_of("\n".join(text[:_SAMPLE] for _, text in sources)))
    names: dict[int, list[tuple[Entity, Span]]] = defaultdict(list)
    for _, entity in own.entities:
        for span in entity.mentions:
            if (place := own.passage_at(0, span[0])) is not None:
                names[place].append((entity, span))
    claims: list[Claim] = []
    for place, passage in enumerate(own.passages):
        if passage.kind != "code":
            claims += _sentence(draft, passage, names[place], index)
    return tuple(sorted(claims, key=lambda claim: (claim.span, claim.type)))


def _sentence(
    draft: str, passage: Passage, names: Sequence[tuple[Entity, Span]], index: SourceIndex
) -> Iterator[Claim]:
    claims: list[Claim] = []
    members: list[Member] = []
    name_spans = [span for _, span in names]
    other_facts = [fact.span for fact in passage.facts if fact.type != "quote"]

    def clause(at: int) -> Span:
        return clause_of(draft, passage.span, at, other_facts)

    for fact in passage.facts:
        if fact.type in ("quote", "url", "email"):
            claims.append(_words_claim(fact, index))
        elif not any(span != fact.span and _contains(span, fact.span) for span in name_spans):
            claim, places = _figure_claim(draft, fact, passage, index)
            claims.append(claim)
            if claim.verdict == "supported" and not _is_small(fact):
                members.append(Member(len(claims) - 1, claim.claim, clause(fact.span[0]), places))
    for entity, span in names:
        overlapped = [fact for fact in other_facts if fact[0] < span[1] and span[0] < fact[1]]
        if any(fact == span or not _contains(span, fact) for fact in overlapped):
            continue
        claim, places = _name_claim(draft, entity, span, index)
        claims.append(claim)
        if claim.verdict == "supported" and (entity.type != "other" or " " in claim.claim):
            members.append(Member(len(claims) - 1, claim.claim, clause(span[0]), places, entity.type))
    wrong = find_recombined(members, index)
    for number, claim in enumerate(claims):
        yield replace(claim, verdict="recombined", note=wrong[number]) if number in wrong else claim


def _is_small(fact: Fact) -> bool:
    """Whether a bare number is so small that it stands anywhere, and tells nothing by standing together."""
    return fact.type == "number" and isinstance(fact.value, int) and fact.value <= _SMALL


def _contains(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


_Places = frozenset[tuple[int, int]]


def _figure_claim(draft: str, fact: Fact, passage: Passage, index: SourceIndex) -> tuple[Claim, _Places]:
    judged = check_figure(
        ClaimContext(fact, draft, passage.span, _words_beside(draft, fact, passage), passage.facts), index
    )
    claim = Claim(fact.raw, fact.span, fact.type, judged.verdict, note=judged.note)
    if judged.occurrence:
        there = index.passages[judged.occurrence.passage]
        claim = _placed(claim, there.source, judged.occurrence.fact.span, index)
    return claim, frozenset((one.passage, one.fact.span[0]) for one in judged.support)


def _words_beside(draft: str, fact: Fact, passage: Passage) -> dict[str, float]:
    """The content words of a sentence, those next to the fact weighing most; facts are no context."""
    start, end = passage.span
    stems = [
        (start + at, stem)
        for at, stem in stems_of(draft[start:end])
        if not any(one.span[0] <= start + at < one.span[1] for one in passage.facts if one.type != "quote")
    ]
    middle = sum(1 for at, _ in stems if at < fact.span[0])
    words: dict[str, float] = {}
    for number, (_, stem) in enumerate(stems):
        distance = middle - number if number < middle else number - middle + 1
        weight = next((weight for most, weight in _NEAR if distance <= most), _FAR)
        words[stem] = max(weight, words.get(stem, 0.0))
    return words


def _words_claim(fact: Fact, index: SourceIndex) -> Claim:
    found = check_quote(fact, index) if fact.type == "quote" else check_address(fact, index)
    claim = Claim(fact.raw, fact.span, fact.type, found.verdict, note=found.note)
    return _placed(claim, found.source, found.span, index)


def _name_claim(draft: str, entity: Entity, span: Span, index: SourceIndex) -> tuple[Claim, _Places]:
    name = draft[span[0] : span[1]]
    found = index.once((name, entity.type), lambda: check_name(entity, name, index))
    claim = Claim(name, span, entity.type, found.verdict, note=found.note)
    places = ((index.passage_at(source, offset), offset) for source, offset in found.places)
    return (
        _placed(claim, found.source, found.span, index),
        frozenset((passage, offset) for passage, offset in places if passage is not None),
    )


def _placed(claim: Claim, source: int | None, span: Span | None, index: SourceIndex) -> Claim:
    if source is None or span is None:
        return claim
    name, text = index.sources[source]
    return replace(claim, source_span=span, source_value=text[span[0] : span[1]], source=name)
