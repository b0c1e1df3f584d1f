"""The desk: the text on the left, the helper on the right, and a file behind both."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Literal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import DescendantFocus

from chatspace.core.chat.conversation import Message
from chatspace.core.errors import ChatspaceError
from chatspace.core.rewriting.counts import Counts
from chatspace.core.text import display
from chatspace.core.workspace.desk import STEP, Opened
from chatspace.tui.command_runner import options_of, path_in
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import Jobs
from chatspace.tui.navigation import ScreenContext, ScreenResult
from chatspace.tui.notices import show_notices
from chatspace.tui.screens.desk_dialogs import DeskDialogs
from chatspace.tui.screens.model_dialog import choose_model
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.sessions.desk import DeskSession
from chatspace.tui.widgets.desk_board import DeskBoard, SessionChanged
from chatspace.tui.widgets.status_line import StatusLine
from chatspace.wiring import Workspace


class DeskScreen(ToolScreen):
    """Opens a file, a message or an empty text."""

    HELP = """\
The text is on the left, the helper on the right (f6 switches between them).
ctrl+r takes the paragraph at the cursor, or the selection. Press a key of the list, or write your own instruction.
The proposal is shown sentence by sentence: a accepts, r rejects, e edits.
ctrl+s saves, f8 exports: a name that ends in .critic.md writes CriticMarkup, which shows every change.
"""
    CSS_PATH = "desk.tcss"
    BINDINGS = [
        Binding("escape", "step_back", "back", id="desk.back"),
        Binding("ctrl+s", "write('save')", "save", priority=True, id="desk.save"),
        Binding("f8", "write('export')", "export", show=False, priority=True, id="desk.export"),
    ]

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(workspace, jobs, standing, typed)
        self.session = DeskSession(
            workspace,
            options_of(typed, standing.options),
            lambda conversation, work: partial(jobs.stop, jobs.start(conversation, work, self.board)),
            lambda changed: self.board.post_message(SessionChanged(changed)),
        )
        self.board = DeskBoard(self.session)
        self.dialogs = DeskDialogs(self.app, self.session, self.board.editor.rewrite)

    def body(self) -> ComposeResult:
        yield self.board

    @work
    async def on_mount(self) -> None:
        """Open what was named, else the last draft."""
        self.query_one(StatusLine).set_interval(0.5, lambda: self.show_hints() if self.session.asking.live else None)
        typed = self.typed.text
        opened = await self.session.open(path_in(typed) if typed else None, _draft(self.standing))
        if opened is None:
            self.dismiss(None)
            return
        keys = await self.session.keys()
        self.board.load(opened)
        self.board.helper.keys.show(keys)  # with the text: who sees it may press one at once
        for notice, severity in _notices(opened, self.session.file.original):
            self.notify(notice, severity=severity)
        await self.session.load()

    @on(SessionChanged)
    def _show(self, event: SessionChanged) -> None:
        changed = event.changed
        show_notices(self, changed)
        if changed.part == "file" and (opened := self.session.file.opened):
            state = "unsaved" if self.session.file.dirty else "saved" if opened.path else "not in a file"
            self.entitle(f"{opened.name} · {state}")
        if changed.part != "nothing":
            self.show_hints()

    @on(DescendantFocus)
    def show_hints(self) -> None:
        """The state of the work, and the keys."""
        session, narrow = self.session, self.board.has_class("narrow")
        if live := session.asking.live:
            elapsed = display.seconds(round((time.monotonic() - live.began) * 1000))
            self.say(f"rewriting · {elapsed} · esc stops and keeps the text so far")
        elif session.file.note:
            self.say(session.file.note)
        elif session.counted:
            # Where there is room for one of the two, the keys tell more.
            self.say("" if narrow and self.board.in_helper else _said(session.counted, brief=narrow))
        super().show_hints()

    @work(exclusive=True, group="model")
    async def action_choose_model(self) -> None:
        """The profile or model of the helper."""
        asking = self.session.asking
        target = await asking.target()
        if target:
            chosen = await choose_model(self.app, self.workspace, STEP, asking.options, target.profile.name)
            if chosen:
                await asking.choose(chosen)

    @work(group="save")
    async def action_write(self, how: str) -> None:
        """Write the text to its file, or export it to another."""
        self.board.follow()
        await (self.dialogs.save() if how == "save" else self.dialogs.export())

    def action_step_back(self) -> None:
        """One step back, and out."""
        if not self.board.step_back():
            self.action_leave()

    @work
    async def go_on(self, onward: ScreenResult | None) -> None:
        self.board.follow()
        if self.session.file.dirty and (opened := self.session.file.opened):
            await self.session.keep()
            self.app.notify(f"The unsaved text of {opened.name} is kept.")
        self.dismiss(onward)

    async def on_unmount(self) -> None:
        """Whichever way the desk is left, the text is kept."""
        self.board.follow()
        try:
            await self.session.close()
        except ChatspaceError:
            self.log.error("the unsaved text of the desk could not be kept")


def _draft(standing: ScreenContext) -> Message | None:
    """The message under the cursor, else the last reply with a text."""
    drafts = [one for one in standing.thread if one.role == "assistant" and one.text.strip()]
    return standing.chosen or (drafts[-1] if drafts else None)


def _notices(opened: Opened, begun: str) -> Iterator[tuple[str, Literal["information", "warning"]]]:
    """What is to be said of a text that was opened; `begun` is what the editor made of it."""
    if opened.original != begun:
        yield "It holds other characters that end a line (U+2028, form feed): they are line ends now.", "information"
    for warning in opened.warnings:
        yield warning, "warning"
    if opened.restored:
        when = opened.restored.saved.astimezone().strftime("%d %b %H:%M")
        yield f"The unsaved text of {when} is back. ctrl+z gives what it began with.", "information"


def _said(counted: Counts, *, brief: bool) -> str:
    parts = [display.count(counted.words, "word")]
    if not (brief and counted.against):
        parts.append(display.count(counted.characters, "character"))
    if counted.against:
        over = f", {counted.against.over:,} over" if counted.against.over else ""
        parts.append(f"{counted.against.length:,}/{counted.against.limit:,} {counted.against.field}{over}")
    if counted.reading_ease is not None:
        parts.append(f"ease {counted.reading_ease:.0f}")
    if counted.flags:
        parts.append(f"! {counted.flags} new figures or names")
    return " · ".join(parts)
