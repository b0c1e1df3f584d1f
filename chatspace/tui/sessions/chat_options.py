"""Who answers the next messages, and how."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chatspace.core.profiles.options import EFFORTS, Options
from chatspace.tui.sessions.changed import Changed, Listener

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message
    from chatspace.core.profiles.settings import Settings
    from chatspace.wiring import Workspace

OPTION_OF = {
    "profile": "profile",
    "channel": "channel",
    "sla": "sla",
    "language": "lang",
    "tone": "tone",
    "audience": "audience",
}
"""The option of the next message for each setting that is one."""


class NextOptions:
    """The options that the next message is sent with.

    `usual` has the profile and model of a new conversation; one that is opened brings its own.
    """

    def __init__(self, workspace: Workspace, listener: Listener, *, local: bool) -> None:
        self._workspace = workspace
        self._listener = listener
        self.current = self.usual = Options(local=local)

    def take_settings(self, settings: Settings, only: str | None) -> bool:
        """Let the settings hold, or the one that changed; gives whether an option did."""
        changed: dict[str, Any] = {
            option: getattr(settings, name) or None for name, option in OPTION_OF.items() if only in (None, name)
        }
        self.current = replace(self.current, **changed)
        if "profile" in changed:
            self.usual = self.current
        return bool(changed)

    @property
    def _of_a_new_conversation(self) -> Options:
        """These, by the usual profile and model."""
        return replace(self.current, profile=self.usual.profile, model=self.usual.model)

    def begin(self) -> None:
        """Let them be those of a new conversation."""
        self.current = self._of_a_new_conversation

    async def reopened(self, thread: Sequence[Message]) -> Options:
        """Those that go on with who answered last in a thread. Raises ChatspaceError."""
        return await asyncio.to_thread(self._workspace.conversations.reopened, thread, self._of_a_new_conversation)

    async def choose(self, profile: str | None, model: str | None) -> None:
        """Take another profile or model, if there is one of that name. Raises ChatspaceError."""
        options = replace(self.current, profile=profile or (self.current.profile if model else None), model=None)
        if model:
            found = await asyncio.to_thread(self._workspace.models.choose, model, options)
            options = replace(options, model=found)
        await asyncio.to_thread(self._workspace.conversations.outlook, "", options)
        self.current = self.usual = options

    def think_next(self) -> None:
        """The effort after the one that holds: the profile's own, low, medium, high, none."""
        ways = (None, *EFFORTS[1:], EFFORTS[0])
        self.think(ways[(ways.index(self.current.effort) + 1) % len(ways)] or "profile")

    def think(self, level: str) -> None:
        """An effort by its name, or `profile`; another word is explained."""
        effort = next((effort for effort in EFFORTS if effort == level), None)
        if effort is None and level != "profile":
            current = self.current.effort or "what the profile says"
            said = f"Effort: {current}. /think {', '.join(EFFORTS)} or profile changes it."
        else:
            self.current = replace(self.current, effort=effort)
            said = f"Effort of the next messages: {effort or 'what the profile says'}."
        self._listener(Changed(notice=said))
