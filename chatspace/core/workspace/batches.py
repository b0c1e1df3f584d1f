"""Batches: many documents through the pipeline, resumable, with one bad document never stopping the rest."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from chatspace.core.document import Source
from chatspace.core.errors import BudgetReached, ChatspaceError, ModelError, StoreError, UsageError
from chatspace.core.events import Event
from chatspace.core.ports import Exporter, OutputFolder
from chatspace.core.reports.formats import plain
from chatspace.core.reports.report import Report, Reporter
from chatspace.core.runs.plan import Plan
from chatspace.core.runs.run import RunRecord, RunResult
from chatspace.core.workspace.batch_documents import (
    FAILURES,
    Document,
    DocumentEnded,
    DocumentHappened,
    DocumentPutOff,
    Failure,
    OnDocument,
    failure_lines,
    read_failures,
)
from chatspace.core.workspace.outputs import REPORTS, Outputs
from chatspace.core.workspace.runs import Runs

ROUNDS = 3
"""How often a document is taken up in one batch, where its models fail in ways that may pass."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of a batch; `reached` where its budget ended it before all documents were taken up.

    `unwritten` says why its failures or its report could not be written.
    """

    documents: int
    made: int
    skipped: int
    failures: tuple[Failure, ...]
    report: Report
    reached: BudgetReached | None = None
    unwritten: ChatspaceError | None = None

    @property
    def exit_code(self) -> int:
        errors = [error.exit_code for error in (self.reached, self.unwritten) if error]
        return max([*(failure.exit_code for failure in self.failures), *errors], default=0)


@dataclass
class _Progress:
    """A batch as it was asked for, and what is counted while it goes on; the records themselves are let go."""

    output: Path
    overwrite: bool
    tell: OnDocument
    failures: dict[str, Failure]
    reporter: Reporter = field(default_factory=Reporter)
    made: int = 0
    skipped: int = 0
    reached: BudgetReached | None = None
    broken: StoreError | None = None

    def done(self, document: Document, record: RunRecord, *, made: bool) -> None:
        """A document whose outputs are there."""
        self.made += made
        self.skipped += not made
        self.failures.pop(document.name, None)
        self.tell(DocumentEnded(document, "made" if made else "skipped", record))

    def failed(self, document: Document, error: ChatspaceError, record: RunRecord | None) -> None:
        failure = self.failures[document.name] = Failure.of(document, error)
        self.tell(DocumentEnded(document, "failed", record, failure))


class Batches:
    """Runs batches. A document's pass depends on nothing but its source, its plan and the ports."""

    def __init__(self, runs: Runs, exporter: Exporter, outputs: Outputs) -> None:
        self._runs = runs
        self._exporter = exporter
        self._outputs = outputs

    async def run(
        self,
        documents: Sequence[Document],
        output: Path,
        *,
        jobs: int,
        tell: OnDocument,
        retry_failed: bool = False,
        overwrite: bool = False,
        stopping: Callable[[], bool] = lambda: False,
    ) -> BatchResult:
        """Take the documents through the pipeline, `jobs` at once, the urgent first, each into its folder of `output`.

        What is there already from the same text and the same plan is left, and so is what somebody edited or wrote,
        unless `overwrite`. Once `stopping`, no further document is taken up, and those under way are ended. A
        cancellation stops the calls that are out, keeps what came, and still writes the failures and the report.
        Raises ChatspaceError where an option or a file is wrong, or the folder can't be written, before anything is
        read; StoreError where the store fails, which ends all documents.
        """
        plans = await asyncio.to_thread(self._runs.plans, [each.options for each in documents])
        known = await asyncio.to_thread(self._begin, output, overwrite)
        progress = _Progress(output, overwrite, tell, dict(known))
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
                if not await self._one(document, plans[document.options], progress, last=last):
                    queue.append(document)

        workers = [asyncio.create_task(work()) for _ in range(max(1, min(jobs, len(documents))))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            result = await asyncio.shield(asyncio.to_thread(self._end, progress, len(documents), began))
        if progress.broken:
            raise progress.broken
        return result

    def _begin(self, output: Path, overwrite: bool) -> Mapping[str, Failure]:
        """What failed the last time, of a folder whose files of the batch may be written. Raises UsageError."""
        folder = self._outputs.of_batch(output)
        folder.check([FAILURES, *REPORTS], overwrite=overwrite)
        known = read_failures(output / FAILURES)
        folder.put({FAILURES: failure_lines(known.values())}, overwrite=overwrite)
        return known

    def _end(self, progress: _Progress, documents: int, began: str) -> BatchResult:
        """Write the failures, and the report where that may be written; what may not is in the result."""
        failures = tuple(progress.failures.values())
        report = progress.reporter.report(began, plain(datetime.now(UTC)))
        result = BatchResult(documents, progress.made, progress.skipped, failures, report, progress.reached)
        for files in ({FAILURES: failure_lines(failures)}, self._exporter.report_files(report)):
            try:
                self._outputs.of_batch(progress.output).put(files, overwrite=progress.overwrite)
            except ChatspaceError as error:
                result = replace(result, unwritten=error)
        return result

    async def _one(self, document: Document, plan: Plan, progress: _Progress, *, last: bool) -> bool:
        """One document; whatever is wrong with it is its own failure.

        False where its models failed in a way that may pass: the ledger keeps what came, and it is due once more.
        """
        record: RunRecord | None = None
        try:
            source, folder, there = await asyncio.to_thread(self._take_up, document, plan, progress)
            if there:
                progress.reporter.add_run(there)
                progress.done(document, there, made=False)
                return True
            result = await self._run(document, source, folder, plan, progress)
            record = result.record
            if not last and isinstance(result.error, ModelError) and result.error.transient:
                progress.reporter.add_calls(record)
                progress.tell(DocumentPutOff(document, result.error))
                return False
            progress.reporter.add_run(record)
            if result.error:
                raise result.error
        except BudgetReached as reached:
            progress.reached = reached
        except StoreError as error:
            progress.broken = error
        except ChatspaceError as error:
            progress.failed(document, error, record)
        except Exception as defect:  # noqa: BLE001  # ours; the other documents go on
            ours = ChatspaceError("Internal error", f"{type(defect).__name__}: {defect}")
            progress.failed(document, ours, record)
        else:
            progress.done(document, record, made=True)
        return True

    def _take_up(
        self, document: Document, plan: Plan, progress: _Progress
    ) -> tuple[Source, OutputFolder, RunRecord | None]:
        """The source, its folder, and the record of the run that made what stands there already.

        Raises UsageError where the folder may not be written, before anything is paid for.
        """
        source = self._runs.read(document.path)
        folder = self._outputs.of_run(progress.output, document.name)
        return source, folder, self._outputs.made(folder, source, plan, overwrite=progress.overwrite)

    async def _run(
        self, document: Document, source: Source, folder: OutputFolder, plan: Plan, progress: _Progress
    ) -> RunResult:
        """The run of a document, with its outputs in the folder where it went well.

        Where somebody wrote there meanwhile, that is its error; its calls are paid for and will be used again.
        """
        ended: list[RunResult] = []

        def emit(event: Event) -> None:
            progress.tell(DocumentHappened(document, event))

        def deliver(result: RunResult, files: Mapping[str, bytes]) -> None:
            ended.append(result)
            if not result.error:
                folder.put(files, overwrite=progress.overwrite)

        try:
            return await self._runs.run(source, plan, emit, deliver=deliver)
        except UsageError as error:
            if not ended:
                raise
            return replace(ended[0], error=error, record=replace(ended[0].record, status="failed", error=str(error)))
