"""The recipes of a process, rendered: the documents of a batch all ask for the same few."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from chatspace.core.profiles.profile import Profile

MAX_KNOWN = 64
"""A recipe that is told what was written before is rendered once only, and makes room for others in time."""

Render = Callable[[Profile, Mapping[str, Any]], str]


class Recipes:
    """What recipes gave with their variables."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    async def rendered(self, render: Render, profile: Profile, variables: Mapping[str, Any]) -> str:
        """By `render` in a thread, where the recipe isn't known with these variables. Raises ConfigurationError."""
        asked = profile.recipe, repr((profile.steps, variables))
        known = self._known.get(asked)
        if known is None:
            known = await asyncio.to_thread(render, profile, variables)
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[asked] = known
        return known
