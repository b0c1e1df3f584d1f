"""The conversation in sight: its title, its transcript, and what stands there before anything was said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from chatspace.core.text.safe import for_screen
from chatspace.tui.entries import entry_of, waiting_entries
from chatspace.tui.sessions.changed import attempt
from chatspace.tui.transcript.entries import Entry
from chatspace.tui.widgets.background import UniformBackground
from chatspace.tui.yanking import yank

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message
    from chatspace.tui.sessions.changed import Changed
    from chatspace.tui.sessions.chat import ChatSession
    from chatspace.tui.transcript.entries import Key
    from chatspace.tui.widgets.transcript import Transcript
    from chatspace.wiring import Workspace

WELCOME = """\
[b]chatspace[/b]

Write a message and press enter.

[b]/draft brief.md[/b]   makes a text of a source, [b]/copy[/b] makes ads
[b]ctrl+o[/b]            chooses the model that answers
[b]f9[/b]                opens the history, [b]f1[/b] explains the rest"""


class ConversationPane(Vertical, UniformBackground):
    """Shows the branch of a session that is in sight; `transcript` is there to be focused.

    Its keys act on the message under the cursor: single letters, which would be typed where the prompt has them.
    """

    HELP = """\
Single keys act here on the message under the cursor.
r asks again, R by another model. e edits it into a new version beside the old one, b branches behind it; [ and ] walk
the versions. y yanks it, c one of its code blocks; v looks up the facts of a draft.
i or enter goes back to the prompt.
"""
    BINDINGS = [
        Binding("r", "again", "again", id="chat.again"),
        Binding("R", "again_by", "again by another model", id="chat.again-by", show=False),
        Binding("e", "edit", "edit", id="chat.edit"),
        Binding("left_square_bracket", "sibling(-1)", "version before", id="chat.version-before"),
        Binding("right_square_bracket", "sibling(1)", "after", id="chat.version-after"),
        Binding("b", "branch", "branch", id="chat.branch"),
        Binding("y", "yank", "yank", id="chat.yank"),
        Binding("c", "yank_code", "yank code", id="chat.yank-code", show=False),
        Binding("v", "check_facts", "look up the facts", id="chat.facts", show=False),
        Binding("i,enter", "app.focus('prompt')", "write", id="chat.write", tooltip="Go to the prompt."),
    ]

    def __init__(self, workspace: Workspace, session: ChatSession, id: str | None = None) -> None:
        super().__init__(id=id)
        self._workspace = workspace
        self._session = session
        self._waiting: list[Entry] = []
        self._transcript: Transcript | None = None
        self._text_width: int | None = None

    def on_mount(self) -> None:
        self.set_interval(0.5, self._show_thinking)

    def compose(self) -> ComposeResult:
        yield Static(id="heading", markup=False)
        yield Static(WELCOME, id="welcome")
        yield Static("↓ new text below · G goes there", id="below")

    @property
    def transcript(self) -> Transcript:
        """Made when it is first asked for, which is after the first frame."""
        if self._transcript is None:
            from chatspace.tui.widgets.transcript import Transcript

            self._transcript = Transcript(id="transcript")
            self._transcript.display = not self.query_one("#welcome").display
            if self._text_width:
                self._transcript.read_at(self._text_width)
            self.mount(self._transcript, before="#below")
        return self._transcript

    def read_at(self, width: int) -> None:
        """Let the text be at most so many cells wide."""
        self._text_width = width
        if self._transcript:
            self._transcript.read_at(width)

    def take(self, change: Changed) -> None:
        """Show what has changed in the session."""
        session, at = self._session, change.at
        thread = session.branch.thread
        match change.part:
            case "conversation":
                self._waiting = []
                self.transcript.show([_entry(session, message) for message in thread])
                self._entitle(change.text)
                self._welcome(not thread)
            case "branch":
                self._waiting = []
                start = 0 if at is None else 1 + next(n for n, message in enumerate(thread) if message.id == at)
                self.transcript.replace_after(at, [_entry(session, message) for message in thread[start:]])
                self._welcome(not thread)
            case "grown":
                self._append(_entry(session, thread[-1]))
            case "message" if message := session.branch.under(at):
                self.transcript.update(_entry(session, message))
            case "text" if at is not None:
                self.transcript.extend(at, change.text, change.thought)
            case "title":
                self._entitle(change.text)
            case "note":
                self._append(Entry(f"note {time.monotonic_ns()}", "notice", change.text))
            case "failure":
                self._append(Entry(f"error {time.monotonic_ns()}", "notice", "", status="failed", error=change.text))
            case "waiting":
                whole = bool(thread) and thread[-1].status == "complete"
                self._wait(waiting_entries(session.queue.waiting, session.job, whole))

    def _show_thinking(self) -> None:
        """The time that stands beside the fold goes on."""
        job = self._session.job
        if job and job.reply and job.live.reasoning and self._session.branch.holds(job.reply.id):
            entry = _entry(self._session, job.reply)
            if self.transcript.sheet.entry(entry.key).thought != entry.thought:
                self.transcript.update(entry)

    def _entitle(self, title: str) -> None:
        self.query_one("#heading", Static).update(for_screen(title))

    def _append(self, entry: Entry) -> None:
        """Add an entry behind the others; what waits stays the last."""
        waiting = self._waiting
        self._wait([])
        self.transcript.append(entry)
        self._wait(waiting)
        self._welcome(False)

    def _wait(self, entries: Sequence[Entry]) -> None:
        """Show these messages as the ones that wait, behind everything else."""
        if list(entries) == self._waiting:
            return
        under_cursor = self.transcript.entry_under_cursor
        for entry in self._waiting:
            self.transcript.discard(entry.key)
        for entry in entries:
            self.transcript.append(entry, with_cursor=False)
        self._waiting = list(entries)
        if under_cursor and under_cursor.key in {entry.key for entry in entries}:
            self.transcript.go_to(under_cursor.key, scroll=False)

    def _welcome(self, empty: bool) -> None:
        self.query_one("#welcome").display = empty
        self.transcript.display = not empty

    def on_transcript_new_below(self, event: Transcript.NewBelow) -> None:
        event.stop()
        self.query_one("#below").display = event.waiting

    def on_click(self, event: events.Click) -> None:
        if event.widget is self.query_one("#below"):
            self.transcript.action_scroll("end")

    # What is done with the message under the cursor

    @property
    def under_cursor(self) -> Key | None:
        """The key of what is under the cursor."""
        entry = self.transcript.entry_under_cursor
        return entry.key if entry else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        branch = self._session.branch
        return branch.versioned(self.under_cursor) is not None if action == "sibling" else bool(branch.thread)

    def action_again(self) -> None:
        """Ask for another reply, by the profile and model that stand now; the old one stays beside it."""
        self._session.again(self.under_cursor)

    @work
    async def action_again_by(self) -> None:
        """Ask for another reply by a profile or model that is chosen for it alone."""
        from chatspace.tui.screens.model_dialog import choose_model  # the first frame has no need of it

        options, chosen = self._session.options.current, self._session.branch.chosen(self.under_cursor)
        answering = await choose_model(self.app, self._workspace, "chat", options, options.profile or "chat")
        if answering and chosen:
            self._session.replies.again(chosen, answering)

    def action_edit(self) -> None:
        """Write another version of this message, or of this reply by hand; the old one stays beside it."""
        if self._session.edit(self.under_cursor):
            self.app.set_focus(None)

    def action_branch(self) -> None:
        """Go on from this message instead of from the last; what followed it stays."""
        if self._session.branch_behind(self.under_cursor):
            self.app.set_focus(None)

    def action_sibling(self, step: int) -> None:
        """Another version of this message, with what was last seen below it."""
        self._session.walk(self.under_cursor, step)

    @work
    async def action_yank(self) -> None:
        """The text of this message as it was written, to the clipboard."""
        if self.under_cursor is not None:
            await yank(self.screen, self._workspace, self.transcript.sheet.source_of(self.under_cursor), "the message")

    @work
    async def action_yank_code(self) -> None:
        """A code block of this message to the clipboard, chosen by its number where there are several."""
        message = self._session.branch.chosen(self.under_cursor)
        if message is None:
            return
        blocks = self.transcript.sheet.code_blocks(message.id)
        if not blocks:
            self.notify("This message has no code block.")
            return
        number: int | None = 1
        if len(blocks) > 1:
            from chatspace.tui.screens.code_blocks import CodeBlocks

            number = await self.app.push_screen_wait(CodeBlocks(blocks))
        if number:
            await yank(self.screen, self._workspace, blocks[number - 1], f"code block {number}")

    @work
    async def action_check_facts(self) -> None:
        """Every claim of the draft under the cursor, and what its source says."""
        message = self._session.branch.chosen(self.under_cursor)
        if message is None:
            return
        check = asyncio.to_thread(self._workspace.grounding.check, message.text, message.run)
        evidence = await attempt(self._session.listener, check)
        if evidence is not None:
            from chatspace.tui.screens.facts import FactsScreen  # what it imports takes a tenth of a second

            self.app.push_screen(FactsScreen(message.text, evidence))


def _entry(session: ChatSession, message: Message) -> Entry:
    return entry_of(message, session.replies.writing(message))
