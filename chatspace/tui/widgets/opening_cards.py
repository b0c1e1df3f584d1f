"""Openings side by side: as many as the width takes, the one under the cursor always among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from chatspace.core.chat.openings_table import OpeningRow
from chatspace.core.text.safe import for_screen
from chatspace.tui.screens.facts import SOUND, WORDS
from chatspace.tui.widgets.tone_rows import MARKS, remarks

WIDE, CARD, MAX = 100, 38, 6
"""From so many columns on there are several cards, each of at least so many, and at most so many of them."""


class OpeningCard(VerticalScroll, can_focus=False):
    """One opening, with its claims marked."""

    @dataclass
    class Chosen(Message):
        """The user clicked on the card of the opening with this number."""

        number: int

    def compose(self) -> ComposeResult:
        yield Static(classes="card-head")
        yield Static(classes="card-text")

    number = 0

    def show(self, row: OpeningRow, current: bool) -> None:
        opening = row.opening
        self.set_class(current, "current")
        head = f"{MARKS[opening.state]} {opening.number}  {for_screen(opening.tone)}".strip()
        said = "".join(f"\n{remark}" for remark in remarks(row))
        self.query_one(".card-head", Static).update(Content.assemble(head, (said, "$text-warning")))
        self.query_one(".card-text", Static).update(marked(row))
        if opening.number != self.number:
            self.scroll_home(animate=False)
        self.number = opening.number

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Chosen(self.number))


class OpeningCards(Horizontal):
    """Shows the rows around the cursor."""

    def compose(self) -> ComposeResult:
        for _ in range(MAX):
            yield OpeningCard()

    def show(self, rows: Sequence[OpeningRow], at: int) -> None:
        """`at` is the index of the row under the cursor."""
        width = self.app.size.width
        count = min(MAX, width // CARD, len(rows)) if width >= WIDE else min(1, len(rows))
        first = min(max(0, at - count // 2), len(rows) - count)
        for place, card in enumerate(self.query(OpeningCard)):
            card.display = place < count
            if place < count:
                card.show(rows[first + place], first + place == at)

    @property
    def current(self) -> OpeningCard | None:
        return next((card for card in self.query(OpeningCard) if card.display and card.has_class("current")), None)


def marked(row: OpeningRow) -> Content:
    """The text of an opening; what no source bears out stands underlined behind the mark of its verdict."""
    text, at = row.opening.text, 0
    parts: list[Content | str | tuple[str, str]] = []
    for each in row.evidence or ():
        start, end = each.claim.span
        if each.claim.verdict in SOUND or start < at:
            continue
        parts += [for_screen(text[at:start]), (WORDS[each.claim.verdict][0], "$text-warning bold")]
        parts.append((for_screen(text[start:end]), "underline"))
        at = end
    return Content.assemble(*parts, for_screen(text[at:]))
