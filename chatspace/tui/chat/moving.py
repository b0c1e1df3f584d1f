"""Moving about: the history, other conversations, the places, and how the parts are laid out."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on, work
from textual.binding import Binding
from textual.events import DescendantFocus, Resize

from chatspace.tui.chat.frame import ChatFrame
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.messages import ConversationChosen
from chatspace.tui.navigation import SCREENS, ScreenContext, ScreenResult, open_screen
from chatspace.tui.widgets.history_pane import HistoryPane

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Conversation
    from chatspace.core.profiles.options import Options
    from chatspace.tui.jobs import Jobs
    from chatspace.wiring import Workspace

WIDE = 100
"""Columns from which on the history stands beside the conversation."""


GC_FREEZE_DELAY = 5.0
"""After so long all is there that stays until the end."""


def _freeze_gc() -> None:
    """Look for garbage in what is there for the last time: going through all of it holds up keys for 50 ms."""
    gc.collect()
    gc.freeze()


class Moving(ChatFrame):
    """Leads from one conversation to another, to the places and back."""

    # With priority, so that keys typed right behind them go to the part that they lead to.
    BINDINGS = [
        Binding("f9", "history", "history", id="chat.history", priority=True),
        Binding("ctrl+n", "new", "new conversation", id="chat.new", show=False, priority=True),
        *(
            Binding(place.key, f"place('{name}')", place.title, id=f"place.{name}", show=False, priority=True)
            for name, place in SCREENS.items()
            if place.key
        ),
    ]

    def __init__(self, workspace: Workspace, jobs: Jobs, *, local: bool = False) -> None:
        super().__init__(workspace, jobs, local=local)
        self._history_wanted = True
        self._put_away: int | None = None
        """The conversation that was in sight until it was moved to the trash."""

    def on_mount(self) -> None:
        self._prompt.focus()
        self.set_interval(0.5, self._show_status)

    @work
    async def finish_mount(self) -> None:
        """Add what the first frame does without, and show what the store holds."""
        await self._composer.finish_mount()
        await self._history.finish_mount()
        await self.in_thread(self._workspace.history.recover)
        unsent = await self.in_thread(self._workspace.history.prompts.unsent, None)
        early = self._prompt.text or self._composer.rows.held  # somebody who types or attaches at once keeps it
        if unsent and not early:
            self._composer.put(unsent)
        self._load_history()
        self._refresh_preview()
        if self._conversation is None and self._fresh is None:  # somebody who sends at once sees it
            self._pane.show([])
        self.set_timer(GC_FREEZE_DELAY, _freeze_gc)

    def _load_history(self) -> None:
        self._history.load(self._conversation)

    @on(HistoryPane.Loaded)
    def _history_loaded(self) -> None:
        self._lay_out()

    @on(HistoryPane.SearchWanted)
    def _search_wanted(self) -> None:
        self.action_place("find")

    @on(HistoryPane.Changed)
    def _filed(self, event: HistoryPane.Changed) -> None:
        filed = event.conversation
        if filed.id == self._conversation and filed.deleted:
            self.keep_prompt()
            self._begin_anew()
            self._put_away = filed.id
        elif filed.id == self._conversation:
            self._pane.entitle(filed.title)
        elif filed.id == self._put_away and not filed.deleted:
            self._show_again(filed)

    @work(exclusive=True, group="open")
    async def _show_again(self, brought_back: Conversation) -> None:
        """What comes out of the trash is in sight again, if nothing else is; the focus stays where it is."""
        if self._conversation is None and self._fresh is None:
            self.keep_prompt()
            await self._show_conversation(brought_back, self._prompt.text, focus=False)
            self._history.mark(brought_back.id)

    @on(HistoryPane.Purged)
    def _purged(self, event: HistoryPane.Purged) -> None:
        if self._conversation in event.conversations:
            self._begin_anew()

    @on(ConversationChosen)
    @work(exclusive=True, group="open")
    async def _open(self, event: ConversationChosen) -> None:
        self.keep_prompt()
        await self._show_conversation(event.conversation, self._prompt.text)

    async def _show_conversation(
        self, chosen: Conversation, left: str, prompt: str | None = None, *, focus: bool = True
    ) -> None:
        """With what is unsent there, or the prompt given; what was typed since `left` stood there is kept."""
        thread = await self.in_thread(self._workspace.history.messages.thread, chosen.id)
        if thread is None:
            return
        if chosen.id != self._conversation:
            reopened = await self.in_thread(self._workspace.conversations.reopened, thread, self._answering_usually)
            self._options = reopened or self._options
        self._conversation, self._fresh, self._put_away = chosen.id, None, None
        self._show_thread(list(thread), chosen.title)
        unsent = self._workspace.history.prompts.unsent(chosen.id)
        text = unsent.text if prompt is None else prompt
        self._composer.put(replace(unsent, text=text + self._typed_since(left)))
        if focus:
            self.set_focus(self._prompt)
        self._refresh_preview()

    def _typed_since(self, left: str) -> str:
        text = self._prompt.text
        return text.removeprefix(left) if text.startswith(left) else ""

    def action_new(self) -> None:
        """Begin another conversation; the old one goes on."""
        self.keep_prompt()
        self._begin_anew()
        self.set_focus(self._prompt)

    @property
    def _answering_usually(self) -> Options:
        """The options of the next message, by the profile and model of a new conversation."""
        return replace(self._options, profile=self._usual.profile, model=self._usual.model)

    def _begin_anew(self) -> None:
        self._conversation, self._fresh, self._put_away = None, None, None
        self._options = self._answering_usually
        self._show_thread([])
        self._history.mark(None)
        self._composer.put(self._workspace.history.prompts.unsent(None))

    async def action_history(self) -> None:
        """Go to the list; from there, put it away."""
        history = self._history
        await history.finish_mount()
        if history.display and history.has_focus_within:
            self._history_wanted = False
            self.set_focus(self._prompt)
        else:
            self._history_wanted = True
            history.display = True
            self.set_focus(history.conversations)

    def action_place(self, name: str) -> None:
        """Open a place."""
        self._go(ParsedCommand(name, ""))

    @work
    async def _go(self, typed: ParsedCommand) -> None:
        """Open a place, and go on from where it was left."""
        self.keep_prompt()
        entry = self._pane.transcript.entry_under_cursor
        chosen = next((one for one in self._thread if entry and one.id == entry.key), None)
        composer = self._composer
        attached, sources, prompt = composer.paths, composer.sources, self._prompt.text
        thread = tuple(self._thread)
        standing = ScreenContext(self._conversation, thread, self._options, chosen, prompt, attached, sources)
        screen = open_screen(typed.name, self._workspace, self._jobs, standing, typed)
        onward = await self.app.push_screen_wait(screen)
        if onward:
            await self._go_on(onward, prompt)
        self._load_history()
        if onward and onward.then:
            await self.app.run_action(onward.then, self)

    async def _go_on(self, onward: ScreenResult, left: str) -> None:
        if onward.conversation is not None:
            if onward.leaf is not None:
                await self.in_thread(self._workspace.history.branches.set_leaf, onward.conversation, onward.leaf)
            stored = await self.in_thread(self._workspace.history.conversations.get, onward.conversation)
            if stored is not None:
                await self._show_conversation(stored, left, onward.prompt)
        elif onward.prompt is not None:
            self._prompt.put(onward.prompt + self._typed_since(left))
        if onward.at is not None and any(message.id == onward.at for message in self._thread):
            self._pane.transcript.go_to(onward.at)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self._lay_out()
        self._show_status()

    def on_resize(self, event: Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        """The history stands beside the conversation when there is room, else over it while it has the focus."""
        history = self._history
        wide = self.app.size.width >= WIDE
        self.set_class(not wide, "narrow")
        beside = self._history_wanted and wide and history.conversations.option_count > 0
        history.display = beside or history.has_focus_within
