"""A batch as the workspace follows it: what is known of each document, whether anybody looks or not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from chatspace.core.calls.budget import Allowance, Budget
from chatspace.core.errors import ChatspaceError, UsageError
from chatspace.core.events import (
    CallDelayed,
    CallFailed,
    CallFinished,
    CallStarted,
    DeltaReceived,
    Event,
    StageStarted,
)
from chatspace.core.profiles.options import Options
from chatspace.core.workspace.batch_tally import Tally
from chatspace.core.workspace.batches import BatchResult, Document, DocumentEnded, DocumentPutOff, Failure
from chatspace.core.workspace.documents import purse_of
from chatspace.tui.command_runner import path_in
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import Job

DEFAULT_OUTPUT = "out"
DEFAULT_JOBS = 4
MAX_JOBS = 256

State = Literal["waiting", "again", "working", "made", "before", "failed", "stopped"]
OF_THE_BATCH = ("output", "jobs", "budget", "token-budget", "retry-failed", "overwrite")
"""The options that are not those of each run."""


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """A batch as it was asked for."""

    typed: ParsedCommand
    paths: tuple[str, ...]
    output: Path
    jobs: int
    options: Options
    retry_failed: bool
    overwrite: bool

    @classmethod
    def of(cls, typed: ParsedCommand, standing: Options) -> BatchRequest:
        """With the options of the next message where nothing else is said. Raises UsageError."""
        if not typed.words:
            raise UsageError("/batch wants documents", remedy="Name files, folders, globs or a manifest.")
        said = dict(typed.options)
        own: dict[str, Any] = {name: said.pop(name, None) for name in OF_THE_BATCH}
        output = path_in(str(own["output"] or DEFAULT_OUTPUT))
        usd = _number("budget", own["budget"], float, least=0)
        tokens = _number("token-budget", own["token-budget"], int)
        jobs = _number("jobs", own["jobs"], int) or DEFAULT_JOBS
        if jobs > MAX_JOBS:
            raise UsageError(f"--jobs is {jobs}", f"it must be at most {MAX_JOBS}")
        allowance = Allowance(usd, tokens)
        values: dict[str, Any] = {"profile": None, "model": None, "effort": None, **said}
        options = replace(standing, **values, budget=Budget(purse_of(output), allowance) if allowance else None)
        paths = tuple(str(path_in(word)) for word in typed.words)
        return cls(typed, paths, output, jobs, options, bool(own["retry-failed"]), bool(own["overwrite"]))


def _number(name: str, value: str | None, kind: type[int] | type[float], least: int = 1) -> Any:
    """Raises UsageError for what is no number of `least` or more."""
    if value is None:
        return None
    try:
        number = kind(value)
    except ValueError:
        number = kind(least) - 1
    if not least <= number < float("inf"):
        raise UsageError(f"--{name} is {value}", f"it must be a number that is {least} or more")
    return number


@dataclass(slots=True, eq=False)
class BatchRow:
    """One document. `note` says where its call is, or what keeps it waiting; times are those of the monotonic clock.

    `cost` is in USD as far as it is known; `unpriced` where a part of it isn't.
    """

    document: Document
    state: State = "waiting"
    stage: str = ""
    note: str = ""
    cost: float = 0.0
    unpriced: bool = False
    began: float | None = None
    took_ms: int | None = None
    failure: Failure | None = None

    @property
    def elapsed_ms(self) -> int | None:
        if self.state == "working" and self.began is not None:
            return round((time.monotonic() - self.began) * 1000)
        return self.took_ms

    @property
    def finished(self) -> bool:
        """Whether its outputs are there."""
        return self.state in ("made", "before")


class Batch:
    """What has come of a batch so far. `take` and `watch` are called by the use case, `changed` by who shows it."""

    def __init__(self, asked: BatchRequest, documents: Sequence[Document]) -> None:
        self.asked = asked
        self.documents = sorted(dict.fromkeys(documents), key=lambda each: -each.priority)
        self.rows = [BatchRow(document) for document in self.documents]
        self.tally = Tally(len(self.documents))
        self.stopping = False
        self.error: ChatspaceError | None = None
        self.result: BatchResult | None = None
        self._places = {document: place for place, document in enumerate(self.documents)}
        self._changed: set[int] = set()
        self._began = time.monotonic()
        self._ended: float | None = None

    @property
    def output(self) -> Path:
        return self.asked.output

    @property
    def ended(self) -> bool:
        return self._ended is not None

    @property
    def seconds(self) -> float:
        """How long it has been at work."""
        return (self._ended or time.monotonic()) - self._began

    def count(self, *states: State) -> int:
        return sum(row.state in states for row in self.rows)

    def changed(self) -> set[int]:
        """The places of the rows that are other than when this was last asked."""
        changed, self._changed = self._changed, set()
        return changed

    # What the use case tells

    def watch(self, document: Document, event: Event | DocumentPutOff) -> None:
        """A document is on its way."""
        if isinstance(event, DeltaReceived):
            return
        row = self._row(document)
        match event:
            case DocumentPutOff(error):
                row.state, row.note = "again", str(error)
                return
            case StageStarted(stage):
                row.stage = stage
            case CallStarted(_, target, attempt):
                row.note = f"{target.model} on {target.host}" + (f", attempt {attempt}" if attempt > 1 else "")
            case CallDelayed(host, _, why):
                row.note = f"waits for {host}: {why}"
            case CallFailed(_, error):
                row.note = str(error)
            case CallFinished(call):
                row.cost += call.cost_usd or 0.0
                row.unpriced |= call.cost_usd is None
        if row.state != "working":
            row.state, row.began = "working", row.began or time.monotonic()

    def take(self, ended: DocumentEnded) -> None:
        """A document is done with."""
        self.tally.take(ended)
        row = self._row(ended.document)
        row.state = "before" if ended.ending == "skipped" else ended.ending
        row.failure = ended.failure
        row.note = ""
        record = ended.record
        if record:
            row.took_ms = record.elapsed_ms
            row.cost, row.unpriced = record.totals.cost_known_usd, record.totals.cost_usd is None
        if ended.ending != "failed":
            row.stage = ""

    def end(self) -> None:
        """Nothing more will come; what was under way is stopped."""
        self._ended = time.monotonic()
        for place, row in enumerate(self.rows):
            if row.state == "working":
                row.took_ms = row.elapsed_ms
                row.state = "stopped"
                self._changed.add(place)

    def _row(self, document: Document) -> BatchRow:
        place = self._places[document]
        self._changed.add(place)
        return self.rows[place]


@dataclass(eq=False)
class BatchJob(Job):
    """The job of a batch, which the place comes back to."""

    batch: Batch = field(kw_only=True)
