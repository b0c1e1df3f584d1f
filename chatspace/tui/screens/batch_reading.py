"""What a batch made, to be read: one of its texts, or its report."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from chatspace.core.reports import report_lines
from chatspace.core.reports.report import Report
from chatspace.core.text.safe import for_screen
from chatspace.tui.transcript.entries import Entry
from chatspace.tui.widgets.transcript import Transcript

KEY = "text"


class BatchReading(ModalScreen[None]):
    """Shows one file, with its path above."""

    CSS_PATH = "batch.tcss"
    BINDINGS = [Binding("escape,q,enter", "dismiss", "back", id="batch.leave_reading")]

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def compose(self) -> ComposeResult:
        yield Static(for_screen(str(self._path)), id="batch-read-path", markup=False)
        yield from self.body()
        yield Static("esc goes back", id="batch-read-keys")

    def body(self) -> ComposeResult:
        """What the file holds."""
        yield from ()


class TextReading(BatchReading):
    """A draft, or copy."""

    HELP = "The text in the folder of the batch, read-only. d on its line opens it at the desk."

    def __init__(self, path: Path, text: str) -> None:
        super().__init__(path)
        self._text = text

    def body(self) -> ComposeResult:
        yield Transcript(id="batch-read-text")

    def on_mount(self) -> None:
        transcript = self.query_one(Transcript)
        transcript.show([Entry(KEY, "assistant", self._text)])
        transcript.go_to(KEY)
        self.set_focus(transcript)
        self.call_after_refresh(transcript.action_scroll, "top")


class ReportReading(BatchReading):
    """The figures of the batch's last start."""

    HELP = "Cost, time and results of the batch's calls; the same as report.md and report.html in its folder."

    def __init__(self, path: Path, report: Report) -> None:
        super().__init__(path)
        self._report = report

    def body(self) -> ComposeResult:
        with VerticalScroll(id="batch-read-report"):
            yield Static(id="batch-read-lines", markup=False)

    def on_mount(self) -> None:
        self.set_focus(self.query_one(VerticalScroll))

    def on_resize(self, event: Resize) -> None:
        lines = report_lines.lines(self._report, event.size.width - 6)
        self.query_one("#batch-read-lines", Static).update(for_screen("\n".join(lines)))
