"""A batch on its way, as its events report it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chatspace.core.events import (
    CallDelayed,
    CallFailed,
    CallFinished,
    CallStarted,
    DeltaReceived,
    Event,
    StageStarted,
)
from chatspace.core.text import display
from chatspace.core.workspace.batch_documents import (
    BatchEvent,
    Document,
    DocumentEnded,
    DocumentHappened,
    DocumentPutOff,
    Failure,
)

State = Literal["waiting", "again", "working", "made", "before", "failed", "stopped"]


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

    def take(self, event: Event) -> None:
        """What happens while it is on its way."""
        match event:
            case StageStarted(stage):
                self.stage = stage
            case CallStarted(_, target, attempt):
                self.note = f"{target.model} on {target.host}" + (f", attempt {attempt}" if attempt > 1 else "")
            case CallDelayed(host, _, why):
                self.note = f"waits for {host}: {why}"
            case CallFailed(_, error):
                self.note = str(error)
            case CallFinished(call):
                self.cost += call.cost_usd or 0.0
                self.unpriced |= call.cost_usd is None
        self.state, self.began = "working", self.began or time.monotonic()

    def end(self, ended: DocumentEnded) -> None:
        """It is done with; where it failed, the stage it failed at stays."""
        self.state = "before" if ended.ending == "skipped" else ended.ending
        self.failure, self.note = ended.failure, ""
        if record := ended.record:
            self.took_ms = record.elapsed_ms
            self.cost, self.unpriced = record.totals.cost_known_usd, record.totals.cost_usd is None
        if ended.ending != "failed":
            self.stage = ""


class LiveBatch:
    """`rows` are the documents, the urgent first. `cost` is in USD: what is known of those that weren't there before.

    `changed` has the places of the rows that are other than when whoever shows them emptied it.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        self.rows = [BatchRow(each) for each in sorted(documents, key=lambda each: -each.priority)]
        self.made = self.skipped = self.failed = 0
        self.cost, self.unpriced = 0.0, False
        self.changed: set[int] = set()
        self._places = {row.document: place for place, row in enumerate(self.rows)}
        self._began = time.monotonic()
        self._ended: float | None = None

    @property
    def ended(self) -> bool:
        return self._ended is not None

    @property
    def seconds(self) -> float:
        """How long it has been at work."""
        return (self._ended or time.monotonic()) - self._began

    @property
    def done(self) -> int:
        return self.made + self.skipped + self.failed

    @property
    def left(self) -> int:
        return len(self.rows) - self.done

    @property
    def cost_usd(self) -> float | None:
        """None over an unknown price."""
        return None if self.unpriced else self.cost

    @property
    def pace(self) -> tuple[str, ...]:
        """The rate, and the time left at it; nothing while neither can be known."""
        worked, seconds = self.made + self.failed, self.seconds
        if not worked or seconds <= 1:
            return ()
        return (
            f"{worked * 60 / seconds:.0f} per minute",
            f"{display.seconds(round(self.left * seconds / worked * 1000))} left",
        )

    def count(self, *states: State) -> int:
        return sum(row.state in states for row in self.rows)

    def take(self, event: BatchEvent) -> None:
        if isinstance(event, DocumentHappened) and isinstance(event.event, DeltaReceived):
            return
        place = self._places[event.document]
        row = self.rows[place]
        self.changed.add(place)
        match event:
            case DocumentHappened(_, happened):
                row.take(happened)
            case DocumentPutOff(_, error):
                row.state, row.note = "again", str(error)
            case DocumentEnded():
                row.end(event)
                self._count(event)

    def _count(self, ended: DocumentEnded) -> None:
        self.made += ended.ending == "made"
        self.skipped += ended.ending == "skipped"
        self.failed += ended.ending == "failed"
        if ended.record and ended.ending != "skipped":
            self.cost += ended.record.totals.cost_known_usd
            self.unpriced |= ended.record.totals.cost_usd is None

    def end(self) -> None:
        """Nothing more will come; what was under way is stopped."""
        self._ended = time.monotonic()
        for place, row in enumerate(self.rows):
            if row.state == "working":
                row.took_ms = row.elapsed_ms
                row.state = "stopped"
                self.changed.add(place)
