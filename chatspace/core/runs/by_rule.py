"""The extraction by rule: structure, figures, names and key points, found without a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatspace.core.document import Source
from chatspace.core.extraction import Doc, Extraction, Fact, GateReport, PayloadBudget, Provenance, Section
from chatspace.core.facts import find_facts, find_metadata, find_names
from chatspace.core.profiles.profile import MetadataField
from chatspace.core.structure import Structure
from chatspace.core.text.ranking import key_points
from chatspace.core.text.tokens import estimate_tokens


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
