"""The payload: what a model is shown of its sources, as JSON, within a budget of tokens."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from chatspace.core.document import Span
from chatspace.core.extraction import Extraction, Section
from chatspace.core.runs.chunks import Chunk, shortened
from chatspace.core.text.ranking import key_phrases
from chatspace.core.text.tokens import estimate_tokens

MAX_FACTS = 120
MAX_NAMES = 60
MAX_POINTS = 40
MAX_PHRASES = 12
GIST_LENGTH = 160
METADATA_TOKENS = 160
"""What a chunk's payload repeats of the metadata at most."""

MAX_KNOWN = 1_024
"""Sources whose phrases are kept; many more than a batch has under way at once."""

SHARES: Mapping[str, float] = {"key_points": 0.25, "facts": 0.2, "outline": 0.15, "names": 0.05}
"""What of a budget each list may take where not everything fits; the sections' text gets the rest."""


LEFT_OUT_SHARE = 0.3
"""What of a budget the cards of sections without text may take."""


@dataclass(frozen=True, slots=True)
class Payload:
    """`sections` is the number of sections with text, `left_out` names those whose text didn't fit the budget."""

    text: str
    tokens: int
    sections: int
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Text:
    """What stands below one heading, up to the next.

    Once weighed, `score` ranks it: the key points and facts in it, per token; `brief` is what stands for it where its
    text doesn't fit.
    """

    card: int
    section: Section
    span: Span
    text: str
    tokens: int = 0
    score: float = 0.0
    brief: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        return " / ".join(self.section.path) or "(start)"


