"""What a person may correct of an extraction and of copy, as a text to edit; what comes back is checked like a model's.

Key points and names must stand in the source; lengths are counted again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast, get_args

from chatspace.core.document import Span
from chatspace.core.errors import UsageError
from chatspace.core.extraction import Entity, EntityType, Extraction, KeyPoint
from chatspace.core.facts import align
from chatspace.core.profiles.profile import Channel, ChannelField
from chatspace.core.runs.run import Copy, Variant
from chatspace.core.text.length import fits, measure

FIELDS = ("title", "key_points", "entities")
MAX_TOLD = 6
"""Of what is wrong, so much is told at once."""

REMEDY = "Fix it, or press esc again to discard the change."


def extraction_to_edit(extraction: Extraction) -> str:
    """The fields that a person may correct, as JSON."""
    entities = [{"name": each.name, "type": each.type, "aliases": list(each.aliases)} for each in extraction.entities]
    points = [" ".join(point.text.split()) for point in extraction.key_points]
    lines = [f'  "title": {_json(extraction.doc.title)},']
    lines += _listed("key_points", points, last=False) + _listed("entities", entities, last=True)
    return "\n".join(["{", *lines, "}"])


def _listed(name: str, items: Sequence[Any], *, last: bool) -> list[str]:
    """A list with each of its items on one line."""
    end = "" if last else ","
    if not items:
        return [f'  "{name}": []{end}']
    rows = [f"    {_json(item)}" for item in items]
    return [f'  "{name}": [', *(f"{row}," for row in rows[:-1]), rows[-1], f"  ]{end}"]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def corrected_extraction(extraction: Extraction, edited: str) -> Extraction:
    """The extraction with the edited fields, each found again in its source.

    Raises UsageError with everything that is wrong.
    """
    value = _object(edited)
    text = extraction.text or ""
    wrong: list[str] = []
    points = _key_points(value.get("key_points"), extraction, text, wrong)
    entities = _entities(value.get("entities"), extraction, text, wrong)
    title = value.get("title")
    if not isinstance(title, str) or not title.strip():
        wrong.append("`title` is not text")
        title = ""
    wrong += [f"unknown field {name!r}" for name in value if name not in FIELDS]
    if wrong:
        raise _refused("This correction of the extraction isn't valid", wrong)
    doc, title = extraction.doc, " ".join(title.split())
    metadata = {**doc.metadata, "title": title} if "title" in doc.metadata else doc.metadata
    return replace(
        extraction,
        doc=replace(doc, title=title, metadata=metadata),
        key_points=tuple(points),
        entities=tuple(entities),
    )


def _object(edited: str) -> Mapping[str, Any]:
    try:
        value = json.loads(edited)
    except json.JSONDecodeError as error:
        raise UsageError(f"Line {error.lineno} is not JSON", error.msg, REMEDY) from error
    except RecursionError as error:
        raise UsageError("This JSON can't be parsed", "it is nested too deeply", REMEDY) from error
    if not isinstance(value, dict):
        raise UsageError("This is not a JSON object", f"it needs {', '.join(FIELDS)}", REMEDY)
    return value


def _key_points(listed: Any, extraction: Extraction, text: str, wrong: list[str]) -> list[KeyPoint]:
    """A point keeps its score; a new one counts as much as the best, since a person wanted it."""
    if not isinstance(listed, list):
        wrong.append("`key_points` is not a list")
        return []
    known = {" ".join(point.text.split()): point for point in extraction.key_points}
    best = max((point.score for point in extraction.key_points), default=1.0)
    points: dict[Span, KeyPoint] = {}
    for item in listed:
        found = known.get(item) if isinstance(item, str) else None
        if found is None:
            place = align(item, text) if isinstance(item, str) else None
            if place is None:
                wrong.append(f"the key point {_short(item)} is not in the source")
                continue
            found = KeyPoint(text[slice(*place[0])], place[0], best)
        points[found.span] = found
    return list(points.values())


def _entities(listed: Any, extraction: Extraction, text: str, wrong: list[str]) -> list[Entity]:
    if not isinstance(listed, list):
        wrong.append("`entities` is not a list")
        return []
    known = {(each.name, each.type, each.aliases): each for each in extraction.entities}
    entities: list[Entity] = []
    for item in listed:
        entity = _entity(item, known, text, wrong)
        if entity:
            entities.append(replace(entity, id=f"e{len(entities) + 1}"))
    return entities


def _entity(
    item: Any, known: Mapping[tuple[str, EntityType, tuple[str, ...]], Entity], text: str, wrong: list[str]
) -> Entity | None:
    name = item.get("name") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(name, str):
        wrong.append(f"the entity {_short(item)} has no `name`")
        return None
    type_, listed = item.get("type", "other"), item.get("aliases", [])
    if type_ not in get_args(EntityType):
        wrong.append(f"{_short(name)} has the type {_short(type_)}; valid types are {', '.join(get_args(EntityType))}")
        return None
    if not isinstance(listed, list) or not all(isinstance(alias, str) for alias in listed):
        wrong.append(f"`aliases` of {_short(name)} is not a list of strings")
        return None
    if same := known.get((name, type_, tuple(listed))):
        return same
    missing = [each for each in (name, *listed) if align(each, text) is None]
    if missing:
        wrong += [f"the name {_short(each)} is not in the source" for each in missing]
        return None
    found = align(name, text)
    assert found is not None, "a missing name was reported"
    span, how = found
    written = text[slice(*span)]
    mentions = _mentions(written, text) or (span,)
    return Entity("", cast(EntityType, type_), written, tuple(listed), mentions, by="hand", align=how)


def _mentions(name: str, text: str) -> tuple[Span, ...]:
    spans, start = [], text.find(name)
    while start >= 0:
        spans.append((start, start + len(name)))
        start = text.find(name, start + len(name))
    return tuple(spans)


def _short(value: object) -> str:
    said = json.dumps(value, ensure_ascii=False, default=str)
    return said if len(said) <= 60 else f"{said[:59]}…"


# Copy

HEADING = "## "


def copy_to_edit(copy: Copy) -> str:
    """The variants, one on a line, below the name of their field."""
    parts = []
    for name in dict.fromkeys(variant.field for variant in copy.variants):
        texts = [" ".join(variant.text.split()) for variant in copy.variants if variant.field == name]
        parts.append("\n".join([f"{HEADING}{name}", *texts]))
    return "\n\n".join(parts)


def corrected_copy(copy: Copy, channel: Channel, edited: str) -> Copy:
    """The variants as they were edited, counted as the channel counts. Raises UsageError."""
    known = {field.name: field for field in channel.fields}
    by_text = {(each.field, each.text): each for each in copy.variants}
    field: ChannelField | None = None
    variants: list[Variant] = []
    wrong: list[str] = []
    for number, line in enumerate(edited.splitlines(), 1):
        text = " ".join(line.split())
        if line.startswith(HEADING):
            field = known.get(text.removeprefix(HEADING.strip()).strip())
            wrong += [] if field else [f"line {number}: {channel.title} has no field {_short(text[3:])}"]
        elif text and field:
            variants.append(by_text.get((field.name, text)) or _counted(text, field))
        elif text and not wrong:
            wrong.append(f"line {number} is not under a field")
    if not variants and not wrong:
        wrong.append("no variant is left")
    if wrong:
        raise _refused("This correction of the copy isn't valid", wrong)
    return replace(copy, variants=tuple(_paired_once(variants)))


def _counted(text: str, field: ChannelField) -> Variant:
    length = measure(text, field.rule)
    return Variant(field.name, text, length, field.limit, field.display_limit, fits(text, field), by="hand")


def _paired_once(variants: Sequence[Variant]) -> list[Variant]:
    """The first two of a field that fit are its A and its B, as where copy is written."""
    sides: dict[str, list[str]] = {}
    paired = []
    for each in variants:
        left = sides.setdefault(each.field, ["B", "A"])
        paired.append(replace(each, pair=left.pop() if each.fits and left else None))
    return paired


def _refused(title: str, wrong: Sequence[str]) -> UsageError:
    more = f"; and {len(wrong) - MAX_TOLD} more" if len(wrong) > MAX_TOLD else ""
    return UsageError(title, "; ".join(wrong[:MAX_TOLD]) + more, REMEDY)
