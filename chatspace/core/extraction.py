"""The extraction: what the pipeline knows about a source, as `chatspace.extraction/1` writes it.

The field names are the format's own; `formats.to_json` turns these values into JSON and `chatspace schema extraction`
prints their schema. A field marked OPTIONAL is left out of the JSON where it is None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from chatspace.core.document import Span

OPTIONAL = {"optional": True}

BlockKind = Literal["heading", "paragraph", "list", "table", "code", "quote", "html", "rule", "footnote"]
FactType = Literal["money", "percent", "number", "quantity", "date", "quote", "url", "email"]
EntityType = Literal["person", "organization", "place", "product", "other"]
Severity = Literal["block", "warn"]
GateStatus = Literal["passed", "repaired", "rejected"]
ParserName = Literal["commonmark", "legacy"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many chunks of the source the model was shown."""

    chunks: int
    read: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what follows it up to the next heading of its level or above; level 0 is the text before any."""

    id: str
    parent: str | None
    level: int
    title: str
    path: tuple[str, ...]
    span: Span
    words: int
    tokens_estimate: int


@dataclass(frozen=True, slots=True)
class Block:
    """An outermost block.

    `depths` and `ordered` have one entry per list item in reading order, depth 1 outermost; `rows` counts the
    header.
    """

    id: str
    section: str | None
    kind: BlockKind
    span: Span
    items: int | None = field(default=None, metadata=OPTIONAL)
    depths: tuple[int, ...] | None = field(default=None, metadata=OPTIONAL)
    ordered: tuple[bool, ...] | None = field(default=None, metadata=OPTIONAL)
    rows: int | None = field(default=None, metadata=OPTIONAL)
    columns: int | None = field(default=None, metadata=OPTIONAL)
    info: str | None = field(default=None, metadata=OPTIONAL)
    level: int | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    href: str
    span: Span
    image: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure, date, quote or address.

    `value` is a number, an ISO 8601 date or a string; `unit` an ISO 4217 code, `%`, a unit symbol or None.
    """

    id: str
    type: FactType
    raw: str
    value: float | int | str
    unit: str | None
    span: Span
    section: str | None = None
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """A name. By rule it is a candidate; by model or by hand it was aligned to each of its mentions."""

    id: str
    type: EntityType
    name: str
    aliases: tuple[str, ...]
    mentions: tuple[Span, ...]
    by: Literal["rule", "model", "hand"] = "rule"
    align: Literal["exact", "normalized", "fuzzy"] = "exact"


@dataclass(frozen=True, slots=True)
class KeyPoint:
    text: str
    span: Span
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something a model added that isn't in the source."""

    item: Mapping[str, Any]
    why: str


@dataclass(frozen=True, slots=True)
class PayloadBudget:
    """How large the payload for a drafting model is beside its source, and which sections' text it leaves out."""

    payload_tokens: int
    source_tokens: int
    ratio: float
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that failed. `line` is that of the source, from 1; `message` says it in words."""

    check: str
    severity: Severity
    expected: Any = None
    actual: Any = None
    span: Span | None = None
    line: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class GateReport:
    """`path_f1` compares two structures by (path of ancestor kinds, leaf text); 1.0 is the same."""

    status: GateStatus
    path_f1: float = 1.0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Doc:
    id: str
    name: str
    media_type: str
    chars: int
    words: int
    tokens_estimate: int
    title: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Provenance:
    """`model` is None where no model added anything."""

    reader: str
    parser: ParserName
    second_parser_agrees: bool
    model: str | None = None
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Extraction:
    doc: Doc
    provenance: Provenance
    text: str | None = field(metadata=OPTIONAL)
    sections: tuple[Section, ...]
    blocks: tuple[Block, ...]
    links: tuple[Link, ...]
    facts: tuple[Fact, ...]
    entities: tuple[Entity, ...]
    key_points: tuple[KeyPoint, ...]
    quarantine: tuple[Quarantined, ...]
    budget: PayloadBudget
    gate: GateReport
    schema: Literal["chatspace.extraction/1"] = "chatspace.extraction/1"


@dataclass(frozen=True, slots=True)
class Extracted:
    """The extraction of a run's main source and those of the others; `coverage` is what a model read of them all."""

    main: Extraction
    others: tuple[Extraction, ...] = ()
    coverage: Coverage | None = field(default=None, metadata=OPTIONAL)

    @property
    def all(self) -> tuple[Extraction, ...]:
        """The main one first."""
        return (self.main, *self.others)

    @classmethod
    def of(cls, extractions: Sequence[Extraction], coverage: Coverage | None = None) -> Extracted:
        main, *others = extractions
        return cls(main, tuple(others), coverage)
