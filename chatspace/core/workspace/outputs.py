"""The folders that runs, batches and canaries fill. What somebody edited there, or wrote, is theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from chatspace.core.document import Source
from chatspace.core.errors import UsageError
from chatspace.core.ports import Exporter, OutputFolder
from chatspace.core.reports.canary import Canary
from chatspace.core.reports.formats import from_plain
from chatspace.core.reports.report import Report
from chatspace.core.runs.plan import Plan
from chatspace.core.runs.run import RunRecord
from chatspace.core.workspace.batch_documents import FAILURES, RECORD, failure_lines, read_failures
from chatspace.core.workspace.reports import ReportStore
from chatspace.core.workspace.runs import Runs

DRAFT = "draft.md"
RUN = re.compile(r'^run: "([0-9a-f]{32})"$', re.MULTILINE)
REPORTS = ("report.json", "report.md", "report.html")
CANARIES = ("canary.json", "canary.md")

Value = TypeVar("Value")


class Outputs:
    """Every method blocks while it reads and writes: to be called from a thread where that matters."""

    def __init__(self, exporter: Exporter, runs: Runs, reports: ReportStore) -> None:
        self._exporter = exporter
        self._runs = runs
        self._reports = reports

    def of_run(self, root: Path, name: str) -> OutputFolder:
        """A run's folder below the one that the user named."""
        return self._exporter.folder(root, name, partial(self._stored_in, root / name))

    def of_batch(self, root: Path) -> OutputFolder:
        """The folder of a batch's failures and report."""
        return self._exporter.folder(root, "", partial(self._reported_in, root))

    def of_canary(self, root: Path) -> OutputFolder:
        """The folder of a canary's comparison."""
        return self._exporter.folder(root, "", partial(self._compared_in, root))

    def made(self, folder: OutputFolder, source: Source, plan: Plan, *, overwrite: bool) -> RunRecord | None:
        """The record of a run that made the same of this source, its files in the folder.

        What is missing there comes from the store, also from a run into another folder. None where a run is to be made:
        then its files may be written. Raises UsageError where they may not.
        """
        folder.check(())
        record = _finished(folder.path, source, plan)
        names = self._exporter.run_file_names(plan.steps)
        if record and self._complete(folder, record, record.files or names):
            return record
        record = None if plan.options.fresh else self._reports.made(source.id, plan.fingerprint)
        files = self._stored(record.id) if record else {}
        if RECORD in files:
            folder.put(files, overwrite=overwrite)
            return record
        folder.check(names, overwrite=overwrite)
        return None

    def _complete(self, folder: OutputFolder, record: RunRecord, names: Iterable[str]) -> bool:
        """Whether the files of a run are there, at the latest now; those that somebody edited are left."""
        missing = {name for name in names if not folder.holds([name])}
        files = self._stored(record.id) if missing else {}
        if not files.keys() >= missing:
            return False
        folder.put({name: files[name] for name in files if name in missing})
        return True

    def _stored(self, run: str) -> Mapping[str, bytes]:
        """The files of a run, as they were written; none of one that isn't in the history any more."""
        try:
            return self._runs.files(run)
        except UsageError:
            return {}

    # What was written where no hash is: by versions that kept none, or where somebody deleted the record

    def _stored_in(self, folder: Path) -> Mapping[str, bytes]:
        record = _read(RunRecord, folder / RECORD)
        run = record.id if record else _run_of(folder / DRAFT)
        return self._stored(run) if run else {}

    def _reported_in(self, root: Path) -> Mapping[str, bytes]:
        report = _read(Report, root / REPORTS[0])
        failures = {FAILURES: failure_lines(read_failures(root / FAILURES).values())}
        return {**failures, **(self._exporter.report_files(report) if report else {})}

    def _compared_in(self, root: Path) -> Mapping[str, bytes]:
        canary = _read(Canary, root / CANARIES[0])
        return self.canary_files(canary) if canary else {}

    def canary_files(self, canary: Canary) -> Mapping[str, bytes]:
        """A canary as files by name."""
        return {name: self._exporter.canary(canary, Path(name).suffix[1:]) for name in CANARIES}


def _finished(folder: Path, source: Source, plan: Plan) -> RunRecord | None:
    """The record in a folder, where it is of the same text by the same plan, and of a run that went well."""
    record = _read(RunRecord, folder / RECORD)
    same = record and record.source.id == source.id and record.asked == plan.fingerprint
    return record if record and same and record.status == "complete" else None


def _run_of(draft: Path) -> str | None:
    """The run that wrote a draft, as its front matter says: for a folder whose record somebody deleted."""
    try:
        found = RUN.search(draft.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found[1] if found else None


def _read(kind: type[Value], path: Path) -> Value | None:
    """What a file of ours holds; None of one that is somebody else's."""
    try:
        return from_plain(kind, json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
