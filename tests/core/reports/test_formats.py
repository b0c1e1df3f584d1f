"""The core's values as JSON and back."""

from __future__ import annotations

import json

from chatspace.core.extraction import Doc, Extraction, GateReport, PayloadBudget, Provenance, Section
from chatspace.core.reports.formats import from_plain, to_json

EXTRACTION = Extraction(
    doc=Doc("sha256:1", "brief.md", "text/markdown", 7, 1, 2, "Brief", {"author": "Ada"}),
    provenance=Provenance("markdown", "commonmark", True),
    text=None,
    sections=(Section("s1", None, 1, "Brief", ("Brief",), (0, 7), 1, 2),),
    blocks=(),
    links=(),
    facts=(),
    entities=(),
    key_points=(),
    quarantine=(),
    budget=PayloadBudget(2, 2, 1.0),
    gate=GateReport("passed"),
)


def test_a_value_comes_back_from_its_json() -> None:
    assert from_plain(Extraction, json.loads(to_json(EXTRACTION))) == EXTRACTION


def test_fields_that_a_newer_program_wrote_are_left_out() -> None:
    data = json.loads(to_json(EXTRACTION))
    data["later"] = data["doc"]["later"] = [1]
    assert from_plain(Extraction, data) == EXTRACTION
