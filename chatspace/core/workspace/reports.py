"""Reports: what the calls and runs of a time took, counted from the store."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from chatspace.core.errors import UsageError
from chatspace.core.ports import ReportStore
from chatspace.core.reports.formats import plain
from chatspace.core.reports.report import Grouping, Report, Reporter

SPANS = {"h": "hours", "d": "days", "w": "weeks"}


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

    Raises UsageProblem for anything else.
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
        f"{text!r} is no time to begin at", remedy="Give a span, as in 7d, 12h or 2w, or a day, as in 2026-11-01."
    )
