"""The questions of the desk: where the text goes, and what to do about a file that has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from chatspace.core.errors import ChatspaceError
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.desk import ChangedMeanwhile
from chatspace.tui.command_runner import path_in
from chatspace.tui.screens.save_dialog import SaveDialog
from chatspace.tui.sessions.desk import DeskSession

CRITIC_SUFFIX = ".critic.md"
CRITIC, PLAIN = "CriticMarkup (every change marked)", "Markdown"


class Choice(ModalScreen[str | None]):
    """A question whose answers are single keys; esc answers nothing."""

    CSS_PATH = "desk.tcss"
    BINDINGS = [Binding("escape", "dismiss", "back", id="desk.no_answer")]

    def __init__(self, question: str, answers: Mapping[str, str]) -> None:
        super().__init__()
        self._question = question
        self._answers = answers

    def compose(self) -> ComposeResult:
        keys = " · ".join(f"{key} {meaning}" for key, meaning in self._answers.items())
        with Vertical(classes="desk-question"):
            yield Static(for_screen(self._question), markup=False)
            yield Static(f"{keys} · esc back", classes="desk-answers", markup=False)

    def on_key(self, event: Key) -> None:
        if event.character in self._answers:
            event.stop()
            self.dismiss(event.character)


class DeskDialogs:
    """Saves and exports a session's text, asking what must be asked; `rewrite` puts another text into the editor."""

    def __init__(self, app: App[Any], session: DeskSession, rewrite: Callable[[str], None]) -> None:
        self._app = app
        self._decisions = session.decisions
        self._file = session.file
        self._rewrite = rewrite
        self._one_at_a_time = asyncio.Lock()

    async def save(self) -> None:
        """Write the text to its file, or to one that is asked for."""
        async with self._one_at_a_time:
            opened = self._file.opened
            try:
                if opened:
                    await (self._save() if opened.path else self._save_as())
            except ChatspaceError as error:
                self._app.notify(error.explained, severity="error", timeout=10)

    async def _save(self) -> None:
        try:
            await self._file.save()
        except ChangedMeanwhile as error:
            answers = {"o": "overwrite it", "s": "save as another file", "r": "reload it, undo brings this text back"}
            match await self._app.push_screen_wait(Choice(f"{error}.", answers)):
                case "o":
                    await self._file.save(overwrite=True)
                case "s":
                    await self._save_as()
                case "r":
                    text = await self._file.reload()
                    if text is not None:
                        self._rewrite(text)

    async def _save_as(self) -> None:
        name = self._file.suggested_name
        chosen = await self._app.push_screen_wait(SaveDialog({"a text": name}))
        if chosen:
            await self._file.save_as(path_in(str(chosen.path)), overwrite=chosen.overwrite)

    async def export(self) -> None:
        """The text to another file: with every change marked, or as it is."""
        if self._file.opened is None:
            return
        name = self._file.suggested_name
        names = {CRITIC: f"{name.removesuffix('.md')}{CRITIC_SUFFIX}", PLAIN: name}
        async with self._one_at_a_time:
            chosen = await self._app.push_screen_wait(SaveDialog(names))
            if chosen:
                rejected = tuple(self._decisions.rejected) if chosen.format == CRITIC else None
                await self._file.export(path_in(str(chosen.path)), rejected, overwrite=chosen.overwrite)
