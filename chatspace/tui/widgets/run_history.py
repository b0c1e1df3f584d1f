"""The runs there were, one of which can be opened."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static

from chatspace.core.text import display
from chatspace.tui.sessions.run_list import HERE, RunList
from chatspace.tui.widgets.rows import Rows
from chatspace.tui.widgets.run_rows import run_line

NOTHING = """\
No runs yet.

[b]/run brief.md[/b]                 takes a text through all stages
[b]/run brief.md --with b.md[/b]     makes one text of several"""


class RunHistory(Vertical):
    """Shows a list of runs, with the message that is offered above them. Its rows have the focus, if only for keys."""

    @dataclass
    class Chosen(Message):
        """The row with this key is to be opened."""

        key: int

    class NearEnd(Message):
        """The cursor came to the last row."""

    def __init__(self) -> None:
        super().__init__(id="run-history")
        self._shown = 0
        self.rows = Rows(id="run-list")

    def compose(self) -> ComposeResult:
        yield self.rows
        yield Static(NOTHING, id="run-nothing")

    def show(self, listed: RunList) -> None:
        """The runs as they are known, with the cursor where it was."""
        width = self.app.size.width - 3
        rows: list[tuple[int | None, Content]] = []
        if listed.offered:
            words = display.count(len(listed.offered.text.split()), "word")
            rows.append((HERE, Content.assemble(("▸ ", "$accent"), f"a run of the message under the cursor, {words}")))
        rows += [(number, run_line(record, width)) for number, record in enumerate(listed.runs, 1)]
        self._shown = len(listed.runs)
        self.rows.show(rows, self.rows.at)
        self.set_class(not rows, "empty")

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.rows.at == self._shown:
            self.post_message(self.NearEnd())

    @on(OptionList.OptionSelected)
    def choose(self) -> None:
        """Open the row under the cursor."""
        if self.rows.at is not None:
            self.post_message(self.Chosen(self.rows.at))
