"""The extraction by a model: it adds names, key points and metadata, as far as they are found in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast, get_args

from chatspace.core.calls.call import Turn
from chatspace.core.calls.step_client import StepClient, second_try, too_large, unfinished
from chatspace.core.document import Span
from chatspace.core.errors import ModelError
from chatspace.core.extraction import Coverage, Entity, EntityType, Extraction, KeyPoint, Quarantined
from chatspace.core.runs.chunks import MIN_CHUNK, cut
from chatspace.core.runs.payload import chunk_overhead, chunk_payload, payload
from chatspace.core.text.json_reply import json_object

MAX_ADDED = 200
"""A reply with more items than this is not an extraction any more."""

RETRY_TOKENS = 600
RETRY_SHARE = 8
COMPLAINT_TOKENS = 80
"""What is kept free of the room, so that a reply that can't be used can be shown again with what is wrong."""

REPLY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "entities": {
            "type": "array",
            "maxItems": 80,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "maxLength": 120},
                    "type": {"type": "string", "enum": list(get_args(EntityType))},
                    "aliases": {"type": "array", "maxItems": 8, "items": {"type": "string", "maxLength": 120}},
                },
                "required": ["name", "type", "aliases"],
                "additionalProperties": False,
            },
        },
        "key_points": {"type": "array", "maxItems": 8, "items": {"type": "string", "maxLength": 600}},
        "metadata": {
            "type": "object",
            "maxProperties": 20,
            "additionalProperties": {"type": "string", "maxLength": 200},
        },
    },
    "required": ["entities", "key_points", "metadata"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Added:
    """What the model pass gave: the fuller extraction, and why not all of the source came into it by the model.

    `error` where that is because a model didn't answer, or not whole; without it replies couldn't be used.
    """

    extraction: Extraction
    coverage: Coverage
    problem: str = ""
    error: ModelError | None = None


async def add_by_model(extraction: Extraction, asker: StepClient) -> Added:
    """Ask for entities, key points and metadata and keep what stands in the text.

    A source that doesn't fit the window is read chunk by chunk, and what is found is united. A reply that can't be used
    is asked for once more, with what is wrong; then its chunk stays as it was extracted by rule.
    """
    room = await asker.room()
    retry = RETRY_TOKENS if room is None else min(RETRY_TOKENS, room // RETRY_SHARE)
    shown = payload([extraction])
    users = [shown.text] if room is None or shown.tokens <= room else _in_chunks(extraction, room - retry)
    if not users:
        return Added(extraction, Coverage(1, 0), str(too_large(asker.target, shown.tokens, room or 0)))
    read, problem = 0, ""
    error: ModelError | None = None
    for user in users:
        try:
            items, model, problem_here = await _ask_twice(user, asker, retry - COMPLAINT_TOKENS)
        except ModelError as failure:
            if failure.kind == "redirected":
                raise
            problem, error = problem or str(failure), error or failure
            if failure.kind == "cut":
                continue
            break
        if items is None:
            problem = problem or problem_here
            continue
        read += 1
        extraction = _merge(extraction, items)
        extraction = replace(extraction, provenance=replace(extraction.provenance, model=model))
    return Added(extraction, Coverage(len(users), read), problem, error)


def _in_chunks(extraction: Extraction, room: int) -> list[str]:
    """A payload for each chunk; none where the window is too small to read anything."""
    budget = room - chunk_overhead(extraction)
    if budget < MIN_CHUNK:
        return []
    chunks = cut(extraction, budget)
    return [chunk_payload(extraction, chunk, f"{number} of {len(chunks)}") for number, chunk in enumerate(chunks, 1)]


async def _ask_twice(user: str, asker: StepClient, shown_again: int) -> tuple[Mapping[str, Any] | None, str, str]:
    """The items of a reply, the model, and what was wrong where two replies couldn't be used. Raises ModelError."""
    turns = [Turn("user", user)]
    problem = model = ""
    for _ in range(2):
        said = await asker.ask(turns, schema=REPLY_SCHEMA)
        model = said.call.model
        if not said.whole:
            raise unfinished(said)
        try:
            return parse_reply(said.text), model, ""
        except ValueError as error:
            problem = f"{model} didn't reply in the requested format: {error}"
            complaint = f"That can't be used: {error}. Reply with the JSON object alone."
            turns = second_try(turns, said.text, complaint, shown_again)
    return None, model, problem


def parse_reply(text: str) -> dict[str, Any]:
    """The object asked for. Raises ValueError with what is wrong."""
    reply = json_object(text)
    for name, kind in (("entities", list), ("key_points", list), ("metadata", dict)):
        if not isinstance(reply.get(name), kind):
            raise ValueError(f"`{name}` is missing or not {'a list' if kind is list else 'an object'}")
    return reply


def _merge(extraction: Extraction, items: Mapping[str, Any]) -> Extraction:
    from chatspace.core.facts import align  # its patterns take a tenth of a second to compile

    text = extraction.text or ""
    entities, points = list(extraction.entities), list(extraction.key_points)
    metadata, quarantine = dict(extraction.doc.metadata), list(extraction.quarantine)
    known = {name.casefold(): index for index, entity in enumerate(entities) for name in (entity.name, *entity.aliases)}
    for item in items["entities"][:MAX_ADDED]:
        entity = _entity(item, text, f"e{len(entities) + 1}")
        if entity is None:
            quarantine.append(Quarantined(_as_item(item), "not found in the source"))
        elif (index := known.get(entity.name.casefold())) is not None:
            aliases = dict.fromkeys((*entities[index].aliases, *entity.aliases))
            aliases.pop(entities[index].name, None)
            entities[index] = replace(entities[index], type=entity.type, aliases=tuple(aliases), by="model")
            known.update((alias.casefold(), index) for alias in aliases)
        else:
            known.update((name.casefold(), len(entities)) for name in (entity.name, *entity.aliases))
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
    from chatspace.core.facts import align

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
