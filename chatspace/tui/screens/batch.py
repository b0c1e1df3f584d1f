"""The batch: many documents through the pipeline, followed while it goes on, or come back to."""

from __future__ import annotations

import asyncio
import re
import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from textual import on, work
from textual.app import App
from textual.binding import Binding
from textual.widgets import Input

from chatspace.core.errors import ChatspaceError, UsageError
from chatspace.core.events import Emit
from chatspace.tui.commands import ParsedCommand, parse_slash
from chatspace.tui.navigation import open_screen
from chatspace.tui.screens.batch_board import FILTERS, BatchBoard, state_of
from chatspace.tui.screens.batch_reading import REPORT, ReportReading, TextReading, read_report, read_text
from chatspace.tui.screens.batch_state import Batch, BatchJob, BatchRequest
from chatspace.tui.screens.batch_table import BatchTable
from chatspace.tui.screens.tool_screen import EVERYWHERE
from chatspace.tui.widgets.status_line import StatusLine
from chatspace.wiring import Workspace

PLACE = "batch"
PER_SECOND = 4
"""How often the screen looks for what changed."""
AMBIGUOUS = re.compile(r"[\s'\"\\]|^$")
"""What a word has to be quoted for."""
OUTPUTS = ("draft.md", "copy.md")
"""What is read of a finished document: the first that is there."""


