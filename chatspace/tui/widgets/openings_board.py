"""The board of a story: the openings side by side, one of them in an editor, and their tone in a table below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import Resize
from textual.message import Message
from textual.widgets import OptionList, Static

from chatspace.core.chat.openings import Opening
from chatspace.core.chat.openings_table import OpeningRow
from chatspace.core.text.tone_table import MEASURES, Measure, order
from chatspace.tui.session_view import bring_back
from chatspace.tui.widgets.opening_cards import OpeningCard, OpeningCards
from chatspace.tui.widgets.rows import Rows
from chatspace.tui.widgets.text_editor import TextEditor
from chatspace.tui.widgets.tone_rows import View, head_line, tone_line
from chatspace.tui.yanking import yank

if TYPE_CHECKING:
    from chatspace.tui.navigation import ScreenResult
    from chatspace.tui.sessions.story import StorySession
    from chatspace.wiring import Workspace


class OpeningsBoard(Vertical):
    """Shows openings in an order that the user chooses. `editing` is the one in the editor.

    `go_on` is called with where an opening leads that the user goes on from.
    """

    BINDINGS = [
        Binding("enter", "opening('go_on')", "continue", id="story.go_on"),
        Binding("s,asterisk", "opening('star')", "star", id="story.star"),
        Binding("x", "opening('discard')", "discard", id="story.discard"),
        Binding("u", "opening('bring_back')", "bring back", id="story.bring_back", show=False),
        Binding("tab,X", "view('scraps')", "scrap list", id="story.scraps"),
        Binding("e", "opening('edit')", "edit", id="story.edit"),
        Binding("o", "view('sort')", "sort", id="story.sort"),
        Binding("left,h", "view('column', -1)", "column left", id="story.column_left", show=False),
        Binding("right,l", "view('column', 1)", "column right", id="story.column_right", show=False),
        Binding("v", "opening('facts')", "facts", id="story.facts"),
        Binding("y", "opening('yank')", "yank", id="story.yank"),
        Binding("d", "opening('desk')", "to the desk", id="story.desk", show=False),
        Binding("pageup", "view('card', -1)", "card up", id="story.card_up", show=False),
        Binding("pagedown", "view('card', 1)", "card down", id="story.card_down", show=False),
    ]

    class Changed(Message):
        """It is shown otherwise, or an opening is being edited."""

    session: StorySession
    """What it shows, once the screen has begun it; the replies on their way report here."""

    def __init__(self, workspace: Workspace, go_on: Callable[[ScreenResult], object]) -> None:
        super().__init__()
        self._workspace = workspace
        self._go_on = go_on
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

    # Editing

    def edit(self, opening: Opening) -> None:
        self.editing = opening
        editor = self.query_one(TextEditor)
        editor.begin(opening.text)
        self._show()
        self.screen.set_focus(editor)
        self.post_message(self.Changed())

    def leave_editor(self) -> None:
        self.query_one(TextEditor).leave()

    @on(TextEditor.Left)
    def _editor_left(self, event: TextEditor.Left) -> None:
        opening, self.editing = self.editing, None
        self.focus_list()
        self._show()
        if opening:
            self.run_worker(self.session.edit(opening, event.text), group="mark")

    def focus_list(self) -> None:
        self.screen.set_focus(self.query_one(Rows))

    # What the keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a text is edited, its keys are its own; some keys need something to act on."""
        session, what = self.session, parameters[0] if parameters else None
        scraps = session.marks.scraps_shown
        if self.editing is not None:
            return False
        if what == "bring_back":
            return scraps
        if what == "discard":
            return bool(session.in_sight) and not scraps
        if what == "scraps":
            return scraps or len(session.in_sight) < len(session.rows)
        return bool(session.in_sight) or not (what == "sort" or action == "opening")

    def bring_back_last(self) -> bool:
        """The last of the scrap list, from the board too; gives whether there was one."""
        return bring_back(self, self.session.marks, editing=self.editing is not None)

    def action_opening(self, what: str) -> None:
        """Do with the opening under the cursor what the key says."""
        row = self.current
        match what:
            case "star" | "discard" | "bring_back":
                self.run_worker(self.session.marks.do(what, row.opening if row else None), group="mark")
            case _ if row is None:
                return
            case "edit":
                self.edit(row.opening)
            case "yank":
                opening = row.opening
                self.run_worker(yank(self.screen, self._workspace, opening.text, f"opening {opening.number}"))
            case "facts" if row.evidence is not None:
                from chatspace.tui.screens.facts import FactsScreen

                self.app.push_screen(FactsScreen(row.opening.text, row.evidence))
            case "facts":
                self.notify("The facts are still being looked up.")
            case _:
                if onward := self.session.go_on(row.opening, to_desk=what == "desk"):
                    self._go_on(onward)

    def action_view(self, what: str, step: int = 0) -> None:
        """Show the openings otherwise."""
        match what:
            case "scraps":
                self.session.marks.toggle_scraps()
            case "sort":
                self.sort()
            case "column":
                chosen = min(max(0, self._view.chosen + step), len(MEASURES) - 1)
                self._view = replace(self._view, chosen=chosen)
                self._show()
            case "card":
                if card := self.query_one(OpeningCards).current:
                    card.scroll_page_down(animate=False) if step > 0 else card.scroll_page_up(animate=False)
        self.post_message(self.Changed())

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
