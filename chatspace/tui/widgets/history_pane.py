"""The history at the side: the list, what is being done with it, and a line that says what was done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from chatspace.core.errors import ChatspaceError
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.tui.undo import Done, Gone, Undoable
from chatspace.tui.widgets.blocking_calls import BlockingCalls
from chatspace.tui.widgets.history_list import PAGE, HistoryList

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Conversation, Shelf
    from chatspace.core.workspace.organizer import Change
    from chatspace.wiring import Workspace

SHELVES: dict[Shelf, str] = {
    "current": "history",
    "archived": "archive",
    "trash": "trash · only D empties it",
}
"""In the order in which one goes through them, with what stands above each."""

MAX_AGAIN = 2_000
"""How many conversations are read again after a change; those further down come by the page."""


class HistoryPane(Vertical, BlockingCalls):
    """Loads its list, carries out what is asked there through the workspace's filing, and tells the screen."""

    BINDINGS = [
        Binding("y", "confirm(True)", "yes, for good", id="history.yes"),
        Binding("n", "confirm(False)", "no", id="history.no"),
    ]

    @dataclass
    class Changed(Message):
        """A conversation has another title, or stands on another shelf."""

        conversation: Conversation

    @dataclass
    class Purged(Message):
        """These conversations are no more."""

        conversations: tuple[int, ...]

    class Loaded(Message):
        """The list shows what there is."""

    class SearchWanted(Message):
        """The user wants to look for words."""

    def __init__(self, workspace: Workspace, id: str | None = None) -> None:
        super().__init__(id=id)
        self._workspace = workspace
        self._shelf: Shelf = "current"
        self._current: int | None = None
        self._editing: tuple[str, Conversation] | None = None
        self._doomed: tuple[int, ...] = ()
        self._back_at: int | None = None
        """The conversation that the cursor goes back to with the next list."""
        self.conversations = HistoryList(id="history-list")

    async def finish_mount(self) -> None:
        """Add the parts, once: in the first frame there is nothing to list yet."""
        if self.conversations.is_attached:
            return
        await self.mount(
            Static(SHELVES["current"], id="history-shelf", markup=False),
            self.conversations,
            Static("", id="history-empty", markup=False),
            Input(id="history-edit", compact=True),
            Static("", id="history-note", markup=False),
        )

    # What is shown

    def mark(self, current: int | None) -> None:
        """Another conversation is open, or none."""
        self._current = current
        self.conversations.mark(current)

    def load(self, current: int | None) -> None:
        """Show what the store holds now, with the cursor where it was, or on the conversation that is open."""
        self._current = current
        self._load()

    @work(exclusive=True, group="history")
    async def _load(self) -> None:
        if not (self.is_running and self.conversations.is_attached):  # it closes, or isn't furnished yet
            return
        wanted = min(max(PAGE, self.conversations.loaded), MAX_AGAIN)
        page = await self.in_thread(self._workspace.history.conversations.page, limit=wanted, shelf=self._shelf)
        if page is not None and self.is_running:
            self.conversations.show(page, self._current, complete=len(page) < wanted)
            back, self._back_at = self._back_at, None
            if back is not None and self.conversations.has_focus and self.conversations.holds(back):
                self.conversations.mark(back)
            self.query_one("#history-shelf", Static).update(SHELVES[self._shelf])
            empty = self.query_one("#history-empty", Static)
            empty.display = not page
            empty.update("nothing here yet" if self._shelf == "current" else "nothing here")
            self.post_message(self.Loaded())

    @on(HistoryList.MoreWanted)
    @work(exclusive=True, group="history")
    async def _load_more(self, event: HistoryList.MoreWanted) -> None:
        page = await self.in_thread(
            self._workspace.history.conversations.page, limit=PAGE, before=event.after, shelf=self._shelf
        )
        if page is not None:
            self.conversations.add_page(page)

    def _note(self, text: str = "", key: str = "") -> None:
        note = self.query_one("#history-note", Static)
        note.display = bool(text)
        note.update(Text.assemble(for_screen(text), (f"\n{key}" if key else "", "dim")))

    # What is done

    @on(HistoryList.Asked)
    def _asked(self, event: HistoryList.Asked) -> None:
        event.stop()
        self._doomed = ()
        self._note()
        organizer = self._workspace.organizer
        one = event.conversation
        marked = self.conversations.marked or ((one,) if one else ())
        match event.verb:
            case "shelf":
                order = list(SHELVES)
                self._shelf = order[(order.index(self._shelf) + 1) % len(order)]
                self._load()
            case "export":
                self._export(marked)
            case "search":
                self.post_message(self.SearchWanted())
            case "empty" if self._shelf == "trash":
                self._ask_to_empty()
            case "rename" | "tag" if one:
                self._edit(event.verb, one)
            case "pin" if one:
                self._carry_out(lambda one: organizer.pin(one, not one.pinned), (one,))
            case "archive" if one and one.deleted:
                self._carry_out(organizer.restore, marked)
            case "archive" if one:
                self._carry_out(partial(organizer.archive, archived=not one.archived), marked)
            case "delete" if one and one.deleted:
                what = for_screen(one.title) if len(marked) == 1 else f"these {len(marked):,}"
                self._ask_to_purge(tuple(each.id for each in marked), what)
            case "delete" if one:
                self._carry_out(organizer.delete, marked)

    @work
    async def _carry_out(self, change: Callable[[Conversation], Change], chosen: Sequence[Conversation]) -> None:
        """Do it to all of them; what was done before one failed can be undone too."""
        made: list[Change] = []
        marked = tuple(one.id for one in self.conversations.marked if one in chosen)
        await self.in_thread(lambda: made.extend(change(one) for one in chosen))
        if not made:
            return
        if marked:
            self.conversations.clear_marks()
        done = made[0].done if len(made) == 1 else f"{made[0].done}: {display.count(len(made), 'conversation')}"
        of = frozenset(each.before.id for each in made)
        self.app.post_message(Done(Undoable(done, partial(self._take_back, made, marked), of, self._note)))
        await self._tell(made)

    async def _take_back(self, made: Sequence[Change], marked: Sequence[int]) -> None:
        """Make them what they were, with their marks and the cursor where it was."""
        for change in reversed(made):
            await asyncio.to_thread(self._workspace.organizer.take_back, change)
        self._note()
        self.conversations.mark_again(marked)
        self._back_at = made[0].before.id
        await self._tell(made)

    async def _tell(self, made: Sequence[Change]) -> None:
        """Show what became of conversations, here and to the screen."""
        for change in made:
            changed = await self.in_thread(self._workspace.history.conversations.get, change.before.id)
            if changed:
                self.post_message(self.Changed(changed))
        self._load()

    # Out into files

    @on(HistoryList.Marked)
    def _marked(self, event: HistoryList.Marked) -> None:
        event.stop()
        marked = len(self.conversations.marked)
        self._note(f"{marked:,} marked" if marked else "", "a, d and x act on all of them · esc takes the marks away")

    @work(exclusive=True, group="export")
    async def _export(self, chosen: Sequence[Conversation]) -> None:
        """One into a file; several into a folder, a file each with an index, or as JSON into one file."""
        from chatspace.tui.history_export import suggestions, write  # the first frame needs neither
        from chatspace.tui.screens.save_dialog import SaveDialog

        if not chosen:
            return
        names = await self.in_thread(suggestions, self._workspace.exporter, chosen)
        to = await self.app.push_screen_wait(SaveDialog(names)) if names else None
        if to is None:
            return
        written = await self.in_thread(write, self._workspace, chosen, to)
        if written is not None:
            self.conversations.clear_marks()
            self._note(f"{len(chosen):,} exported")
            self.notify(f"Written to {written}")

    # Title and tags are written over the line that they stand on

    def _edit(self, verb: str, conversation: Conversation) -> None:
        self._editing = (verb, conversation)
        edit = self.query_one("#history-edit", Input)
        edit.value = conversation.title if verb == "rename" else ", ".join(conversation.tags)
        edit.placeholder = "title" if verb == "rename" else "tags, between commas"
        edit.offset = self.conversations.region.offset - self.region.offset + (1, self.conversations.cursor_row)
        edit.display = True
        self.screen.set_focus(edit)
        self._note("title" if verb == "rename" else "tags", "enter keeps · esc leaves")

    @on(Input.Submitted, "#history-edit")
    def _edited(self, event: Input.Submitted) -> None:
        event.stop()
        if self._editing is None:
            return
        verb, conversation = self._editing
        self.step_back()
        organizer = self._workspace.organizer
        if verb == "tag":
            from chatspace.core.workspace.organizer import tags_from  # the first frame has no need of it

            self._carry_out(partial(organizer.tag, tags=tags_from(event.value)), (conversation,))
        elif event.value.strip():
            self._carry_out(partial(organizer.rename, title=event.value), (conversation,))

    def on_descendant_blur(self) -> None:
        """A question that is left isn't answered."""
        if self._doomed and not self.has_focus_within:
            self._doomed = ()
            self._note()

    @on(Input.Blurred, "#history-edit")
    def _left(self) -> None:
        self.query_one("#history-edit").display = False
        self._editing = None

    def step_back(self) -> bool:
        """Leave what is being written or asked, if anything is; gives whether."""
        if not self.has_focus_within:
            return False
        marked = self.conversations.marked if self.conversations.has_focus else ()
        busy = bool(self._editing or self._doomed or marked)
        self._doomed = ()
        if marked:
            self.conversations.clear_marks()
        if busy:
            self._note()
            self.screen.set_focus(self.conversations)
        return busy

    # For good

    def _ask_to_purge(self, doomed: tuple[int, ...], what: str) -> None:
        self._doomed = doomed
        self._note(f"Delete {what} for good?", "y yes · n no")
        self.refresh_bindings()

    @work
    async def _ask_to_empty(self) -> None:
        doomed = await self.in_thread(lambda: tuple(one.id for one in self._workspace.organizer.shelf("trash")))
        if doomed:
            self._ask_to_purge(doomed, "this one" if len(doomed) == 1 else f"all {len(doomed):,}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self._doomed) if action == "confirm" else True

    def action_confirm(self, sure: bool) -> None:
        """Delete for good, or not."""
        doomed = self._doomed
        self.step_back()
        if sure:
            self._purge(doomed)

    @work
    async def _purge(self, doomed: tuple[int, ...]) -> None:
        self._note("deleting for good", "the file is rewritten")
        try:
            await asyncio.to_thread(self._workspace.organizer.purge, doomed)
        except ChatspaceError as error:
            self._note()
            self.complain(error)
        else:
            self._note("gone for good")
        get = self._workspace.history.conversations.get
        gone = await asyncio.to_thread(lambda: tuple(id for id in doomed if get(id) is None))
        self.app.post_message(Gone(frozenset(gone)))
        self.post_message(self.Purged(gone))
        self._load()
