"""The copy desk: the variants of a copy reply in a table, to be edited, starred, paired, and exported."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from textual import on, work
from textual.binding import Binding
from textual.geometry import Offset
from textual.widgets import Static, TextArea

from chatspace.core.errors import ChatspaceError, UsageError
from chatspace.core.events import Warned
from chatspace.core.runs.variants import SIDES, VariantRow, VariantState, counted
from chatspace.core.workspace.copy_editor import STEP
from chatspace.tui.jobs import JobEnded, JobHappened
from chatspace.tui.navigation import ScreenResult
from chatspace.tui.screens.copy_table import CopyTable
from chatspace.tui.screens.pick_dialog import PickDialog, PickItem
from chatspace.tui.screens.save_dialog import SaveDialog
from chatspace.tui.screens.tool_screen import EVERYWHERE
from chatspace.tui.undo import Done, Undoable
from chatspace.tui.widgets.variant_editor import VariantEditor
from chatspace.tui.widgets.variant_rows import LABEL, text_width, variant_line
from chatspace.tui.yanking import yank

MORE = 3
"""How many further variants are asked for at once."""

EDITOR_LINES = 6


class CopyScreen(CopyTable):
    """The variants of one run, counted for one channel."""

    HELP = """\
The variants of /copy, field by field, each counted as its channel counts.
✓ fits; ✗ is too long or holds what may not stand there; › is shown only in part; ≈ says nearly the same as another.
e (or enter) edits in the row and counts while you type. s stars, x discards, u undoes it. tab shows the scrap list,
where u brings back.
a and b make a variant one side of its field's A/B test: both must fit and say different things.
+ asks for more of the field, c counts for another channel, y yanks.
ctrl+s writes what is chosen, which is what has a star or a side; what the channel would refuse is refused here.
"""
    MODEL = "More of a field comes from the profile that wrote the others. /copy --model asks another."
    BINDINGS = [
        Binding("enter,e", "edit", "edit", id="variants.edit"),
        Binding("s,asterisk", "star", "star", id="variants.star"),
        Binding("a", "pair('A')", "side A", id="variants.side_a"),
        Binding("b", "pair('B')", "side B", id="variants.side_b"),
        Binding("ctrl+s", "export", "export", id="variants.export"),
        Binding("x", "discard", "discard", id="variants.discard"),
        Binding("u", "bring_back", "bring back", id="variants.bring_back", show=False),
        Binding("tab,X", "scraps", "scrap list", id="variants.scraps", show=False),
        Binding("plus", "more", "more", id="variants.more"),
        Binding("c", "channel", "channel", id="variants.channel"),
        Binding("y", "yank", "yank", id="variants.yank", show=False),
        Binding("pageup", "page(-1)", "page up", id="variants.page_up", show=False),
        Binding("pagedown", "page(1)", "page down", id="variants.page_down", show=False),
    ]

    def on_mount(self) -> None:
        self.query_one(VariantEditor).display = False
        self.query_one("#copy-nothing").display = False
        self.entitle("Copy variants")
        self.set_focus(self._list)
        self._begin()

    @work
    async def _begin(self) -> None:
        self._message = self.standing.reply_of(STEP)
        if self._message is None:
            nothing = self.query_one("#copy-nothing", Static)
            nothing.update("There are no variants in this conversation.\n\n[b]/copy brief.md --channel google-ads[/b]")
            nothing.display = True
            self._list.display = False
            self.show_hints()
            return
        await self._load()
        channel = self.typed.options.get("channel")
        if channel and self._sheet:
            await self.in_thread(self.workspace.copy_editor.switch, self._sheet, str(channel))
            await self._load()

    async def _load(self, at: int | None = None) -> None:
        if self._message is None:
            return
        sheet = await self.in_thread(self.workspace.copy_editor.sheet, self._message)
        if sheet is not None:
            self._sheet = sheet
            self._show(at)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if self._editing is not None:
            return action in EVERYWHERE
        if action == "bring_back":
            return self._scrap_list
        if action in ("edit", "star", "pair", "yank", "more"):
            return self._current is not None and not (self._scrap_list and action != "yank")
        if action == "discard":
            return self._current is not None and not self._scrap_list
        return True

    # What the editor does

    async def _do(self, method: Any, *arguments: Any, at: int | None = None) -> bool:
        """Let the desk do it, and show the table as it is then; what it refuses is said. Gives whether it was done."""
        try:
            await asyncio.to_thread(method, *arguments)
        except ChatspaceError as error:
            self.complain(error)
            return False
        finally:
            await self._load(at)
        return True

    @work(exclusive=True, group="mark")
    async def action_star(self) -> None:
        if line := self._current:
            state: VariantState = "fresh" if line.kept.state == "starred" else "starred"
            await self._do(self.workspace.copy_editor.mark, line, state)

    @work(exclusive=True, group="mark")
    async def action_discard(self) -> None:
        """Put it on the scrap list."""
        if (line := self._current) and await self._do(self.workspace.copy_editor.mark, line, "scrapped"):
            self._can_undo(f"{line.name} discarded", line)

    @work(exclusive=True, group="mark")
    async def action_bring_back(self) -> None:
        """The one under the cursor of the scrap list."""
        if self._scrap_list and self._current:
            await self._bring_back(self._current)

    def bring_back_last(self) -> bool:
        """The last of the scrap list, from the table too."""
        scrapped = self._sheet.scrapped if self._sheet else ()
        if scrapped and self._editing is None:
            self.run_worker(self._bring_back(scrapped[-1]), group="mark", exclusive=True)
        return bool(scrapped)

    async def _bring_back(self, line: VariantRow) -> None:
        if self._sheet and len(self._sheet.scrapped) == 1:
            self._scrap_list = False
        if await self._do(self.workspace.copy_editor.mark, line, "fresh", at=line.kept.id):
            self._can_undo(f"{line.name} brought back", line)

    def _can_undo(self, done: str, before: VariantRow) -> None:
        done = done[:1].upper() + done[1:]
        self.app.post_message(Done(Undoable(done, partial(self._as_before, before), frozenset((self,)))))

    async def _as_before(self, line: VariantRow) -> None:
        """With the state and the side that the line had before."""
        if self._message is None:
            return
        sheet = await asyncio.to_thread(self.workspace.copy_editor.sheet, self._message)
        await asyncio.to_thread(self.workspace.copy_editor.bring_back, sheet, line)
        self._scrap_list = False
        await self._load(line.kept.id)

    @work(exclusive=True, group="mark")
    async def action_pair(self, side: str) -> None:
        line, wanted = self._current, next(each for each in SIDES if each == side)
        if line and self._sheet:
            await self._do(self.workspace.copy_editor.pair, self._sheet, line, wanted)

    async def action_page(self, direction: int) -> None:
        await self.app.run_action("page_down" if direction > 0 else "page_up", self._list)

    def action_scraps(self) -> None:
        if self._scrap_list or (self._sheet and self._sheet.scrapped):
            self._scrap_list = not self._scrap_list
            self._show()
        else:
            self.notify("Nothing was discarded yet.")

    @work
    async def action_channel(self) -> None:
        """Count for another channel."""
        sheet = self._sheet
        channels = await self.in_thread(self.workspace.library.channels)
        if sheet is None or channels is None:
            return
        items = [PickItem(each.name, detail=each.title) for each in channels if each.fields]
        chosen = await self.app.push_screen_wait(PickDialog("Type a channel", items, sheet.channel.name))
        if chosen:
            await self._do(self.workspace.copy_editor.switch, sheet, chosen)

    @work
    async def action_yank(self) -> None:
        if line := self._current:
            await yank(self, self.workspace, line.kept.text, line.name)

    # Editing in the row

    def action_edit(self) -> None:
        line = self._current
        if line is None or self._scrap_list:
            return
        self._editing = line
        editor = self.query_one(VariantEditor)
        editor.display = True
        editor.begin(line.kept.text)
        self._place_editor()
        self.set_focus(editor)
        self._show_whole()
        self._show_state()

    def _place_editor(self) -> None:
        """Over the text of its row, as high as the text, and wholly in sight."""
        editor, rows = self.query_one(VariantEditor), self._list
        width = text_width(self._width) + 2
        lines = min(EDITOR_LINES, max(1, -(-len(editor.text + " ") // max(1, width - 2))))
        row = (rows.highlighted or 0) - round(rows.scroll_offset.y)
        editor.styles.width, editor.styles.height = width, lines
        editor.styles.offset = Offset(LABEL, max(0, min(row, rows.size.height - lines)))

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        if self._editing is None or self._sheet is None:
            return
        text = " ".join(event.text_area.text.split())
        line = counted(self._editing.kept, self._sheet.channel, text)
        self._list.put(line.kept.id, variant_line(line, self._width, text))
        self._place_editor()
        self._show_state()

    @on(VariantEditor.Kept)
    @work(exclusive=True, group="mark")
    async def _edited(self, event: VariantEditor.Kept) -> None:
        line = self._leave_editor()
        if line and event.text.strip() and event.text.split() != line.kept.text.split():
            await self.in_thread(self.workspace.copy_editor.edit, line, event.text)
        await self._load()

    @on(VariantEditor.GivenUp)
    def _given_up(self, event: VariantEditor.GivenUp) -> None:
        self._leave_editor()
        self._show()

    def _leave_editor(self) -> VariantRow | None:
        line, self._editing = self._editing, None
        self.query_one(VariantEditor).display = False
        self.set_focus(self._list)
        return line

    # Asking for more

    @work(exclusive=True, group="more")
    async def action_more(self) -> None:
        line, sheet, message = self._current, self._sheet, self._message
        if line is None or sheet is None or message is None or self._job:
            return
        if line.field is None:
            self.complain(UsageError(f"{sheet.channel.title} has no {line.kept.field}"))
            return
        options = await self.in_thread(self.workspace.copy_editor.options_like, message, self.standing.options)
        if options is None:
            return
        try:
            asked = await self.workspace.conversations.store(
                f"{MORE} more of {line.field.name} for {sheet.channel.name}",
                conversation=message.conversation,
                step=STEP,
            )
        except ChatspaceError as error:
            self.complain(error)
            return
        self._stored = True
        more = partial(self.workspace.copy_editor.more, sheet, asked, line.field, MORE, options)
        self._job = self.jobs.start(message.conversation, more, self)
        self._show_state()

    @on(JobHappened)
    def _job_happened(self, message: JobHappened) -> None:
        if isinstance(message.event, Warned):
            self.notify(message.event.message, severity="warning")

    @on(JobEnded)
    @work(group="ended")
    async def _job_ended(self, message: JobEnded) -> None:
        self._job = None
        if message.error:
            self.complain(message.error)
        known = {line.kept.id for line in self._lines}
        await self._load()
        new = [line.kept.id for line in self._lines if line.kept.id not in known]
        if new:
            self._list.go_to(new[0])

    # Leaving

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """What is chosen, once the channel would take it."""
        sheet, message = self._sheet, self._message
        if sheet is None or message is None:
            self.notify("There is no copy here yet that could be exported.")
            return
        if await self.in_thread(self.workspace.copy_editor.export, sheet, "csv") is None:
            return
        record = await self.in_thread(self.workspace.run_store.get, sheet.run)
        source = record.source.name if record else STEP
        formats = (["google-ads-csv"] if sheet.channel.name == "google-ads" else []) + ["csv"]
        file_name = self.workspace.exporter.file_name
        names = {each: file_name(source, STEP, each) for each in formats}
        chosen = await self.app.push_screen_wait(SaveDialog(names))
        if chosen is None:
            return
        data = await self.in_thread(self.workspace.copy_editor.export, sheet, chosen.format)
        if data is None:
            return
        write = self.workspace.exporter.write
        written = await self.in_thread(write, chosen.path, data, overwrite=chosen.overwrite)
        if written is not None:
            self.notify(f"{len(sheet.chosen)} variants written to {written}")

    @property
    def unfinished(self) -> str:
        return "A variant is being edited: enter keeps it." if self._editing else ""

    def action_leave(self) -> None:
        """Stop what is being written, leave the scrap list, and then the place."""
        if self._job:
            self.jobs.stop(self._job)
        elif self._scrap_list:
            self.action_scraps()
        else:
            self.dismiss(ScreenResult(self._message.conversation) if self._message and self._stored else None)
