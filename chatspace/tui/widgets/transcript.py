"""The transcript of a conversation in one widget that renders lines.

A widget for each message would cost more the longer a conversation gets. Here only what is in the viewport is rendered,
only the block that grows is rendered again, and only lines that changed are painted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from chatspace.tui.transcript.entries import Entry, Key
from chatspace.tui.transcript.item import Item
from chatspace.tui.transcript.painting import character_at
from chatspace.tui.transcript.selecting import LineName, block_selection, word_selection
from chatspace.tui.transcript.viewport import Viewport

__all__ = ["Entry", "Key", "Transcript"]

FLUSH_SECONDS = 1 / 15
REST = 8
"""The next flush waits this many times what the last one cost, so that a dear block leaves time for keys."""


class Transcript(Viewport, can_focus=True, inherit_bindings=False):
    """Shows entries; follows the one that grows while the end is in view, else stays where the reader is."""

    DEFAULT_CSS = """
    Transcript {
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-color: $foreground 20%;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;

        & > .transcript--accent { color: $accent; }
        & > .transcript--heading { color: $text-primary; }
        & > .transcript--muted { color: $text-muted; }
        & > .transcript--rule { color: $text-disabled; }
        & > .transcript--error { color: $text-error; }
        & > .transcript--warning { color: $text-warning; }
        & > .transcript--link { color: $text-accent; text-style: underline; }
        & > .transcript--inline-code { background: $surface; }
        & > .transcript--code { background: $surface; }
        & > .transcript--code-comment { color: $text-muted; background: $surface; text-style: italic; }
        & > .transcript--code-keyword { color: $text-primary; background: $surface; }
        & > .transcript--code-name { background: $surface; text-style: bold; }
        & > .transcript--code-number { color: $text-warning; background: $surface; }
        & > .transcript--code-string { color: $text-success; background: $surface; }

        &:ansi { scrollbar-color: $scrollbar; }
        &:ansi > .transcript--inline-code { color: $text-primary; }
        &:ansi > .transcript--muted { text-style: dim; }
        &:ansi > .transcript--rule { text-style: dim; }
        &:ansi > .transcript--code-comment { text-style: dim italic; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move_cursor(-1)", "message before", id="transcript.up", show=False),
        Binding("down", "move_cursor(1)", "message after", id="transcript.down", show=False),
        Binding("k", "scroll_lines(-1)", "line up", id="transcript.line-up", show=False),
        Binding("j", "scroll_lines(1)", "line down", id="transcript.line-down", show=False),
        Binding("pageup", "scroll_pages(-1)", "page up", id="transcript.page-up", show=False),
        Binding("pagedown", "scroll_pages(1)", "page down", id="transcript.page-down", show=False),
        Binding("g,home", "top", "to the top", id="transcript.top", show=False),
        Binding("G,end", "end", "to the end", id="transcript.end", show=False),
        Binding("space,t", "unfold", "fold or unfold the thinking", id="transcript.unfold", show=False),
    ]

    @dataclass
    class LinkClicked(Message):
        """A link was clicked. `url` comes from the text: ask before following it."""

        transcript: Transcript
        url: str

        @property
        def control(self) -> Transcript:
            return self.transcript

    @dataclass
    class NewBelow(Message):
        """Whether text came below the viewport that the reader hasn't gone to yet."""

        transcript: Transcript
        waiting: bool

        @property
        def control(self) -> Transcript:
            return self.transcript

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._growing: set[Item] = set()
        self._waiting = self._flush_due = False
        self._flushed = self._cost = 0.0

    # What is shown.

    def show(self, entries: Sequence[Entry]) -> None:
        """Replaces everything and goes to the end. Thousands of entries cost next to nothing until looked at."""
        self._growing.clear()
        self.sheet.show(entries)
        self.cursor = self.sheet.items.things[-1] if entries else None
        self.drop_selection()
        self.go_to_end()

    def clear(self) -> None:
        """Shows nothing."""
        self.show(())

    def append(self, entry: Entry, *, with_cursor: bool = True) -> None:
        """Adds an entry at the end; while the end is followed, the cursor goes there too."""
        item = self.sheet.append(entry)
        if self._follow and with_cursor:
            self.cursor = item
        self._grown(True)

    def replace_after(self, key: Key | None, entries: Sequence[Entry]) -> None:
        """Puts other entries in the place of all behind this one, None being before the first.

        What is above stays where it is, and the cursor goes to the first new entry, or to the last there is. Raises
        KeyError.
        """
        items = self.sheet.items.things
        start = 0 if key is None else self.sheet.item(key).index + 1
        row = min(max(0, self.sheet.items.top(start) - self._line), self._height // 2)
        self._growing.difference_update(items[start:])
        self.sheet.cut(start)
        for entry in entries:
            self.sheet.append(entry)
        self.cursor = items[min(start, len(items) - 1)] if items else None
        self.drop_selection()
        self.hold()
        self._top = self.sheet.at(max(0, self.sheet.items.top(start) - row))
        self.settle()

    def extend(self, key: Key, text: str = "", reasoning: str = "") -> None:
        """Adds streamed text to an entry, shown within a fifteenth of a second; later where its last block is dear.

        Raises KeyError where no entry has the key.
        """
        item = self.sheet.item(key)
        item.take(text, reasoning)
        self._growing.add(item)
        if not self._flush_due:
            self._flush_due = True
            wait = self._flushed + max(FLUSH_SECONDS, REST * self._cost) - perf_counter()
            self.set_timer(max(0.001, wait), self._flush)

    def update(self, entry: Entry) -> None:
        """Replaces the entry that has this key, at once: it finished, failed, or got a footer. Raises KeyError."""
        item = self.sheet.item(entry.key)
        self._growing.discard(item)
        more = entry.text != item.entry.text
        item.update(entry, self.sheet.width)
        self.sheet.changed(item)
        self._grown(more)

    def discard(self, key: Key) -> None:
        """Takes an entry away. Raises KeyError."""
        item = self.sheet.item(key)
        self._growing.discard(item)
        self.sheet.remove(key)
        items = self.sheet.items.things
        near = items[min(item.index, len(items) - 1)] if items else None
        if self.cursor is item:
            self.cursor = near
        self.drop_selection()
        self.forget(item, near)

    # What there is.

    @property
    def entries(self) -> list[Entry]:
        """The entries in reading order, without what was streamed since the last flush."""
        return [item.entry for item in self.sheet.items.things]

    @property
    def entry_under_cursor(self) -> Entry | None:
        """The message that keys act on; None on an empty transcript."""
        return self.cursor.entry if self.cursor else None

    def entry(self, key: Key) -> Entry:
        """An entry, without what was streamed since the last flush. Raises KeyError."""
        return self.sheet.item(key).entry

    def source_of(self, key: Key) -> str:
        """The text of an entry as it was written or received so far. Raises KeyError."""
        return self.sheet.item(key).source

    def code_blocks(self, key: Key) -> list[str]:
        """The contents of the code blocks of an entry, in order. Raises KeyError."""
        tokens = self.sheet.renderer.parser.parse(self.source_of(key))
        return [token.content for token in tokens if token.type in ("fence", "code_block")]

    # Moving.

    def go_to(self, key: Key) -> None:
        """Puts the cursor on an entry and its first line at the top of the viewport. Raises KeyError."""
        self.cursor = self.sheet.item(key)
        self.show_item(self.cursor, always=True)

    def point_at(self, key: Key) -> None:
        """Puts the cursor on an entry and scrolls nothing. Raises KeyError."""
        self.cursor = self.sheet.item(key)
        self.settle()

    def action_move_cursor(self, step: int) -> None:
        items = self.sheet.items.things
        if not items:
            return
        index = self.cursor.index + step if self.cursor else len(items) - 1
        self.cursor = items[max(0, min(index, len(items) - 1))]
        self.show_item(self.cursor)

    def action_unfold(self) -> None:
        """Folds or unfolds the reasoning of the message under the cursor."""
        if self.cursor and self.cursor.entry.reasoning:
            self.hold()
            self.cursor.toggle(self.sheet.width)
            self.sheet.changed(self.cursor)
            self.drop_selection()
            self.settle()

    def action_follow_link(self, url: str) -> None:
        self.post_message(self.LinkClicked(self, url))

    # Growing.

    def end_reached(self) -> None:
        if self._waiting:
            self._waiting = False
            self.post_message(self.NewBelow(self, False))

    def _grown(self, more: bool, growing: bool = False) -> None:
        """Shows what changed; where it is more text and the end isn't in view, says that it waits below."""
        if more and not self._follow and not self._waiting:
            self._waiting = True
            self.post_message(self.NewBelow(self, True))
        self.settle(growing)

    def _flush(self) -> None:
        """Shows what was streamed since the last time."""
        started = perf_counter()
        self._flush_due = False
        growing, self._growing = self._growing, set()
        for item in growing:
            item.flush(self.sheet.width)
            self.sheet.changed(item)
        if growing:
            self._grown(True, growing=True)
        self._flushed = perf_counter()
        self._cost = self._flushed - started

    # Clicking.

    def on_click(self, event: events.Click) -> None:
        """Once: the cursor, a link or a fold. Twice: the word. Thrice: the block."""
        if event.y >= len(self.rows):
            return
        place = self.rows[event.y]
        self.cursor = place.item
        if event.chain > 1 or self.text_selection is not None:
            event.prevent_default()  # Neither all text is selected nor a link followed where a selection ends.
        if event.chain > 1:
            text = self.strip_at(event.y).text
            at = character_at(text, event.x)
            whole = event.chain > 2
            self.select(
                block_selection(place, self.column.left) if whole else word_selection(text, at, LineName.of(place).y)
            )
        self.settle()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Says where a link leads, which its text may hide."""
        action = event.style.meta.get("@click")
        self.tooltip = Text(action[1][0]) if isinstance(action, tuple) else None
