"""A batch: how far it is, its documents, and the one under the cursor; or the line that begins one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widgets import Input, Static

from chatspace.core.live.batch import BatchRow, LiveBatch
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.tui.sessions.batch import BatchSession, RunningBatch, spent
from chatspace.tui.sessions.changed import Part
from chatspace.tui.widgets.batch_table import WORDS, BatchTable
from chatspace.tui.widgets.rows import bar
from chatspace.tui.widgets.run_rows import MUTED

WHAT = """\
[b]briefs/ -o out[/b]               every document in a folder
[b]*.md a.docx --channel ad[/b]     these, as ads
[b]list.csv -j 8 --budget 2[/b]     a manifest, $2 at most

A manifest, .csv or .jsonl, has a row for each document: path, and optionally channel, sla, priority, lang, \
words, tone, audience. Without -o, the outputs go to out/.

The same line again continues where it stopped: existing results stay, and no finished call is paid for twice."""


class BatchBoard(Vertical):
    """Shows a session, and lets it do what the keys say."""

    BINDINGS = [
        Binding("escape", "screen.leave", "back", id="place.leave"),
        Binding("enter", "batch('open')", "read", id="batch.open"),
        Binding("d", "batch('desk')", "to the desk", id="batch.desk"),
        Binding("x", "batch('stop')", "stop", id="batch.stop"),
        Binding("c", "batch('resume')", "continue", id="batch.resume"),
        Binding("r", "batch('retry')", "retry failed", id="batch.retry"),
        Binding("f", "batch('filter')", "filter", id="batch.filter"),
        Binding("o", "batch('report')", "report", id="batch.report"),
        Binding("n", "batch('another')", "another batch", show=False, id="batch.another"),
    ]

    @dataclass
    class Wanted(Message):
        """Something is to be opened: a document's text to read (`open`) or on the `desk`, or the `report`."""

        what: str
        row: BatchRow | None

    def __init__(self, session: BatchSession) -> None:
        super().__init__(id="batch-board")
        self.session = session
        self.table = BatchTable(id="batch-table")
        self._shown: LiveBatch | None = None
        self._line: str | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="batch-ask"):
            with Horizontal(id="batch-line"):
                yield Static("›", id="batch-mark")
                yield Input(placeholder="files, folders, globs or a manifest", compact=True, id="batch-paths")
            yield Static(WHAT, id="batch-what")
        with Vertical(id="batch-body"):
            yield Static(id="batch-progress")
            yield Static(id="batch-error", markup=False)
            yield self.table
            yield Static(id="batch-current")

    def show(self, part: Part) -> None:
        """What has changed: how far it is (`counts`), or anything."""
        batch, asking = self.session.batch, self.session.asking
        if batch and not asking and part == "counts":
            self._show_changed(batch.live)
        else:
            self.query_one("#batch-ask").display = asking
            self.query_one("#batch-body").display = not asking
            self._show_line() if asking else self._show_rows()
        if batch and not asking:
            self._show_progress(batch)

    def _show_line(self) -> None:
        """The line, where it is another than was put there last."""
        field = self.query_one(Input)
        if self._line != self.session.line:
            field.value = self._line = self.session.line
            field.cursor_position = len(field.value)
        self.screen.set_focus(field)

    def _show_rows(self) -> None:
        if batch := self.session.batch:
            self._line = None
            if batch.live is not self._shown:
                self._shown, self.table.following = batch.live, True
            batch.live.changed.clear()
            self.table.show(batch.live.rows, self.session.in_sight)
            self.screen.set_focus(self.table)

    def _show_changed(self, live: LiveBatch) -> None:
        """The rows that are other than they were; nothing else is painted."""
        changed, live.changed = live.changed, set()
        if changed and self.session.filter != "all":
            self.table.show(live.rows, self.session.in_sight)
        working = [place for place, row in enumerate(live.rows) if row.state == "working"]
        self.table.repaint({*changed, *working})
        if working:
            self.table.stay_with(working[0])

    def _show_progress(self, batch: RunningBatch) -> None:
        width = self.app.size.width
        self.query_one("#batch-progress", Static).update(progress(batch, width))
        error = self.query_one("#batch-error", Static)
        error.display = bool(batch.wrong)
        error.update(for_screen(batch.wrong.explained) if batch.wrong else "")

    @on(BatchTable.Moved)
    def _show_current(self) -> None:
        """The document under the cursor, whole."""
        batch, row, filtered = self.session.batch, self.table.current, self.session.filter
        nothing = "" if filtered == "all" else f"None is {filtered}. f shows the others."
        said = told_of(row, batch) if row and batch else Content.styled(nothing, MUTED)
        self.query_one("#batch-current", Static).update(said)

    def on_resize(self, event: Resize) -> None:
        if (batch := self.session.batch) and not self.session.asking:
            self.call_after_refresh(self._show_progress, batch)

    # Keys

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.run_worker(self.session.submit(event.value), group="start", exclusive=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what the session can do now."""
        return action != "batch" or self.session.can(str(parameters[0]), self.table.current)

    @on(BatchTable.Opened)
    def _clicked(self) -> None:
        if self.session.can("open", self.table.current):
            self.action_batch("open")

    def action_batch(self, what: str) -> None:
        """Do what the key says."""
        match what:
            case "stop":
                self.session.stop()
            case "filter":
                self.session.next_filter()
            case "another":
                self.session.another()
            case "resume" | "retry":
                self.run_worker(self.session.again(retry=what == "retry"), group="start", exclusive=True)
            case _:
                self.post_message(self.Wanted(what, self.table.current))


def progress(batch: RunningBatch, width: int) -> Content:
    """A bar with the count, and below it what makes it up."""
    live = batch.live
    documents = len(live.rows)
    count = f"{live.done:>{len(f'{documents:,}')},}/{documents:,}"
    waiting = live.count("waiting", "again", "stopped")
    before = [f"{live.made:,} made", f"{live.skipped:,} there before" if live.skipped else ""]
    behind = [f"{waiting:,} waiting" if waiting else "", spent(batch), *(() if live.ended else live.pace)]
    failed = [Content.styled(f"✗\xa0{live.failed:,}\xa0failed", "$text-error")] if live.failed else []
    figures = [*_figures(before), *failed, *_figures(behind)]
    drawn = (bar(live.done / (documents or 1), max(4, min(96, width - 6 - len(count)))), "$accent")
    return Content.assemble(f"{count}  ", drawn, "\n", Content.styled(" · ", MUTED).join(figures))


def _figures(parts: Iterable[str]) -> list[Content]:
    """Each stays on one line."""
    return [Content.styled(part.replace(" ", "\xa0"), MUTED) for part in parts if part]


def told_of(row: BatchRow, batch: RunningBatch) -> Content:
    """Why it failed and what to do; of the others where they are, and what they wait for."""
    mark, word = WORDS[row.state]
    path = for_screen(str(row.document.path))
    if failure := row.failure:
        remedy = [Content(for_screen(failure.remedy))] if failure.remedy else []
        why = Content.styled(for_screen(f"✗ {failure.why}"), "$text-error")
        return Content("\n").join([why, *remedy, Content.styled(path, MUTED)])
    if row.finished:
        return Content.styled(f"{path} → {for_screen(str(batch.asked.output / row.document.name))}", MUTED)
    turn = f"priority {row.document.priority}" if row.document.priority and row.state == "waiting" else ""
    said = display.line(f"{mark} {word}", row.stage, for_screen(row.note), turn)
    return Content("\n").join([Content(said), Content.styled(path, MUTED)])
