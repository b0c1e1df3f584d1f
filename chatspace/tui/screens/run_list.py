"""The runs there were, newest first, read by the page; one of them can be opened."""

from __future__ import annotations

from textual import on, work
from textual.content import Content
from textual.widgets import OptionList, Static

from chatspace.core.text import display
from chatspace.tui.screens.run_correcting import RunCorrecting
from chatspace.tui.widgets.run_rows import run_line

PAGE = 50

HERE = 0
"""The key of the row that offers the message under the cursor; the runs count from 1."""

NOTHING = """\
There are no runs yet.

[b]/run brief.md[/b]                 takes a text through all stages
[b]/run brief.md --with b.md[/b]     makes one text of several"""


class RunList(RunCorrecting):
    """Shows the list, and opens a run with everything that the store has of it."""

    def _show_list(self) -> None:
        self.entitle("Runs")
        width = self.app.size.width - 3
        rows: list[tuple[int | None, Content]] = []
        if self._offered:
            words = display.count(len(self._offered.text.split()), "word")
            rows.append((HERE, Content.assemble(("▸ ", "$accent"), f"a run of the message under the cursor, {words}")))
        rows += [(number, run_line(record, width)) for number, record in enumerate(self._runs, 1)]
        self.former.show(rows, self.former.at)
        nothing = self.query_one("#run-nothing", Static)
        nothing.update(NOTHING)
        nothing.display = not rows
        self.former.display = bool(rows)
        self.set_focus(self.former if rows else None)
        self.say(display.count(len(self._runs), "run") if self._runs else "")
        self.show_hints()

    async def _open_run(self, run: str) -> None:
        stored = await self.in_thread(self.workspace.runs.stored, run)
        if stored is None:
            await self._load_list()
            return
        self.pane.clear()
        self._take_stored(stored)
        self._following, self._in_pane = True, False
        self._show()
        self.set_focus(self.stages)

    async def _load_list(self) -> None:
        """The newest; what is there already is kept."""
        self._journey = self._stored = None
        if not self._runs:
            await self._load_page()
        self._show()

    async def _load_page(self) -> None:
        before = self._runs[-1].id if self._runs else None
        page = await self.in_thread(self.workspace.run_store.page, limit=PAGE, before=before)
        self._runs += page or ()
        self._all_listed = not page or len(page) < PAGE

    @on(OptionList.OptionHighlighted, "#run-list")
    @work(exclusive=True, group="page")
    async def _near_the_end(self) -> None:
        if self._listing and not self._all_listed and self.former.at == len(self._runs):
            await self._load_page()
            self._show()

    @work(exclusive=True, group="open")
    async def action_list(self) -> None:
        """The runs there were, newest first."""
        self._runs = []
        await self._load_list()
