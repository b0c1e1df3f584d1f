"""Reports: what the calls and runs of a time took, counted from the store."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from chatspace.core.errors import UsageError
from chatspace.core.reports.formats import plain
from chatspace.core.reports.report import EditCounts, Grouping, PickCounts, Report, Reporter, RunFacts
from chatspace.core.runs.run import CallRecord, RunRecord

SPANS = {"h": "hours", "d": "days", "w": "weeks"}


class ReportStore(Protocol):
    """What a report counts. Times are UTC, `since` None is the beginning. Raises StoreError."""

    def calls_between(
        self, since: datetime | None, until: datetime, *, with_runs: bool = False
    ) -> Iterator[tuple[CallRecord, RunFacts | None]]:
        """The calls that were started then, oldest first, without their errors; with their runs where asked for."""
        ...

    def runs_between(self, since: datetime | None, until: datetime) -> Iterator[RunFacts]:
        """The runs that were started then, oldest first; one that hasn't ended reads as interrupted."""
        ...

    def picks(self, since: datetime | None, until: datetime, by: Grouping) -> Sequence[PickCounts]:
        """Who was picked how often in comparisons, by model or else by profile."""
        ...

    def edits(self, since: datetime | None, until: datetime, by: Grouping) -> Sequence[EditCounts]:
        """What was decided on hunks, by model or else by profile."""
        ...

    def made(self, source: str, asked: str) -> RunRecord | None:
        """The last run of a source that went well and was asked for the same."""
        ...

    def paid_before(self, run: str) -> Sequence[CallRecord | None]:
        """Of each answer that a run took from the ledger the call that it came from, None where that is gone."""
        ...


class Reports:
    """Counts; nothing is asked of a model."""

    def __init__(self, store: ReportStore) -> None:
        self._store = store

    def report(self, by: Grouping = "profile", since: datetime | None = None, until: datetime | None = None) -> Report:
        """What was started between the two, by default up to now. Reads the store: to be called from a thread."""
        until = until or datetime.now(UTC)
        reporter = Reporter(by)
        for call, run in self._store.calls_between(since, until, with_runs=by in ("policy", "channel")):
            reporter.add_call(call, run)
        for facts in self._store.runs_between(since, until):
            reporter.add_facts(facts)
        picks, edits = self._store.picks(since, until, by), self._store.edits(since, until, by)
        return reporter.report(None if since is None else plain(since), plain(until), picks, edits)


def moment(text: str, now: datetime) -> datetime | None:
    """When `7d`, `12h`, `2w`, `today`, `2026-11-01` or `2026-11-01T08:30` began, where the user is; None for `all`.

    Raises UsageError for anything else.
    """
    text = text.strip().lower()
    if text == "all":
        return None
    if text in ("today", "yesterday"):
        day = now.astimezone() - timedelta(days=text == "yesterday")
        return day.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        if found := re.fullmatch(r"(\d{1,6})\s*([hdw])", text, re.ASCII):
            return now - timedelta(**{SPANS[found[2]]: int(found[1])})
        if re.match(r"\d{4}-", text):
            return datetime.fromisoformat(text.upper()).astimezone()
    except (ValueError, OverflowError, OSError):
        pass
    raise UsageError(
        f"{text!r} is not a valid start of a period", remedy="Give a span (7d, 12h, 2w) or a date (2026-11-01)."
    )
