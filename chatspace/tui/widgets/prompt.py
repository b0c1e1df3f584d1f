"""The prompt: where messages and commands are written."""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.timer import Timer
from textual.widgets import TextArea

from chatspace.tui.messages import PromptPaused, Submitted

PAUSE_SECONDS = 0.5


class Prompt(TextArea):
    """Grows with its text. Enter sends; ctrl+j and shift+enter break the line."""

    HELP = """\
Enter sends, ctrl+j (or shift+enter, where the terminal knows it) breaks the line.
A line that begins with / is a command: /help lists them.
What stands here unsent is kept when chatspace ends.
"""

    BINDINGS = [Binding("ctrl+j,shift+enter,alt+enter", "break_line", "break the line", show=False)]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, placeholder="Write a message, or / for a command", soft_wrap=True, compact=True)
        self._pause: Timer | None = None

    def action_break_line(self) -> None:
        self.insert("\n")

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            if self.text.strip():
                self.post_message(Submitted(self.text))
            return
        await super()._on_key(event)

    def on_text_area_changed(self) -> None:
        if self._pause:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE_SECONDS, lambda: self.post_message(PromptPaused(self.text)))

    def take(self) -> str:
        """The text, which is no longer here afterwards."""
        text = self.text
        self.text = ""
        return text

    def put(self, text: str) -> None:
        """Show a text with the cursor behind it."""
        self.text = text
        self.move_cursor(self.document.end)
