"""Copy: short variants made of what the source itself says, within the limit, and rather fewer than bad ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import Any, Literal, cast, get_args

from chatspace.adapters.offline.briefs import Shown
from chatspace.adapters.offline.material import Material
from chatspace.adapters.offline.phrases import (
    Phrase,
    Statement,
    capitalised,
    clauses,
    figures_with_nouns,
    heads,
    is_closed,
    leans,
    points_back,
    stands_alone,
    statements,
    subject,
    without_asides,
)
from chatspace.core.profiles.profile import CountRule
from chatspace.core.text.length import measure
from chatspace.core.text.scripts import has_scripts, on_the_line
from chatspace.core.text.similarity import similarity

Role = Literal["headline", "description", "passage", "path"]

MAX_ALIKE = 0.6
HEADLINE_LENGTH = 70
DESCRIPTION_LENGTH = 160
PASSAGE_LENGTH = 500
"""What a reader takes in, where the channel would allow more."""

SHORTEST_HEADLINE = 12
MAX_PASSAGES = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a field takes: at most `limit` by `rule`, `count` of them."""

    field: str
    limit: int
    count: int
    rule: CountRule

    @classmethod
    def of(cls, variables: Mapping[str, Any]) -> Wanted:
        rule = variables.get("rule")
        return cls(
            field=str(variables.get("field") or "headline"),
            limit=_whole(variables.get("limit"), 90),
            count=_whole(variables.get("count"), 3),
            rule=cast(CountRule, rule) if rule in get_args(CountRule) else "characters",
        )

    @property
    def role(self) -> Role:
        name = self.field.lower()
        if name.startswith("path"):
            return "path"
        if "headline" in name or "title" in name or "subject" in name:
            return "headline"
        return "description" if "description" in name or self.limit <= DESCRIPTION_LENGTH else "passage"

    @property
    def room(self) -> int:
        longest = {"headline": HEADLINE_LENGTH, "description": DESCRIPTION_LENGTH, "passage": PASSAGE_LENGTH}
        return min(self.limit, longest.get(self.role, self.limit))

    def takes(self, text: str) -> bool:
        return bool(text) and measure(text, self.rule) <= self.room

    def fullness(self, text: str) -> float:
        """0 to 1: how much of the room is used."""
        return measure(text, self.rule) / max(1, self.room)


def _whole(value: Any, default: int) -> int:
    return value if isinstance(value, int) and value >= 0 else default


def variants(materials: Sequence[Material], wanted: Wanted) -> list[str]:
    """At most `wanted.count` texts that fit, the best first, no two of them nearly the same."""
    write: dict[Role, Callable[[Material, Wanted], Iterable[Phrase]]] = {
        "headline": _headlines,
        "description": _descriptions,
        "passage": _passages,
        "path": _paths,
    }
    found = [phrase for material in materials for phrase in write[wanted.role](material, wanted)]
    fitting = [phrase for phrase in found if wanted.takes(phrase.text)]
    # A second path beside the first says something else.
    earlier = wanted.count if wanted.field.endswith("2") and wanted.role == "path" else 0
    return _varied(fitting, wanted.count + earlier)[earlier:]


def _varied(phrases: Iterable[Phrase], count: int) -> list[str]:
    """The weightiest, each unlike those before it. What begins alike, or says what was said, weighs less."""
    waiting = sorted(phrases, key=lambda phrase: (-phrase.weight, phrase.text))
    chosen: list[str] = []
    used: Counter[str] = Counter()

    def worth(phrase: Phrase) -> float:
        return phrase.weight * 0.6 ** sum(used[part] for part in (_beginning(phrase.text), *phrase.made_of))

    while waiting and len(chosen) < count:
        best = max(waiting, key=worth)
        chosen.append(best.text)
        used.update((_beginning(best.text), *best.made_of))
        waiting = [phrase for phrase in waiting if not _same(best.text, phrase.text)]
    return chosen


