"""Batches: many documents through the pipeline, resumable, with one bad document never stopping the rest."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from chatspace.core.document import Source
from chatspace.core.errors import (
    BudgetReached,
    ChatspaceError,
    GateRejected,
    ModelError,
    SourceError,
    StoreError,
)
from chatspace.core.events import Event
from chatspace.core.ports import Exporter
from chatspace.core.profiles.options import Options
from chatspace.core.reports.formats import from_plain, plain, to_json
from chatspace.core.reports.report import Report, Reporter
from chatspace.core.runs.plan import Plan
from chatspace.core.runs.run import RunRecord, RunResult
from chatspace.core.workspace.runs import Runs

RECORD = "run.json"
FAILURES = "failures.jsonl"
ROUNDS = 3
"""How often a document is taken up in one batch, where its models fail in ways that may pass."""


@dataclass(frozen=True, slots=True)
class Document:
    """One source of a batch; the higher its `priority`, the sooner.

    `name` is the folder of its outputs, relative to the batch's.
    """

    path: Path
    name: str
    options: Options
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document has no outputs, one line of `failures.jsonl`. `lasting`: the same again would fail again."""

    document: str
    path: str
    error: str
    cause: str
    remedy: str
    exit_code: int
    lasting: bool

    @classmethod
    def of(cls, document: Document, error: ChatspaceError) -> Failure:
        lasting = isinstance(error, GateRejected | SourceError)
        return cls(document.name, str(document.path), error.title, error.reason, error.remedy, error.exit_code, lasting)


