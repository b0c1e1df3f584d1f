"""The transcript of a conversation in one widget that renders lines.

A widget for each message would cost more the longer a conversation gets. Here only what is in the viewport is rendered,
only the block that grows is rendered again, and only lines that changed are painted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, ClassVar, Literal

from rich.style import Style
from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from chatspace.tui.transcript.canvas import Canvas
from chatspace.tui.transcript.code import Highlighter
from chatspace.tui.transcript.entries import Entry, Key
from chatspace.tui.transcript.growth import Growth
from chatspace.tui.transcript.inline import LINK
from chatspace.tui.transcript.palette import COMPONENTS, Palette
from chatspace.tui.transcript.render import Renderer
from chatspace.tui.transcript.selecting import LineName, clicked_text, deselect, select, selected_text, shaded
from chatspace.tui.transcript.sheet import Sheet
from chatspace.tui.transcript.window import Window

__all__ = ["Entry", "Key", "Transcript"]

SCROLLBAR_SECONDS = 1.0
"""The scroll bar moves at most this often while text grows."""

WARM_UP_SECONDS = 0.1
"""After the first paint with text, what colours code is imported."""


class Transcript(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows entries; follows the one that grows while the end is in view, else stays where the reader is.

    `sheet` has what is shown, `window` where the reader is.
    """

    ALLOW_MAXIMIZE = False
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)
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
        Binding("k", "scroll('lines', -1)", "line up", id="transcript.line-up", show=False),
        Binding("j", "scroll('lines', 1)", "line down", id="transcript.line-down", show=False),
        Binding("pageup", "scroll('pages', -1)", "page up", id="transcript.page-up", show=False),
        Binding("pagedown", "scroll('pages', 1)", "page down", id="transcript.page-down", show=False),
        Binding("g,home", "scroll('top')", "to the top", id="transcript.top", show=False),
        Binding("G,end", "scroll('end')", "to the end", id="transcript.end", show=False),
        Binding("space,t", "unfold", "fold or unfold the thinking", id="transcript.unfold", show=False),
    ]

    # Without the layout of the whole screen that the base class asks for at each change.
    virtual_size = Reactive(Size(0, 0), layout=False)

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
        self._highlighter = Highlighter()
        self.sheet = Sheet(Renderer(Palette.none(), self._highlighter))
        self.window = Window(self.sheet)
        self._canvas = Canvas()
        self._growth = Growth(self.sheet, self.set_timer, partial(self.settle, growing=True, more=True))
        self._restyled = True
        self._waiting = self._placing = self._warming = False
        self._scrollbar_moved = 0.0

    # What is shown.

    def show(self, entries: Sequence[Entry]) -> None:
        """Replaces everything and goes to the end. Thousands of entries cost next to nothing until looked at."""
        self._growth.drop(self.sheet.items.things)
        self.sheet.show(entries)
        deselect(self)
        self.action_scroll("end")

    def append(self, entry: Entry, *, with_cursor: bool = True) -> None:
        """Adds an entry at the end; while the end is followed, the cursor goes there too."""
        item = self.sheet.append(entry)
        if self.window.at_end and with_cursor:
            self.window.cursor = item
        self.settle(more=True)

    def replace_after(self, key: Key | None, entries: Sequence[Entry]) -> None:
        """Puts other entries in the place of all behind this one, None being before the first.

        What is above stays where it is, and the cursor goes to the first new entry, or to the last there is. Raises
        KeyError.
        """
        start = 0 if key is None else self.sheet.item(key).index + 1
        row = self.window.row_of(start)
        self._growth.drop(self.sheet.items.things[start:])
        self.sheet.cut(start)
        for entry in entries:
            self.sheet.append(entry)
        self.window.put_at(start, row)
        deselect(self)
        self.settle()

    def extend(self, key: Key, text: str = "", reasoning: str = "") -> None:
        """Adds streamed text to an entry, shown within a fifteenth of a second; later where its last block is dear.

        Raises KeyError where no entry has the key.
        """
        self._growth.add(self.sheet.item(key), text, reasoning)

    def update(self, entry: Entry) -> None:
        """Replaces the entry that has this key, at once: it finished, failed, or got a footer. Raises KeyError."""
        item = self.sheet.item(entry.key)
        self._growth.drop((item,))
        more = entry.text != item.entry.text
        item.update(entry, self.sheet.width)
        self.sheet.changed(item)
        self.settle(more=more)

    def discard(self, key: Key) -> None:
        """Takes an entry away. Raises KeyError."""
        item = self.sheet.item(key)
        self._growth.drop((item,))
        self.sheet.remove(key)
        self.window.forget(item)
        deselect(self)
        self.settle()

    @property
    def entry_under_cursor(self) -> Entry | None:
        """The message that keys act on; None on an empty transcript."""
        return self.window.cursor.entry if self.window.cursor else None

    # Moving.

    def go_to(self, key: Key, *, scroll: bool = True) -> None:
        """Puts the cursor on an entry, and its first line at the top of the viewport. Raises KeyError."""
        item = self.sheet.item(key)
        if scroll:
            self.window.show(item, always=True)
        else:
            self.window.cursor = item
        self.settle()

    def action_move_cursor(self, step: int) -> None:
        items, cursor = self.sheet.items.things, self.window.cursor
        if items:
            index = cursor.index + step if cursor else len(items) - 1
            self.window.show(items[max(0, min(index, len(items) - 1))])
            self.settle()

    def action_scroll(self, by: Literal["lines", "pages", "top", "end"], count: int = 1) -> None:
        """By lines or pages, or to one of the ends, where the cursor goes too."""
        window = self.window
        match by:
            case "top":
                window.go_to_start()
            case "end":
                window.go_to_end()
            case _:
                window.scroll_to(window.line + count * (1 if by == "lines" else max(1, window.size[1] - 2)))
        self.settle()

    def action_unfold(self) -> None:
        """Folds or unfolds the reasoning of the message under the cursor."""
        cursor = self.window.cursor
        if cursor and cursor.entry.reasoning:
            self.window.hold()
            cursor.toggle(self.sheet.width)
            self.sheet.changed(cursor)
            deselect(self)
            self.settle()

    def read_at(self, width: int) -> None:
        """Lets the text be at most so many cells wide."""
        if self.window.read_at(width):
            self.settle()

    def scroll_to(self, x: float | None = None, y: float | None = None, *args: Any, **kwargs: Any) -> None:
        """Scrolls to a line at once: nothing here is animated."""
        if y is not None:
            self.scroll_y = y

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if not self._placing and round(new_value) != self.window.line:
            self.window.scroll_to(round(new_value))
            self.settle()

    # Painting.

    def settle(self, *, growing: bool = False, more: bool = False) -> None:
        """Shows what changed in view; says where there is `more` text that isn't."""
        size = self.scrollable_content_region.size
        if not size:
            return
        if self._restyled:
            self._restyled = False
            palette = Palette.of(lambda component: self.get_visual_style(component).rich_style)
            if palette != self.sheet.renderer.palette:  # only other styles are a reason to render again
                self.sheet.recolour(palette)
                self._canvas.forget()
        if self.window.fit(size.width, size.height):
            self._canvas.forget()
            deselect(self)
        waiting = not self.window.at_end and (self._waiting or more)
        if waiting != self._waiting:
            self._waiting = waiting
            self.post_message(self.NewBelow(self, waiting))
        self._place(Size(size.width, self.window.total), growing)
        changed = self._canvas.paint(self.window, self.sheet.renderer.palette, focused=self.has_focus)
        if changed:
            self.refresh(Region(0, changed.start, self.size.width, len(changed)))
        if not self._warming and self.window.rows:
            self._warming = True
            self.set_timer(WARM_UP_SECONDS, self._highlight)

    def _place(self, virtual_size: Size, growing: bool) -> None:
        """Tells Textual and the scroll bar where this is."""
        line = self.window.line
        self._placing = True
        self.virtual_size = virtual_size
        self.set_reactive(Widget.scroll_y, float(line))
        self.set_reactive(Widget.scroll_target_y, float(line))
        self._placing = False
        now = perf_counter()
        if not growing or now - self._scrollbar_moved > SCROLLBAR_SECONDS:
            self._scrollbar_moved = now
            bar = self.vertical_scrollbar
            bar.window_virtual_size, bar.window_size = virtual_size.height, self.window.size[1]
            bar.position = line

    def _highlight(self) -> None:
        """Imports what colours code once the text is on the screen."""
        self._highlighter.warm()
        self.sheet.recolour()
        self.settle()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._restyled = True
        self.refresh()

    @on(events.Resize)
    @on(events.Focus)
    @on(events.Blur)
    def _look_again(self) -> None:
        self.settle()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips that are ready; the base class would keep copies of its own."""
        if self._restyled or self.scrollable_content_region.size != self.window.size:
            self.settle()
        selection, rows, left = self.text_selection, self.window.rows, self.window.column.left
        ground = Style(bgcolor=self.screen.get_component_rich_style("screen--selection").bgcolor) if selection else None
        filters, behind = self.get_line_filters(), self.background_colors[1]
        strips: list[Strip] = []
        for y in crop.line_range:
            strip = self._canvas.strip_at(y)
            if selection and ground and y < len(rows):
                strip = shaded(strip, rows[y], selection, ground, left)
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, behind)
            strips.append(strip.crop(*crop.column_span))
        return strips

    def render_line(self, y: int) -> Strip:
        """A line with the offsets that Textual's selection reads."""
        strip, rows = self._canvas.strip_at(y), self.window.rows
        return strip.apply_offsets(0, LineName.of(rows[y]).y) if y < len(rows) else strip

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it was written, without padding and with wrapped lines made whole."""
        return selected_text(self.sheet, selection, self.window.column.left), "\n"

    # The mouse.

    def on_click(self, event: events.Click) -> None:
        """Once: the cursor, a link or a fold. Twice: the word. Thrice: the block."""
        if event.y >= len(self.window.rows):
            return
        place = self.window.rows[event.y]
        self.window.cursor = place.item
        if event.chain > 1 or self.text_selection is not None:
            event.prevent_default()  # Neither all text is selected nor a link followed where a selection ends.
        elif url := event.style.meta.get(LINK):
            self.post_message(self.LinkClicked(self, url))
        if event.chain > 1:
            text = self._canvas.strip_at(event.y).text
            select(self, clicked_text(place, text, event.x, self.window.column.left, block=event.chain > 2))
        self.settle()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Says where a link leads, which its text may hide."""
        url = event.style.meta.get(LINK)
        self.tooltip = Text(url) if url else None
