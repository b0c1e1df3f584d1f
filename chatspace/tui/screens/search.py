"""Search: everything that was ever said, found while one types, with a look at what the cursor stands on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from rich.style import Style
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.events import Resize
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.chat.conversation import HIT_END, HIT_START, SearchHit
from chatspace.core.errors import ChatspaceError
from chatspace.core.text.safe import for_screen
from chatspace.tui.navigation import ScreenResult
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.rows import move

PAGE = 40
PAUSE_SECONDS = 0.05
"""How long nothing is typed before a search begins."""

WIDE = 100
"""Columns from which on the message stands beside the list."""

OPERATORS = 'tag: title: profile: model: role: before: after: has: in: · "in this order"'
NOTHING_ASKED = """\
Words find every message that holds them all; the last may be half typed.
A filter alone lists what it lets through: tag:launch, after:2026-03, has:source.
Enter opens the conversation at the message."""

HIT = Style(bold=True, underline=True)


class SearchScreen(ToolScreen):
    """The newest hits first, or the best; more come when the cursor nears the end of the list."""

    CSS_PATH = "search.tcss"
    HELP = """\
All bare words must be in a message, "quoted ones" in this order. The title counts as words of the first message.
role: is user or assistant, has: is source or code, a date is 2026, 2026-03, 2026-03-12, today or yesterday.
What is archived or in the trash is found by in:archived, in:trash and in:all alone.
"""
    BINDINGS = [
        Binding("down", "move(1)", "next hit", show=False, id="search.next"),
        Binding("up", "move(-1)", "previous hit", show=False, id="search.previous"),
        Binding("pagedown", "move(10)", "further down", show=False, id="search.further"),
        Binding("pageup", "move(-10)", "back up", show=False, id="search.back"),
        Binding("enter", "open", "open", id="search.open"),
        Binding("ctrl+r", "change_order", "best or newest first", id="search.order"),
    ]

    _by_rank = False
    _query = ""
    _complete = True
    _typing: Timer | None = None

    def body(self) -> ComposeResult:
        with Horizontal(id="search-line"):
            yield Static("›", id="search-mark")
            yield Input(self.typed.text, placeholder="words, or a filter", compact=True, id="search-input")
        yield Static(OPERATORS, id="search-operators", markup=False)
        with Horizontal(id="search-body"):
            yield Static(NOTHING_ASKED, id="search-nothing", markup=False)
            yield OptionList(id="search-hits", markup=False)
            with VerticalScroll(id="search-preview", can_focus=False):
                yield Static(id="search-text", markup=False)

    def on_mount(self) -> None:
        self._hits: list[SearchHit] = []
        self.entitle("Search")
        self.set_focus(self.query_one(Input))
        self._begin()

    def on_resize(self, event: Resize) -> None:
        self.set_class(self.app.size.width >= WIDE, "wide")
        self.call_after_refresh(self._redraw)

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    # Searching

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if self._typing:
            self._typing.stop()
        self._typing = self.set_timer(PAUSE_SECONDS, self._begin)

    def _begin(self) -> None:
        """Look for what stands in the line now; a search that still runs is ended."""
        self._query = self.query_one(Input).value
        self.workspace.history.search.interrupt()
        self._search()

    @work(exclusive=True, group="search")
    async def _search(self) -> None:
        found = await self._found(None)
        if found is not None:
            self._hits, self._complete = list(found), len(found) < PAGE
            self._list.clear_options()
            self._add(found)
            self._list.highlighted = 0 if found else None
            self._show_count()

    @work(exclusive=True, group="search")
    async def _search_on(self) -> None:
        found = await self._found(self._hits[-1].message)
        if found is not None:
            self._hits += found
            self._complete = len(found) < PAGE
            self._add(found)
            self._show_count()

    async def _found(self, before: int | None) -> Sequence[SearchHit] | None:
        """A page of hits; None where another search has begun meanwhile, or this one failed."""
        query, by_rank = self._query, self._by_rank
        try:
            found = await asyncio.to_thread(
                self.workspace.history.search.find, query, limit=PAGE, before=before, by_rank=by_rank
            )
        except ChatspaceError as error:
            if (query, by_rank) == (self._query, self._by_rank):
                self.complain(error)
            return None
        return found if (query, by_rank) == (self._query, self._by_rank) else None

    def _show_count(self) -> None:
        asked, found = bool(self._query.strip()), bool(self._hits)
        self._list.display = found
        nothing = self.query_one("#search-nothing", Static)
        nothing.display = not found
        nothing.update("Nothing was found." if asked else NOTHING_ASKED)
        if not found:
            self.query_one("#search-text", Static).update("")
        order = "best first" if self._by_rank else "newest first"
        count = f"{len(self._hits):,}{'' if self._complete else '+'} found · " if asked else ""
        self.say(f"{count}{order}")

    # Showing

    def _add(self, hits: Sequence[SearchHit]) -> None:
        width = self._list.scrollable_content_region.width - 2  # its padding
        self._list.add_options([Option(_line(hit, width)) for hit in hits])

    def _redraw(self) -> None:
        """At another width."""
        at = self._list.highlighted
        self._list.clear_options()
        self._add(self._hits)
        self._list.highlighted = at

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if not self._complete and event.option_index > len(self._hits) - PAGE // 2:
            self._complete = True  # until the page that is asked for now has come
            self._search_on()
        if self.has_class("wide") and event.option_index < len(self._hits):
            self._look_at(self._hits[event.option_index])

    @work(exclusive=True, group="preview")
    async def _look_at(self, hit: SearchHit) -> None:
        text = await self.in_thread(self.workspace.history.search.excerpt, self._query, hit.message)
        if text is not None:
            who = "you" if hit.role == "user" else "reply"
            head = Text(f"{for_screen(hit.title)} · {who} · {_when(hit.created)}\n\n", style="dim")
            self.query_one("#search-text", Static).update(head + _marked(text))
            self.query_one("#search-preview").scroll_home(animate=False)

    # Keys

    def action_move(self, step: int) -> None:
        """Go to another hit."""
        move(self._list, step)

    def action_change_order(self) -> None:
        """The newest first, or the best among the newest."""
        self._by_rank = not self._by_rank
        self._begin()

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def action_open(self) -> None:
        """Go to the message in its conversation."""
        at = self._list.highlighted
        if at is not None and at < len(self._hits):
            self._open(self._hits[at])

    @work(exclusive=True, group="open")
    async def _open(self, hit: SearchHit) -> None:
        leaf = await self.in_thread(self.workspace.history.branches.leaf_under, hit.message)
        if leaf is not None:
            self.dismiss(ScreenResult(hit.conversation, leaf=leaf, at=hit.message))

    def on_unmount(self) -> None:
        self.workspace.history.search.interrupt()


def _line(hit: SearchHit, width: int) -> Text:
    """The title with who and when behind it, and the snippet below."""
    title = _marked(hit.marked_title) or Text("Untitled")
    behind = f"{'you' if hit.role == 'user' else 'reply'} · {_when(hit.created)}"
    room = max(8, width - len(behind) - 2)
    title.truncate(room, overflow="ellipsis", pad=True)
    snippet = _marked(hit.snippet)
    snippet.stylize("dim")
    return Text("\n", no_wrap=True, overflow="ellipsis").join((title + Text(f"  {behind}", style="dim"), snippet))


def _marked(text: str) -> Text:
    """The text with its hits in another weight."""
    made = Text()
    for piece in for_screen(text).split(HIT_START):
        hit, end, rest = piece.partition(HIT_END)
        made.append(hit, HIT if end else None)
        made.append(rest)
    return made


def _when(moment: datetime) -> str:
    """The time for today, else the day."""
    there = moment.astimezone()
    today = datetime.now().astimezone()
    if there.date() == today.date():
        return f"{there:%H:%M}"
    return f"{there.day} {there:%b}" if there.year == today.year else f"{there:%Y-%m-%d}"
