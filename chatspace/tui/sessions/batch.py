"""The batch, without its screen: begun, stopped, gone on with, and looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from chatspace.core.errors import ChatspaceError, UsageError
from chatspace.core.live.batch import BatchRow, LiveBatch, State
from chatspace.core.profiles.options import Options
from chatspace.core.text import display
from chatspace.tui.commands import parse_slash
from chatspace.tui.sessions.batch_outputs import REPORT, read_report, read_text, text_in
from chatspace.tui.sessions.batch_request import BatchRequest, line_of
from chatspace.tui.sessions.changed import Changed, Listener, attempt

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from chatspace.core.events import Emit
    from chatspace.core.reports.report import Report
    from chatspace.core.workspace.batch_documents import Document
    from chatspace.core.workspace.batches import BatchResult
    from chatspace.tui.commands import ParsedCommand
    from chatspace.tui.jobs import Job, Jobs
    from chatspace.tui.navigation import ScreenContext
    from chatspace.wiring import Workspace

PLACE = "batch"

Filter = Literal["all", "failed", "under way"]
FILTERS: dict[Filter, tuple[State, ...]] = {
    "all": (),
    "failed": ("failed",),
    "under way": ("working", "again"),
}
"""What is in sight; nothing named is everything."""


@dataclass(eq=False)
class RunningBatch:
    """A batch that was begun, which goes on whether anybody looks or not.

    Once `stopping`, no further document is taken up. `error` is what was wrong with all of it.
    """

    asked: BatchRequest
    live: LiveBatch
    job: Job | None = None
    stopping: bool = False
    error: ChatspaceError | None = None
    result: BatchResult | None = None

    @property
    def wrong(self) -> ChatspaceError | None:
        """What ended it early, or what of it could not be written."""
        result = self.result
        return self.error or (result and (result.reached or result.unwritten)) or None


class BatchSession:
    """One batch at a time in a workspace, come back to where there is one; `asking`, its `line` is written.

    Its job reports to the `owner`, which outlives the screen; `ended` gets the batch when it is over.
    """

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        owner: MessagePump,
        context: ScreenContext,
        listener: Listener,
        ended: Callable[[RunningBatch], object],
    ) -> None:
        self._workspace = workspace
        self._jobs = jobs
        self._owner = owner
        self._context = context
        self._listener = listener
        self._ended = ended
        self._over: RunningBatch | None = None
        kept = jobs.kept.get(PLACE)
        self.batch = kept if isinstance(kept, RunningBatch) else None
        self.asking = self.batch is None
        self.line = ""
        self.filter: Filter = "all"

    # Beginning

    async def submit(self, line: str) -> None:
        """Begin what was written."""
        try:
            typed = parse_slash(f"/{PLACE} {line}")
        except ChatspaceError as error:
            self._listener(Changed(error=error))
            return
        if typed:
            await self.begin(typed)

    async def begin(self, typed: ParsedCommand, *, retry: bool = False) -> None:
        """Find the documents, and let the batch begin, if any are named; what can't begin can be changed."""
        if not typed.text:
            return
        try:
            asked, documents = await self._find(typed, retry)
        except ChatspaceError as error:
            if self.asking:
                self.line = line_of(typed)
            self._listener(Changed(error=error))
            return
        self.asking, self.filter = False, "all"
        self.batch = self._jobs.kept[PLACE] = batch = RunningBatch(asked, LiveBatch(documents))
        work = partial(self._run, batch, documents)
        batch.job = self._jobs.start(None, work, self._owner, beside=True)
        self._listener(Changed())

    async def _find(self, typed: ParsedCommand, retry: bool) -> tuple[BatchRequest, Sequence[Document]]:
        """Raises ChatspaceError."""
        if self.at_work:
            raise UsageError("A batch is running", remedy="x stops it in order; then this one can begin.")
        asked = BatchRequest.of(typed, self._context.options, retry=retry)
        documents = await asyncio.to_thread(self._workspace.documents.of, asked.paths, asked.options)
        if not documents:
            raise UsageError(f"No documents found in {typed.text}", remedy="Name files, folders or globs.")
        return asked, documents

    async def _run(self, batch: RunningBatch, documents: Sequence[Document], emit: Emit) -> None:
        """To its end; what is wrong with all of it is kept for who looks."""
        asked = batch.asked
        try:
            batch.result = await self._workspace.batches.run(
                documents,
                asked.output,
                jobs=asked.jobs,
                tell=batch.live.take,
                stopping=lambda: batch.stopping,
                retry_failed=asked.retry_failed,
                overwrite=asked.overwrite,
            )
        except ChatspaceError as error:
            batch.error = error
        except Exception as defect:  # noqa: BLE001  # ours, but it must not end in silence
            batch.error = ChatspaceError("Internal error", f"{type(defect).__name__}: {defect}", "Press c to continue.")
        finally:
            batch.live.end()
            self._ended(batch)

    # Stopping, and going on

    @property
    def at_work(self) -> bool:
        return self.batch is not None and not self.batch.live.ended

    def stop(self) -> None:
        """No further document; a second time, at once."""
        batch = self.batch
        if batch is None:
            return
        if not batch.stopping:
            batch.stopping = True
        elif batch.job and batch.job.task and not batch.job.task.cancelling():
            self._jobs.stop(batch.job)
        self._listener(Changed("counts"))

    async def again(self, *, retry: bool = False) -> None:
        """The same once more: what is there is left; with `retry` those too that failed for good."""
        if self.batch:
            await self.begin(self.batch.asked.typed, retry=retry)

    def another(self) -> None:
        """Write the line of a new batch, beginning with that of this one."""
        if self.batch:
            self.asking, self.line = True, line_of(self.batch.asked.typed)
            self._listener(Changed())

    def back(self) -> bool:
        """From the line to the batch; gives whether there was a way back."""
        if self.batch is None or not self.asking:
            return False
        self.asking = False
        self._listener(Changed())
        return True

    # Looking

    def look(self) -> None:
        """Report what has come since the last look, and nothing once the end was reported."""
        batch = self.batch
        if batch and not self.asking and batch is not self._over:
            self._over = batch if batch.live.ended else None
            self._listener(Changed("counts"))

    def next_filter(self) -> None:
        """All, the failed, or those under way."""
        filters = list(FILTERS)
        self.filter = filters[(filters.index(self.filter) + 1) % len(filters)]
        self._listener(Changed())

    @property
    def in_sight(self) -> list[int]:
        """The places of the rows that the filter lets through."""
        states, rows = FILTERS[self.filter], self.batch.live.rows if self.batch else ()
        return [place for place, row in enumerate(rows) if not states or row.state in states]

    def can(self, what: str, row: BatchRow | None) -> bool:
        """Whether a key has something to do, with this row under the cursor."""
        batch = self.batch
        if batch is None or self.asking:
            return False
        live, written = batch.live, row is not None and row.finished
        can = {
            "open": written,
            "desk": written,
            "stop": not live.ended,
            "resume": live.ended and live.left > 0,
            "retry": live.ended and live.failed > 0,
            "report": live.ended and batch.error is None,
            "another": live.ended,
        }
        return can.get(what, True)

    # What it wrote

    async def path_of(self, row: BatchRow) -> Path | None:
        """Where the text of a document is."""
        if self.batch is None:
            return None
        return await asyncio.to_thread(text_in, self.batch.asked.output / row.document.name)

    async def text(self, path: Path) -> str | None:
        return await attempt(self._listener, asyncio.to_thread(read_text, path))

    async def report(self) -> tuple[Path, Report] | None:
        """The figures of its last start, and where they are."""
        if self.batch is None:
            return None
        path = self.batch.asked.output / REPORT
        report = await attempt(self._listener, asyncio.to_thread(read_report, path))
        return (path, report) if report else None


