"""Asking for what may take long or fail, from a part of the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from textual.widget import Widget

from chatspace.core.errors import ChatspaceError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class BlockingCalls(Widget):
    """Stands behind the class that a part is styled as: `class Pane(Vertical, Asking)`."""

    def complain(self, error: ChatspaceError) -> None:
        """Show what went wrong, and what to do."""
        self.notify(error.explained, severity="error", timeout=10)

    async def in_thread(
        self, function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Result | None:
        """What a function that blocks gives, asked from a thread; a failure is shown and gives None."""
        try:
            return await asyncio.to_thread(function, *arguments, **named)
        except ChatspaceError as error:
            self.complain(error)
            return None
