"""What the place of a batch shows: how far it is, its documents, and the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Input, Static

from chatspace.core.profiles.options import Options
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import Jobs
from chatspace.tui.navigation import ScreenContext
from chatspace.tui.screens.batch_state import Batch, BatchRow, State
from chatspace.tui.screens.batch_table import WORDS, BatchTable
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.rows import bar
from chatspace.tui.widgets.run_rows import MUTED
from chatspace.wiring import Workspace

Filter = Literal["all", "failed", "under way"]
FILTERS: dict[Filter, tuple[State, ...]] = {
    "all": (),
    "failed": ("failed",),
    "under way": ("working", "again"),
}
"""What the table shows; nothing named is everything."""

WHAT = """\
[b]briefs/ -o out[/b]               what a folder holds
[b]*.md a.docx --channel ad[/b]     these, as ads
[b]list.csv -j 8 --budget 2[/b]     a manifest, $2 at most

A manifest, .csv or .jsonl, has a row for each document: path, and where wanted channel, sla, priority, lang, \
words, tone, audience. Without -o the outputs stand in out/.

The same line again goes on where it ended: what is there is left, no finished call is paid for twice."""


class BatchBoard(ToolScreen):
    """Shows one batch, or the line that begins one."""

    CSS_PATH = "batch.tcss"

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(workspace, jobs, standing, typed)
        self._batch: Batch | None = None
        self._filter: Filter = "all"
        self._asking = True
        self._over: Batch | None = None
        """The batch whose end was shown."""

    def body(self) -> ComposeResult:
        with Vertical(id="batch-ask"):
            with Horizontal(id="batch-line"):
                yield Static("›", id="batch-mark")
                yield Input(placeholder="files, folders, globs or a manifest", compact=True, id="batch-paths")
            yield Static(WHAT, id="batch-what")
        with Vertical(id="batch-body"):
            yield Static(id="batch-progress")
            yield Static(id="batch-error", markup=False)
            yield BatchTable(id="batch-table")
            yield Static(id="batch-current")

    @property
    def table(self) -> BatchTable:
        return self.query_one(BatchTable)

    @property
    def followed(self) -> Batch | None:
        """The batch in sight."""
        return self._batch

    def _show(self) -> None:
        """Everything as it stands now."""
        batch = self._batch
        self._asking = self._asking or batch is None
        self.query_one("#batch-ask").display = self._asking
        self.query_one("#batch-body").display = not self._asking
        if batch is None or self._asking:
            self.entitle("Batch")
            self.set_focus(self.query_one(Input))
            self.say("enter begins")
            self.show_hints()
            return
        self._show_heading()
        self.set_focus(self.table)
        batch.changed()
        self._show_rows()
        self._show_state()

    def _show_heading(self) -> None:
        if batch := self._batch:
            channel = batch.asked.options.channel
            said = display.line(
                f"Batch of {batch.asked.typed.text} → {batch.output}",
                channel if channel != Options().channel else "",
                f"{self._filter} only" if self._filter != "all" else "",
            )
            self.entitle(said)

    def _show_rows(self) -> None:
        batch = self._batch
        if batch:
            states = FILTERS[self._filter]
            self.table.show(batch.rows, (at for at, row in enumerate(batch.rows) if not states or row.state in states))

    def _tick(self) -> None:
        """What changed since the last look; nothing else is painted, and nothing once the end was."""
        batch = self._batch
        if batch is None or self._asking or batch is self._over:
            return
        self._over = batch if batch.ended else None
        changed = batch.changed()
        if changed and self._filter != "all":
            self._show_rows()
        working = [place for place, row in enumerate(batch.rows) if row.state == "working"]
        self.table.repaint({*changed, *working})
        if working:
            self.table.stay_with(working[0])
        self._show_state()

    # What is said of the whole

    def _show_state(self) -> None:
        batch = self._batch
        if batch is None or self._asking:
            return
        self.query_one("#batch-progress", Static).update(self._progress(batch))
        error = self.query_one("#batch-error", Static)
        result = batch.result
        wrong = batch.error or (result and (result.reached or result.unwritten))
        error.display = bool(wrong)
        error.update(for_screen(wrong.explained) if wrong else "")
        self.say(state_of(batch))
        self.show_hints()

    def _progress(self, batch: Batch) -> Content:
        """A bar with the count, and below it what makes it up."""
        tally = batch.tally
        count = f"{tally.done:>{len(f'{tally.documents:,}')},}/{tally.documents:,}"
        width = max(4, min(96, self.app.size.width - 6 - len(count)))
        waiting = batch.count("waiting", "again", "stopped")
        before = [f"{tally.made:,} made", f"{tally.skipped:,} there before" if tally.skipped else ""]
        behind = [f"{waiting:,} waiting" if waiting else "", _spent(batch)]
        behind += () if batch.ended else tally.pace(batch.seconds) or ()
        failed = [Content.styled(f"✗\xa0{tally.failed:,}\xa0failed", "$text-error")] if tally.failed else []
        figures = [*_figures(before), *failed, *_figures(behind)]
        drawn = (bar(tally.done / (tally.documents or 1), width), "$accent")
        return Content.assemble(f"{count}  ", drawn, "\n", Content.styled(" · ", MUTED).join(figures))

    @on(BatchTable.Moved)
    def _show_current(self) -> None:
        """The document under the cursor, whole."""
        batch, row = self._batch, self.table.current
        nothing = "" if self._filter == "all" else f"None is {self._filter}. f shows the others."
        said = told_of(row, batch) if row and batch else Content.styled(nothing, MUTED)
        self.query_one("#batch-current", Static).update(said)
        self.show_hints()

    def on_resize(self, event: Resize) -> None:
        if self.is_mounted:
            self.call_after_refresh(self._show_state)


def _figures(parts: Iterable[str]) -> list[Content]:
    """Each stays on one line."""
    return [Content.styled(part.replace(" ", "\xa0"), MUTED) for part in parts if part]


def _spent(batch: Batch) -> str:
    """What it cost, of what it may."""
    tally, budget = batch.tally, batch.asked.options.budget
    said = display.cost(tally.cost_usd)
    if tally.unpriced and tally.cost:
        said += f", {display.cost(tally.cost)} known"
    if budget and budget.allowance.usd is not None:
        said += f" of ${budget.allowance.usd:,.2f}"
    if budget and budget.allowance.tokens is not None:
        said += f", at most {budget.allowance.tokens:,} tokens"
    return said


def state_of(batch: Batch) -> str:
    """In one line, with the key that goes on from there."""
    working, tally = batch.count("working"), batch.tally
    if not batch.ended:
        if batch.stopping:
            return f"ending the {working} under way · x stops them too" if working else "stopping"
        return f"{working} under way" if working else "reading"
    left = tally.documents - tally.done
    if batch.error:
        return "✗ it broke off" if tally.done else "✗ it could not begin"
    if batch.result and batch.result.reached:
        return "✗ the budget is reached · n changes the line"
    if batch.result and batch.result.unwritten:
        return "✗ its report could not be written"
    if left:
        return f"■ ended with {left:,} to do · c goes on"
    if tally.failed:
        return f"✗ {tally.failed:,} failed · r retries"
    return f"✓ all there, in {display.seconds(round(batch.seconds * 1000))}"


def told_of(row: BatchRow, batch: Batch) -> Content:
    """Why it failed and what to do; of the others where they are, and what they wait for."""
    mark, word = WORDS[row.state]
    path = for_screen(str(row.document.path))
    if failure := row.failure:
        why = f"✗ {failure.error}" + (f": {failure.cause}" if failure.cause else "")
        where = Content.styled(path, MUTED)
        lines = [Content.styled(for_screen(why), "$text-error")]
        lines += [Content(for_screen(failure.remedy))] if failure.remedy else []
        return Content("\n").join([*lines, where])
    if row.finished:
        return Content.styled(f"{path} → {for_screen(str(batch.output / row.document.name))}", MUTED)
    turn = f"priority {row.document.priority}" if row.document.priority and row.state == "waiting" else ""
    said = display.line(f"{mark} {word}", row.stage, for_screen(row.note), turn)
    return Content("\n").join([Content(said), Content.styled(path, MUTED)])
