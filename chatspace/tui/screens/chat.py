"""The main screen: the history at the side, the conversation, the prompt, and one line of status."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, Resize
from textual.screen import Screen
from textual.widgets import Static

from chatspace.core.conversation import Conversation, Message, title_from
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import DeltaReceived, MessageStored, ReplyFinished, ReplyStarted, StageStarted, Warned
from chatspace.core.plan import Options
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace import Workspace
from chatspace.core.workspace.conversations import Outlook
from chatspace.tui.entries import entry_of
from chatspace.tui.jobs import Job, JobEnded, JobHappened, Jobs, Work
from chatspace.tui.messages import ConversationChosen, PromptPaused, Submitted
from chatspace.tui.places import PLACES, Onward, Standing, open_place
from chatspace.tui.screens.choose import Choice, Choose
from chatspace.tui.slash import Typed, parse_slash
from chatspace.tui.slash_work import SOURCE_COMMANDS, SlashWork
from chatspace.tui.transcript.entries import Entry
from chatspace.tui.widgets.conversation_pane import ConversationPane
from chatspace.tui.widgets.history_list import PAGE, HistoryList
from chatspace.tui.widgets.prompt import Prompt
from chatspace.tui.widgets.status_line import StatusLine, standing

WIDE = 100
"""Columns from which on the history stands beside the conversation."""


class ChatScreen(Screen[None]):
    """Shows one conversation at a time; jobs in others go on."""

    # With priority, so that keys typed right behind them go to the part that they lead to.
    BINDINGS = [
        Binding("escape", "step_back", "stop", show=False, priority=True),
        Binding("f1", "app.help", "help", priority=True),
        Binding("f9", "history", "history", priority=True),
        Binding("ctrl+n", "new", "new conversation", priority=True),
        Binding("ctrl+o", "choose", "model", priority=True),
        Binding("i,enter", "write", "write", show=False),
        Binding("y", "yank", "yank", show=False),
        Binding("v", "check_facts", "look up the facts", show=False),
        *(
            Binding(place.key, f"place('{name}')", place.title, show=False, priority=True)
            for name, place in PLACES.items()
            if place.key
        ),
    ]

    def __init__(self, workspace: Workspace, jobs: Jobs, *, local: bool = False) -> None:
        super().__init__()
        self._workspace = workspace
        self._jobs = jobs
        self._slash = SlashWork(workspace)
        self._options = Options(local=local)
        self._thread: list[Message] = []
        self._conversation: int | None = None
        self._fresh: Job | None = None
        self._outlook: Outlook | None = None
        self._stage = ""
        self._history_wanted = True

    def compose(self) -> ComposeResult:
        with Horizontal(id="body"):
            yield HistoryList(id="history")
            yield ConversationPane(id="main")
        with Vertical(id="foot"):
            with Horizontal(id="writing"):
                yield Static("›", id="caret")
                yield Prompt(id="prompt")
            yield StatusLine(id="status")

    def on_mount(self) -> None:
        self._prompt.focus()
        self._pane.show([])
        self.set_interval(0.5, self._show_status)
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """After the first frame: what isn't needed to type."""
        if not self._prompt.text:  # somebody who types at once keeps it
            self._prompt.put(self._workspace.history.saved_prompt(None))
        self._load_history()
        self._look_ahead()

    # What is shown

    @property
    def _prompt(self) -> Prompt:
        return self.query_one(Prompt)

    @property
    def _pane(self) -> ConversationPane:
        return self.query_one(ConversationPane)

    @property
    def job(self) -> Job | None:
        """The job of the conversation in sight."""
        return self._fresh or (self._jobs.of(self._conversation) if self._conversation is not None else None)

    def _show_thread(self, thread: list[Message], title: str = "") -> None:
        self._thread = thread
        self._pane.show([entry_of(message, self.job) for message in thread], title)

    @work(exclusive=True, group="history")
    async def _load_history(self) -> None:
        page = await self._stored(self._workspace.history.conversations, limit=PAGE)
        if page is not None:
            self.query_one(HistoryList).show(page, self._conversation)
            self._lay_out()

    @on(HistoryList.MoreWanted)
    @work(exclusive=True, group="history")
    async def _load_more(self, event: HistoryList.MoreWanted) -> None:
        page = await self._stored(self._workspace.history.conversations, limit=PAGE, before=event.after)
        if page is not None:
            self.query_one(HistoryList).add_page(page)

    async def _stored(self, method: Any, *arguments: Any, **named: Any) -> Any:
        """Ask the store from a thread; a failure is shown and gives None."""
        try:
            return await asyncio.to_thread(method, *arguments, **named)
        except ChatspaceError as error:
            self._complain(error)
            return None

    def _complain(self, error: ChatspaceError) -> None:
        self.notify(for_screen(error.explained), severity="error", timeout=10, markup=False)

    # The status line

    @on(PromptPaused)
    def _prompt_paused(self, event: PromptPaused) -> None:
        self.keep_prompt()
        self._look_ahead()

    def keep_prompt(self) -> None:
        """Store what stands unsent in the prompt."""
        try:
            self._workspace.history.save_prompt(self._conversation, self._prompt.text)
        except ChatspaceError as error:
            self._complain(error)

    @work(exclusive=True, group="outlook")
    async def _look_ahead(self) -> None:
        """What sending the prompt would take; said before anything is sent."""
        leaf = self._thread[-1] if self._thread else None
        text = self._prompt.text
        try:
            self._outlook = await asyncio.to_thread(self._workspace.conversations.outlook, text, self._options, leaf)
        except ChatspaceError as error:
            self._outlook = None
            self._complain(error)
        self._show_status()

    def _show_status(self) -> None:
        line = self.query_one(StatusLine)
        job = self.job
        if job:
            elapsed = display.seconds(round((time.monotonic() - job.began) * 1000))
            line.left = " · ".join(part for part in (self._stage, elapsed, "esc stops and keeps what came") if part)
        else:
            line.left = standing(self._options.profile or "chat", self._outlook) if self._outlook else ""
        line.right = self._hint()

    def _hint(self) -> str:
        """The keys that work where the focus is."""
        if self.focused is self.query_one(HistoryList):
            return "enter opens · esc back"
        if self.focused is self._pane.transcript:
            return "y yank · v facts · enter write · f1 help"
        return "f1 help"

    # Sending

    @on(Submitted)
    def _submitted(self, event: Submitted) -> None:
        if self.job:
            self.notify("A reply is still coming. esc stops it and keeps what came.")
            return
        try:
            typed = parse_slash(event.text)
        except ChatspaceError as error:
            self._complain(error)
            return
        if typed is None:
            self._start(partial(self._send, self._prompt.take()))
        elif typed.name in SOURCE_COMMANDS:
            line = self._prompt.take()
            self._start(partial(self._slash.produce, typed, line, self._options, tuple(self._thread)), line)
        else:
            self._prompt.take()
            self._do(typed)
        self.keep_prompt()

    async def _send(self, text: str, emit: Any) -> None:
        parent = self._thread[-1] if self._thread else None
        await self._workspace.conversations.send(
            text,
            self._options,
            emit,
            conversation=parent.conversation if parent else None,
            parent=parent.id if parent else None,
        )

    def _start(self, work_: Work, line: str = "") -> None:
        job = self._jobs.start(self._conversation, work_, self)
        job.line = line
        if self._conversation is None:
            self._fresh = job
        self._show_status()

    @on(JobHappened)
    def _job_happened(self, message: JobHappened) -> None:
        job, event = message.job, message.event
        if job is self._fresh and isinstance(event, MessageStored):
            self._conversation, self._fresh = event.message.conversation, None
            self._pane.entitle(title_from(event.message.text))
            self._load_history()
        if job.conversation != self._conversation or job.conversation is None:
            return
        match event:
            case MessageStored(stored) | ReplyStarted(stored):
                self._thread.append(stored)
                self._pane.append(entry_of(stored, job))
            case DeltaReceived(_, text, thinking) if job.reply:
                self._pane.transcript.extend(job.reply.id, "" if thinking else text, text if thinking else "")
            case ReplyFinished(stored):
                self._thread = [stored if one.id == stored.id else one for one in self._thread]
                self._pane.transcript.update(entry_of(stored))
            case StageStarted(stage):
                self._stage = stage
            case Warned(text):
                self._pane.append(Entry(key=f"note {time.monotonic_ns()}", role="notice", text=text))

    @on(JobEnded)
    def _job_ended(self, message: JobEnded) -> None:
        job, error = message.job, message.error
        in_sight = job is self._fresh or job.conversation == self._conversation
        if job is self._fresh:
            self._fresh = None
        self._stage = ""
        if error and job.reply is None and in_sight:
            self._pane.append(
                Entry(
                    key=f"error {time.monotonic_ns()}", role="notice", text="", status="failed", error=error.explained
                )
            )
            if job.line and not self._prompt.text:
                self._prompt.put(job.line)
        self._load_history()
        self._look_ahead()

    # The other commands

    def _do(self, typed: Typed) -> None:
        match typed.name:
            case "help":
                self.call_later(self.app.run_action, "app.help")
            case "model" if typed.text:
                self._choose(Choice(model=typed.text))
            case "profile" if typed.text:
                self._choose(Choice(profile=typed.text))
            case "model" | "profile":
                self.action_choose()
            case "export":
                self._export(typed)
            case _:
                self._go(typed)

    @work
    async def _export(self, typed: Typed) -> None:
        if self._conversation is None:
            self.notify("There is nothing to export yet.")
            return
        stored = await self._stored(self._workspace.history.conversation, self._conversation)
        if stored is None:
            return
        path = await self._stored(self._slash.export, typed, stored, tuple(self._thread))
        if path is not None:
            self.notify(f"Written to {path}", markup=False)

    def action_export(self) -> None:
        """The conversation, into a file named after it."""
        self._export(Typed("export", ""))

    def action_place(self, name: str) -> None:
        self._go(Typed(name, ""))

    @work
    async def _go(self, typed: Typed) -> None:
        """Open a place, and go on from where it was left."""
        self.keep_prompt()
        entry = self._pane.transcript.entry_under_cursor
        chosen = next((one for one in self._thread if entry and one.id == entry.key), None)
        standing = Standing(self._conversation, tuple(self._thread), self._options, chosen, self._prompt.text)
        screen = open_place(typed.name, self._workspace, self._jobs, standing, typed)
        onward = await self.app.push_screen_wait(screen)
        if onward:
            await self._go_on(onward)
        self._load_history()

    async def _go_on(self, onward: Onward) -> None:
        if onward.conversation is not None:
            if onward.leaf is not None:
                await self._stored(self._workspace.history.set_leaf, onward.conversation, onward.leaf)
            stored = await self._stored(self._workspace.history.conversation, onward.conversation)
            if stored is not None:
                await self._show_conversation(stored)
        if onward.prompt is not None:
            self._prompt.put(onward.prompt)

    @work
    async def action_choose(self) -> None:
        current = Choice(profile=self._options.profile or "chat", model=self._options.model)
        chosen = await self.app.push_screen_wait(Choose(self._workspace, current, local=self._options.local))
        if chosen:
            self._choose(chosen)
        self._prompt.focus()

    @work
    async def _choose(self, choice: Choice) -> None:
        """Take another profile or model for the next messages, if there is one of that name."""
        if choice.model:
            options = replace(self._options, model=choice.model)
        else:
            options = replace(self._options, profile=choice.profile, model=None)
        try:
            self._outlook = await asyncio.to_thread(self._workspace.conversations.outlook, "", options, None)
        except ChatspaceError as error:
            self._complain(error)
            return
        self._options = options
        self._look_ahead()

    # Moving about

    def action_step_back(self) -> None:
        """Stop the reply in sight; else leave the part with the focus."""
        if self.job:
            self._jobs.stop(self.job)
        elif self.focused is self.query_one(HistoryList):
            self.set_focus(self._prompt)
        elif self._thread:
            self.set_focus(self._pane.transcript)

    def action_write(self) -> None:
        self.set_focus(self._prompt)

    def action_new(self) -> None:
        self.keep_prompt()
        self._conversation, self._fresh = None, None
        self._show_thread([])
        self.query_one(HistoryList).mark(None)
        self._prompt.put(self._workspace.history.saved_prompt(None))
        self.set_focus(self._prompt)

    def action_history(self) -> None:
        """Go to the list; from there, put it away."""
        history = self.query_one(HistoryList)
        if history.display and self.focused is history:
            self._history_wanted = False
            self.set_focus(self._prompt)
        else:
            self._history_wanted = True
            history.display = True
            self.set_focus(history)

    @on(ConversationChosen)
    @work(exclusive=True, group="open")
    async def _open(self, event: ConversationChosen) -> None:
        self.keep_prompt()
        await self._show_conversation(event.conversation)

    async def _show_conversation(self, chosen: Conversation) -> None:
        thread = await self._stored(self._workspace.history.thread, chosen.id)
        if thread is None:
            return
        self._conversation, self._fresh = chosen.id, None
        self._show_thread(list(thread), chosen.title)
        self._prompt.put(self._workspace.history.saved_prompt(chosen.id))
        self.set_focus(self._prompt)
        self._look_ahead()

    @work
    async def action_check_facts(self) -> None:
        """Every claim of the draft under the cursor, and what its source says."""
        entry = self._pane.transcript.entry_under_cursor
        message = next((one for one in self._thread if entry and one.id == entry.key), None)
        if message is None:
            return
        evidence = await self._stored(self._workspace.grounding.check, message.text, message.run)
        if evidence is not None:
            from chatspace.tui.screens.facts import Facts  # what it imports takes a tenth of a second

            self.app.push_screen(Facts(message.text, evidence))

    @work
    async def action_yank(self) -> None:
        entry = self._pane.transcript.entry_under_cursor
        if entry is None:
            return
        text = self._pane.transcript.source_of(entry.key)
        try:
            way = await asyncio.to_thread(self._workspace.clipboard.yank, text)
            self.notify(f"Yanked to {way}.")
        except ChatspaceError:
            self.app.copy_to_clipboard(text)
            self.notify("Sent to the terminal's clipboard (OSC 52). Not every terminal takes it.")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self._lay_out()
        self._show_status()

    def on_resize(self, event: Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        """The history stands beside the conversation when there is room, else over it while it has the focus."""
        history = self.query_one(HistoryList)
        wide = self.app.size.width >= WIDE
        self.set_class(not wide, "narrow")
        beside = self._history_wanted and wide and history.option_count > 0
        history.display = beside or self.focused is history
