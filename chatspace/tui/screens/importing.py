"""Import: how far it has come, then what came in and everything that didn't, each with why."""

from __future__ import annotations

import asyncio
import shlex
import threading
from pathlib import Path

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, OptionList, Static

from chatspace.core.chat.imported import ImportReport
from chatspace.core.events import Emit
from chatspace.core.text.safe import for_screen
from chatspace.tui.jobs import Job, JobEnded
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.status_line import StatusLine

MAX_SHOWN = 500
"""Lines of what was left out; the command line lists them all."""

NOT_DOUBLED = "What is here already isn't doubled; what is new in it is added."


class ImportScreen(ToolScreen):
    """Takes over one path after the other; leaving stops after the conversation that is being stored."""

    CSS_PATH = "importing.tcss"
    HELP = """\
Enter reads the file or folder in the line. Imported conversations are in the history at once.
Whatever couldn't be imported is listed with its file, conversation, message and the reason.
esc stops and goes back: imported conversations stay, and importing the same file again continues from there.
"""
    _job: Job | None = None
    _report: ImportReport | None = None
    _progress = ""

    def body(self) -> ComposeResult:
        with Horizontal(id="import-line"):
            yield Static("›", id="import-mark")
            yield Input(self.typed.text, placeholder="a file or folder", compact=True, id="import-path")
        yield Static(id="import-what", markup=False)
        yield OptionList(id="import-report", markup=False)

    def on_mount(self) -> None:
        self._stop = threading.Event()
        self.entitle("Import")
        self.query_one(StatusLine).set_interval(0.2, self._show_progress)
        self._show_what()
        self.set_focus(self.query_one(Input))
        if self.typed.text.strip():
            self._begin(self.typed.text)

    @work
    async def _show_what(self) -> None:
        """What can be imported; asking loads the importers."""
        formats = await self.in_thread(self.workspace.importing.formats)
        titles = [f"{each.title}." for each in (formats or {}).values()]
        self.query_one("#import-what", Static).update(for_screen("\n".join((*titles, NOT_DOUBLED))))

    def on_unmount(self) -> None:
        self._stop.set()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() and not self._job:
            self._begin(event.value)

    def _begin(self, line: str) -> None:
        paths, self._report, self._progress = _paths(line), None, "reading"

        def tell(progress: str) -> None:
            self._progress = progress

        async def work(emit: Emit) -> None:
            run = self.workspace.importing.run
            try:
                self._report = await asyncio.to_thread(run, paths, tell=tell, stop=self._stop.is_set)
            except asyncio.CancelledError:
                self._stop.set()  # the thread ends behind the conversation that it stores
                raise

        self._job = self.jobs.start(None, work, self, beside=True)
        self._show_progress()

    def _show_progress(self) -> None:
        if self._job:
            self.say(f"{self._progress} · esc stops and keeps what was imported")

    @on(JobEnded)
    def _ended(self, event: JobEnded) -> None:
        event.stop()
        self._job = None
        if event.error:
            self.say("")
            self.complain(event.error)
        if self._report:
            self.say(self._report.summary)
            self.query_one("#import-what").display = False
            report = self.query_one(OptionList)
            report.display = True
            report.clear_options()
            report.add_options(_shown(self._report))
            report.highlighted = 0
            self.set_focus(report)
        self.show_hints()

    @on(OptionList.OptionSelected)
    def _another(self) -> None:
        """Enter leads back to the line, for another file."""
        self.set_focus(self.query_one(Input))


def _paths(line: str) -> list[Path]:
    """One path with blanks in it, or several, quoted as in a shell."""
    whole = Path(line.strip()).expanduser()
    if whole.exists():
        return [whole]
    try:
        return [Path(word).expanduser() for word in shlex.split(line)]
    except ValueError:
        return [whole]


def _shown(report: ImportReport) -> list[Text]:
    """The summary, then what was left out; what nobody reads on a screen is counted."""
    summary, *lines = report.lines
    shown = [Text(for_screen(summary if report.conversations else f"Nothing could be read: {summary}"), style="bold")]
    shown += [Text(for_screen(line)) for line in lines[:MAX_SHOWN]]
    if len(lines) > MAX_SHOWN:
        shown.append(Text(f"… and {len(lines) - MAX_SHOWN:,} more; `chatspace history import` lists all"))
    return shown
