"""What a model is shown of sources outside a run of the pipeline. This module loads the parsers: import it late."""

from __future__ import annotations

from collections.abc import Sequence

from chatspace.core.document import Source
from chatspace.core.extraction import Extraction
from chatspace.core.ports import Tools
from chatspace.core.runs.by_rule import extract
from chatspace.core.runs.claims import claims
from chatspace.core.runs.payload import payload
from chatspace.core.stages.gate import check_extraction
from chatspace.core.structure import parse
from chatspace.core.text.tokens import estimate_tokens


def source_payload(sources: Sequence[Source], tools: Tools, room: int | None) -> tuple[str, bool]:
    """The payload of the sources within so many tokens, and whether their structure can be trusted.

    Where it can't, a text that fits is shown as it stands.
    """
    read = [_read(source, tools) for source in sources]
    sound = all(extraction.gate.status != "rejected" for extraction in read)
    bare = "\n\n".join(source.text for source in sources)
    if not sound and (room is None or estimate_tokens(bare) <= room):
        return bare, False
    return payload(read, budget=room).text, sound


def source_claims(sources: Sequence[Source], tools: Tools, room: int) -> str:
    """What copy is made of, within so many tokens."""
    return claims([_read(source, tools) for source in sources], limit=room)


def _read(source: Source, tools: Tools) -> Extraction:
    structure = parse(source.text)
    return extract(source, structure, check_extraction(structure), tools.library.metadata_fields())
