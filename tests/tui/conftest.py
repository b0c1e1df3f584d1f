"""The workspace under a pilot, over a real store and the test server."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList

from chatspace import locations
from chatspace.adapters.history.database import Database
from chatspace.adapters.litellm.provider import LitellmProvider
from chatspace.core.chat.conversation import Message
from chatspace.core.errors import UsageError
from chatspace.tui.app import ChatspaceApp
from chatspace.tui.screens.chat import ChatScreen
from chatspace.tui.sessions.chat import ChatSession
from chatspace.tui.transcript.entries import Entry
from chatspace.tui.widgets.conversation_pane import ConversationPane
from chatspace.tui.widgets.history_pane import HistoryPane
from chatspace.tui.widgets.prompt import Prompt
from chatspace.tui.widgets.status_line import StatusLine
from chatspace.tui.widgets.transcript import Transcript
from chatspace.wiring import Workspace
from tests.loop_guard import LoopGuard
from tests.model_answers import ask_at_every_step
from tests.model_server import ModelServer
from tests.waiting import eventually_async

S = TypeVar("S", bound=Screen[Any])
Kind = type[S]  # within Seat, `type` is what its user does


@contextmanager
def locked() -> Iterator[None]:
    """Another program writes to the history, as in a purge: nobody else can until the end of the block."""
    with closing(sqlite3.connect(locations.database(), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def turns_of(body: Mapping[str, Any]) -> list[str]:
    """What went to the model, turn by turn, without the recipe."""
    return [turn["content"] for turn in body["messages"][1:]]


class KeptClipboard:
    """A clipboard that keeps what it is given, or has no tool at all."""

    def __init__(self, works: bool = True) -> None:
        self.works = works
        self.texts: list[str] = []

    def yank(self, text: str) -> str:
        if not self.works:
            raise UsageError("The text couldn't be copied")
        self.texts.append(text)
        return "the system's clipboard"

    def tools(self) -> list[str]:
        return ["the system's clipboard"] if self.works else []


@dataclass
class Seat:
    """Where a test sits: the keyboard, and what can be seen."""

    app: ChatspaceApp
    pilot: Pilot[None]
    workspace: Workspace
    clipboard: KeptClipboard

    @property
    def screen(self) -> ChatScreen:
        return self.app.chat

    @property
    def session(self) -> ChatSession:
        return self.screen.session

    @property
    def prompt(self) -> Prompt:
        return self.screen.query_one(Prompt)

    @property
    def transcript(self) -> Transcript:
        return self.screen.query_one(ConversationPane).transcript

    @property
    def entries(self) -> list[Entry]:
        return list(self.transcript.sheet.entries)

    @property
    def texts(self) -> list[str]:
        return [entry.text for entry in self.entries]

    @property
    def stored(self) -> list[Message]:
        """All that the newest conversation holds."""
        history = self.workspace.history
        return list(history.messages.all(history.conversations.page()[0].id))

    @property
    def status(self) -> str:
        return self.screen.query_one(StatusLine).left

    @property
    def hints(self) -> str:
        """The keys in the status line of the screen in sight."""
        return self.app.screen.query_one(StatusLine).right

    @property
    def shown(self) -> str:
        """The characters on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    @property
    def notices(self) -> list[str]:
        return [notification.message for notification in self.app._notifications]

    async def type(self, text: str) -> None:
        """Put a text into the prompt as a paste would, behind what stands there."""
        self.prompt.focus()
        self.prompt.insert(text)
        await self.pilot.pause()

    async def paste(self, text: str) -> None:
        """As the terminal brings it."""
        self.prompt.focus()
        self.app.post_message(events.Paste(text))
        await self.pilot.pause()
        await self.pilot.pause()

    async def send(self, text: str) -> None:
        await self.type(text)
        await self.pilot.press("enter")

    async def until(self, predicate: Callable[[], object]) -> None:
        await eventually_async(predicate)
        await self.pilot.pause()

    async def reply(self, status: str = "complete") -> Entry:
        """The last reply, as soon as it has that status."""
        await self.until(lambda: self.entries and self.entries[-1].status == status and not self.session.job)
        return self.entries[-1]

    async def exchange(self, text: str) -> Entry:
        """Send a message; its reply, as soon as it is whole."""
        before = len(self.entries)
        await self.send(text)
        await self.until(lambda: len(self.entries) >= before + 2)
        return await self.reply()

    async def told(self, text: str) -> None:
        """Until a notice says so."""
        await self.until(lambda: any(text in notice for notice in self.notices))

    async def opened(self, kind: Kind[S]) -> S:
        """The screen of that kind, as soon as it is the one in sight."""
        await self.until(lambda: isinstance(self.app.screen, kind))
        screen = self.app.screen
        assert isinstance(screen, kind)
        return screen

    async def back_in_chat(self, entries: int | None = None) -> None:
        """Until the chat is in sight again, with so many entries."""
        await self.until(lambda: self.app.screen is self.screen and entries in (None, len(self.entries)))

    async def leave(self, entries: int | None = None) -> None:
        """By escape, until the chat is in sight again."""
        await self.pilot.press("escape")
        await self.back_in_chat(entries)

    async def open_newest(self) -> None:
        """Open the newest conversation from the list."""
        history = self.screen.query_one(HistoryPane)
        await self.pilot.press("f9")
        await self.until(lambda: history.conversations.option_count)
        await self.pilot.press("down", "enter")
        await self.until(lambda: self.entries)

    async def choose(self, text: str, by: str = "ctrl+o") -> None:
        """Open the chooser by this key, narrow it down and take the first."""
        await self.pilot.press(by)
        await self.until(
            lambda: self.app.screen.query(OptionList) and self.app.screen.query_one(OptionList).option_count
        )
        await self.pilot.press(*text)
        await self.pilot.press("enter")
        await self.back_in_chat()


Open = Callable[..., AbstractAsyncContextManager[Seat]]


@pytest.fixture(scope="session")
def litellm() -> LitellmProvider:
    """Loaded once for all tests of a process."""
    return LitellmProvider()


@pytest.fixture
def open_workspace(
    home: Path, litellm: LitellmProvider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, loop_guard: LoopGuard
) -> Open:
    """`async with open_workspace(size=(120, 40)) as seat`, in an empty folder."""
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)

    @asynccontextmanager
    async def opened(size: tuple[int, int] = (120, 40), *, clipboard: bool = True) -> AsyncIterator[Seat]:
        kept = KeptClipboard(clipboard)
        database = Database(locations.database(), guard=loop_guard)
        workspace = Workspace(models=litellm, database=database, clipboard=kept)
        workspace.history.recover()
        app = ChatspaceApp(workspace)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Seat(app, pilot, workspace, kept)
            await app.jobs.stop_all()
        workspace.history.close()

    return opened


@pytest.fixture
def served(home: Path, model_server: ModelServer) -> ModelServer:
    """The test server behind the profiles chat, quick and the three for runs."""
    folder = home / "profiles"
    folder.mkdir()
    ask_at_every_step(folder)
    for name, step in (
        ("chat", "chat"),
        ("quick", "chat"),
        ("light-extractor", "extract"),
        ("balanced-drafter", "draft"),
        ("longform-drafter", "draft"),
        ("copy-fast", "[copy, draft]"),
    ):
        (folder / f"{name}.md").write_text(
            f"---\nstep: {step}\nmodel: openai/{name}-model\napi_base: {model_server.url}\n"
            "timeout: {first_token: 5, idle: 5, total: 30}\nprice: {input: 2.0, output: 8.0}\n---\nYou are "
            f"{name}.\n",
            encoding="utf-8",
        )
    return model_server
