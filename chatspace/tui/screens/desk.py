"""The desk: the text on the left, the helper on the right, and a file behind both."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import DescendantFocus, Resize
from textual.timer import Timer

from chatspace.core.profiles.profile import Channel
from chatspace.core.rewriting.counts import Counts, counts
from chatspace.core.text import display
from chatspace.core.workspace.desk import STEP, Opened
from chatspace.tui.command_runner import options_of, path_in
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import Jobs
from chatspace.tui.navigation import ScreenContext
from chatspace.tui.screens.desk_files import DeskFiles
from chatspace.tui.widgets.desk_text import DeskText
from chatspace.wiring import Workspace

WIDE = 100
"""Columns from which on text and helper stand side by side."""

PAUSE_SECONDS = 0.5
"""How much typing a crash may lose."""

REST_SECONDS = 0.8
"""How long nothing is typed before the text is counted."""


class DeskScreen(DeskFiles):
    """Opens a file, a message or an empty text."""

    HELP = """\
The text stands on the left, the helper on the right (f6 goes from one to the other).
ctrl+r takes the paragraph at the cursor or the selection; one key of the list, or a line of your own, says what should
change. The proposal comes sentence by sentence: a accepts, r rejects, e edits.
ctrl+s saves, f8 exports: a name that ends in .critic.md gets CriticMarkup, with every change to be seen.
"""
    CSS_PATH = "desk.tcss"
    BINDINGS = [
        Binding("escape", "step_back", "back", id="desk.back"),
        Binding("ctrl+r", "ask", "rewrite", priority=True, id="desk.ask"),
        Binding("ctrl+s", "save", "save", priority=True, id="desk.save"),
        Binding("f6", "switch", "other side", show=False, priority=True, id="desk.switch"),
        Binding("f8", "export", "export", show=False, priority=True, id="desk.export"),
    ]

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(workspace, jobs, standing, typed)
        self.options = options_of(self.typed, self.standing.options)
        self._channel: Channel | None = None
        self._counts: Counts | None = None
        self._pause: Timer | None = None
        self._rest: Timer | None = None

    def body(self) -> ComposeResult:
        with Horizontal(id="desk-body"):
            yield self.editor
            yield self.helper

    def on_mount(self) -> None:
        self.begin_review()
        self.every(0.5, self._tick)
        self._lay_out()
        self._open()

    # Opening

    @work
    async def _open(self) -> None:
        desk = self.workspace.desk
        if self.typed.text:
            opened = await self.in_thread(desk.open, path_in(self.typed.text))
        else:
            drafts = [one for one in self.standing.thread if one.role == "assistant" and one.text.strip()]
            opened = await self.in_thread(desk.open_message, self.standing.chosen or (drafts[-1] if drafts else None))
        if opened is None:
            self.dismiss(None)
            return
        self._take(opened)
        try:
            library = self.workspace.library
            keys = await self.in_thread(library.desk_keys)
            self.helper.keys.show(keys or ())
            self._channel = await self.in_thread(library.channel, self.options.channel)
        finally:
            self._count()
        self.show_target()

    def _take(self, opened: Opened) -> None:
        """Put a text on the desk."""
        self._opened, self.session, self._first = opened, opened.conversation, opened.original
        self.editor.load_text(opened.original)
        self._opened = replace(opened, original=self.editor.text)
        if opened.original != self.editor.text:
            self.notify("It holds other characters that end a line (U+2028, form feed): they are line ends now.")
        for warning in opened.warnings:
            self.notify(warning, severity="warning")
        if opened.restored:
            # As an edit, so that undo leads back to what is in the file.
            self.editor.put([((0, len(self.editor.text)), opened.restored.text)])
            when = opened.restored.saved.astimezone().strftime("%d %b %H:%M")
            self.notify(f"The unsaved text of {when} is back. ctrl+z gives what it began with.")
        self.begin_review()
        self.set_focus(self.editor)
        self.show_heading()

    @work(exclusive=True, group="target")
    async def show_target(self) -> None:
        target = await self.in_thread(self.workspace.desk.target, self.options)
        if target and self.review is None and self.job is None:
            why = f" ({target.why})" if target.why else ""
            self.helper.say(f"{target.profile.name} · {target.model} → {target.host}{why}")

    # Counting and keeping

    @on(DeskText.Changed, "#desk-text")
    def _changed(self) -> None:
        self.note = ""
        if self._pause is None:
            self._pause = self.set_timer(PAUSE_SECONDS, self._paused)
        if self._rest:
            self._rest.stop()
        self._rest = self.set_timer(REST_SECONDS, self._count)

    def _paused(self) -> None:
        self._pause = None
        self.show_heading()
        self.keep_text()

    @work(exclusive=True, group="count")
    async def _count(self) -> None:
        text, (start, end) = self.editor.text, self.editor.chosen
        passage = text[start:end] or self.editor.document.get_line(self.editor.cursor_location[0])
        self._counts = await self.in_thread(counts, text, passage, self._channel, self._first)
        self.show_state()

    def _tick(self) -> None:
        if self.job:
            self.show_state()

    def show_state(self) -> None:
        job = self.job
        if job:
            elapsed = display.seconds(round((time.monotonic() - job.live.began) * 1000))
            self.say(f"rewriting · {elapsed} · esc stops and keeps what came")
        elif self.note:
            self.say(self.note)
        elif self._counts:
            # Where there is room for one of the two, the keys tell more.
            narrow = self.has_class("narrow")
            self.say("" if self._in_helper and narrow else _said(self._counts, brief=narrow))
        self.show_hints()

    # Moving about

    @work(exclusive=True, group="model")
    async def action_choose_model(self) -> None:
        """The profile or model of the helper."""
        target = await self.in_thread(self.workspace.desk.target, self.options)
        if target is None:
            return
        chosen = await self.choose_model(STEP, self.options, target.profile.name)
        known = await self.in_thread(self.workspace.desk.target, chosen) if chosen else None
        if chosen and known:
            self.options = chosen
            self.show_target()

    def action_ask(self) -> None:
        """Mark the passage, and go to where one says what should change."""
        if self.job:
            return
        if self.take_passage() is None:
            return
        if self.review:
            self.close_proposal()
        self.helper.show_keys()
        self._go(self.helper.keys if self.helper.keys.option_count else self.helper.instruction)

    def action_editor(self) -> None:
        """Go on writing the text in your own editor."""
        self._go(self.editor)
        self.editor.action_editor()

    def action_say(self) -> None:
        self._go(self.helper.instruction)

    def action_switch(self) -> None:
        if self._in_helper:
            self._go(self.editor)
        elif self.review:
            self._go(self.helper.hunks)
        else:
            self._go(self.helper.instruction)

    def action_step_back(self) -> None:
        """One step: from the edit of a hunk to the hunks, to the instruction, to the text, and out."""
        focused = self.focused
        if self.job:
            self.jobs.stop(self.job)
        elif focused is self.helper.editor:
            self.end_edit()
        elif focused is self.helper.hunks:
            self.close_proposal()
            self._go(self.helper.instruction)
        elif focused is self.editor:
            self.action_leave()
        else:
            self._go(self.editor)

    @property
    def _in_helper(self) -> bool:
        return self.focused is not None and self.helper in self.focused.ancestors

    def _go(self, widget: Any) -> None:
        self.set_class(widget is not self.editor, "helping")
        if widget is self.editor and self._in_helper:
            # What was marked to be shown must not be typed over.
            self.editor.put_cursor(self.editor.chosen[0])
        self.set_focus(widget)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.set_class(event.widget is not self.editor, "helping")
        super().on_descendant_focus(event)
        self.show_state()

    def on_resize(self, event: Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        self.set_class(self.app.size.width < WIDE, "narrow")


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
