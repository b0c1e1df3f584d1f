"""The report: what the calls of a time took and what came of them, grouped as one likes."""

from __future__ import annotations

from datetime import UTC, datetime

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import Resize
from textual.widgets import Static

from chatspace.core.errors import UsageError
from chatspace.core.reports.report import GROUPINGS, Grouping, Report
from chatspace.core.text import display
from chatspace.core.workspace.reports import moment
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.report_view import ReportView
from chatspace.tui.yanking import yank

SPANS = {"today": "today", "7d": "7 days", "30d": "30 days", "all": "all"}
"""What can be chosen, and what it is called."""

WIDE = 110
"""Columns from which on the group under the cursor stands beside the table."""


class ReportScreen(ToolScreen):
    """A line for each group with a bar; below or beside it the group under the cursor, its times as a histogram."""

    CSS_PATH = "report.tcss"
    HELP = """\
left and right (h, l) change how calls are grouped, t w m a the period: today, a week, a month, all.
up and down (j, k) choose a group: the results of its calls, its tokens and times are shown next to it or below.
The bars show the share of the cost, or of the calls if nothing has a price. ~ marks estimates.
r refreshes, y yanks the report as Markdown; `chatspace report` writes it to a file.
"""
    BINDINGS = [
        Binding("h,left", "turn(-1)", "grouping before", show=False, id="report.before"),
        Binding("l,right", "turn(1)", "group by another", id="report.next"),
        Binding("t", "since('today')", "today", id="report.today"),
        Binding("w", "since('7d')", "week", id="report.week"),
        Binding("m", "since('30d')", "month", id="report.month"),
        Binding("a", "since('all')", "all", id="report.all"),
        Binding("r", "count", "refresh", id="report.count", show=False),
        Binding("y", "yank", "yank", id="report.yank"),
    ]

    _by: Grouping = "profile"
    _since = "7d"
    _report: Report | None = None

    def body(self) -> ComposeResult:
        with Horizontal(id="report-choices"):
            yield Static(id="report-by")
            yield Static(id="report-since")
        yield ReportView()

    def on_mount(self) -> None:
        self.entitle("Report")
        self.set_focus(self._view.groups)
        if self.typed.text:
            try:
                moment(self.typed.text, datetime.now(UTC))
            except UsageError as error:
                self.complain(error)
            else:
                self._since = self.typed.text
        self.action_count()

    def on_resize(self, event: Resize) -> None:
        self.set_class(self.app.size.width >= WIDE, "wide")

    @property
    def _view(self) -> ReportView:
        return self.query_one(ReportView)

    # Counting

    @work(exclusive=True, group="report")
    async def action_count(self) -> None:
        """Count again."""
        self._show_choices()
        self.say("counting …")
        by, since = self._by, moment(self._since, datetime.now(UTC))
        report = self._report = await self.in_thread(self.workspace.reports.report, by, since)
        self._view.show(report)
        if report and (report.total.calls or report.runs.runs):
            self.say(f"{display.count(report.total.calls, 'call')}, {display.count(report.runs.runs, 'run')}")
        else:
            self.say("nothing to count")

    def _show_choices(self) -> None:
        spans = SPANS if self._since in SPANS else {**SPANS, self._since: f"since {self._since}"}
        by = _choices({name: name for name in GROUPINGS}, self._by, "by")
        self.query_one("#report-by", Static).update(f"by  {by}")
        self.query_one("#report-since", Static).update(f"of  {_choices(spans, self._since, 'since')}")

    # Keys

    def action_turn(self, step: int) -> None:
        """Group by the next thing, or the one before."""
        self.action_by(GROUPINGS[(GROUPINGS.index(self._by) + step) % len(GROUPINGS)])

    def action_by(self, name: Grouping) -> None:
        self._by = name
        self._view.groups.highlighted = None
        self.action_count()

    def action_since(self, span: str) -> None:
        self._since = span
        self.action_count()

    @work(exclusive=True, group="yank")
    async def action_yank(self) -> None:
        if self._report is not None:
            data = await self.in_thread(self.workspace.exporter.report, self._report, "md")
            if data is not None:
                await yank(self, self.workspace, data.decode("utf-8"), "the report")


def _choices(names: dict[str, str], chosen: str, action: str) -> str:
    """Words to click on; the chosen one is bold and stands between marks."""
    return "  ".join(
        f"[b]‹{said}›[/b]" if name == chosen else f"[@click=screen.{action}('{name}')] {said} [/]"
        for name, said in names.items()
    )
