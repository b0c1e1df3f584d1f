"""A run read back from the store: its record, its sources, and what it made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chatspace.core.calls.call import Call
from chatspace.core.document import Source
from chatspace.core.errors import StoreError, UsageError
from chatspace.core.extraction import Extracted
from chatspace.core.reports.formats import from_plain, to_json
from chatspace.core.runs.artifacts import Artifacts
from chatspace.core.runs.run import VALUE, RunRecord, RunResult, StageGate, StoredArtifact
from chatspace.core.stages.registry import BUILT_IN, stage, stage_making, stage_names
from chatspace.core.workspace.old_runs import artifacts_in


class RunStore(Protocol):
    """The runs and what they made. Raises StoreError."""

    def start(self, run: str, source: Source, others: Sequence[Source] = ()) -> None:
        """A run of this source, and of others that go into the same text."""
        ...

    def finish(self, record: RunRecord, made: Sequence[StoredArtifact] = ()) -> None:
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

    def artifacts(self, run: str) -> Sequence[StoredArtifact]:
        """In the order in which they were made."""
        ...

    def source(self, source: str) -> Source | None:
        """The source with this id, as it was when it first came."""
        ...


@dataclass(frozen=True, slots=True)
class StoredRun:
    """`sources` are those that are still in the history, the main one first."""

    record: RunRecord
    sources: tuple[Source, ...]
    artifacts: Artifacts = field(default_factory=Artifacts)

    @property
    def steps(self) -> tuple[str, ...]:
        """Those that it was to take; records that don't say so are of the pipeline of the first version."""
        known = stage_names()
        return tuple(step for step in self.record.steps if step in known) or BUILT_IN

    def has_made(self, step: str) -> bool:
        """Whether the step came to its end, so that another run can take over what it made."""
        passed = {stage.stage for stage in self.record.stages if stage.how != "broken"}
        made = self.artifacts.get(step)
        if isinstance(made, Extracted) and len(made.all) != len(self.sources):
            return False  # a source is gone, or only the extraction of the first one was kept
        return made is not None and (step in passed or not self.record.stages)

    def gate(self, stage: str) -> StageGate | None:
        return next((gate for gate in reversed(self.record.gate) if gate.stage == stage), None)

    @property
    def rejected_at(self) -> str | None:
        """The step whose gate ended it."""
        if self.record.status != "rejected":
            return None
        gates = [gate.stage.partition(" ")[0] for gate in reversed(self.record.gate) if gate.status == "rejected"]
        return next(iter(gates), self.steps[0])

    @property
    def broken_at(self) -> str | None:
        """The first step that didn't come to its end, where the run didn't."""
        if self.record.status == "complete":
            return None
        return next((step for step in self.steps if not self.has_made(step)), None)

    @property
    def result(self) -> RunResult:
        """As it was when the run ended."""
        return RunResult(self.record, self.artifacts)


def read_run(store: RunStore, run: str) -> StoredRun:
    """Raises UsageError for one that isn't there, StoreError for one that can't be read."""
    record = store.get(run)
    if record is None:
        raise UsageError("This run is no longer in the history")
    found = (store.source(each.id) for each in (record.source, *record.others))
    return StoredRun(
        record, tuple(source for source in found if source is not None), read_artifacts(record, store.artifacts(run))
    )


def read_artifacts(record: RunRecord, stored: Sequence[StoredArtifact]) -> Artifacts:
    """What a run made; that of a stage which isn't there any more is left where it is."""
    known = stage_names()
    try:
        values = {
            each.name: from_plain(stage(each.name).artifact, json.loads(each.text))
            for each in stored
            if each.kind == VALUE and each.name in known
        }
        files = {each.name: each.text for each in stored if each.kind != VALUE}
        old = {stage_making(type(each)).name: each for each in artifacts_in(record, files)}
    except ValueError as error:
        raise StoreError(
            "The results of this run can't be read", str(error), "Run its source again with /run."
        ) from error
    return Artifacts({**old, **values})


def to_store(artifacts: Artifacts) -> list[StoredArtifact]:
    return [StoredArtifact(VALUE, name, to_json(artifact)) for name, artifact in artifacts.items()]
