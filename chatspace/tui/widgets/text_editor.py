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

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, soft_wrap=True, compact=True)

    def begin(self, text: str) -> None:
        """Take a text, without a way back to the one before."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    def action_leave(self) -> None:
        self.leave()

    def leave(self) -> None:
        self.post_message(self.Left(self.text))
