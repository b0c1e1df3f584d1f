"""A text that is edited in its place; leaving keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding
from textual.message import Message

from chatspace.tui.widgets.text_field import TextField


class TextEditor(TextField):
    """Esc (and ctrl+s) ends the editing and keeps the text; ctrl+z takes changes back before that."""

    HELP = "esc or ctrl+s keeps the text and goes back, ctrl+z takes the last change back."
    BINDINGS = [Binding("ctrl+s,escape", "leave", "keep", id="editor.leave", priority=True)]

    @dataclass
    class Left(Message):
        """The editing is over; this is the text now."""

        text: str

    def action_leave(self) -> None:
        self.leave()

    def leave(self) -> None:
        self.post_message(self.Left(self.text))
