"""The main screen: the history at the side, the conversation, the prompt, and one line of status."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from textual import on, work
from textual._styles_cache import StylesCache
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import DescendantFocus, Resize
from textual.widget import Widget

from chatspace.core.text import display
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import JobEnded, JobHappened
from chatspace.tui.messages import ConversationChosen, Submitted
from chatspace.tui.navigation import SCREENS, ScreenContext, open_screen
from chatspace.tui.notices import show_notices
from chatspace.tui.sessions.chat import ChatSession
from chatspace.tui.widgets.background import UniformBackground, UniformRow
from chatspace.tui.widgets.chat_foot import ChatFoot, ComposerField
from chatspace.tui.widgets.completions import ESC_SECONDS
from chatspace.tui.widgets.composer import Composer
from chatspace.tui.widgets.conversation_pane import ConversationPane
from chatspace.tui.widgets.history_pane import HistoryPane
from chatspace.tui.widgets.prompt import Prompt
from chatspace.tui.widgets.status_line import StatusLine
from chatspace.tui.writing import WritingScreen, after, is_text
from chatspace.tui.yanking import yank

if TYPE_CHECKING:
    from chatspace.core.profiles.settings import Settings
    from chatspace.tui.jobs import Jobs
    from chatspace.tui.sessions.changed import Changed
    from chatspace.wiring import Workspace

WIDE = 100
"""Columns from which on the history stands beside the conversation."""

GC_FREEZE_DELAY = 5.0
"""After so long all is there that stays until the end."""


class ChatScreen(WritingScreen[None], UniformBackground):
    """Lays out the parts of a session, and leads from one part to another and to other screens."""

    AUTO_FOCUS = "#prompt"
    # With priority, so that keys typed right behind them go to the part that they lead to.
    BINDINGS = [
        Binding("escape", "step_back", "back", id="chat.back", show=False, priority=True),
        Binding("ctrl+o", "choose", "model", id="chat.choose", priority=True),
        Binding("ctrl+r", "search_prompts", "search former prompts", id="prompt.search", show=False, priority=True),
        Binding("ctrl+g", "app.editor", "your own editor", id="prompt.editor", show=False, priority=True),
        Binding("f6", "next_part", "next part", id="chat.parts", show=False, priority=True),
        Binding("ctrl+t", "think", "effort of thinking", id="chat.think", show=False, priority=True),
        Binding("f8", "again_last", "try the last reply again", id="chat.again-last", show=False, priority=True),
        Binding("f9", "history", "history", id="chat.history", priority=True),
        Binding("ctrl+n", "new", "new conversation", id="chat.new", show=False, priority=True),
        *(
            Binding(place.key, f"place('{name}')", place.title, id=f"place.{name}", show=False, priority=True)
            for name, place in SCREENS.items()
            if place.key
        ),
    ]

    def __init__(self, workspace: Workspace, jobs: Jobs, *, local: bool = False) -> None:
        super().__init__()
        self._workspace = workspace
        self._jobs = jobs
        self._history_wanted = True
        composer = Composer(workspace, lambda: self.session.branch.conversation, id="composer")
        self.session = ChatSession(workspace, jobs, self, ComposerField(composer), self._changed, local=local)
        self.history = HistoryPane(workspace, id="history")
        self.pane = ConversationPane(workspace, self.session, id="main")
        self.foot = ChatFoot(self.session, composer, id="foot")

    def compose(self) -> ComposeResult:
        with UniformRow(id="body"):
            yield self.history
            yield self.pane
        yield self.foot

    @work
    async def finish_mount(self) -> None:
        """Add what the first frame does without, and show what the store holds."""
        await self.foot.composer.finish_mount()
        await self.history.finish_mount()
        await self.session.switch.begin()
        self.set_timer(GC_FREEZE_DELAY, _freeze_gc)

    def take_settings(self, settings: Settings, only: str | None = None) -> None:
        """Let the settings hold, or the one that changed."""
        changed = self.session.options.take_settings(settings, only)
        if only in (None, "side_list"):
            self._history_wanted = settings.side_list
        if self.is_mounted:
            self.pane.read_at(settings.text_width)
            self._lay_out()
            if changed:
                self.session.refresh()

    def on_screen_resume(self) -> None:
        """Textual's cache of this method holds the widgets' painted lines: those of the screen that was left too."""
        StylesCache.get_inner_outer.cache_clear()
        self.foot.show_status()

    # Where the focus goes, and what there is room for

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

    @on(DescendantFocus)
    @on(Resize)
    @on(HistoryPane.Loaded)
    def _lay_out(self) -> None:
        """The history stands beside the conversation when there is room, else over it while it has the focus."""
        history, wide = self.history, self.app.size.width >= WIDE
        self.set_class(not wide, "narrow")
        beside = self._history_wanted and wide and history.conversations.option_count > 0
        history.display = beside or history.has_focus_within
        # Beside the keys of a message there is no room for what the next one takes.
        self.foot.room = "where" if self.pane.has_focus_within else "all"
        if history.has_focus_within and not wide:
            self.foot.room = "keys"
        self.foot.show_status()

    def action_next_part(self) -> None:
        """From the prompt to what is attached, to the transcript, and back."""
        shown = [self.pane.transcript] if self.pane.transcript.display else []
        self.set_focus(after([*self.foot.composer.parts, *shown], self.focused))

    async def action_history(self) -> None:
        """Go to the list; from there, put it away."""
        await self.history.finish_mount()
        self._history_wanted = not (self.history.display and self.history.has_focus_within)
        if self._history_wanted:
            self.history.display = True
            self.set_focus(self.history.conversations)
        else:
            self.set_focus(None)

    def action_step_back(self) -> None:
        """Give up what was begun, else stop the reply in sight, else leave the part with the focus."""
        if self.foot.composer.step_back() or self.history.step_back() or self.session.step_back():
            return
        if self.session.replies.just_ended(ESC_SECONDS):
            return  # esc was to stop it
        if self.history.has_focus_within:
            self.set_focus(None)
        elif self.session.branch.thread:
            self.set_focus(self.pane.transcript)

    # What happens

    def _changed(self, change: Changed) -> None:
        if not self.foot.stands:
            return
        show_notices(self, change)
        if change.part == "history":
            self.history.load(self.session.branch.conversation)
        elif change.part == "conversation":
            self.history.mark(self.session.branch.conversation)
        self.pane.take(change)
        self.foot.take(change)

    @on(JobHappened)
    @on(JobEnded)
    def _job_told(self, message: JobHappened | JobEnded) -> None:
        if not self.foot.stands:
            return
        if isinstance(message, JobHappened):
            self.session.take(message.job, message.event)
        else:
            self.session.ended(message.job, message.error)

    @on(HistoryPane.Changed)
    @on(HistoryPane.Purged)
    @on(HistoryPane.SearchWanted)
    @on(ConversationChosen)
    @work
    async def _history_told(self, message: object) -> None:
        match message:
            case HistoryPane.Changed(conversation):
                self.session.switch.filed(conversation)
            case HistoryPane.Purged(conversations):
                self.session.switch.purged(conversations)
            case HistoryPane.SearchWanted():
                self.action_place("find")
            case ConversationChosen(conversation):
                await self.session.switch.open(conversation)
                self.set_focus(None)

    @on(Submitted)
    def _submitted(self, event: Submitted) -> None:
        typed = self.session.submit(event.text)
        match typed.name if typed else None:
            case None:
                pass
            case "help":
                self.call_later(self.app.run_action, "app.help")
            case "model" | "profile":
                self.action_choose()
            case name:
                self.action_place(name, typed)

    # What the user does from everywhere

    @on(StatusLine.LeftClicked)
    @work
    async def action_choose(self) -> None:
        """The profile or model of the next messages."""
        from chatspace.tui.screens.model_dialog import choose_model  # the first frame has no need of it

        options = self.session.options.current
        chosen = await choose_model(self.app, self._workspace, "chat", options, options.profile or "chat")
        if chosen:
            self.session.choose(chosen.profile, chosen.model)
        self.set_focus(None)

    def action_search_prompts(self) -> None:
        """Find a former prompt by its words."""
        self.foot.composer.search()

    def action_think(self) -> None:
        """How much the model thinks before the next messages: the profile's own effort, low, medium, high, none."""
        self.session.options.think_next()
        self.session.refresh()

    def action_again_last(self) -> None:
        """Ask for another last reply, from wherever the focus is."""
        self.session.again()

    def action_new(self) -> None:
        """Begin another conversation; the old one goes on."""
        self.session.switch.new()
        self.set_focus(None)

    @work
    async def action_place(self, name: str, typed: ParsedCommand | None = None) -> None:
        """Open a place, and go on from where it was left."""
        session, field = self.session, self.session.prompt.field
        session.keep()
        branch, left = session.branch, field.text
        under_cursor = branch.under(self.pane.under_cursor)
        context = ScreenContext(
            branch.conversation,
            tuple(branch.thread),
            session.options.current,
            under_cursor,
            left,
            field.paths,
            field.sources,
        )
        screen = open_screen(name, self._workspace, self._jobs, context, typed or ParsedCommand(name, ""))
        onward = await self.app.push_screen_wait(screen)
        if onward:
            await session.switch.go_on(onward, left)
            if onward.conversation is not None:
                self.set_focus(None)
            if onward.at is not None and branch.holds(onward.at):
                self.pane.transcript.go_to(onward.at)
        self.history.load(branch.conversation)
        if onward and onward.then:
            await self.app.run_action(onward.then, self)

    def action_copy_text(self) -> None:
        """What is selected, to the clipboard; a key that copies never does anything else."""
        text = self.get_selected_text()
        if not text:
            raise SkipAction
        said = f"the selection, {display.count(len(text), 'character')}"
        self.run_worker(yank(self, self._workspace, text, said))


def _freeze_gc() -> None:
    """Look for garbage in what is there for the last time: going through all of it holds up keys for 50 ms."""
    gc.collect()
    gc.freeze()
