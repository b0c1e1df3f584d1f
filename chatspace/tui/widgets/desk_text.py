"""The desk's editor: a text with an undo that goes through edits and decisions alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual.document._edit import Edit
from textual.message import Message
from textual.widgets.text_area import Selection

from chatspace.core.document import Span
from chatspace.tui.widgets.text_field import TextField

MAX_STEPS = 100_000
"""How far undo goes back: further than anybody edits."""


class Tagged(list[Edit]):
    """A batch of the undo stack that has a meaning beyond its edits, which may be none."""

    def __init__(self, edits: Sequence[Edit], tag: Any) -> None:
        super().__init__(edits)
        self.tag = tag


class DeskText(TextField):
    """The text that is written; offsets are in code points of `text`."""

    HELP = """\
Write here: the text is Markdown.
ctrl+r takes the paragraph at the cursor, or the selection, and asks what should change in it.
ctrl+z takes back whatever came last: an edit, an acceptance, a rejection; ctrl+y does it again.
ctrl+s saves. What isn't saved is kept when chatspace ends.
"""

    @dataclass
    class Undone(Message):
        """A tagged step was taken back, or done again."""

        tag: Any
        again: bool = False

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, max_checkpoints=MAX_STEPS)

    def put(self, parts: Sequence[tuple[Span, str]], tag: Any = None) -> None:
        """Replace spans, which are in order and don't overlap, as one step of the undo; none of them is a step too."""
        self.history.checkpoint()
        before = len(self.history._undo_stack)
        for (start, end), text in reversed(parts):
            self.replace(text, self._location(start), self._location(end))
        stack = self.history._undo_stack
        edits = [edit for batch in list(stack)[before:] for edit in batch]
        while len(stack) > before:
            stack.pop()
        stack.append(Tagged(edits, tag))
        self.history._redo_stack.clear()
        self.history.checkpoint()

    def rewrite(self, text: str) -> None:
        self.put([((0, len(self.text)), text)])

    def undo(self) -> None:
        batch = self.history._undo_stack[-1] if self.history._undo_stack else None
        if isinstance(batch, Tagged) and batch.tag is not None:
            # Before the edit's own message, so that who hears both knows what the change was.
            self.post_message(self.Undone(batch.tag))
        super().undo()

    def redo(self) -> None:
        batch = self.history._redo_stack[-1] if self.history._redo_stack else None
        if isinstance(batch, Tagged) and batch.tag is not None:
            self.post_message(self.Undone(batch.tag, again=True))
        super().redo()

    @property
    def chosen(self) -> Span:
        """The selection; empty where nothing is selected."""
        start, end = sorted((self._offset(self.selection.start), self._offset(self.selection.end)))
        return start, end

    def show_span(self, span: Span) -> None:
        """Select a span and bring it into sight."""
        self.selection = Selection(self._location(span[0]), self._location(span[1]))
        self.scroll_cursor_visible()

    def put_cursor(self, offset: int) -> None:
        """With nothing selected."""
        self.selection = Selection.cursor(self._location(offset))

    def _offset(self, location: tuple[int, int]) -> int:
        offset: int = self.document.get_index_from_location(location)  # type: ignore[attr-defined]  # every one has it
        return offset

    def _location(self, offset: int) -> tuple[int, int]:
        location: tuple[int, int] = self.document.get_location_from_index(offset)  # type: ignore[attr-defined]  # the same
        return location
