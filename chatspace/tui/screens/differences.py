"""Word-level differences between two answers, in one text."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chatspace.core.text import display
from chatspace.core.text.difference import Change, changes
from chatspace.core.text.safe import for_screen

MARKS = {"same": "", "removed": "-", "added": "+"}
STYLES = {"same": "", "removed": "strike $text-error", "added": "underline $text-success"}
"""What was removed and added is told by mark and line, the colours are beside that."""


@dataclass(frozen=True, slots=True)
class Side:
    """An answer by the name that it may be called."""

    name: str
    text: str


class Differences(ModalScreen[None]):
    """What of the first answer another says otherwise; left and right choose the other."""

    CSS_PATH = "differences.tcss"
    HELP = """\
Words that only the first answer has are struck through after a -, words that only the other has are underlined after
a +. left and right (h, l) choose the other answer, s swaps the two, j k g G scroll.
"""
    BINDINGS = [
        Binding("escape,d,q", "dismiss", "back", id="differences.leave"),
        Binding("left,h", "other(-1)", "previous", show=False, id="differences.previous"),
        Binding("right,l,n", "other(1)", "next", show=False, id="differences.next"),
        Binding("s", "swap", "turn round", id="differences.swap"),
        Binding("j", "scroll('scroll_down')", "down", show=False, id="differences.down"),
        Binding("k", "scroll('scroll_up')", "up", show=False, id="differences.up"),
        Binding("g", "scroll('scroll_home')", "top", show=False, id="differences.top"),
        Binding("G", "scroll('scroll_end')", "end", show=False, id="differences.end"),
    ]

    def __init__(self, sides: Sequence[Side], one: int, other: int) -> None:
        super().__init__()
        self._sides = sides
        self._one = one
        self._other = other

    def compose(self) -> ComposeResult:
        yield Static(id="differences-head", markup=False)
        with VerticalScroll(id="differences-body"):
            yield Static(id="differences-text", markup=False)
        yield Static(id="differences-keys", markup=False)

    def on_mount(self) -> None:
        others = "left and right: another answer · " if len(self._sides) > 2 else ""
        self.query_one("#differences-keys", Static).update(f"{others}s turns round · j k g G · esc back")
        self.query_one(VerticalScroll).focus()
        self._compare()

    @work(exclusive=True)
    async def _compare(self) -> None:
        one, other = self._sides[self._one], self._sides[self._other]
        found = await asyncio.to_thread(changes, one.text, other.text)
        count = display.count(sum(change.kind != "same" for change in found), "change")
        head = Content.assemble(
            (f"-{for_screen(one.name)}", STYLES["removed"]),
            "   ",
            (f"+{for_screen(other.name)}", STYLES["added"]),
            (f"   {count}", "dim"),
        )
        self.query_one("#differences-head", Static).update(head)
        marked = await asyncio.to_thread(_marked, found)
        self.query_one("#differences-text", Static).update(marked)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_other(self, step: int) -> None:
        """Beside the next answer that isn't the first one."""
        places = [index for index in range(len(self._sides)) if index != self._one]
        self._other = places[(places.index(self._other) + step) % len(places)]
        self._compare()

    def action_swap(self) -> None:
        self._one, self._other = self._other, self._one
        self._compare()

    def action_scroll(self, how: str) -> None:
        getattr(self.query_one(VerticalScroll), how)(animate=False)


def _marked(found: Sequence[Change]) -> Content:
    parts = ((MARKS[change.kind] + for_screen(change.text), STYLES[change.kind]) for change in found)
    return Content.assemble(*parts)
