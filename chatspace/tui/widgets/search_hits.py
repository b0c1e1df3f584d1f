"""The hits of a search, two lines each, and the text of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rich.style import Style
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.events import Resize
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.chat.conversation import HIT_END, HIT_START, SearchHit
from chatspace.core.text.safe import for_screen
from chatspace.tui.widgets.blocking_calls import BlockingCalls

HIT = Style(bold=True, underline=True)


class SearchHits(OptionList):
    """Lists hits at the width that there is."""

    def __init__(self) -> None:
        super().__init__(id="search-hits", markup=False)
        self.hits: list[SearchHit] = []

    def show(self, hits: Sequence[SearchHit]) -> None:
        """Replace everything, with the cursor on the first."""
        self.hits = []
        self.clear_options()
        self.add(hits)
        self.highlighted = 0 if hits else None

    def add(self, hits: Sequence[SearchHit]) -> None:
        """Further ones, behind the others."""
        width = self.scrollable_content_region.width - 2  # its padding
        self.hits += hits
        self.add_options([Option(_line(hit, width)) for hit in hits])

    @property
    def at(self) -> SearchHit | None:
        """The hit under the cursor."""
        return self.hits[self.highlighted] if self.highlighted is not None and self.hits else None

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(self._draw_again)

    def _draw_again(self) -> None:
        hits, at, self.hits = self.hits, self.highlighted, []
        self.clear_options()
        self.add(hits)
        self.highlighted = at


class SearchPreview(VerticalScroll, BlockingCalls, can_focus=False):
    """The message of a hit, with the words that were looked for in another weight, as `excerpt` gives it."""

    def __init__(self, excerpt: Callable[[SearchHit], str]) -> None:
        super().__init__(id="search-preview")
        self._excerpt = excerpt

    def compose(self) -> ComposeResult:
        yield Static(id="search-text", markup=False)

    def clear(self) -> None:
        self.query_one(Static).update("")

    @work(exclusive=True)
    async def show(self, hit: SearchHit) -> None:
        text = await self.in_thread(self._excerpt, hit)
        if text is not None:
            who = "you" if hit.role == "user" else "reply"
            head = Text(f"{for_screen(hit.title)} · {who} · {_when(hit.created)}\n\n", style="dim")
            self.query_one(Static).update(head + _marked(text))
            self.scroll_home(animate=False)


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
