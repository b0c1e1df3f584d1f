"""A variant that is edited in its row."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.message import Message

from chatspace.tui.widgets.text_field import TextField


class VariantEditor(TextField):
    """Enter keeps the text, esc takes it back; a variant has no line breaks. Its length is counted as it is typed."""

    HELP = "enter keeps the text, esc takes it back. The row counts its length as you type."
    BINDINGS = [Binding("escape", "give_up", "take back", id="variant.give_up", priority=True)]

    @dataclass
    class Kept(Message):
        """The text that stands now."""

        text: str

    @dataclass
    class GivenUp(Message):
        """The text is to stay as it was."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("enter", "ctrl+s"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Kept(self.text))
            return
        await super()._on_key(event)

    def action_give_up(self) -> None:
        self.post_message(self.GivenUp())
