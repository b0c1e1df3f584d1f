"""A text that is written in, whose undo can't fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from textual import events, work
from textual.binding import Binding
from textual.document._edit import Edit
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from chatspace.core.errors import ChatspaceError
from chatspace.core.text.safe import for_file
from chatspace.tui.external_editor import edit_outside


class TextField(TextArea):
    """What every text of the workspace that is written in derives from."""

    BINDINGS = [Binding("ctrl+g", "editor", "your own editor", show=False, id="prompt.editor")]

    instead: Callable[[str], Awaitable[str]] | None = None
    """Is shown each paste, and gives what is to be inserted."""

    def __init__(self, id: str | None = None, *, placeholder: str = "", max_checkpoints: int = 50) -> None:
        super().__init__(id=id, placeholder=placeholder, max_checkpoints=max_checkpoints, compact=True)

    def on_unmount(self) -> None:
        """Textual lets go of what watches the theme when the theme changes: this field would be kept until then."""
        watching = getattr(self.app, "__watchers", {}).get("theme", [])
        watching[:] = [(field, tell) for field, tell in watching if field is not self]

    def _undo_batch(self, edits: Sequence[Edit]) -> None:
        _leave_the_end(self, edits)
        super()._undo_batch(edits)

    def _redo_batch(self, edits: Sequence[Edit]) -> None:
        _leave_the_end(self, edits)
        super()._redo_batch(edits)

    async def _on_paste(self, event: events.Paste) -> None:
        """A paste is a text with LF newlines, and nothing in it commands the terminal."""
        event.stop()
        event.prevent_default()
        text = for_file(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        if self.instead:
            text = await self.instead(text)
        if text and (result := self._replace_via_keyboard(text, *self.selection)):
            self.move_cursor(result.end_location)

    def begin(self, text: str) -> None:
        """Another text with the cursor behind it, without a way back to the one before."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    def rewrite(self, text: str) -> None:
        """Another text with the cursor behind it, in one step that undo takes back."""
        self.history.checkpoint()
        self.replace(text, self.document.start, self.document.end, maintain_selection_offset=False)
        self.history.checkpoint()
        self.move_cursor(self.document.end)

    @work(exclusive=True, group="editor")
    async def action_editor(self) -> None:
        """Go on writing in your own editor."""
        text = self.text
        try:
            edited = await edit_outside(self.app, text)
        except ChatspaceError as error:
            self.notify(error.explained, severity="error", timeout=15)
            return
        if edited != self.text:
            self.rewrite(edited)


def _leave_the_end(area: TextArea, edits: Sequence[Edit]) -> None:
    """Textual looks for the cursor before it has moved it: behind the end of a text that an undo has shortened.

    So the cursor goes to the start first; the edits, where there are any, put it where it belongs.
    """
    if edits:
        area.selection = Selection.cursor(area.document.start)