class BatchScreen(BatchBoard):
    """One batch at a time in a workspace; it goes on while the user is elsewhere."""

    HELP = """\
Many documents through the pipeline, the urgent first, a line each. The cursor stays with the work until you move it.
esc goes back and leaves the batch running; /batch comes back to it. Quitting stops it, and what came is kept.
x stops in order: what is under way is ended, no further document is begun. x once more stops that too.
c goes on where it ended: what is there is left, finished calls come from the ledger. r does the same, and tries those
again too that a reader or the gate refused.
What you edited in the output folder is never replaced, unless the line says --overwrite: that document fails.
f shows the failed alone, then those under way, then all. Below the table stands why a document failed and what to do.
enter reads the draft of a finished one, d takes it to the desk, o reads the report. n begins another batch.
"""
    BINDINGS = [
        Binding("enter", "open", "read", id="batch.open"),
        Binding("d", "desk", "to the desk", id="batch.desk"),
        Binding("x", "stop", "stop", id="batch.stop"),
        Binding("c", "resume", "go on", id="batch.resume"),
        Binding("r", "retry", "retry failed", id="batch.retry"),
        Binding("f", "filter", "filter", id="batch.filter"),
        Binding("o", "report", "report", id="batch.report"),
        Binding("n", "another", "another batch", show=False, id="batch.another"),
    ]
    _job: BatchJob | None = None

    def on_mount(self) -> None:
        kept = self.jobs.kept.get(PLACE)
        if isinstance(kept, BatchJob):
            self._take(kept)
        self.query_one(StatusLine).set_interval(1 / PER_SECOND, self._tick)
        if self.typed.text:
            self._start(self.typed)
        else:
            self._show()

    def _take(self, job: BatchJob) -> None:
        self._job, self._batch, self._asking = job, job.batch, False

    # Beginning

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            typed = parse_slash(f"/{PLACE} {event.value}")
        except ChatspaceError as error:
            self.complain(error)
            return
        if typed and typed.text:
            self._start(typed)

    @work(exclusive=True, group="start")
    async def _start(self, typed: ParsedCommand, *, retry: bool = False) -> None:
        """Find the documents, and let the batch begin; `retry` tries those again too that failed for good."""
        try:
            if self._at_work:
                raise UsageError("A batch is running", remedy="x stops it in order; then this one can begin.")
            asked = BatchRequest.of(typed, self.standing.options)
            asked = replace(asked, retry_failed=asked.retry_failed or retry)
            documents = await asyncio.to_thread(self.workspace.documents.of, asked.paths, asked.options)
            if not documents:
                raise UsageError(f"There is no document in {typed.text}", remedy="Name files, folders or globs.")
        except ChatspaceError as error:
            self.complain(error)
            self._show()
            if self._asking:
                self._put(typed)
            return
        self._filter = "all"
        job = BatchJob(None, beside=True, batch=Batch(asked, documents))
        self._take(job)
        self.jobs.kept[PLACE] = self.jobs.run(job, partial(carry_out, self.workspace, job.batch, self.app), self.app)
        self.table.following = True
        self._show()

    def _put(self, typed: ParsedCommand) -> None:
        """The line as it was typed, to be changed."""
        words = list(typed.words)
        for name, value in typed.options.items():
            words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
        line = self.query_one(Input)
        quoted = " ".join(shlex.quote(word) if AMBIGUOUS.search(word) else word for word in words)
        line.value = quoted if typed.words else typed.text  # words that can't be read stay as they are
        line.cursor_position = len(line.value)

    @property
    def _at_work(self) -> bool:
        return self._batch is not None and not self._batch.ended

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        batch = self._batch
        if action in EVERYWHERE:
            return True
        if batch is None or self._asking:
            return False
        match action:
            case "open" | "desk":
                row = self.table.current
                return row is not None and row.finished
            case "stop":
                return not batch.ended
            case "resume":
                return batch.ended and batch.tally.done < batch.tally.documents
            case "retry":
                return batch.ended and batch.tally.failed > 0
            case "report":
                return batch.ended and batch.error is None
            case "another":
                return batch.ended
        return True

    @on(BatchTable.Opened)
    def _clicked(self) -> None:
        if self.check_action("open", ()):
            self.action_open()

    @work(exclusive=True, group="read")
    async def action_open(self) -> None:
        """The draft of this document, to be read."""
        path = await self._written()
        text = await self.in_thread(read_text, path) if path else None
        if path and text is not None:
            self.app.push_screen(TextReading(path, text))

    @work(exclusive=True, group="read")
    async def action_desk(self) -> None:
        """The draft of this document on the desk, which leads back here."""
        path = await self._written()
        if path is None:
            return
        standing = replace(self.standing, chosen=None, prompt="")
        desk = open_screen("desk", self.workspace, self.jobs, standing, ParsedCommand("desk", str(path)))
        onward = await self.app.push_screen_wait(desk)
        if onward and onward.then:
            self.go_on(onward)

    @work(exclusive=True, group="read")
    async def action_report(self) -> None:
        """The report of this batch."""
        path = self._batch.output / REPORT if self._batch else None
        report = await self.in_thread(read_report, path) if path else None
        if path and report is not None:
            self.app.push_screen(ReportReading(path, report))

    async def _written(self) -> Path | None:
        batch, row = self._batch, self.table.current
        if batch is None or row is None:
            return None
        paths = [batch.output / row.document.name / name for name in OUTPUTS]
        there = await asyncio.to_thread(lambda: [path for path in paths if path.is_file()])
        return (there or paths)[0]

    def action_stop(self) -> None:
        """No further document; a second time, at once."""
        job, batch = self._job, self._batch
        if job is None or batch is None:
            return
        if not batch.stopping:
            batch.stopping = True
        elif job.task and not job.task.cancelling():
            self.jobs.stop(job)
        self._show_state()

    def action_resume(self) -> None:
        """The same again: what is there is left."""
        if self._batch:
            self._start(self._batch.asked.typed)

    def action_retry(self) -> None:
        """The same again, those too that failed for good."""
        if self._batch:
            self._start(self._batch.asked.typed, retry=True)

    def action_filter(self) -> None:
        """All, the failed, or those under way."""
        ways = list(FILTERS)
        self._filter = ways[(ways.index(self._filter) + 1) % len(ways)]
        self._show_rows()
        self._show_heading()

    def action_another(self) -> None:
        """The line of a new batch."""
        self._asking = True
        self._show()
        if self._batch:
            self._put(self._batch.asked.typed)

    def action_leave(self) -> None:
        """Back; the batch goes on."""
        if self._asking and self._batch:
            self._asking = False
            self._show()
            return
        if self._at_work:
            self.app.notify("The batch goes on. /batch comes back to it.")
        self.dismiss(None)


async def carry_out(workspace: Workspace, batch: Batch, app: App[Any], emit: Emit) -> None:
    """Run it to its end, and say so where nobody looks; what is wrong with the whole is kept for who does."""
    asked = batch.asked
    try:
        batch.result = await workspace.batches.run(
            batch.documents,
            asked.output,
            jobs=asked.jobs,
            tell=batch.take,
            watch=batch.watch,
            stopping=lambda: batch.stopping,
            retry_failed=asked.retry_failed,
            overwrite=asked.overwrite,
        )
    except ChatspaceError as error:
        batch.error = error
    except Exception as defect:  # noqa: BLE001  # ours, but it must not end in silence
        batch.error = ChatspaceError("A defect of chatspace", f"{type(defect).__name__}: {defect}", "c goes on.")
    finally:
        batch.end()
        if not isinstance(app.screen, BatchScreen):
            app.notify(f"The batch into {batch.output}: {state_of(batch)}\n/batch shows it.")
