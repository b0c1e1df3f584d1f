"""The board of a story: the openings side by side, one of them in an editor, and their tone in a table below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize
from textual.message import Message
from textual.widgets import OptionList, Static

from chatspace.core.chat.openings import Opening
from chatspace.core.chat.openings_table import OpeningRow
from chatspace.core.text.tone_table import MEASURES, Measure, order
from chatspace.tui.widgets.opening_cards import OpeningCard, OpeningCards
from chatspace.tui.widgets.rows import Rows
from chatspace.tui.widgets.text_editor import TextEditor
from chatspace.tui.widgets.tone_rows import View, head_line, tone_line


class OpeningsBoard(Vertical):
    """Shows openings in an order that the user chooses. `editing` is the one in the editor."""

    @dataclass
    class Edited(Message):
        """The user left the editor; this is the text of the opening now."""

        opening: Opening
        text: str

    def __init__(self) -> None:
        super().__init__()
        self._view = View(80)
        self._shown: Sequence[OpeningRow] = ()
        self._coming: Sequence[OpeningRow] = ()
        self.rows: Sequence[OpeningRow] = ()
        """In the order in which they are shown."""
        self.editing: Opening | None = None

    def compose(self) -> ComposeResult:
        yield OpeningCards(id="story-cards")
        yield TextEditor(id="story-editor")
        with Vertical(id="story-table"):
            yield Static(id="story-columns")
            yield Rows(id="story-rows")

    def show(self, rows: Sequence[OpeningRow], at: int | None = None) -> None:
        """These rows; the cursor goes to the opening with the number `at`, else stays on its own."""
        self._shown = rows
        self._show(at)

    def _show(self, at: int | None = None) -> None:
        rows, options = self._shown, self.query_one(Rows)
        view = self._view = replace(self._view, width=self.app.size.width)
        if view.sorted_by is not None:
            places = order([row.cells for row in rows], view.sorted_by, descending=view.descending)
            rows = [rows[place] for place in places]
        self.rows = rows
        self.query_one(OpeningCards).display = self.editing is None
        self.query_one(TextEditor).display = self.editing is not None
        self.query_one("#story-columns", Static).update(head_line(view))
        options.show([(row.opening.number, tone_line(row, view)) for row in rows], options.at if at is None else at)
        self._show_cards()

    def show_coming(self, rows: Sequence[OpeningRow]) -> None:
        """Beside the others, what has come so far of further ones."""
        self._coming = rows
        self._show_cards()

    def _show_cards(self) -> None:
        current = self.current
        shown = [*self.rows, *self._coming]
        self.query_one(OpeningCards).show(shown, self.rows.index(current) if current else 0)

    @property
    def current(self) -> OpeningRow | None:
        """The row under the cursor."""
        at = self.query_one(Rows).at
        return next((row for row in self.rows if row.opening.number == at), None)

    @property
    def measure(self) -> Measure:
        """That of the column with the cursor."""
        return MEASURES[self._view.chosen]

    def choose_column(self, step: int) -> None:
        chosen = min(max(0, self._view.chosen + step), len(MEASURES) - 1)
        self._view = replace(self._view, chosen=chosen)
        self._show()

    def sort(self) -> None:
        """By the chosen column: the highest first, then the lowest, then as they came."""
        view = self._view
        if view.sorted_by != view.chosen:
            self._view = replace(view, sorted_by=view.chosen, descending=True)
        elif view.descending:
            self._view = replace(view, descending=False)
        else:
            self._view = replace(view, sorted_by=None)
        self._show()

    def scroll_card(self, direction: int) -> None:
        if card := self.query_one(OpeningCards).current:
            card.scroll_page_down(animate=False) if direction > 0 else card.scroll_page_up(animate=False)

    # Editing

    def edit(self, opening: Opening) -> None:
        self.editing = opening
        editor = self.query_one(TextEditor)
        editor.begin(opening.text)
        self._show()
        self.screen.set_focus(editor)

    def leave_editor(self) -> None:
        self.query_one(TextEditor).leave()

    @on(TextEditor.Left)
    def _editor_left(self, event: TextEditor.Left) -> None:
        opening, self.editing = self.editing, None
        self.focus_list()
        self._show()
        if opening:
            self.post_message(self.Edited(opening, event.text))

    def focus_list(self) -> None:
        self.screen.set_focus(self.query_one(Rows))

    # The pointer and the window

    def on_resize(self, event: Resize) -> None:
        if self._shown:
            self._show()

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        self._show_cards()

    @on(OpeningCard.Chosen)
    def _clicked(self, event: OpeningCard.Chosen) -> None:
        self.query_one(Rows).go_to(event.number)
