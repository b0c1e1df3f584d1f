"""A run read back from the store: its record, its sources, and what it made."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chatspace.core.calls.call import Call
from chatspace.core.document import Source
from chatspace.core.errors import UsageError
from chatspace.core.extraction import Extraction, GateReport
from chatspace.core.profiles.policy import PipelineStepName
from chatspace.core.profiles.profile import OFFLINE_PREFIX
from chatspace.core.reports.formats import from_plain
from chatspace.core.runs.run import Artifact, Copy, Coverage, Draft, RunRecord, StageGate, Variant

STEPS: tuple[PipelineStepName, ...] = ("extract", "draft", "copy")


class RunStore(Protocol):
    """The runs and what they made. Raises StoreError."""

    def start(self, run: str, source: Source, others: Sequence[Source] = ()) -> None:
        """A run of this source, and of others that go into the same text."""
        ...

    def finish(self, record: RunRecord, made: Sequence[Artifact] = ()) -> None:
        """The record of a run that has ended, with what it made, all or nothing."""
        ...

    def get(self, run: str) -> RunRecord | None:
        """One that hasn't ended reads as interrupted, with the calls it has made so far."""
        ...

    def page(self, *, limit: int = 50, before: str | None = None) -> Sequence[RunRecord]:
        """Newest first; `before` is the id of the last run of the page before."""
        ...

    def reusable_calls(self, source: str) -> Mapping[str, Call]:
        """By key, the calls of runs of this source that are whole, or cut by their length alone.

        A call that a run which ended well has used since is not among them.
        """
        ...

    def artifacts(self, run: str) -> Sequence[Artifact]:
        """In the order in which they were made."""
        ...

    def source(self, source: str) -> Source | None:
        """The source with this id, as it was when it first came."""
        ...


@dataclass(frozen=True, slots=True)
class StoredRun:
    """`sources` are those that are still in the history, the main one first; so are the `extractions`."""

    record: RunRecord
    sources: tuple[Source, ...]
    extractions: tuple[Extraction, ...] = ()
    draft: Draft | None = None
    copy: Copy | None = None

    @property
    def steps(self) -> tuple[PipelineStepName, ...]:
        """Those that it was to take; records that don't say so are of the whole pipeline."""
        return tuple(step for step in STEPS if step in self.record.steps) or STEPS

    def has_made(self, step: PipelineStepName) -> bool:
        """Whether the step came to its end, so that another run can take over what it made."""
        made = {
            "extract": len(self.extractions) == len(self.sources) > 0,
            "draft": self.draft is not None,
            "copy": self.copy is not None,
        }
        passed = {stage.stage for stage in self.record.stages if stage.how != "broken"}
        return made[step] and (step in passed or not self.record.stages)

    def gate(self, stage: str) -> StageGate | None:
        return next((gate for gate in reversed(self.record.gate) if gate.stage == stage), None)

    @property
    def rejected_at(self) -> PipelineStepName | None:
        """The step whose gate ended it."""
        if self.record.status != "rejected":
            return None
        return "draft" if (gate := self.gate("draft")) and gate.status == "rejected" else "extract"

    @property
    def broken_at(self) -> PipelineStepName | None:
        """The first step that didn't come to its end, where the run didn't."""
        if self.record.status == "complete":
            return None
        return next((step for step in self.steps if not self.has_made(step)), None)


def read_run(store: RunStore, run: str) -> StoredRun:
    """Raises UsageProblem for one that isn't there."""
    record = store.get(run)
    if record is None:
        raise UsageError("This run is not in the history any more")
    texts = {each.name: each.text for each in store.artifacts(run)}
    found = (store.source(each.id) for each in (record.source, *record.others))
    return StoredRun(
        record,
        tuple(source for source in found if source is not None),
        tuple(_extractions(texts)),
        _draft(record, texts.get("draft.md")),
        _copy(record, texts.get("copy.csv")),
    )


def _extractions(texts: Mapping[str, str]) -> Sequence[Extraction]:
    names = ["extraction.json", *(f"extraction-{number}.json" for number in range(2, len(texts) + 1))]
    return [from_plain(Extraction, json.loads(texts[name])) for name in names if name in texts]


def _draft(record: RunRecord, text: str | None) -> Draft | None:
    """The draft with what the gate found, without its grounding, which can be looked up again."""
    if text is None:
        return None
    call = next((call for call in reversed(record.calls) if call.step == "draft"), None)
    stage = next((stage for stage in record.stages if stage.stage == "draft"), None)
    gate = next((gate for gate in record.gate if gate.stage == "draft"), None)
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


def _copy(record: RunRecord, table: str | None) -> Copy | None:
    return None if table is None else Copy(record.channel, tuple(variants_in(table)))


def variants_in(table: str) -> list[Variant]:
    """The variants of a `copy.csv`, where an apostrophe in front keeps spreadsheets from calculating."""
    return [_variant(row) for row in csv.DictReader(io.StringIO(table))]


def _variant(row: Mapping[str, str]) -> Variant:
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
