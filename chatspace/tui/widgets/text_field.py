"""A text that is written in, whose undo can't fail."""

from __future__ import annotations

from textual.widgets import TextArea
from textual.widgets.text_area import Selection


class TextField(TextArea):
    """Textual looks for the cursor before it has moved it: behind the end of a text that an undo has shortened.

    So the cursor goes to the start first; undo and redo put it where it belongs.
    """

    def undo(self) -> None:
        self.selection = Selection.cursor(self.document.start)
        super().undo()

    def redo(self) -> None:
        self.selection = Selection.cursor(self.document.start)
        super().redo()
