"""What every place shares: where the user comes from, a heading, a status line, and errors that say what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import DescendantFocus
from textual.screen import Screen
from textual.widgets import Static

from chatspace.core.errors import ChatspaceError
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace import Workspace
from chatspace.tui.jobs import Jobs
from chatspace.tui.places import Onward, Standing
from chatspace.tui.slash import Typed
from chatspace.tui.widgets.status_line import StatusLine, hints

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class PlaceScreen(Screen[Onward | None]):
    """A heading, the place's own `body`, and a line of status; esc goes back to the conversation."""

    HELP = ""
    BINDINGS = [
        Binding("escape", "leave", "back", id="place.leave"),
        Binding("f1", "app.help", "help", id="app.help", priority=True),
    ]

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: Standing, typed: Typed) -> None:
        super().__init__(classes="place")
        self.workspace = workspace
        self.jobs = jobs
        self.standing = standing
        self.typed = typed

    def compose(self) -> ComposeResult:
        yield Static(classes="place-heading", markup=False)
        yield from self.body()
        with Vertical(classes="place-foot"):
            yield StatusLine()

    def body(self) -> ComposeResult:
        """What stands between heading and status."""
        yield from ()

    def entitle(self, text: str) -> None:
        self.query_one(".place-heading", Static).update(for_screen(text))

    def say(self, text: str) -> None:
        """The state of the work, in the status line."""
        self.query_one(StatusLine).left = for_screen(text)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.show_hints()

    def show_hints(self) -> None:
        """The keys that work where the focus is, in the status line."""
        self.query_one(StatusLine).right = hints(self)

    def complain(self, error: ChatspaceError) -> None:
        self.notify(for_screen(error.explained), severity="error", timeout=10, markup=False)

    async def in_thread(
        self, function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Result | None:
        """What a method that blocks gives, asked from a thread; a failure is shown and gives None."""
        try:
            return await asyncio.to_thread(function, *arguments, **named)
        except ChatspaceError as error:
            self.complain(error)
            return None

    def action_leave(self) -> None:
        self.dismiss(None)
