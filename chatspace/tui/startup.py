"""What the workspace does after its first frame: load what isn't needed to type, check the settings, say hello."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from chatspace import locations
from chatspace.core.errors import ChatspaceError
from chatspace.core.profiles.options import Options
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.navigation import ScreenContext, open_screen

if TYPE_CHECKING:
    from chatspace.tui.app import ChatspaceApp
    from chatspace.wiring import Workspace

FIRST_KEY = 0.1
"""Seconds after the first frame in which nothing is imported: who types at once sees the first letter at once."""

FIRST_MESSAGE = 3.0
"""Seconds after which what shows Markdown is imported too, so that the first message doesn't wait for it."""


class ModelProcess(Protocol):
    """The process that talks to the models."""

    async def start(self) -> None: ...

    async def aclose(self) -> None: ...


class Startup:
    """`load` imports in a thread what is needed soon; `faults` are those of the settings as they were read."""

    def __init__(
        self,
        workspace: Workspace,
        models: Callable[[], ModelProcess] | None,
        load: Callable[[], None] | None,
        faults: Sequence[ChatspaceError],
        *,
        local: bool,
    ) -> None:
        self._workspace = workspace
        self._models = models
        self._load = load
        self._faults = faults
        self._local = local

    async def furnish(self, app: ChatspaceApp) -> None:
        """What isn't needed to type, while the model side loads in its own process."""
        if self._load:
            await asyncio.sleep(FIRST_KEY)
            await asyncio.to_thread(self._load)
        app.chat.finish_mount()
        if self._models:
            await self._models().start()
        if self._load:
            await asyncio.sleep(FIRST_MESSAGE)
            await asyncio.to_thread(import_module, "markdown_it")

    async def check_settings(self, app: ChatspaceApp) -> None:
        """Tell what of the settings can't hold; keys that can't hold keep their default."""
        faults, store, settings = list(self._faults), self._workspace.settings, app.settings
        if settings.theme not in app.available_themes:
            allowed = f"Allowed: {', '.join(sorted(app.available_themes))}."
            reason = f"unknown theme {settings.theme!r}"
            faults.append(await asyncio.to_thread(store.fault, ("theme",), reason, allowed))
        if settings.keys:
            from chatspace.tui.keys import checked  # imports every place

            keys, wrong = await asyncio.to_thread(checked, settings.keys)
            app.set_keymap(keys)
            for each in wrong:
                faults.append(await asyncio.to_thread(store.fault, each.place, each.reason, each.remedy))
        for error in faults:
            app.notify(error.explained, severity="warning", timeout=20)

    async def welcome(self, app: ChatspaceApp) -> None:
        """Who has neither settings nor conversations nor a profile of their own sees the models first."""
        try:
            if not await asyncio.to_thread(self._is_new):
                return
            nowhere = ScreenContext(None, (), Options(local=self._local))
            app.push_screen(open_screen("models", self._workspace, app.jobs, nowhere, ParsedCommand("models", "first")))
            await asyncio.to_thread(self._workspace.settings.create)
        except ChatspaceError as error:
            app.notify(error.explained, severity="warning")

    def _is_new(self) -> bool:
        own, workspace = locations.own_profiles(), self._workspace
        stored = workspace.settings.exists or any(own.glob("*.md")) or workspace.history.conversations.page(limit=1)
        return not stored
