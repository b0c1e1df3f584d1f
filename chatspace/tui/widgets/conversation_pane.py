"""The conversation in sight: its title, its transcript, and what stands there before anything was said."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from chatspace.core.text.safe import for_screen
from chatspace.tui.transcript.entries import Entry
from chatspace.tui.widgets.transcript import Transcript

WELCOME = """\
[b]chatspace[/b]

Write a message and press enter.

[b]/draft brief.md[/b]   makes a text of a source, [b]/copy[/b] makes ads
[b]ctrl+o[/b]            chooses the model that answers
[b]f9[/b]                opens the history, [b]f1[/b] explains the rest"""


class ConversationPane(Vertical):
    """Shows entries; `transcript` is there to be focused and asked what is under the cursor."""

    def compose(self) -> ComposeResult:
        yield Static(id="heading", markup=False)
        yield Static(WELCOME, id="welcome")
        yield Transcript(id="transcript")
        yield Static("↓ new text below", id="below")

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    def show(self, entries: Sequence[Entry], title: str = "") -> None:
        """Replace everything."""
        self.transcript.show(entries)
        self.entitle(title)
        self._welcome(not entries)

    def entitle(self, title: str) -> None:
        self.query_one("#heading", Static).update(for_screen(title))

    def append(self, entry: Entry) -> None:
        self.transcript.append(entry)
        self._welcome(False)

    def _welcome(self, empty: bool) -> None:
        self.query_one("#welcome").display = empty
        self.transcript.display = not empty

    @on(Transcript.NewBelow)
    def _new_below(self, event: Transcript.NewBelow) -> None:
        event.stop()
        self.query_one("#below").display = event.waiting
