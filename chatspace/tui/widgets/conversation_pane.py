"""The conversation in sight: its title, its transcript, and what stands there before anything was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from chatspace.core.text.safe import for_screen
from chatspace.tui.widgets.background import UniformBackground

if TYPE_CHECKING:
    from chatspace.tui.transcript.entries import Entry, Key
    from chatspace.tui.widgets.transcript import Transcript

WELCOME = """\
[b]chatspace[/b]

Write a message and press enter.

[b]/draft brief.md[/b]   makes a text of a source, [b]/copy[/b] makes ads
[b]ctrl+o[/b]            chooses the model that answers
[b]f9[/b]                opens the history, [b]f1[/b] explains the rest"""


class ConversationPane(Vertical, UniformBackground):
    """Shows entries; `transcript` is there to be focused and asked what is under the cursor.

    Its keys are the screen's actions on that message: single letters, which would be typed where the prompt has them.
    """

    HELP = """\
Single keys act here on the message under the cursor.
r asks again, R by another model. e edits it into a new version beside the old one, b branches behind it; [ and ] walk
the versions. y yanks it, c one of its code blocks; v looks up the facts of a draft.
i or enter goes back to the prompt.
"""
    BINDINGS = [
        Binding("r", "screen.again", "again", id="chat.again"),
        Binding("R", "screen.again_by", "again by another model", id="chat.again-by", show=False),
        Binding("e", "screen.edit", "edit", id="chat.edit"),
        Binding("left_square_bracket", "screen.sibling(-1)", "version before", id="chat.version-before"),
        Binding("right_square_bracket", "screen.sibling(1)", "after", id="chat.version-after"),
        Binding("b", "screen.branch", "branch", id="chat.branch"),
        Binding("y", "screen.yank", "yank", id="chat.yank"),
        Binding("c", "screen.yank_code", "yank code", id="chat.yank-code", show=False),
        Binding("v", "screen.check_facts", "look up the facts", id="chat.facts", show=False),
        Binding("i,enter", "screen.write", "write", id="chat.write"),
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._waiting: list[Entry] = []
        self._transcript: Transcript | None = None
        self._text_width: int | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="heading", markup=False)
        yield Static(WELCOME, id="welcome")
        yield Static("↓ new text below · G goes there", id="below")

    @property
    def transcript(self) -> Transcript:
        """Made when it is first asked for, which is after the first frame."""
        if self._transcript is None:
            from chatspace.tui.widgets.transcript import Transcript

            self._transcript = Transcript(id="transcript")
            self._transcript.display = not self.query_one("#welcome").display
            if self._text_width:
                self._transcript.read_at(self._text_width)
            self.mount(self._transcript, before="#below")
        return self._transcript

    def read_at(self, width: int) -> None:
        """Let the text be at most so many cells wide."""
        self._text_width = width
        if self._transcript:
            self._transcript.read_at(width)

    def show(self, entries: Sequence[Entry], title: str = "") -> None:
        """Replace everything."""
        self._waiting = []
        self.transcript.show(entries)
        self.entitle(title)
        self._welcome(not entries)

    def entitle(self, title: str) -> None:
        self.query_one("#heading", Static).update(for_screen(title))

    def append(self, entry: Entry) -> None:
        """Add an entry behind the others; what waits stays the last."""
        waiting = self._waiting
        self.wait([])
        self.transcript.append(entry)
        self.wait(waiting)
        self._welcome(False)

    def replace_after(self, key: Key | None, entries: Sequence[Entry]) -> None:
        """Put other entries in the place of all behind this one."""
        self._waiting = []
        self.transcript.replace_after(key, entries)
        self._welcome(key is None and not entries)

    def wait(self, entries: Sequence[Entry]) -> None:
        """Show these messages as the ones that wait, behind everything else."""
        if list(entries) == self._waiting:
            return
        under_cursor = self.transcript.entry_under_cursor
        for entry in self._waiting:
            self.transcript.discard(entry.key)
        for entry in entries:
            self.transcript.append(entry, with_cursor=False)
        self._waiting = list(entries)
        if under_cursor and under_cursor.key in {entry.key for entry in entries}:
            self.transcript.go_to(under_cursor.key, scroll=False)

    def _welcome(self, empty: bool) -> None:
        self.query_one("#welcome").display = empty
        self.transcript.display = not empty

    def on_transcript_new_below(self, event: Transcript.NewBelow) -> None:
        event.stop()
        self.query_one("#below").display = event.waiting

    def on_click(self, event: events.Click) -> None:
        if event.widget is self.query_one("#below"):
            self.transcript.action_scroll("end")
