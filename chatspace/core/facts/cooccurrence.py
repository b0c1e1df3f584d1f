"""Whether the facts of one draft sentence stand together in the source, or were joined by the draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from chatspace.core.document import Span
from chatspace.core.extraction import EntityType
from chatspace.core.facts.clauses import clause_of
from chatspace.core.facts.source_index import SourceIndex, stems_of

_EVERYWHERE = 0.34


@dataclass(frozen=True, slots=True)
class Member:
    """A supported claim of a sentence and its clause there.

    `places` are (passage, offset in its source), `name` is None for a figure.
    """

    claim: int
    text: str
    clause: Span
    places: frozenset[tuple[int, int]]
    name: EntityType | None = None

    @property
    def passages(self) -> set[int]:
        return {passage for passage, _ in self.places}


def find_recombined(members: Sequence[Member], index: SourceIndex) -> dict[int, str]:
    """The claims that stand apart from another claim of their sentence wherever the source has them, each with a note.

    Two stand together in a statement, or in a section where the one's sentence speaks of nobody who could be meant in
    the other's place. What the whole source is about goes with everything.
    """
    telling = [member for member in members if member.places and not _is_the_subject(member, index)]
    here = {member.text.lower() for member in members if member.name}
    wrong: dict[int, str] = {}
    for left, right in combinations(telling, 2):
        first, second = (left, right) if left.name else (right, left)
        # Two figures in clauses of their own are two statements.
        if first.name == second.name and (first.name or first.clause != second.clause):
            continue
        if not any(_together(first, place, here, index) for place in sorted(second.places)):
            wrong.setdefault(second.claim, f"never occurs with {first.text} in the source")
    return wrong


def _is_the_subject(member: Member, index: SourceIndex) -> bool:
    """Whether a name, or a word of it, stands in the title, or it stands all over the source."""
    if member.name is None:
        return False
    title = index.passages[0].stems
    if title.intersection(stem for _, stem in stems_of(member.text)):
        return True
    sections = {index.passages[place].section for place in member.passages}
    return index.sections > 2 and len(sections) > _EVERYWHERE * index.sections + 1


def _together(first: Member, place: tuple[int, int], here: set[str], index: SourceIndex) -> bool:
    """Whether `first` stands with what is at `place`."""
    passage, offset = place
    there = index.passages[passage]
    around = index.passage_with_antecedent(passage)
    statement = there.span
    if passage in first.passages:
        text = index.sources[there.source][1]
        facts = [fact.span for fact in there.facts]
        statement = clause_of(text, there.span, offset, facts, strong=True)
        if any(number == passage and statement[0] <= at < statement[1] for number, at in first.places):
            return True
    elif first.passages.intersection(around):
        return True
    elif not any(index.passages[other].section == there.section for other in first.passages):
        return False
    elif len(around) > 1:
        statement = (index.passages[around[0]].span[0], there.span[1])
    return not any(_speaks_of_another(first, number, statement, here, index) for number in around)


def _acts(name: str, kind: EntityType) -> bool:
    """Whether a name may be that of somebody who does things; two words of no known type mostly are."""
    return kind in ("person", "organization") or (kind == "other" and " " in name)


def _speaks_of_another(first: Member, passage: int, span: Span, here: set[str], index: SourceIndex) -> bool:
    """Whether `span` of a passage names another who could stand where `first` does, and whom the draft doesn't."""
    if first.name is None:
        return False
    for number in index.entities_in.get(passage, ()):
        entity = index.entities[number][1]
        forms = {form.lower() for form in (entity.name, *entity.aliases)}
        if first.text.lower() in forms or forms & here:
            continue
        if not any(span[0] <= mention[0] < span[1] for mention in entity.mentions):
            continue
        strangers = not any(number in index.entities_in.get(other, ()) for other in first.passages)
        if entity.type == first.name or (
            strangers and _acts(entity.name, entity.type) and _acts(first.text, first.name)
        ):
            return True
    return False
