"""The extract stage: a source into its extraction.

Structure and figures come by parsing; a model only adds what can be found in the text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast, get_args

from chatspace.core.call import Call, Turn
from chatspace.core.document import Source, Span
from chatspace.core.errors import ModelError
from chatspace.core.extraction import (
    Doc,
    Entity,
    EntityType,
    Extraction,
    Fact,
    GateReport,
    KeyPoint,
    PayloadBudget,
    Provenance,
    Quarantined,
    Section,
)
from chatspace.core.facts import align, find_facts, find_metadata, find_names
from chatspace.core.profile import MetadataField
from chatspace.core.structure import Structure
from chatspace.core.text.json_reply import json_object
from chatspace.core.text.ranking import key_points
from chatspace.core.text.tokens import estimate_tokens

MAX_ADDED = 200
"""A reply with more items than this is not an extraction any more."""

REPLY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "entities": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "type": {"type": "string", "enum": list(get_args(EntityType))},
                    "aliases": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["name", "type", "aliases"],
                "additionalProperties": False,
            },
        },
        "key_points": {"type": "array", "items": {"type": "string"}},
        "metadata": {"type": "object"},
    },
    "required": ["entities", "key_points", "metadata"],
}


def extract(
    source: Source, structure: Structure, gate: GateReport, metadata_fields: Sequence[MetadataField] = ()
) -> Extraction:
    """What can be known of a source without a model. The same source always gives the same extraction."""
    text = structure.text
    code = [block.span for block in structure.blocks if block.kind == "code"]
    metadata = find_metadata(text, metadata_fields, structure.front_matter)
    doc = Doc(
        id=source.id,
        name=source.name,
        media_type=source.media_type,
        chars=len(text),
        words=len(text.split()),
        tokens_estimate=estimate_tokens(text),
        title=str(metadata.get("title") or structure.title or source.name),
        metadata=metadata,
    )
    return Extraction(
        doc=doc,
        provenance=Provenance(source.reader, structure.parser, structure.second_parser_agrees),
        text=text,
        sections=structure.sections,
        blocks=structure.blocks,
        links=structure.links,
        facts=_in_sections(find_facts(text, code), structure.sections),
        entities=tuple(find_names(text, code)),
        key_points=key_points(text, code),
        quarantine=(),
        budget=PayloadBudget(0, doc.tokens_estimate, 0.0),
        gate=gate,
    )


def _in_sections(facts: Sequence[Fact], sections: Sequence[Section]) -> tuple[Fact, ...]:
    """Each fact with the innermost section that holds it. Both are in the order of the text, so one pass does."""
    placed, open_sections, upcoming = [], list[Section](), iter(sorted(sections, key=lambda section: section.span[0]))
    following = next(upcoming, None)
    for fact in facts:
        while following and following.span[0] <= fact.span[0]:
            open_sections.append(following)
            following = next(upcoming, None)
        while open_sections and open_sections[-1].span[1] <= fact.span[0]:
            open_sections.pop()
        placed.append(replace(fact, section=open_sections[-1].id if open_sections else None))
    return tuple(placed)


# The model pass


@dataclass(frozen=True, slots=True)
class Added:
    """What the model pass gave: the fuller extraction, or the same one and why nothing was added."""

    extraction: Extraction
    problem: str = ""


async def add_by_model(extraction: Extraction, user: str, ask: Callable[[Sequence[Turn]], Awaitable[Call]]) -> Added:
    """Ask for entities, key points and metadata and keep what stands in the text.

    A reply that can't be used is asked for once more, with what is wrong; then the extraction stays as it was.
    """
    turns = [Turn("user", user)]
    problem = ""
    for _ in range(2):
        try:
            call = await ask(turns)
            if call.outcome == "truncated":
                return Added(extraction, f"{call.model} didn't finish its reply: {call.error}")
            items = parse_reply(call.text)
        except ModelError as error:
            return Added(extraction, str(error))
        except ValueError as error:
            problem = f"{call.model} didn't reply in the form asked for: {error}"
            turns += [
                Turn("assistant", call.text),
                Turn("user", f"That can't be used: {error}. Reply with the JSON object alone."),
            ]
            continue
        added = _merge(extraction, items)
        return Added(replace(added, provenance=replace(added.provenance, model=call.model)))
    return Added(extraction, problem)


def parse_reply(text: str) -> dict[str, Any]:
    """The object asked for. Raises ValueError with what is wrong."""
    reply = json_object(text)
    for name, kind in (("entities", list), ("key_points", list), ("metadata", dict)):
        if not isinstance(reply.get(name), kind):
            raise ValueError(f"`{name}` is missing or no {'list' if kind is list else 'object'}")
    return reply


def _merge(extraction: Extraction, items: Mapping[str, Any]) -> Extraction:
    text = extraction.text or ""
    entities, points = list(extraction.entities), list(extraction.key_points)
    metadata, quarantine = dict(extraction.doc.metadata), list(extraction.quarantine)
    known = {name.casefold(): index for index, entity in enumerate(entities) for name in (entity.name, *entity.aliases)}
    for item in items["entities"][:MAX_ADDED]:
        entity = _entity(item, text, f"e{len(entities) + 1}")
        if entity is None:
            quarantine.append(Quarantined(_as_item(item), "not found in the source"))
        elif (index := known.get(entity.name.casefold())) is not None:
            entities[index] = replace(entities[index], type=entity.type, by="model")
        else:
            known[entity.name.casefold()] = len(entities)
            entities.append(entity)
    for point in items["key_points"][:MAX_ADDED]:
        found = align(point, text) if isinstance(point, str) else None
        if found is None:
            quarantine.append(Quarantined({"key_point": point}, "not found in the source"))
        elif all(existing.span != found[0] for existing in points):
            points.append(KeyPoint(text[slice(*found[0])], found[0]))
    for name, value in list(items["metadata"].items())[:MAX_ADDED]:
        if name in metadata:
            continue
        if isinstance(value, str | int | float) and align(str(value), text):
            metadata[name] = value
        else:
            quarantine.append(Quarantined({"metadata": {name: value}}, "not found in the source"))
    return replace(
        extraction,
        doc=replace(extraction.doc, metadata=metadata),
        entities=tuple(entities),
        key_points=tuple(points),
        quarantine=tuple(quarantine),
    )


def _entity(item: Any, text: str, id_: str) -> Entity | None:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        return None
    found = align(item["name"], text)
    if found is None:
        return None
    span, how = found
    type_ = item.get("type")
    listed = item.get("aliases")
    aliases = tuple(
        alias for alias in (listed if isinstance(listed, list) else ()) if isinstance(alias, str) and alias in text
    )
    return Entity(
        id=id_,
        type=cast(EntityType, type_) if type_ in get_args(EntityType) else "other",
        name=text[slice(*span)],
        aliases=aliases,
        mentions=_mentions(text, text[slice(*span)]) or (span,),
        by="model",
        align=how,
    )


def _mentions(text: str, name: str) -> tuple[Span, ...]:
    spans, start = [], text.find(name)
    while start >= 0:
        spans.append((start, start + len(name)))
        start = text.find(name, start + len(name))
    return tuple(spans)


def _as_item(item: Any) -> Mapping[str, Any]:
    return item if isinstance(item, dict) else {"entity": item}
