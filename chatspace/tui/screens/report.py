"""The report: what the calls of a time took and what came of them, grouped as one likes."""

from __future__ import annotations

from datetime import UTC, datetime

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.events import Resize
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.errors import UsageError
from chatspace.core.reports.report import GROUPINGS, Grouping, Report
from chatspace.core.reports.report_lines import Table, details, sections
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.reports import moment
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.rows import move
from chatspace.tui.yanking import yank

SPANS = {"today": "today", "7d": "7 days", "30d": "30 days", "all": "all"}
"""What can be chosen, and what it is called."""

WIDE = 110
"""Columns from which on the group under the cursor stands beside the table."""

NOTHING = (
    "There are no calls and no runs in that time.\nWhatever you send, draft or compare is counted from its first call."
)


class ReportScreen(ToolScreen):
    """A line for each group with a bar; below or beside it the group under the cursor, its times as a histogram."""

    CSS_PATH = "report.tcss"
    HELP = """\
left and right (h, l) change what the calls are grouped by, t w m a the time: today, a week, a month, all.
up and down (j, k) choose a group: what came of its calls, its tokens and times stand beside it or below.
Bars in the table are shares of the cost, or of the calls where nothing has a price. ~ marks estimates.
r counts anew, y yanks the report as Markdown; `chatspace report` writes it as a file.
"""
    BINDINGS = [
        Binding("h,left", "turn(-1)", "grouping before", show=False, id="report.before"),
        Binding("l,right", "turn(1)", "group by another", id="report.next"),
        Binding("t", "since('today')", "today", id="report.today"),
        Binding("w", "since('7d')", "week", id="report.week"),
        Binding("m", "since('30d')", "month", id="report.month"),
        Binding("a", "since('all')", "all", id="report.all"),
        Binding("r", "count", "count anew", id="report.count", show=False),
        Binding("y", "yank", "yank", id="report.yank"),
        Binding("j", "move(1)", "down", show=False, id="report.down"),
        Binding("k", "move(-1)", "up", show=False, id="report.up"),
        Binding("pagedown", "scroll(1)", "further down", show=False, id="report.further"),
        Binding("pageup", "scroll(-1)", "back up", show=False, id="report.back"),
    ]

    _by: Grouping = "profile"
    _since = "7d"
    _report: Report | None = None

    def body(self) -> ComposeResult:
        with Horizontal(id="report-choices"):
            yield Static(id="report-by")
            yield Static(id="report-since")
        with Horizontal(id="report-body"):
            with VerticalScroll(id="report-left", can_focus=False):
                yield Static(id="report-head", markup=False)
                yield OptionList(id="report-groups", markup=False, compact=True)
                yield Static(id="report-total", markup=False)
            with VerticalScroll(id="report-right", can_focus=False):
                yield Static(id="report-details", markup=False)

    def on_mount(self) -> None:
        self.entitle("Report")
        self.set_focus(self._list)
        if self.typed.text:
            try:
                moment(self.typed.text, datetime.now(UTC))
            except UsageError as error:
                self.complain(error)
            else:
                self._since = self.typed.text
        self._count()

    def on_resize(self, event: Resize) -> None:
        self.set_class(self.app.size.width >= WIDE, "wide")
        self.call_after_refresh(self._show)

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    # Counting

    @work(exclusive=True, group="report")
    async def _count(self) -> None:
        self._show_choices()
        self.say("counting …")
        by, since = self._by, moment(self._since, datetime.now(UTC))
        self._report = await self.in_thread(self.workspace.reports.report, by, since)
        self._show()

    def _show_choices(self) -> None:
        spans = SPANS if self._since in SPANS else {**SPANS, self._since: f"since {self._since}"}
        by = _choices({name: name for name in GROUPINGS}, self._by, "by")
        self.query_one("#report-by", Static).update(f"by  {by}")
        self.query_one("#report-since", Static).update(f"of  {_choices(spans, self._since, 'since')}")

    def _show(self) -> None:
        """The report at the width that there is now."""
        report, groups = self._report, self._list
        at = groups.highlighted or 0
        groups.clear_options()
        found = report is not None and bool(report.total.calls or report.runs.runs)
        for name in ("#report-head", "#report-groups", "#report-total"):
            self.query_one(name).display = found
        if report is None or not found:
            self.query_one("#report-details", Static).update(NOTHING if report else "")
            self.say("nothing to count")
            return
        table = Table(report, self.query_one("#report-left").scrollable_content_region.width - 4)
        self.query_one("#report-head", Static).update(for_screen(table.head))
        self.query_one("#report-total", Static).update(for_screen(table.total))
        groups.add_options([Option(for_screen(row)) for row in table.rows])
        groups.highlighted = min(at, len(table.rows) - 1) if table.rows else None
        if not table.rows:
            self._show_details()
        self.say(f"{display.count(report.total.calls, 'call')}, {display.count(report.runs.runs, 'run')}")

    @on(OptionList.OptionHighlighted)
    def _show_details(self) -> None:
        report, at = self._report, self._list.highlighted
        if report is None:
            return
        chosen = report.groups[at] if at is not None and at < len(report.groups) else report.total
        width = self.query_one("#report-right").scrollable_content_region.width - 4
        lines = list(details(chosen, width))
        for section in sections(report, width):
            lines += ["", *section]
        self.query_one("#report-details", Static).update(for_screen("\n".join(lines)))

    # Keys

    def action_turn(self, step: int) -> None:
        """Group by the next thing, or the one before."""
        self.action_by(GROUPINGS[(GROUPINGS.index(self._by) + step) % len(GROUPINGS)])

    def action_by(self, name: Grouping) -> None:
        self._by = name
        self._list.highlighted = None
        self._count()

    def action_since(self, span: str) -> None:
        self._since = span
        self._count()

    def action_count(self) -> None:
        self._count()

    def action_move(self, step: int) -> None:
        """Go to another group."""
        move(self._list, step)

    def action_scroll(self, pages: int) -> None:
        """Through what stands beside the table or below it."""
        right = self.query_one("#report-right")
        if pages > 0:
            right.scroll_page_down()
        else:
            right.scroll_page_up()

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