Ending = Literal["made", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class DocumentEnded:
    """One document is done with. `record` is that of its run, where there is one."""

    document: Document
    ending: Ending
    record: RunRecord | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class DocumentPutOff:
    """The models failed in a way that may pass: the document is due once more, behind the others."""

    error: ChatspaceError


OnDocument = Callable[[DocumentEnded], None]
Watch = Callable[[Document, Event | DocumentPutOff], None]
"""Is told what happens in a document on its way."""


def ignore_events(document: Document, event: Event | DocumentPutOff) -> None:
    """The Watch of those who don't look."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of a batch; `reached` where its budget ended it before all documents were taken up."""

    documents: int
    made: int
    skipped: int
    failures: tuple[Failure, ...]
    report: Report
    reached: BudgetReached | None = None

    @property
    def exit_code(self) -> int:
        codes = [failure.exit_code for failure in self.failures]
        return max([*codes, *([self.reached.exit_code] if self.reached else [])], default=0)


@dataclass
class _Progress:
    """What is counted while a batch goes on; the records themselves are let go."""

    watch: Watch
    reporter: Reporter = field(default_factory=Reporter)
    made: int = 0
    skipped: int = 0
    failures: dict[str, Failure] = field(default_factory=dict)
    reached: BudgetReached | None = None
    broken: StoreError | None = None


class Batches:
    """Runs batches. A document's pass depends on nothing but its source, its plan and the ports."""

    def __init__(self, runs: Runs, exporter: Exporter) -> None:
        self._runs = runs
        self._exporter = exporter

    async def run(
        self,
        documents: Sequence[Document],
        output: Path,
        *,
        jobs: int,
        tell: OnDocument,
        retry_failed: bool = False,
        watch: Watch = ignore_events,
        stopping: Callable[[], bool] = lambda: False,
    ) -> BatchResult:
        """Take the documents through the pipeline, `jobs` at once, the urgent first, each into its folder of `output`.

        What is there already from the same text and the same plan is left. Once `stopping`, no further document is
        taken up, and those under way are ended. A cancellation stops the calls that are out, keeps what came, and
        still writes the failures and the report. Raises ChatspaceError where an option or a file is wrong, or the
        folder can't be written, before anything is read; StoreError where the store fails, which ends all documents.
        """
        plans = await asyncio.to_thread(self._runs.plans, [each.options for each in documents])
        known = await asyncio.to_thread(_failures_of, output / FAILURES)
        await asyncio.to_thread(self._write_failures, known.values(), output)
        progress = _Progress(watch, failures=dict(known))
        queue = deque(sorted(documents, key=lambda each: -each.priority))
        rounds = Counter[str]()
        began = plain(datetime.now(UTC))

        async def work() -> None:
            while queue and not (progress.reached or progress.broken or stopping()):
                document = queue.popleft()
                left = known.get(document.name)
                if left and left.lasting and not retry_failed:
                    tell(DocumentEnded(document, "failed", failure=left))
                    continue
                last = rounds[document.name] == ROUNDS - 1
                rounds[document.name] += 1
                if not await self._one(document, plans[document.options], output, progress, tell, last=last):
                    queue.append(document)

        workers = [asyncio.create_task(work()) for _ in range(max(1, min(jobs, len(documents))))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            result = BatchResult(
                len(documents),
                progress.made,
                progress.skipped,
                tuple(progress.failures.values()),
                progress.reporter.report(began, plain(datetime.now(UTC))),
                progress.reached,
            )
            await asyncio.shield(asyncio.to_thread(self._write_report, result, output))
        if progress.broken:
            raise progress.broken
        return result

    async def _one(
        self, document: Document, plan: Plan, output: Path, progress: _Progress, tell: OnDocument, *, last: bool
    ) -> bool:
        """One document; whatever is wrong with it is its own failure.

        False where its models failed in a way that may pass: the ledger keeps what came, and it is due once more.
        """
        record: RunRecord | None = None
        try:
            folder = output / document.name
            source, there = await asyncio.to_thread(self._take_up, document, folder, plan)
            if there:
                progress.skipped += 1
                progress.failures.pop(document.name, None)
                progress.reporter.add_run(there)
                tell(DocumentEnded(document, "skipped", there))
                return True
            result = await self._runs.run(
                source, plan, partial(progress.watch, document), deliver=partial(self._deliver, folder)
            )
            record = result.record
            if not last and isinstance(result.error, ModelError) and result.error.transient:
                progress.reporter.add_calls(record)
                progress.watch(document, DocumentPutOff(result.error))
                return False
            progress.reporter.add_run(record)
            if result.error:
                raise result.error
        except BudgetReached as reached:
            progress.reached = reached
        except StoreError as error:
            progress.broken = error
        except ChatspaceError as error:
            self._failed(document, error, record, progress, tell)
        except Exception as defect:  # noqa: BLE001  # ours; the other documents go on
            ours = ChatspaceError("A defect of chatspace", f"{type(defect).__name__}: {defect}")
            self._failed(document, ours, record, progress, tell)
        else:
            progress.made += 1
            progress.failures.pop(document.name, None)
            tell(DocumentEnded(document, "made", record))
        return True

    def _failed(
        self, document: Document, error: ChatspaceError, record: RunRecord | None, progress: _Progress, tell: OnDocument
    ) -> None:
        failure = progress.failures[document.name] = Failure.of(document, error)
        tell(DocumentEnded(document, "failed", record, failure))

    def _take_up(self, document: Document, folder: Path, plan: Plan) -> tuple[Source, RunRecord | None]:
        """The source, and the record of the run that made what stands in its folder already."""
        source = self._runs.read(document.path)
        return source, _finished(folder, source, plan)

    def _deliver(self, folder: Path, result: RunResult, files: Mapping[str, bytes]) -> None:
        """The outputs of a run that went well."""
        if not result.error:
            put_into(folder, files, self._exporter)

    def _write_failures(self, failures: Iterable[Failure], output: Path) -> None:
        lines = "".join(f"{to_json(failure)}\n" for failure in failures)
        self._exporter.write(output / FAILURES, lines.encode("utf-8"), overwrite=True)

    def _write_report(self, result: BatchResult, output: Path) -> None:
        self._write_failures(result.failures, output)
        for name, data in self._exporter.report_files(result.report).items():
            self._exporter.write(output / name, data, overwrite=True)


def put_into(folder: Path, files: Mapping[str, bytes], exporter: Exporter) -> None:
    """Write the files of a run, its record last: where that stands, the others do."""
    for name in sorted(files, key=RECORD.__eq__):
        exporter.write(folder / name, files[name], overwrite=True)


def _finished(folder: Path, source: Source, plan: Plan) -> RunRecord | None:
    """The record of a run that made what stands in the folder, of the same text by the same plan."""
    try:
        record = from_plain(RunRecord, json.loads((folder / RECORD).read_bytes()))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    same = record.source.id == source.id and record.asked == plan.fingerprint
    return record if same and record.status == "complete" else None


def _failures_of(path: Path) -> Mapping[str, Failure]:
    """What failed the last time, by document; a line that can't be read is one that is tried again."""
    found: dict[str, Failure] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return found
    for line in lines:
        try:
            failure = from_plain(Failure, json.loads(line))
        except (ValueError, TypeError, KeyError):
            continue
        found[failure.document] = failure
    return found
