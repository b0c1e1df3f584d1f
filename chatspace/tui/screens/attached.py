"""What would be sent of a source: its text or what stands for it, and what the gate found."""

from __future__ import annotations

import asyncio

from rich.console import Group
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from chatspace.core.chat.attachment import Attachment
from chatspace.core.text.safe import for_screen
from chatspace.wiring import Workspace

MAX_SHOWN = 60_000
"""Characters; nobody reads more of it here."""


class AttachedText(ModalScreen[None]):
    """`share` is in tokens, where the source doesn't fit whole."""

    CSS_PATH = "attached.tcss"
    HELP = "What the model is sent of this source, below what the gate found in its structure."
    BINDINGS = [Binding("escape,q,enter", "dismiss", "back", id="attached.leave_text")]

    def __init__(self, workspace: Workspace, attachment: Attachment, share: int | None) -> None:
        super().__init__()
        self._workspace = workspace
        self._attachment = attachment
        self._share = share

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="attached-text"):
            yield Static(self._head(), classes="attached-part")
            yield Static("…", id="attached-sent", markup=False, classes="attached-part")
        yield Static("esc goes back", id="attached-keys")

    def on_mount(self) -> None:
        self.set_focus(self.query_one(VerticalScroll))
        self._show()

    def _head(self) -> Group:
        read = self._attachment
        status = "gate passed" if read.report.status == "passed" else read.report.status
        lines = [Text(for_screen(read.source.name), style="bold"), Text(f"{read.counts} · {status}", style="dim")]
        lines += [Text(for_screen(warning)) for warning in read.source.warnings]
        for found in read.report.findings:
            place = f"line {found.line}: " if found.line else ""
            lines.append(Text(f"{place}{for_screen(found.message or found.check)}"))
        return Group(*lines)

    @work
    async def _show(self) -> None:
        source, share = self._attachment.source, self._share
        text = source.text
        if share:
            text = await asyncio.to_thread(self._workspace.conversations.extraction, source, share)
        elif share == 0:
            text = "Only its name is sent: the rest doesn't fit. /draft reads all of it."
        left = len(text) - MAX_SHOWN
        shown = for_screen(text[:MAX_SHOWN]) + (f"\n\n… and {left:,} characters more" if left > 0 else "")
        self.query_one("#attached-sent", Static).update(Text(shown))
