"""How far a batch is, as every face says it."""

from __future__ import annotations

from dataclasses import dataclass

from chatspace.core.text import display
from chatspace.core.workspace.batches import DocumentEnded


@dataclass(slots=True)
class Tally:
    """Counts the documents that are done with. `cost` is in USD: what is known of those that weren't there before."""

    documents: int
    made: int = 0
    skipped: int = 0
    failed: int = 0
    cost: float = 0.0
    unpriced: bool = False

    def take(self, ended: DocumentEnded) -> None:
        self.made += ended.ending == "made"
        self.skipped += ended.ending == "skipped"
        self.failed += ended.ending == "failed"
        if ended.record and ended.ending != "skipped":
            self.cost += ended.record.totals.cost_known_usd
            self.unpriced |= ended.record.totals.cost_usd is None

    @property
    def done(self) -> int:
        return self.made + self.skipped + self.failed

    @property
    def cost_usd(self) -> float | None:
        """None over an unknown price."""
        return None if self.unpriced else self.cost

    def pace(self, seconds: float) -> tuple[str, str] | None:
        """The rate, and the time left at it; None while it can't be told."""
        worked = self.made + self.failed
        if not worked or seconds <= 1:
            return None
        left = (self.documents - self.done) * seconds / worked
        return f"{worked * 60 / seconds:.0f} per minute", f"{display.seconds(round(left * 1000))} left"
