"""The runs of the first version, which kept what a run made as the files that it exported."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping

from chatspace.core.extraction import Coverage, Extracted, Extraction, GateReport
from chatspace.core.profiles.profile import OFFLINE_PREFIX
from chatspace.core.reports.formats import from_plain
from chatspace.core.runs.artifacts import Artifact
from chatspace.core.runs.run import Copy, Draft, RunRecord, Variant
from chatspace.core.stages.registry import stage_making


def artifacts_in(record: RunRecord, files: Mapping[str, str]) -> Iterator[Artifact]:
    """What the files of a run hold. Raises ValueError for one that can't be read."""
    names = ["extraction.json", *(f"extraction-{number}.json" for number in range(2, len(files) + 1))]
    extractions = [from_plain(Extraction, json.loads(files[name])) for name in names if name in files]
    if extractions:
        yield Extracted.of(extractions)
    if "draft.md" in files:
        yield _draft(record, files["draft.md"])
    if "copy.csv" in files:
        yield Copy(record.channel, tuple(map(_variant, csv.DictReader(io.StringIO(files["copy.csv"])))))


def _draft(record: RunRecord, text: str) -> Draft:
    """The draft with what the gate found, without its grounding, which can be looked up again."""
    name = stage_making(Draft).name
    call = next((call for call in reversed(record.calls) if call.step == name), None)
    stage = next((stage for stage in record.stages if stage.stage == name), None)
    gate = next((gate for gate in record.gate if gate.stage == name), None)
    broken = stage.how == "broken" if stage else record.status == "truncated"
    model = (stage and stage.model) or (call.model if call else "")
    return Draft(
        text=without_front_matter(text),
        run=record.id,
        profile=(stage and stage.profile) or (call.profile if call else ""),
        model=model,
        status="truncated" if broken and record.status != "rejected" else "complete",
        coverage=(stage and stage.coverage) or Coverage(0, 0),
        gate=GateReport(gate.status, 1.0, gate.findings) if gate else GateReport("passed"),
        offline=model.startswith(OFFLINE_PREFIX),
    )


def without_front_matter(text: str) -> str:
    """The text below the front matter that an export begins with."""
    if not text.startswith("---\n"):
        return text
    _, _, rest = text.partition("\n---\n")
    return rest.lstrip("\n")


def _variant(row: Mapping[str, str]) -> Variant:
    """A row of a `copy.csv`, where an apostrophe in front keeps spreadsheets from calculating."""
    try:
        text, shown = row["text"], row["display_limit"]
        return Variant(
            field=row["field"],
            text=text[1:] if text.startswith("'") else text,
            length=int(row["length"]),
            limit=int(row["limit"]),
            display_limit=int(shown) if shown else None,
            fits=row["fits"] == "true",
            pair=row["pair"] or None,
            by="offline" if row["by"] == "offline" else "hand" if row["by"] == "hand" else "model",
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"copy.csv has no {error}") from error
