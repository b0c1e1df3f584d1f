"""What the conversation's screen consists of and shows: the layer that the others stand on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on, work
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from chatspace.core.errors import ChatspaceError
from chatspace.core.profiles.options import Options
from chatspace.tui.entries import entry_of, progress_of, waiting_entries
from chatspace.tui.messages import PromptPaused
from chatspace.tui.widgets.attachment_rows import AttachmentRows
from chatspace.tui.widgets.background import UniformBackground, UniformRow
from chatspace.tui.widgets.blocking_calls import BlockingCalls
from chatspace.tui.widgets.composer import Composer
from chatspace.tui.widgets.conversation_pane import ConversationPane
from chatspace.tui.widgets.history_pane import HistoryPane
from chatspace.tui.widgets.prompt import Prompt
from chatspace.tui.widgets.status_line import StatusLine, hints, standing
from chatspace.tui.writing import WritingScreen, is_text

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message, QueuedMessage
    from chatspace.core.workspace.conversations import SendPreview
    from chatspace.tui.chat.turning import ReplyTarget
    from chatspace.tui.jobs import Job, Jobs
    from chatspace.tui.transcript.entries import Entry
    from chatspace.wiring import Workspace

LOOK_AHEAD_SECONDS = 0.05
"""Of what changes in one go, only the last is looked at."""


class ChatFrame(WritingScreen[None], BlockingCalls, UniformBackground):
    """Shows one conversation at a time, with the options that the next message is sent with.

    `_thread` is the branch in sight, `_waiting` what is queued on it, `_turning` where the next message goes instead
    of its end. `_usual` has the profile and model of a new conversation; one that is opened brings its own.
    """

    AUTO_FOCUS = "#prompt"

    def __init__(self, workspace: Workspace, jobs: Jobs, *, local: bool = False) -> None:
        super().__init__()
        self._workspace = workspace
        self._jobs = jobs
        jobs.home = self
        self._options = self._usual = Options(local=local)
        self._thread: list[Message] = []
        self._conversation: int | None = None
        self._fresh: Job | None = None
        self._outlook: SendPreview | None = None
        self._waiting: list[QueuedMessage] = []
        self._turning: ReplyTarget | None = None

    def compose(self) -> ComposeResult:
        with UniformRow(id="body"):
            yield HistoryPane(self._workspace, id="history")
            yield ConversationPane(id="main")
        with Vertical(id="foot"):
            yield Static(id="turning", markup=False)
            yield Composer(self._workspace, lambda: self._conversation, id="composer")
            yield StatusLine(id="status")

    def on_screen_resume(self) -> None:
        """Textual's cache of this method holds the widgets' painted lines: those of the screen that was left too."""
        StylesCache.get_inner_outer.cache_clear()
        self._show_status()

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:
        """Where nothing else has the focus, the prompt has it, unless the terminal itself is left."""
        if widget is None and self.app.app_focus:
            widget = self.query_one_optional(Prompt)
        super().set_focus(widget, scroll_visible, from_app_focus)

    def _reset_focus(self, widget: Widget, avoiding: list[Widget] | None = None) -> None:
        """The focus of a part that goes is the prompt's: Textual would give it to the part beside."""
        if widget is self.focused and not is_text(widget):
            self.set_focus(None)
        else:
            super()._reset_focus(widget, avoiding)

    @property
    def _stands(self) -> bool:
        """Whether the parts are there: a worker or a job may come back to a screen that is being taken down."""
        return all(self.query_one_optional(part) is not None for part in (Prompt, StatusLine))

    @property
    def _composer(self) -> Composer:
        return self.query_one(Composer)

    @property
    def _prompt(self) -> Prompt:
        return self.query_one(Prompt)

    @property
    def _pane(self) -> ConversationPane:
        return self.query_one(ConversationPane)

    @property
    def _history(self) -> HistoryPane:
        return self.query_one(HistoryPane)

    @property
    def job(self) -> Job | None:
        """The job of the branch in sight."""
        if self._fresh or self._conversation is None:
            return self._fresh
        return self._jobs.at(self._conversation, {message.id for message in self._thread})

    def _entry(self, message: Message) -> Entry:
        return entry_of(message, self._jobs.writing(message.id))

    def _show_thread(self, thread: list[Message], title: str = "") -> None:
        self._turn(None)
        self._thread, self._waiting = thread, []
        self._pane.show([self._entry(message) for message in thread], title)
        self._load_waiting()

    def _turn(self, turning: ReplyTarget | None) -> None:
        """Say where the next message goes; None is the end of the branch."""
        self._turning = turning
        line = self.query_one("#turning", Static)
        line.display = turning is not None
        line.update(turning.said if turning else "")

    @work(exclusive=True, group="waiting")
    async def _load_waiting(self) -> None:
        """What is queued on the branch in sight."""
        if self._thread:
            leaf = self._thread[-1]
            waiting = await self.in_thread(self._workspace.conversations.waiting, leaf)
            if waiting is not None and self._thread and self._thread[-1].id == leaf.id:
                self._waiting = list(waiting)
        self._show_waiting()

    async def _unqueue(self, queued: int) -> None:
        """It is sent or taken back."""
        self._waiting = [one for one in self._waiting if one.id != queued]
        self._show_waiting()
        await self.in_thread(self._workspace.history.queue.remove, queued)
        self._load_waiting()  # in the place of what may be loading and still has it

    def _show_waiting(self) -> None:
        if not self._stands:
            return
        job, whole = self.job, bool(self._thread) and self._thread[-1].status == "complete"
        self._pane.wait(waiting_entries(self._waiting, job, whole))

    @on(PromptPaused)
    def _prompt_paused(self, event: PromptPaused) -> None:
        self.keep_prompt()
        self._refresh_preview()

    @on(AttachmentRows.Changed)
    def _other_sources(self) -> None:
        self._refresh_preview()

    def keep_prompt(self) -> None:
        """Store what stands unsent in the prompt, and what else was typed and isn't stored yet."""
        early = self._fresh.early if self._fresh else []
        kept = self._turning.kept if self._turning else ""
        unsent = "\n\n".join(text for text in (*early, kept, self._prompt.text) if text)
        try:
            self._workspace.history.prompts.save(self._conversation, unsent, self._composer.paths)
        except ChatspaceError as error:
            self.complain(error)

    @work(exclusive=True, group="outlook")
    async def _refresh_preview(self) -> None:
        """What sending the prompt would take; said before anything is sent."""
        if not self._stands:
            return
        composer, thread = self._composer, self._thread_before_next
        waiting = [] if self._turning else [queued.text for queued in self._waiting]
        asked = composer.prompt.text, self._options, thread, waiting, composer.sources
        await asyncio.sleep(LOOK_AHEAD_SECONDS)
        try:
            self._outlook = await asyncio.to_thread(self._workspace.conversations.outlook, *asked)
            if self._stands:
                composer.rows.fit(self._outlook.cut)
        except ChatspaceError as error:
            self._outlook = None
            self.complain(error)
        self._show_status()

    @property
    def _thread_before_next(self) -> list[Message]:
        """The messages that the next one goes on from."""
        turning = self._turning
        if turning is None or turning.kind == "branch":
            return self._thread
        places = [place for place, message in enumerate(self._thread) if message.id == turning.message.id]
        return self._thread[: places[0]] if places else self._thread

    def _show_status(self) -> None:
        if not self._stands:
            return
        line = self.query_one(StatusLine)
        job, effort = self.job, self._options.effort
        if job:
            line.left = f"{progress_of(job)} · esc stops and keeps what came"
            self._show_thinking(job)
        elif self._outlook:
            profile = f"{self._options.profile or 'chat'}{f' · think {effort}' if effort else ''}"
            # Beside the keys of a message there is no room for what the next one takes.
            said = standing(profile, self._outlook)
            line.left = said.partition(" · ~")[0] if self._pane.has_focus_within else said
            if self._history.has_focus_within and self.has_class("narrow"):
                line.left = ""
        else:
            line.left = ""
        if self.is_active:  # else another screen would be asked which of the keys work
            line.right = hints(self)

    def _show_thinking(self, job: Job) -> None:
        """The time that stands beside the fold goes on."""
        if job.reply and job.live.reasoning and any(message.id == job.reply.id for message in self._thread):
            entry = self._entry(job.reply)
            if self._pane.transcript.sheet.entry(entry.key).thought != entry.thought:
                self._pane.transcript.update(entry)
