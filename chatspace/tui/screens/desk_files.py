"""The file behind the desk: the text that is opened, kept while it isn't saved, saved and exported."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from textual import work

from chatspace.core.errors import ChatspaceError
from chatspace.core.workspace.desk import ChangedMeanwhile, Opened
from chatspace.tui.command_runner import path_in
from chatspace.tui.navigation import ScreenResult
from chatspace.tui.screens.desk_asking import DeskAsking
from chatspace.tui.screens.desk_questions import Choice
from chatspace.tui.screens.save_dialog import Destination, SaveDialog

CRITIC_SUFFIX = ".critic.md"
CRITIC, PLAIN = "CriticMarkup (every change marked)", "Markdown"


class DeskFiles(DeskAsking):
    """Holds what the text on the desk was opened from."""

    _opened: Opened | None = None
    _first = ""
    """What the text began as, which an export compares it with."""
    note = ""
    """What saving couldn't keep of the file, until the text is changed."""

    @property
    def dirty(self) -> bool:
        return self._opened is not None and self.editor.text != self._opened.original

    def title_of_session(self) -> str:
        return f"Desk: {self._opened.name}" if self._opened else "Desk"

    def show_heading(self) -> None:
        opened = self._opened
        if opened is None:
            self.entitle("The desk")
            return
        state = "unsaved" if self.dirty else "saved" if opened.path else "not in a file"
        self.entitle(f"{opened.name} · {state}")

    def begin_review(self) -> None:
        super().begin_review()
        self._saving = asyncio.Lock()

    # What isn't saved

    @work(exclusive=True, group="keep")
    async def keep_text(self) -> None:
        if self._opened:
            await self.in_thread(self.workspace.desk.keep, self._opened, self.editor.text, self.session)

    def on_unmount(self) -> None:
        """Whichever way the desk is left, the text is kept."""
        if self._opened:
            try:
                self.workspace.desk.keep(self._opened, self.editor.text, self.session)
            except ChatspaceError:
                self.log.error("the unsaved text of the desk could not be kept")

    def action_leave(self) -> None:
        self._leave(None)

    def go_on(self, onward: ScreenResult) -> None:
        self._leave(onward)

    @work
    async def _leave(self, onward: ScreenResult | None) -> None:
        if self._opened and self.dirty:
            await self.in_thread(self.workspace.desk.keep, self._opened, self.editor.text, self.session)
            self.app.notify(f"The unsaved text of {self._opened.name} is kept.")
        self.dismiss(onward)

    # Saving

    @work(group="save")
    async def action_save(self) -> None:
        """Write the text to its file, one time after the other: each must know what the last one wrote."""
        async with self._saving:
            if self._opened is None:
                return
            if self._opened.path is None:
                await self._save_as()
            else:
                await self._save(self._opened)

    async def _save(self, opened: Opened, *, overwrite: bool = False) -> None:
        try:
            text = self.editor.text
            self._saved(await self._in_order(self.workspace.desk.save, opened, text, overwrite=overwrite))
        except ChangedMeanwhile as error:
            answers = {"o": "overwrite it", "s": "save as another file", "r": "reload it, undo brings this text back"}
            match await self.app.push_screen_wait(Choice(f"{error}.", answers)):
                case "o":
                    await self._save(opened, overwrite=True)
                case "s":
                    await self._save_as()
                case "r":
                    await self._reload(opened)
        except ChatspaceError as error:
            self.complain(error)

    async def _save_as(self) -> None:
        opened = self._opened
        assert opened is not None, "a text is opened before it is saved"
        name = self.workspace.exporter.file_name(Path(opened.name).stem, "", "md")
        chosen = await self.app.push_screen_wait(SaveDialog({"a text": name}))
        if chosen is None:
            return
        path, text = path_in(str(chosen.path)), self.editor.text
        try:
            save_as = self.workspace.desk.save_as
            self._saved(await self._in_order(save_as, opened, text, path, overwrite=chosen.overwrite))
        except ChatspaceError as error:
            self.complain(error)

    async def _in_order(self, function: Any, *arguments: Any, **named: Any) -> Opened:
        """Behind what is being stored, in a thread; raises what it raises."""
        async with self._storing:
            opened: Opened = await asyncio.to_thread(function, *arguments, **named)
            return opened

    def _saved(self, opened: Opened) -> None:
        self._opened = opened
        self.show_heading()
        self.note = opened.lost
        self.show_state()
        self.notify(f"Saved to {opened.path}")

    async def _reload(self, opened: Opened) -> None:
        """What is in the file, as an edit, so that undo brings back what stood here."""
        assert opened.path is not None, "only a file can be reloaded"
        fresh = await self.in_thread(self.workspace.desk.reread, opened.path)
        if fresh:
            self.editor.rewrite(fresh.original)
            self._opened = fresh
            self.show_heading()

    @work(exclusive=True, group="save")
    async def action_export(self) -> None:
        """The text to another file: with every change marked, or as it is."""
        opened = self._opened
        if opened is None:
            return
        name = self.workspace.exporter.file_name(Path(opened.name).stem, "", "md")
        names = {CRITIC: f"{name.removesuffix('.md')}{CRITIC_SUFFIX}", PLAIN: name}
        chosen = await self.app.push_screen_wait(SaveDialog(names))
        if chosen is None:
            return
        written = await self.in_thread(self._export, chosen, self.editor.text)
        if written:
            self.notify(f"Written to {written}")

    def _export(self, chosen: Destination, text: str) -> Path:
        exporter = self.workspace.exporter
        data = exporter.critic(self._first, text, self.rejected) if chosen.format == CRITIC else text.encode("utf-8")
        return exporter.write(path_in(str(chosen.path)), data, overwrite=chosen.overwrite)
