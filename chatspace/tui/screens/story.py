"""Stories: openings side by side, with a tone table that no model made; star, discard, merge, go on from one."""

from __future__ import annotations

from dataclasses import replace

from textual import on, work
from textual.binding import Binding

from chatspace.core.chat.openings import Opening, OpeningState
from chatspace.core.text.tone_table import MEASURES
from chatspace.tui.navigation import ScreenResult
from chatspace.tui.screens.story_asking import StoryAsking
from chatspace.tui.screens.tool_screen import EVERYWHERE
from chatspace.tui.widgets.opening_cards import OpeningCards
from chatspace.tui.widgets.text_editor import TextEditor
from chatspace.tui.yanking import yank


class StoryScreen(StoryAsking):
    """The openings of one story. What is discarded stays on its scrap list."""

    HELP = """\
Openings side by side, and below them what can be counted of their tone, each bar against the highest of the set.
The bars are no marks: nothing is better for being longer.
up and down (j, k) choose an opening, left and right (h, l) a column; o sorts by it, and again the other way.
≈ says nearly the same as another, ? holds facts that no source bears out, … was cut off.
s stars, x discards, m merges those with a star, u undoes it. tab shows the scrap list, where u brings back.
e edits, v looks up the facts, y yanks, + asks for more in the same tones.
Enter goes on from the opening: it is put into your prompt, in the conversation it came from.
"""
    BINDINGS = [
        Binding("enter", "go_on", "go on", id="story.go_on"),
        Binding("s,asterisk", "star", "star", id="story.star"),
        Binding("x", "discard", "discard", id="story.discard"),
        Binding("u", "bring_back", "bring back", id="story.bring_back", show=False),
        Binding("tab,X", "scraps", "scrap list", id="story.scraps"),
        Binding("m", "merge", "merge", id="story.merge"),
        Binding("plus", "more", "more", id="story.more"),
        Binding("e", "edit", "edit", id="story.edit"),
        Binding("o", "sort", "sort", id="story.sort"),
        Binding("left,h", "column(-1)", "column left", id="story.column_left", show=False),
        Binding("right,l", "column(1)", "column right", id="story.column_right", show=False),
        Binding("v", "facts", "facts", id="story.facts"),
        Binding("y", "yank", "yank", id="story.yank"),
        Binding("d", "desk", "to the desk", id="story.desk", show=False),
        Binding("r", "retry", "try again", id="story.retry", show=False),
        Binding("pageup", "scroll_card(-1)", "card up", id="story.card_up", show=False),
        Binding("pagedown", "scroll_card(1)", "card down", id="story.card_down", show=False),
    ]

    def on_mount(self) -> None:
        self._show_rows([])
        self.set_focus(self._list)
        self.every(0.3, self._show_writing)
        self._begin()

    # What the editor does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a text is edited, its keys are its own; some keys need something to act on."""
        if self._editing is not None:
            return action in EVERYWHERE
        if action in ("go_on", "star", "edit", "facts", "yank", "sort", "desk"):
            return bool(self._ordered)
        if action == "discard":
            return bool(self._ordered) and not self._scrap_list
        if action == "bring_back":
            return self._scrap_list
        if action == "scraps":
            return self._scrap_list or any(not row.opening.on_board for row in self._rows)
        if action == "merge":
            return len(self._starred) > 1
        return not (action == "retry" and not self._failed)

    @work(exclusive=True, group="mark")
    async def action_star(self) -> None:
        if row := self._current:
            state: OpeningState = "fresh" if row.opening.state == "starred" else "starred"
            await self.in_thread(self.workspace.stories.mark, row.opening, state)
            await self._load()

    @work(exclusive=True, group="mark")
    async def action_discard(self) -> None:
        """Put it on the scrap list."""
        if row := self._current:
            await self._mark(row.opening, "scrapped", "discarded")
            await self._load()

    @work(exclusive=True, group="mark")
    async def action_bring_back(self) -> None:
        """The one under the cursor of the scrap list."""
        if self._scrap_list and self._current:
            await self._bring_back(self._current.opening)

    def bring_back_last(self) -> bool:
        """The last of the scrap list, from the board too."""
        scraps = self._scraps
        if scraps and self._editing is None:
            self.run_worker(self._bring_back(scraps[-1]), group="mark", exclusive=True)
        return bool(scraps)

    @property
    def _scraps(self) -> list[Opening]:
        return [row.opening for row in self._rows if not row.opening.on_board]

    async def _bring_back(self, opening: Opening) -> None:
        if len(self._scraps) == 1:
            self._scrap_list = False
        await self._mark(opening, "fresh", "brought back")
        await self._load(opening.number)

    async def _mark(self, opening: Opening, state: OpeningState, done: str) -> None:
        """Give it another state, which undo takes back."""
        if await self.in_thread(self.workspace.stories.mark, opening, state):
            self.can_undo(f"Opening {opening.number} {done}", [opening])

    def action_scraps(self) -> None:
        self._scrap_list = not self._scrap_list
        self._show()

    def action_column(self, step: int) -> None:
        chosen = min(max(0, self._view.chosen + step), len(MEASURES) - 1)
        self._view = replace(self._view, chosen=chosen)
        self._show()

    def action_sort(self) -> None:
        """By the chosen column: the highest first, then the lowest, then as they came."""
        view = self._view
        if view.sorted_by != view.chosen:
            self._view = replace(view, sorted_by=view.chosen, descending=True)
        elif view.descending:
            self._view = replace(view, descending=False)
        else:
            self._view = replace(view, sorted_by=None)
        self._show()

    def action_edit(self) -> None:
        if row := self._current:
            self._editing = row.opening
            editor = self.query_one(TextEditor)
            editor.begin(row.opening.text)
            self._show()
            self.set_focus(editor)

    @on(TextEditor.Left)
    @work(exclusive=True, group="mark")
    async def _edited(self, event: TextEditor.Left) -> None:
        opening, self._editing = self._editing, None
        self.set_focus(self._list)
        if opening and event.text.strip() and event.text != opening.text:
            await self.in_thread(self.workspace.stories.edit, opening, event.text.strip())
        await self._load()
        self._show()

    def action_facts(self) -> None:
        from chatspace.tui.screens.facts import FactsScreen

        row = self._current
        if row and row.evidence is not None:
            self.app.push_screen(FactsScreen(row.opening.text, row.evidence))
        elif row:
            self.notify("The facts are still being looked up.")

    @work
    async def action_yank(self) -> None:
        if row := self._current:
            await yank(self, self.workspace, row.opening.text, f"opening {row.opening.number}")

    def action_scroll_card(self, direction: int) -> None:
        if card := self.query_one(OpeningCards).current:
            card.scroll_page_down(animate=False) if direction > 0 else card.scroll_page_up(animate=False)

    @property
    def unfinished(self) -> str:
        return f"Opening {self._editing.number} is being edited: esc keeps it." if self._editing else ""

    # Going on

    def action_go_on(self) -> None:
        if row := self._current:
            self._leave_with(f"Go on from this opening:\n\n{row.opening.text}", row.opening)

    def action_desk(self) -> None:
        """The opening on the desk."""
        if row := self._current:
            self._leave_with(f"/desk\n{row.opening.text}", row.opening)

    def _leave_with(self, prompt: str, opening: Opening) -> None:
        if self._writing:
            self.notify("A reply is still on the way. esc stops it and keeps what came.")
            return
        self.dismiss(ScreenResult(self._conversation, opening.message or None, prompt))

    def action_leave(self) -> None:
        """Leave the editor, stop what is being written, leave the scrap list, and then the place."""
        if self._editing is not None:
            self.query_one(TextEditor).leave()
        elif self._writing:
            for job in self._writing:
                self.jobs.stop(job)
        elif self._scrap_list:
            self.action_scraps()
        else:
            self.dismiss(ScreenResult(self._conversation) if self._stored else None)