def payload(
    extractions: Sequence[Extraction], *, budget: int | None = None, extra: Mapping[str, Any] | None = None
) -> Payload:
    """One JSON document for all sources.

    `budget` is in tokens, `extra` gives members beside `sources`. Where not everything fits, each list keeps its first
    and best items, the sections that say most for their length keep their text, and a card names each of the others.
    """
    texts = [text for number, extraction in enumerate(extractions) for text in _texts(extraction, number)]
    cards = [_card(extraction) for extraction in extractions]
    whole = _document(cards, texts, frozenset(range(len(texts))), extra)
    dumped = _dump(whole)
    if budget is None or estimate_tokens(dumped) <= budget:
        return Payload(dumped, estimate_tokens(dumped), len(texts))
    cards = [_trimmed(card, budget // len(cards)) for card in cards]
    facts = [sorted(fact.span[0] for fact in extraction.facts) for extraction in extractions]
    weighed = [_weighed(text, extractions[text.card], facts[text.card]) for text in texts]
    texts = _briefly(weighed, int(budget * LEFT_OUT_SHARE))
    kept = _most_telling(texts, budget - estimate_tokens(_dump(_document(cards, texts, frozenset(), extra))))
    left_out = tuple(text.name for index, text in enumerate(texts) if index not in kept)
    dumped = _dump(_document(cards, texts, kept, extra))
    return Payload(dumped, estimate_tokens(dumped), len(texts), left_out)


def chunk_payload(extraction: Extraction, chunk: Chunk, part: str, room: int | None = None) -> str:
    """The source's text of one chunk, with as many of its facts and names as fit `room` tokens beside it."""
    facts = {(fact.type, fact.raw): None for fact in extraction.facts if _inside(fact.span, chunk.span)}
    names = [
        entity.name for entity in extraction.entities if any(_inside(span, chunk.span) for span in entity.mentions)
    ]
    card: dict[str, Any] = {
        **_head(extraction),
        "part": part,
        "facts": [],
        "names": [],
        "sections": [{"path": list(piece.path), "text": piece.text} for piece in chunk.pieces],
    }
    left = None if room is None else room - estimate_tokens(_dump({"sources": [card]}))
    listed = [{"type": type_, "raw": raw} for type_, raw in list(facts)[:MAX_FACTS]]
    card["facts"] = _within(listed, None if left is None else left * 3 // 4)
    card["names"] = _within(names[:MAX_NAMES], None if left is None else left // 5)
    return _dump({"sources": [card]})


def chunk_overhead(extraction: Extraction) -> int:
    """The tokens of a chunk's payload without its text, facts and names."""
    card = {**_head(extraction), "part": "999 of 999", "facts": [], "names": [], "sections": []}
    return estimate_tokens(_dump({"sources": [card]})) + 1


def gist_of(extraction: Extraction, span: Span) -> str:
    """What a stretch of the source says in one line: its best key point, else its beginning."""
    inside = [point for point in extraction.key_points if _inside(point.span, span)]
    best = max(inside, key=lambda point: point.score, default=None)
    lines = (extraction.text or "")[slice(*span)][: 4 * GIST_LENGTH].splitlines()
    opening = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    gist = " ".join((best.text if best else opening).split())
    return gist if len(gist) <= GIST_LENGTH else gist[: GIST_LENGTH - 1] + "…"


def _document(
    cards: Sequence[Mapping[str, Any]], texts: Sequence[_Text], kept: frozenset[int], extra: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The cards with the texts that are kept, and a card for each that isn't."""
    filled: list[dict[str, Any]] = [{**card, "sections": [], "left_out": []} for card in cards]
    for index, text in enumerate(texts):
        if index in kept:
            filled[text.card]["sections"].append({"path": list(text.section.path), "text": text.text})
        elif text.brief:
            filled[text.card]["left_out"].append(text.brief)
    return {"sources": filled, **(extra or {})}


def _briefly(texts: Sequence[_Text], room: int) -> list[_Text]:
    """The texts with as much said of each, in the place of its text, as fits for all: a gist, or a name, or nothing."""
    for members in (("section", "words", "gist"), ("section", "words")):
        briefs = [{name: (text.brief or {})[name] for name in members} for text in texts]
        if sum(_tokens(brief) for brief in briefs) <= room:
            return [replace(text, brief=brief) for text, brief in zip(texts, briefs, strict=True)]
    return [replace(text, brief=None) for text in texts]


def _most_telling(texts: Sequence[_Text], room: int) -> frozenset[int]:
    """The best texts that fit; one that is kept makes room for itself where its card was."""
    kept: set[int] = set()
    for index in sorted(range(len(texts)), key=lambda index: (-texts[index].score, index)):
        needed = texts[index].tokens - (estimate_tokens(_dump(texts[index].brief)) - 1 if texts[index].brief else 0)
        if needed <= room:
            kept.add(index)
            room -= needed
    return frozenset(kept)


def _texts(extraction: Extraction, card: int) -> Iterator[_Text]:
    """Each section's own text."""
    for section, span in _own_spans(extraction):
        if text := (extraction.text or "")[slice(*span)].strip():
            yield _Text(card, section, span, text)


def _weighed(text: _Text, extraction: Extraction, facts: Sequence[int]) -> _Text:
    """With what of the extraction stands in it; `facts` are the starts of all, in order."""
    start, end = text.span
    tokens = _tokens({"path": text.section.path, "text": text.text})
    weight = sum(1 + point.score for point in extraction.key_points if _inside(point.span, text.span))
    weight += 0.2 * (bisect_left(facts, end) - bisect_left(facts, start))
    name = shortened(text.name)
    brief = {"section": name, "words": len(text.text.split()), "gist": gist_of(extraction, text.span)}
    return replace(text, tokens=tokens, score=weight / tokens, brief=brief)


def _own_spans(extraction: Extraction) -> Iterator[tuple[Section, Span]]:
    """Each section with its span up to the next heading, whatever that one's level."""
    sections = sorted(extraction.sections, key=lambda section: section.span[0])
    for index, section in enumerate(sections):
        end = sections[index + 1].span[0] if index + 1 < len(sections) else section.span[1]
        yield section, (section.span[0], min(end, section.span[1]))


def _inside(span: Span, outer: Span) -> bool:
    return outer[0] <= span[0] < outer[1]


def _head(extraction: Extraction) -> dict[str, Any]:
    """What every chunk's payload begins with."""
    doc = extraction.doc
    metadata = dict(doc.metadata)
    return {
        "name": shortened(doc.name),
        "title": doc.title[:GIST_LENGTH],
        "metadata": metadata if estimate_tokens(_dump(metadata)) <= METADATA_TOKENS else {},
    }


def _card(extraction: Extraction) -> dict[str, Any]:
    facts = {(fact.type, fact.raw): None for fact in extraction.facts}
    best = sorted(extraction.key_points, key=lambda point: -point.score)[:MAX_POINTS]
    return {
        "name": extraction.doc.name,
        "title": extraction.doc.title,
        "metadata": dict(extraction.doc.metadata),
        "outline": [
            {"level": section.level, "title": section.title} for section in extraction.sections if section.level
        ],
        "key_points": [point.text for point in best],
        "key_phrases": _phrases(extraction.text or ""),
        "facts": [{"type": type_, "raw": raw} for type_, raw in list(facts)[:MAX_FACTS]],
        "names": [entity.name for entity in extraction.entities[:MAX_NAMES]],
    }


_known: dict[bytes, list[str]] = {}


def _phrases(text: str) -> list[str]:
    """Those of a source, whose payload is made several times in a run. Its text isn't held on to for that."""
    digest = sha256(text.encode("utf-8", "surrogatepass")).digest()
    found = _known.get(digest)
    if found is None:
        if len(_known) >= MAX_KNOWN:
            _known.clear()
        found = _known[digest] = key_phrases(text, MAX_PHRASES)
    return found


def _trimmed(card: Mapping[str, Any], budget: int) -> dict[str, Any]:
    """A card whose lists keep within their shares of the budget; the outline loses its deepest levels first."""
    trimmed = dict(card)
    for name, share in SHARES.items():
        if name in trimmed:
            trimmed[name] = _within(trimmed[name], int(budget * share), by_level=name == "outline")
    trimmed["metadata"] = dict(_within(list(card["metadata"].items()), budget // 10))
    return trimmed


def _within(items: Sequence[Any], room: int | None, *, by_level: bool = False) -> list[Any]:
    """As many of the first items as fit; an outline loses its deepest level before it is cut short."""
    if room is None:
        return list(items)
    costs = list(map(_tokens, items))
    if by_level and sum(costs) > room and (deepest := max((item["level"] for item in items), default=1)) > 1:
        return _within([item for item in items if item["level"] < deepest], room, by_level=True)
    kept = []
    for item, tokens in zip(items, costs, strict=True):
        room -= tokens
        if room < 0:
            break
        kept.append(item)
    return kept


def _tokens(item: Any) -> int:
    """Of an item in a list, its comma included."""
    return estimate_tokens(_dump(item)) + 1


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
