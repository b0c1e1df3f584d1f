"""The application: themes, signals, and the life of the model side. What the user sees is in the screens."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import App
from textual.binding import Binding
from textual.command import Provider
from textual.events import Key
from textual.reactive import Initialize, Reactive
from textual.theme import Theme

from chatspace.core.text.safe import for_screen
from chatspace.tui.jobs import Jobs
from chatspace.tui.navigation import ScreenResult
from chatspace.tui.screens.chat import ChatScreen
from chatspace.tui.settings_writer import SettingsWriter
from chatspace.tui.startup import ModelProcess, Startup
from chatspace.tui.themes import DARK, LIGHT, theme_items
from chatspace.tui.undo import Done, Gone, Undoing, UndoWanted
from chatspace.tui.writing import is_text, lead

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from chatspace.core.profiles.settings import Value
    from chatspace.wiring import Workspace

HUNG_UP = 129
"""The exit code of a program whose terminal was closed, as shells have it: 128 and the number of SIGHUP."""


def _actions() -> type[Provider]:
    from chatspace.tui.palette import Actions

    return Actions


class ChatspaceApp(App[None]):
    """The workspace on a screen. `local` keeps every call on this machine.

    Other screens are imported when they are opened: the first frame waits for none of them. `load` imports in a thread
    what is needed soon after it.
    """

    TITLE = "chatspace"
    CSS_PATH = ["chatspace.tcss", "screens/chat.tcss"]
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMANDS = {_actions}
    BINDINGS = [
        Binding("f1", "help", "help", priority=True, id="app.help"),
        Binding("f2", "visit('settings')", "settings", priority=True, show=False, id="app.settings"),
        Binding("ctrl+p", "command_palette", "every action by name", priority=True, show=False, id="app.palette"),
        Binding("f12", "themes", "themes", priority=True, show=False, id="app.themes"),
        Binding("ctrl+q", "leave", "quit", priority=True, show=False, id="app.quit"),
        Binding("j", "as_key('down')", "down", show=False, id="move.down"),
        Binding("k", "as_key('up')", "up", show=False, id="move.up"),
        Binding("g", "as_key('ctrl+home', 'home')", "to the top", show=False, id="move.top"),
        Binding("G", "as_key('ctrl+end', 'end')", "to the end", show=False, id="move.end"),
        Binding("slash", "find", "find in the list", show=False, id="app.find"),
        Binding("u,ctrl+z", "undo", "undo", show=False, id="app.undo"),
    ]

    def first_theme(self) -> str:
        """The one that the settings name, where there is one of that name."""
        return self.settings.theme if self.settings.theme in self.available_themes else DARK.name

    # Known before anything is styled: a change later would have every rule parsed again.
    theme: Reactive[str] = Reactive(Initialize(first_theme))

    def __init__(
        self,
        workspace: Workspace,
        models: Callable[[], ModelProcess] | None = None,
        *,
        local: bool = False,
        load: Callable[[], None] | None = None,
    ) -> None:
        self.settings, faults = workspace.settings.read()
        super().__init__()
        self.workspace = workspace
        self._models = models
        self._startup = Startup(workspace, models, load, faults, local=local)
        self.jobs = Jobs()
        self._leaving = False
        self._writer = SettingsWriter(
            workspace, lambda error: self.notify(error.explained, severity="error", timeout=10)
        )
        self._undoing = Undoing(self)
        self.chat = ChatScreen(workspace, self.jobs, local=local)
        self.chat.take_settings(self.settings)

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Textual's own and ours."""
        return {**super().available_themes, DARK.name: DARK, LIGHT.name: LIGHT}

    def get_default_screen(self) -> ChatScreen:
        return self.chat

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGHUP"):
            with contextlib.suppress(NotImplementedError, AttributeError):  # on Windows
                loop.add_signal_handler(getattr(signal, name), self.action_leave)
        self.call_after_refresh(self.chat.take_settings, self.settings, "text_width")
        for step in (self._startup.furnish, self._startup.check_settings, self._startup.welcome):
            self.call_after_refresh(self.run_worker, partial(step, self))

    def change_setting(self, name: str, value: Value) -> None:
        """Let it hold now and at the next start; where it can't be written, it holds until the end and that is said."""
        changed: dict[str, Any] = {name: value}
        self.settings = replace(self.settings, **changed)
        if name == "theme":
            self.theme = self.settings.theme
        self.chat.take_settings(self.settings, name)
        self.run_worker(self._writer.change(name, value))

    def action_leave(self) -> None:
        """Stop what runs, see it stored, and quit."""
        if self._leaving:
            return
        self._leaving = True
        gone = _terminal_is_gone()
        if gone:
            # Writing to it fails, and Textual would wait for ever for a writer that died of that.
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
        self._leave(gone)

    @work
    async def _leave(self, terminal_gone: bool) -> None:
        self.chat.session.keep()
        await self.jobs.stop_all()
        await self._writer.finish()
        if self._models:
            await self._models().aclose()
        await self.chat.session.close()
        if terminal_gone:
            await asyncio.to_thread(self.workspace.history.close)
            os._exit(HUNG_UP)
        self.exit()

    def action_help(self) -> None:
        """What the focused part does, its keys, and the commands."""
        from chatspace.tui.screens.help import Help

        if not isinstance(self.screen, Help):
            self.push_screen(Help(self.screen))
        else:
            self.screen.dismiss()

    def action_visit(self, name: str) -> None:
        """Another place over this one, and back; whoever goes on from there leaves this one too."""
        from chatspace.tui.screens.tool_screen import ToolScreen, visit

        if isinstance(self.screen, ToolScreen):
            self.screen.run_worker(visit(self.screen, name), group="visit", exclusive=True)
        elif not self.screen.is_modal:
            self.chat.action_place(name)

    def action_leave_for(self, action: str) -> None:
        """Do in the conversation what is done there."""
        from chatspace.tui.screens.tool_screen import ToolScreen

        if isinstance(self.screen, ToolScreen):
            self.screen.go_on(ScreenResult(then=action))

    def action_search_prompts(self) -> None:
        """Find a former prompt by its words, where there is a prompt."""
        from chatspace.tui.screens.tool_screen import search_prompts

        self.screen.run_worker(search_prompts(self.screen, self.workspace), group="former", exclusive=True)

    def action_editor(self) -> None:
        """Go on writing in your own editor."""
        from chatspace.tui.screens.tool_screen import edit_in_own_editor

        edit_in_own_editor(self.screen)

    @work
    async def action_themes(self) -> None:
        """The colours, seen while choosing; esc brings the old ones back."""
        from chatspace.tui.screens.pick_dialog import PickDialog

        before = self.theme
        items, title = theme_items(self.available_themes), "Type the name of a theme"
        chosen = await self.push_screen_wait(PickDialog(title, items, before, partial(setattr, self, "theme")))
        self.theme = chosen or before
        if chosen and chosen != before:
            self.change_setting("theme", chosen)

    async def action_as_key(self, first: str, second: str = "") -> None:
        """Do what the first of these keys does that means something to the part with the focus."""
        active = self.screen.active_bindings
        for key in (first, second):  # not `*keys`, of which Textual would pass the first alone
            if key in active and active[key].node is not self:
                await self.run_action(active[key].binding.action, active[key].node)
                return

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`/` works where there is something to search; a text has an undo of its own."""
        if action not in ("find", "undo"):
            return True
        if is_text(self.focused):
            return False
        if action == "undo":
            return True
        from chatspace.tui.screens.find_dialog import searched

        return searched(self.focused) is not None

    def action_find(self) -> None:
        """Go to the next line, or message, that holds what you type."""
        from chatspace.tui.screens.find_dialog import FindDialog, searched

        place = searched(self.focused)
        if place:
            self.push_screen(FindDialog(place))

    async def on_key(self, event: Key) -> None:
        """The keys of movement in dialogs too, whose bindings hide those of the app."""
        if self.screen.is_modal:
            ours = [one for one in self._bindings.key_to_bindings.get(event.key, ()) if not one.priority]
            for binding in ours:
                if binding.action != "undo":
                    await self.run_action(binding.action)

    # From a text, tab leads to no part whose letters are commands.

    def action_focus_next(self) -> None:
        lead(self.screen, 1)

    def action_focus_previous(self) -> None:
        lead(self.screen, -1)

    @on(Done)
    @on(Gone)
    def _undo_told(self, event: Done | Gone) -> None:
        if isinstance(event, Done):
            self._undoing.keep(event.what)
        else:
            self._undoing.forget(event.of)

    @on(UndoWanted)
    @work
    async def action_undo(self) -> None:
        """Take back what was put away last."""
        await self._undoing.undo()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Say something in passing, as plain text: much of it comes from outside."""
        super().notify(for_screen(message), title=title, severity=severity, timeout=timeout, markup=False)

    def copy_to_clipboard(self, text: str) -> None:
        """What a text field cuts or copies, and what is selected with the mouse."""
        from chatspace.tui.yanking import yank

        self._clipboard = text
        self.run_worker(yank(self.screen, self.workspace, text))

    async def action_quit(self) -> None:
        self.action_leave()


def _terminal_is_gone() -> bool:
    try:
        import termios
    except ImportError:  # Windows
        return False
    try:
        termios.tcgetattr(2)
    except termios.error as error:
        return bool(error.args[0] == errno.EIO)
    return False


def run_app(workspace: Workspace, *, local: bool = False, load: Callable[[], None]) -> None:
    """Open the workspace until the user leaves it."""
    try:
        ChatspaceApp(workspace, lambda: workspace.model_process, local=local, load=load).run()
    finally:
        workspace.history.close()