def title_of(session: BatchSession) -> str:
    """What is in sight, in one line."""
    batch = session.batch
    if batch is None or session.asking:
        return "Batch"
    channel = batch.asked.options.channel
    return display.line(
        f"Batch of {batch.asked.typed.text} → {batch.asked.output}",
        channel if channel != Options().channel else "",
        f"{session.filter} only" if session.filter != "all" else "",
    )


def state_of(batch: RunningBatch) -> str:
    """How it is, in one line, with the key that goes on from there."""
    live, result = batch.live, batch.result
    working = live.count("working")
    if not live.ended:
        if batch.stopping:
            return f"ending the {working} under way · x stops them too" if working else "stopping"
        return f"{working} under way" if working else "reading"
    if batch.error:
        return "✗ it broke off" if live.done else "✗ it could not begin"
    if result and result.reached:
        return "✗ the budget is reached · n changes the line"
    if result and result.unwritten:
        return "✗ its report could not be written"
    if live.left:
        return f"■ stopped with {live.left:,} to do · c continues"
    if live.failed:
        return f"✗ {live.failed:,} failed · r retries"
    return f"✓ all there, in {display.seconds(round(live.seconds * 1000))}"


def spent(batch: RunningBatch) -> str:
    """What it cost, of what it may."""
    live, budget = batch.live, batch.asked.options.budget
    said = display.cost(live.cost_usd)
    if live.unpriced and live.cost:
        said += f", {display.cost(live.cost)} known"
    if budget and budget.allowance.usd is not None:
        said += f" of ${budget.allowance.usd:,.2f}"
    if budget and budget.allowance.tokens is not None:
        said += f", at most {budget.allowance.tokens:,} tokens"
    return said
