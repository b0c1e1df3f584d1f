"""The copy desk: the variants of a copy reply in a table, to be edited, starred, paired, and exported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from chatspace.core.text import display
from chatspace.tui.screens.pick_dialog import PickDialog, PickItem
from chatspace.tui.screens.save_dialog import SaveDialog
from chatspace.tui.screens.tool_screen import EVERYWHERE, ToolScreen
from chatspace.tui.session_view import SessionJobs, listener_on
from chatspace.tui.sessions.changed import Changed
from chatspace.tui.sessions.copy import CopySession
from chatspace.tui.widgets.variant_rows import verdict
from chatspace.tui.widgets.variants_board import VariantsBoard

if TYPE_CHECKING:
    from chatspace.tui.commands import ParsedCommand
    from chatspace.tui.jobs import Jobs
    from chatspace.tui.navigation import ScreenContext
    from chatspace.wiring import Workspace

NOTHING = "This conversation has no variants yet.\n\n[b]/copy brief.md --channel google-ads[/b]"


class CopyScreen(ToolScreen):
    """The variants of one run, counted for one channel."""

    CSS_PATH = "copy.tcss"
    HELP = """\
The variants of /copy by field, counted by the rules of the channel.
✓ fits; ✗ is too long or contains forbidden characters; › is shown only in part; ≈ is nearly the same as another.
e (or enter) edits the row and counts while you type. s stars, x discards, u undoes it. tab shows the scrap list, where
u restores a variant.
a and b make a variant side A or B of its field's A/B test: both must fit and say different things.
+ asks for more variants of the field, c counts for another channel, y yanks.
ctrl+s exports the chosen variants, those with a star or a side. Variants that the channel would reject aren't exported.
"""
    MODEL = "More of a field comes from the profile that wrote the others. /copy --model asks another."
    BINDINGS = [
        Binding("ctrl+s", "export", "export", id="variants.export"),
        Binding("c", "channel", "channel", id="variants.channel"),
    ]

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(workspace, jobs, standing, typed)
        self.board = VariantsBoard(workspace)
        self._reports = SessionJobs(lambda: self.session)
        listener = listener_on(self, self._changed)
        self.session = CopySession(workspace, jobs, self._reports, standing, typed, listener)
        self.board.session = self.session

    def body(self) -> ComposeResult:
        yield Static(NOTHING, id="copy-nothing")
        yield self.board
        yield self._reports

    def on_mount(self) -> None:
        empty = self.session.message is None
        self.query_one("#copy-nothing").display, self.board.display = empty, not empty
        self.entitle("Copy variants")
        self.board.focus_list()
        self.run_worker(self.session.begin())

    # What is shown

    def _changed(self, change: Changed) -> None:
        table, message = self.session.table, self.session.message
        if table is None:
            self.show_hints()
            return
        scraps = self.session.marks.scraps_shown
        self.board.show(table, scraps=scraps, at=change.at)
        where = f"{message.profile} · {message.model}" if message and message.model else ""
        self.entitle(display.line(f"{'Scrap list' if scraps else 'Copy'} for {table.channel.title}", where))
        self._show_state()

    @on(VariantsBoard.Typed)
    def _show_state(self) -> None:
        self.say(state_of(self.session, self.board))
        self.show_hints()

    # What the editor does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a variant is edited, only what works everywhere does."""
        return self.board.editing is None or action in EVERYWHERE

    @work
    async def action_channel(self) -> None:
        """Count for another channel."""
        if self.session.table is None:
            return
        items = [PickItem(each.name, detail=each.title) for each in await self.session.channels()]
        dialog = PickDialog("Type a channel", items, self.session.table.channel.name)
        if items and (chosen := await self.app.push_screen_wait(dialog)):
            await self.session.switch(chosen)

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """What is chosen, once the channel would take it."""
        names = await self.session.export_names()
        chosen = await self.app.push_screen_wait(SaveDialog(names)) if names else None
        if chosen:
            await self.session.export(chosen.path, chosen.format, overwrite=chosen.overwrite)

    # Leaving

    @property
    def unfinished(self) -> str:
        return "A variant is being edited: enter keeps it." if self.board.editing else ""

    def action_leave(self) -> None:
        """Stop what is being written, leave the scrap list, and then the place."""
        if self.session.job:
            self.session.stop()
        elif self.session.marks.scraps_shown:
            self.session.marks.toggle_scraps()
        else:
            self.dismiss(self.session.left)


def state_of(session: CopySession, board: VariantsBoard) -> str:
    """What the status line says of the variants."""
    table = session.table
    if table is None:
        return ""
    if session.job:
        return "more is on the way · esc stops it"
    if line := board.draft:
        limit = f"/{line.field.limit:,}" if line.field else ""
        return f"{line.length:,}{limit} · {verdict(line)} · enter keeps, esc takes back"
    misfits = sum(not line.fits for line in table.lines)
    return display.line(
        f"{len(table.lines)} variants",
        f"{len(table.chosen)} chosen",
        f"{misfits} don't fit" if misfits else "",
        f"{len(table.scrapped)} scrapped" if table.scrapped else "",
    )
