"""What the copy desk shows: the table of variants, the one under the cursor whole, and the state of the work."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import OptionList, Static

from chatspace.core.chat.conversation import Message
from chatspace.core.runs.variants import VariantRow, VariantTable, counted
from chatspace.core.text import display
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import Job, Jobs
from chatspace.tui.navigation import ScreenContext
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.rows import Rows
from chatspace.tui.widgets.variant_editor import VariantEditor
from chatspace.tui.widgets.variant_rows import explained, field_line, variant_line, verdict
from chatspace.wiring import Workspace


class CopyTable(ToolScreen):
    """Shows the variants of one run, counted for one channel."""

    CSS_PATH = "copy.tcss"

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(workspace, jobs, standing, typed)
        self._message: Message | None = None
        self._sheet: VariantTable | None = None
        self._scrap_list = False
        self._editing: VariantRow | None = None
        self._job: Job | None = None
        self._stored = False

    def body(self) -> ComposeResult:
        with Vertical(id="copy-body"):
            yield Static(id="copy-nothing")
            yield Rows(id="copy-rows")
            yield VariantEditor(id="copy-editor")
        yield Static(id="copy-whole")

    @property
    def _list(self) -> Rows:
        return self.query_one(Rows)

    @property
    def _lines(self) -> tuple[VariantRow, ...]:
        if self._sheet is None:
            return ()
        return self._sheet.scrapped if self._scrap_list else self._sheet.lines

    @property
    def _width(self) -> int:
        """The columns of a row, with room for the scroll bar."""
        return self.app.size.width - 1

    @property
    def _current(self) -> VariantRow | None:
        return next((line for line in self._lines if line.kept.id == self._list.at), None)

    def _show(self, at: int | None = None) -> None:
        """The table; the cursor stays on its variant."""
        sheet = self._sheet
        if sheet is None:
            return
        width = self._width
        rows: list[tuple[int | None, Content]] = []
        if self._scrap_list:
            rows += [(line.kept.id, variant_line(line, width)) for line in sheet.scrapped]
        for name, lines in ({} if self._scrap_list else sheet.fields).items():
            rows += [(None, Content(""))] if rows else []
            rows.append((None, field_line(name, lines[0].field, lines)))
            rows += [(line.kept.id, variant_line(line, width)) for line in lines]
        self._list.show(rows, at if at is not None else self._list.at)
        place = "Scrap list" if self._scrap_list else "Copy"
        model = self._message
        where = f"{model.profile} · {model.model}" if model and model.model else ""
        self.entitle(display.line(f"{place} for {sheet.channel.title}", where))
        self._show_whole()
        self._show_state()

    def _show_whole(self) -> None:
        line = self._current
        whole = self.query_one("#copy-whole", Static)
        whole.update(explained(line, self._sheet) if line and self._sheet and not self._editing else "")

    def _show_state(self) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        if self._job:
            self.say("more is on the way · esc stops it")
        elif self._editing:
            text = self.query_one(VariantEditor).text
            line = counted(self._editing.kept, sheet.channel, " ".join(text.split()))
            limit = f"/{line.field.limit:,}" if line.field else ""
            self.say(f"{line.length:,}{limit} · {verdict(line)} · enter keeps, esc takes back")
        else:
            misfits = sum(not line.fits for line in sheet.lines)
            said = display.line(
                f"{len(sheet.lines)} variants",
                f"{len(sheet.chosen)} chosen",
                f"{misfits} don't fit" if misfits else "",
                f"{len(sheet.scrapped)} scrapped" if sheet.scrapped else "",
            )
            self.say(said)
        self.show_hints()

    def on_resize(self, event: Resize) -> None:
        if self.is_mounted:
            self.call_after_refresh(self._show)

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        self._show_whole()
