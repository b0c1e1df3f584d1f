"""The application: themes, signals, and the life of the model side. What the user sees is in the screens."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
from collections.abc import Iterable
from functools import partial
from typing import Any, Protocol

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.theme import Theme

from chatspace.core.workspace import Workspace
from chatspace.tui.jobs import Jobs
from chatspace.tui.places import PLACES
from chatspace.tui.screens.chat import ChatScreen
from chatspace.tui.screens.help import Help

DARK = Theme(
    name="chatspace",
    primary="#7aa2c8",
    secondary="#8c9bab",
    accent="#e0a458",
    foreground="#d6d9de",
    background="#15181c",
    surface="#1b1f24",
    panel="#23282e",
    success="#8fb573",
    warning="#d9b35f",
    error="#e06c62",
    dark=True,
)
LIGHT = Theme(
    name="chatspace-light",
    primary="#2f5f8a",
    secondary="#5b6673",
    accent="#a85d00",
    foreground="#24292f",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#e9e6df",
    success="#4b7a2b",
    warning="#8a6500",
    error="#b3261e",
    dark=False,
)


HUNG_UP = 129
"""The exit code of a program whose terminal was closed, as shells have it: 128 and the number of SIGHUP."""


class ModelSide(Protocol):
    """The process that talks to the models."""

    async def start(self) -> None: ...

    async def aclose(self) -> None: ...


class ChatspaceApp(App[None]):
    """The workspace on a screen. `local` keeps every call on this machine."""

    TITLE = "chatspace"
    CSS_PATH = "chatspace.tcss"
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS = [Binding("ctrl+q", "leave", "quit", priority=True, show=False)]

    def __init__(self, workspace: Workspace, models: ModelSide | None = None, *, local: bool = False) -> None:
        super().__init__()
        self.workspace = workspace
        self._models = models
        self._local = local
        self.jobs = Jobs()
        self._leaving = False

    def on_mount(self) -> None:
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self.chat = ChatScreen(self.workspace, self.jobs, local=self._local)
        self.push_screen(self.chat)
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGHUP"):
            with contextlib.suppress(NotImplementedError, AttributeError):  # on Windows
                loop.add_signal_handler(getattr(signal, name), self.action_leave)
        self.call_after_refresh(self._warm_up)

    @work
    async def _warm_up(self) -> None:
        """After the first frame: the model side loads in its own process."""
        if self._models:
            await self._models.start()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers beside Textual's own: every action of the workspace by name."""
        yield from super().get_system_commands(screen)
        if screen is not self.chat:
            return
        yield SystemCommand("New conversation", "The old one goes on (ctrl+n)", self.chat.action_new)
        yield SystemCommand("Choose the model", "Or a profile (ctrl+o)", self.chat.action_choose)
        yield SystemCommand("History", "The stored conversations (f9)", self.chat.action_history)
        yield SystemCommand("Yank", "The message under the cursor (y)", self.chat.action_yank)
        yield SystemCommand("Look up the facts", "Of the draft under the cursor (v)", self.chat.action_check_facts)
        yield SystemCommand("Export", "This conversation as Markdown (/export)", self.chat.action_export)
        for name, place in PLACES.items():
            yield SystemCommand(place.title, f"{place.summary} (/{name})", partial(self.chat.action_place, name))
        yield SystemCommand("Help", "The commands and keys (f1)", self.action_help)

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
        self.chat.keep_prompt()
        await self.jobs.stop_all()
        if self._models:
            await self._models.aclose()
        if terminal_gone:
            self.workspace.history.close()
            os._exit(HUNG_UP)
        self.exit()

    def action_help(self) -> None:
        """The commands, the keys, and what the focused part does."""
        about = getattr(self.focused, "HELP", "") or getattr(self.screen, "HELP", "")
        self.push_screen(Help(about))

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


def run_app(workspace: Workspace, models: ModelSide, *, local: bool = False) -> None:
    """Open the workspace until the user leaves it. Raises StoreError before the screen is taken."""
    workspace.history.recover()
    try:
        ChatspaceApp(workspace, models, local=local).run()
    finally:
        workspace.history.close()
