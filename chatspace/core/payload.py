"""The payload: what a model is shown of a source, as JSON, within a budget of tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatspace.core.extraction import Extraction, Section
from chatspace.core.text.ranking import key_phrases
from chatspace.core.text.tokens import estimate_tokens

MAX_FACTS = 120
MAX_NAMES = 60
MAX_PHRASES = 12


@dataclass(frozen=True, slots=True)
class Payload:
    """`left_out` names the sections whose text didn't fit; the outline, the facts and the key points are always in."""

    text: str
    tokens: int
    sections: int
    left_out: tuple[str, ...] = ()


def payload(
    extractions: Sequence[Extraction],
    *,
    budget: int | None = None,
    with_text: bool = True,
    extra: Mapping[str, Any] | None = None,
) -> Payload:
    """One JSON document for all sources.

    `budget` is in tokens, `extra` gives members beside `sources`. Where the text doesn't fit the budget, whole sections
    are left out, the longest first, and named.
    """
    cards = [_card(extraction) for extraction in extractions]
    document: dict[str, Any] = {"sources": cards, **(extra or {})}
    texts = [
        (card, section, text)
        for card, extraction in zip(cards, extractions, strict=True)
        for section, text in (_own_texts(extraction) if with_text else ())
    ]
    room = None if budget is None else budget - estimate_tokens(_dump(document))
    left_out = _too_many([text for _, _, text in texts], room)
    for index, (card, section, text) in enumerate(texts):
        if index in left_out:
            card["left_out"].append(" / ".join(section.path) or "(start)")
        else:
            card["sections"].append({"path": list(section.path), "text": text})
    dumped = _dump(document)
    return Payload(
        dumped, estimate_tokens(dumped), len(texts), tuple(name for card in cards for name in card["left_out"])
    )


def _too_many(texts: Sequence[str], room: int | None) -> set[int]:
    """The indexes of the texts to leave out so that the rest fits the room, the longest first."""
    if room is None:
        return set()
    costs = [estimate_tokens(json.dumps(text, ensure_ascii=False)) + 20 for text in texts]
    excess, left_out = sum(costs) - room, set()
    for index in sorted(range(len(texts)), key=lambda index: -costs[index]):
        if excess <= 0:
            break
        left_out.add(index)
        excess -= costs[index]
    return left_out


def _card(extraction: Extraction) -> dict[str, Any]:
    doc = extraction.doc
    facts = {(fact.type, fact.raw): None for fact in extraction.facts}
    return {
        "name": doc.name,
        "title": doc.title,
        "metadata": dict(doc.metadata),
        "outline": [
            {"level": section.level, "title": section.title} for section in extraction.sections if section.level
        ],
        "key_points": [point.text for point in extraction.key_points],
        "key_phrases": key_phrases(extraction.text or "", MAX_PHRASES),
        "facts": [{"type": type_, "raw": raw} for type_, raw in list(facts)[:MAX_FACTS]],
        "names": [entity.name for entity in extraction.entities[:MAX_NAMES]],
        "sections": [],
        "left_out": [],
    }


def _own_texts(extraction: Extraction) -> Iterator[tuple[Section, str]]:
    """Each section with its text up to the next heading, whatever that one's level."""
    text = extraction.text or ""
    sections = sorted(extraction.sections, key=lambda section: section.span[0])
    for index, section in enumerate(sections):
        end = sections[index + 1].span[0] if index + 1 < len(sections) else section.span[1]
        own = text[section.span[0] : min(end, section.span[1])].strip()
        if own:
            yield section, own


def _dump(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
