"""What every screen that shows a session needs: its changes shown, its jobs heard, its scrap list emptied by undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from textual import on
from textual.widget import Widget

from chatspace.tui.jobs import JobEnded, JobHappened
from chatspace.tui.notices import show_notices
from chatspace.tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from chatspace.core.errors import ChatspaceError
    from chatspace.core.events import Event
    from chatspace.tui.jobs import Job
    from chatspace.tui.screens.tool_screen import ToolScreen
    from chatspace.tui.sessions.changed import Changed, Listener
    from chatspace.tui.sessions.marks import Marks


class HasJobs(Protocol):
    """A session that starts jobs."""

    def take(self, job: Job, event: Event) -> None: ...

    async def ended(self, job: Job, error: ChatspaceError | None) -> None: ...


class SessionJobs(Widget):
    """Takes no room; passes what the jobs of a session report on to it, as long as its screen is there."""

    DEFAULT_CSS = "SessionJobs { display: none; }"

    def __init__(self, session: Callable[[], HasJobs]) -> None:
        super().__init__()
        self._session = session

    @on(JobHappened)
    def _happened(self, message: JobHappened) -> None:
        self._session().take(message.job, message.event)

    @on(JobEnded)
    def _ended(self, message: JobEnded) -> None:
        self.run_worker(self._session().ended(message.job, message.error), group="ended")


def listener_on(screen: ToolScreen, show: Callable[[Changed], object]) -> Listener:
    """Shows the notices of a session, and by `show` the rest, unless the screen is being taken down."""

    def changed(change: Changed) -> None:
        show_notices(screen, change)
        if screen.query_one_optional(StatusLine):
            show(change)

    return changed


def bring_back(part: Widget, marks: Marks[Any], *, editing: bool) -> bool:
    """Bring back the last of the scrap list, unless a text is edited; gives whether there was one."""
    if editing or not marks.scraps:
        return False
    part.run_worker(marks.do("bring_back", None), group="mark")
    return True
