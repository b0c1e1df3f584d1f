"""A session over a real store, with a provider that plays a script and the jobs of the workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest
from textual import message
from textual.message_pump import MessagePump

from chatspace import locations
from chatspace.adapters.history.database import Database
from chatspace.core.chat.conversation import Message
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import Event
from chatspace.tui.jobs import Job, JobEnded, JobHappened, Jobs
from chatspace.tui.sessions.changed import Changed, UndoStep
from chatspace.wiring import Workspace
from tests.doubles import ScriptedProvider
from tests.loop_guard import LoopGuard
from tests.waiting import eventually_async


class Session(Protocol):
    def take(self, job: Job, event: Event) -> None: ...

    async def ended(self, job: Job, error: ChatspaceError | None) -> None: ...


class Owner(MessagePump):
    """Who the jobs of a session report to, as a screen would be."""

    def __init__(self) -> None:
        super().__init__()
        self.session: Session | None = None
        self._ended: list[asyncio.Task[None]] = []

    def post_message(self, message: message.Message) -> bool:
        assert self.session
        if isinstance(message, JobHappened):
            self.session.take(message.job, message.event)
        elif isinstance(message, JobEnded):
            self._ended.append(asyncio.create_task(self.session.ended(message.job, message.error)))
        return True

    async def until_ended(self, jobs: int) -> None:
        """Until so many jobs, those before among them, are over and what they made is shown."""
        await eventually_async(lambda: len(self._ended) >= jobs, seconds=8)
        await asyncio.gather(*self._ended)


class Seat:
    """What a session needs, and what it reports."""

    def __init__(self, provider: ScriptedProvider, guard: LoopGuard) -> None:
        self.provider = provider
        self.workspace = Workspace(models=provider, database=Database(locations.database(), guard=guard))
        self.jobs = Jobs()
        self.owner = Owner()
        self.changes: list[Changed] = []

    @property
    def errors(self) -> list[str]:
        return [change.error.explained for change in self.changes if change.error]

    @property
    def said(self) -> list[str]:
        return [change.notice for change in self.changes if change.notice]

    @property
    def undo(self) -> UndoStep:
        """Of what was done last."""
        return [change.undo for change in self.changes if change.undo][-1]

    @property
    def stored(self) -> Sequence[Message]:
        """All that the newest conversation holds."""
        history = self.workspace.history
        return history.messages.all(history.conversations.page()[0].id)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the user works."""
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def seat_with(home: Path, folder: Path, loop_guard: LoopGuard) -> Iterator[Callable[[ScriptedProvider], Seat]]:
    seats: list[Seat] = []

    def open_seat(provider: ScriptedProvider) -> Seat:
        seats.append(Seat(provider, loop_guard))
        return seats[-1]

    yield open_seat
    for seat in seats:
        seat.workspace.history.close()


@pytest.fixture
def seat(seat_with: Callable[[ScriptedProvider], Seat]) -> Seat:
    """With a provider that has no answers yet."""
    return seat_with(ScriptedProvider())
