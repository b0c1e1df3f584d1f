"""Documentation: the topics at the left, the text of the one under the cursor beside them."""

from __future__ import annotations

import asyncio

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import Resize
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chatspace import docs
from chatspace.core.errors import ChatspaceError
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.transcript.entries import Entry
from chatspace.tui.widgets.rows import move
from chatspace.tui.widgets.transcript import Transcript

WIDE = 80
"""Columns from which on the topics have room beside the text."""


class DocsScreen(ToolScreen):
    """Opens at the topic that was typed, else at the first."""

    CSS_PATH = "docs.tcss"
    HELP = """\
up and down choose a topic, enter goes into its text, tab back to the topics.
In the text j and k move by a line, page up and page down by a page, / finds words.
`chatspace docs TOPIC` prints the same text.
"""
    BINDINGS = [
        Binding("j", "move(1)", show=False, id="docs.down"),
        Binding("k", "move(-1)", show=False, id="docs.up"),
        Binding("tab", "switch", "topics or text", id="docs.switch"),
    ]

    def body(self) -> ComposeResult:
        with Horizontal(id="docs-body"):
            yield OptionList(
                *(Option(Text(name), id=name) for name in docs.TOPICS), id="docs-topics", markup=False, compact=True
            )
            yield Transcript(id="docs-text")

    def on_mount(self) -> None:
        self.entitle("Documentation")
        self.set_focus(self._topics)
        names, asked = list(docs.TOPICS), self.typed.text.strip()
        if asked and asked not in names:
            try:
                docs.read(asked)
            except ChatspaceError as error:
                self.complain(error)
        self._topics.highlighted = names.index(asked) if asked in names else 0

    def on_resize(self, event: Resize) -> None:
        self.set_class(self.app.size.width < WIDE, "narrow")

    @property
    def _topics(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def _text(self) -> Transcript:
        return self.query_one(Transcript)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_id:
            self._show(event.option_id)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.set_focus(self._text)

    @work(exclusive=True, group="topic")
    async def _show(self, topic: str) -> None:
        text = await asyncio.to_thread(docs.read, topic)
        self._text.show([Entry(topic, "assistant", text)])
        self._text.go_to(topic)
        self.call_after_refresh(self._text.action_scroll, "top")
        self.say(docs.TOPICS[topic])

    def action_move(self, step: int) -> None:
        """To another topic."""
        move(self._topics, step)

    def action_switch(self) -> None:
        """From the topics to the text, and back."""
        self.set_focus(self._topics if self.focused is self._text else self._text)
