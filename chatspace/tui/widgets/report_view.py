"""A report as a table with a bar for each group, and the group under the cursor below or beside it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.events import Resize
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.reports.report import Report
from chatspace.core.reports.report_lines import Table, details, sections
from chatspace.core.text.safe import for_screen
from chatspace.tui.widgets.rows import move

NOTHING = "No calls or runs in this period.\nWhatever you send, draft or compare is counted from its first call."


class ReportView(Horizontal):
    """Shows a report at the width that there is."""

    BINDINGS = [
        Binding("j", "move(1)", "down", show=False, id="report.down"),
        Binding("k", "move(-1)", "up", show=False, id="report.up"),
        Binding("pagedown", "scroll(1)", "further down", show=False, id="report.further"),
        Binding("pageup", "scroll(-1)", "back up", show=False, id="report.back"),
    ]

    def __init__(self) -> None:
        super().__init__(id="report-body")
        self._report: Report | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="report-left", can_focus=False):
            yield Static(id="report-head", markup=False)
            yield OptionList(id="report-groups", markup=False, compact=True)
            yield Static(id="report-total", markup=False)
        with VerticalScroll(id="report-right", can_focus=False):
            yield Static(id="report-details", markup=False)

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(lambda: self.show(self._report))

    @property
    def groups(self) -> OptionList:
        return self.query_one(OptionList)

    def show(self, report: Report | None) -> None:
        """Another report, or the same at another width."""
        self._report, groups = report, self.groups
        at = groups.highlighted or 0
        groups.clear_options()
        found = report is not None and bool(report.total.calls or report.runs.runs)
        for name in ("#report-head", "#report-groups", "#report-total"):
            self.query_one(name).display = found
        if report is None or not found:
            self.query_one("#report-details", Static).update(NOTHING if report else "")
            return
        table = Table(report, self.query_one("#report-left").scrollable_content_region.width - 4)
        self.query_one("#report-head", Static).update(for_screen(table.head))
        self.query_one("#report-total", Static).update(for_screen(table.total))
        groups.add_options([Option(for_screen(row)) for row in table.rows])
        groups.highlighted = min(at, len(table.rows) - 1) if table.rows else None
        if not table.rows:
            self._show_details()
        if self.screen.focused is None:  # which was lost while there was nothing to show
            self.screen.set_focus(groups)

    @on(OptionList.OptionHighlighted)
    def _show_details(self) -> None:
        report, at = self._report, self.groups.highlighted
        if report is None:
            return
        chosen = report.groups[at] if at is not None and at < len(report.groups) else report.total
        width = self.query_one("#report-right").scrollable_content_region.width - 4
        lines = list(details(chosen, width))
        for section in sections(report, width):
            lines += ["", *section]
        self.query_one("#report-details", Static).update(for_screen("\n".join(lines)))

    def action_move(self, step: int) -> None:
        """Go to another group."""
        move(self.groups, step)

    def action_scroll(self, pages: int) -> None:
        """Through what stands beside the table or below it."""
        right = self.query_one("#report-right")
        if pages > 0:
            right.scroll_page_down()
        else:
            right.scroll_page_up()
