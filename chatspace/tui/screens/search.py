"""Search: everything that was ever said, found while one types, with a look at what the cursor stands on."""

from __future__ import annotations

from functools import partial

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static

from chatspace.core.chat.conversation import SearchHit
from chatspace.tui.navigation import ScreenResult
from chatspace.tui.notices import show_notices
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.sessions.search import PAGE, SearchSession
from chatspace.tui.widgets.rows import move
from chatspace.tui.widgets.search_hits import SearchHits, SearchPreview

PAUSE_SECONDS = 0.05
"""How long nothing is typed before a search begins."""

WIDE = 100
"""Columns from which on the message stands beside the list."""

OPERATORS = 'tag: title: profile: model: role: before: after: has: in: · "in this order"'
NOTHING_ASKED = """\
Words find every message that holds them all; the last may be half typed.
A filter alone lists what it lets through: tag:launch, after:2026-03, has:source.
Enter opens the conversation at the message."""


class SearchScreen(ToolScreen):
    """The newest hits first, or the best; more come when the cursor nears the end of the list."""

    CSS_PATH = "search.tcss"
    HELP = """\
A message must contain all words, "quoted words" in this order. The title counts as part of the first message.
role: is user or assistant, has: is source or code, a date is 2026, 2026-03, 2026-03-12, today or yesterday.
Only in:archived, in:trash and in:all find archived and deleted conversations.
"""
    BINDINGS = [
        Binding("down", "move(1)", "next hit", show=False, id="search.next"),
        Binding("up", "move(-1)", "previous hit", show=False, id="search.previous"),
        Binding("pagedown", "move(10)", "further down", show=False, id="search.further"),
        Binding("pageup", "move(-10)", "back up", show=False, id="search.back"),
        Binding("enter", "open", "open", id="search.open"),
        Binding("ctrl+r", "change_order", "best or newest first", id="search.order"),
    ]

    HORIZONTAL_BREAKPOINTS = [(0, "narrow"), (WIDE, "wide")]

    def body(self) -> ComposeResult:
        self._session = SearchSession(self.workspace.history.search, partial(show_notices, self))
        self._typing: Timer | None = None
        self._hits = SearchHits()
        self._preview = SearchPreview(
            lambda hit: self.workspace.history.search.excerpt(self._session.query, hit.message)
        )
        with Horizontal(id="search-line"):
            yield Static("›", id="search-mark")
            yield Input(self.typed.text, placeholder="words, or a filter", compact=True, id="search-input")
        yield Static(OPERATORS, id="search-operators", markup=False)
        with Horizontal(id="search-body"):
            yield Static(NOTHING_ASKED, id="search-nothing", markup=False)
            yield self._hits
            yield self._preview

    def on_mount(self) -> None:
        self.entitle("Search")
        self.set_focus(self.query_one(Input))
        self._begin()

    # Searching

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if self._typing:
            self._typing.stop()
        self._typing = self.set_timer(PAUSE_SECONDS, self._begin)

    def _begin(self) -> None:
        """Look for what stands in the line now; a search that still runs is ended."""
        self._session.query = self.query_one(Input).value
        self.workspace.history.search.interrupt()
        self._search()

    @work(exclusive=True, group="search")
    async def _search(self, after: SearchHit | None = None) -> None:
        """The first page, or the one behind a hit."""
        found = await self._session.page(after)
        if found is None:
            return
        if after:
            self._hits.add(found)
        else:
            self._hits.show(found)
        session, count = self._session, len(self._hits.hits)
        asked = bool(session.query.strip())
        self._hits.display = bool(count)
        nothing = self.query_one("#search-nothing", Static)
        nothing.display = not count
        nothing.update("Nothing was found." if asked else NOTHING_ASKED)
        if not count:
            self._preview.clear()
        order = "best first" if session.by_rank else "newest first"
        self.say(f"{count:,}{'' if session.complete else '+'} found · {order}" if asked else order)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        hits = self._hits.hits
        if not self._session.complete and event.option_index > len(hits) - PAGE // 2:
            self._session.complete = True  # until the page that is asked for now has come
            self._search(hits[-1])
        if self.has_class("wide") and event.option_index < len(hits):
            self._preview.show(hits[event.option_index])

    # Keys

    def action_move(self, step: int) -> None:
        """Go to another hit."""
        move(self._hits, step)

    def action_change_order(self) -> None:
        """The newest first, or the best among the newest."""
        self._session.by_rank = not self._session.by_rank
        self._begin()

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    @work(exclusive=True, group="open")
    async def action_open(self) -> None:
        """Go to the message in its conversation."""
        if hit := self._hits.at:
            leaf = await self.in_thread(self.workspace.history.branches.leaf_under, hit.message)
            if leaf is not None:
                self.dismiss(ScreenResult(hit.conversation, leaf=leaf, at=hit.message))

    def on_unmount(self) -> None:
        self.workspace.history.search.interrupt()
