"""What a screen may ask of the app about the settings."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual.worker import Worker

from chatspace.core.profiles.settings import Settings, Value


@runtime_checkable
class HasSettings(Protocol):
    """The settings as they hold now, and the ways to change them."""

    settings: Settings

    def change_setting(self, name: str, value: Value) -> None: ...

    def action_themes(self) -> Worker[None]:
        """Let a theme be chosen; the worker ends when one is."""
        ...