def _beginning(text: str) -> str:
    return " ".join(text.casefold().split()[:2])


_WORD = re.compile(r"\w+")


def _same(left: str, right: str) -> bool:
    shorter, longer = sorted((set(_WORD.findall(text.casefold())) for text in (left, right)), key=len)
    return shorter <= longer or similarity(left, right) >= MAX_ALIKE


_ADVERSE = re.compile(
    r"\b(?:accus|ailing|bankrupt|complain|crash|damage|dea(?:d|th)|defect|died|fail|fault|fraud|injur|kill|lawsuit|loss|"
    r"recall|unsafe|victim|Beschwerde|Defekt|Fehler|Klage|Mangel|Mängel|Rückruf|Schaden|Verlust|gescheitert)",
    re.IGNORECASE,
)
"""What a piece of copy doesn't begin with while the source has anything else to say."""


# Headlines


def _headlines(material: Material, wanted: Wanted) -> Iterator[Phrase]:
    said = statements(material)
    best = max((statement.weight for statement in said if statement.kind != "title"), default=1.0) or 1.0
    about = subject(material)
    for statement in said:
        share = 1.0 if statement.kind == "title" else 0.5 + 0.5 * statement.weight / best
        for text, weight in _headlines_of(statement, material, about):
            line = text.rstrip(" .")
            long_enough = len(line.split()) >= 2 and len(line) >= min(SHORTEST_HEADLINE, wanted.limit // 2)
            if long_enough and "!" not in line and wanted.takes(line) and stands_alone(line):
                loose = (0.6 if points_back(line) else 1.0) * (0.3 if _ADVERSE.search(line) else 1.0)
                fullness = 0.5 + 0.5 * wanted.fullness(line)
                yield Phrase(capitalised(line), weight * share * loose * fullness, (statement.text,))


def _headlines_of(statement: Statement, material: Material, about: str) -> Iterator[tuple[str, float]]:
    """What of a statement could stand over a text, with how good a headline each way of taking it makes."""
    text = statement.text
    if statement.kind == "title":
        yield text, 1.3
        yield from ((part, 1.1) for part in re.split(r"[:–—|]\s+|\s+-\s+", text))
        yield from ((phrase, 0.5) for phrase in material.key_phrases if phrase.casefold() in text.casefold())
        return
    if statement.kind == "heading":
        # "Why it matters", "Facts" and the like could stand over anything.
        if len(text.split()) >= (5 if _ASKS.match(text) else 3):
            yield text, 0.6
        return
    yield text, {"item": 1.0, "row": 0.8}.get(statement.kind, 0.95)
    if statement.kind == "row":
        return
    yield without_asides(text), 0.95
    yield from ((clause, 0.8) for clause in clauses(text))
    yield from ((head, 0.55) for head in heads(text))
    for figure in figures_with_nouns(text, material):
        if len(re.split(r"[\s-]", figure)) >= 3:
            yield figure, 0.7
        if about and about not in text:
            yield f"{about}: {figure}", 0.75


_ASKS = re.compile(r"(?:how|what|when|where|who|why|facts|was|wann|warum|wer|wie|wo)\b", re.IGNORECASE)


# Descriptions


def _descriptions(material: Material, wanted: Wanted) -> Iterator[Phrase]:
    """Sentences that fit, and pairs of them in the source's order."""
    short: list[Phrase] = []
    for statement in statements(material):
        fitting = ((text, share) for text, share in _sentence_forms(statement) if wanted.takes(text))
        for text, share in islice(fitting, 1):
            loose = (0.6 if points_back(text) else 1.0) * (0.3 if _ADVERSE.search(text) else 1.0)
            short.append(Phrase(text, statement.weight * share * loose, (statement.text,)))
    for phrase in short:
        yield replace(phrase, weight=phrase.weight * _used_room(phrase.text, wanted))
    best = set(sorted(short, key=lambda phrase: -phrase.weight)[:12])
    for first, second in combinations([phrase for phrase in short if phrase in best], 2):
        pair = f"{first.text} {second.text}"
        if wanted.takes(pair) and not _same(first.text, second.text):
            weight = 0.55 * (first.weight + second.weight) * _used_room(pair, wanted)
            yield Phrase(pair, weight, first.made_of + second.made_of)


def _used_room(text: str, wanted: Wanted) -> float:
    return 0.4 + 0.6 * wanted.fullness(text)


def _sentence_forms(statement: Statement) -> Iterator[tuple[str, float]]:
    """A statement as a sentence: whole, without its asides, or a part of it that says something."""
    text = statement.text
    if statement.kind not in ("sentence", "item") or leans(text) or text.endswith(":"):
        return
    shapes = [(text, 1.0), (without_asides(text), 0.95)]
    shapes += [(clause, 0.8) for clause in clauses(text)] + [(head, 0.75) for head in heads(text)]
    for shape, share in shapes:
        if len(shape.split()) >= 4 and not text[0].islower() and stands_alone(shape.rstrip(".")):
            yield capitalised(shape if is_closed(shape) else f"{shape}."), share


# Passages


def _passages(material: Material, wanted: Wanted) -> Iterator[Phrase]:
    """Sentences in the source's own order, each passage beginning with another of its best ones."""
    said = [statement for statement in statements(material) if statement.kind == "sentence"]
    said = [statement for statement in said if not statement.text.endswith(":")]
    starts = [index for index, statement in enumerate(said) if stands_alone(statement.text.rstrip("."))]

    def worth(index: int) -> float:
        # The first sentence was written to be read first.
        return said[index].weight * (0.6 if points_back(said[index].text) else 1.0) * (1.0 if index else 1.4)

    used: set[int] = set()
    for start in sorted(starts, key=worth, reverse=True)[:MAX_PASSAGES]:
        if start not in used:
            taken = _grown(said, start, starts, used, wanted)
            text = " ".join(said[index].text for index in taken)
            if wanted.takes(text) and len(text.split()) >= 4:
                used.update(taken)
                yield Phrase(text, worth(start) * _used_room(text, wanted))


def _grown(said: Sequence[Statement], start: int, starts: Sequence[int], used: set[int], wanted: Wanted) -> list[int]:
    """`start`, what follows it in its paragraph, then further good sentences, as long as they fit."""
    taken = [start]
    following = [index for index in range(start + 1, len(said)) if said[index].run == said[start].run]
    further = sorted((index for index in starts if index > start), key=lambda index: -said[index].weight)
    for index in (*following, *further):
        if index in used or index in taken or len(taken) == 5:
            continue
        if index - 1 not in taken and (leans(said[index].text) or points_back(said[index].text)):
            continue
        if wanted.takes(" ".join(said[other].text for other in (*taken, index))):
            taken.append(index)
    return sorted(taken)


# Paths


def _paths(material: Material, wanted: Wanted) -> Iterator[Phrase]:
    """One to three words of an address, joined by hyphens."""
    named = subject(material).split()
    headings = {section.title.casefold() for section in material.structure.sections if section.level > 1}
    phrases = [" ".join(named[-length:]) for length in range(len(named), 0, -1)][:2]
    phrases += [phrase for phrase in material.key_phrases if phrase.casefold() not in headings and "'" not in phrase]
    title = Shown.of(material).title.casefold()
    for rank, phrase in enumerate(phrases):
        # An address has no raised characters, and without them 10⁶ is another figure.
        words = [] if has_scripts(plain := on_the_line(phrase)) else re.findall(r"\w+", plain)
        text = "-".join(words).lower()
        says_something = len(words) > 1 or (bool(words) and words[0][0].isupper())
        if says_something and wanted.takes(text) and words[-1].lower() not in material.stopwords:
            yield Phrase(text, (2.0 if phrase.casefold() in title else 1.0) / (1 + 0.1 * rank))
