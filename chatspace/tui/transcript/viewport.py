"""A window on the sheet: what is in view is rendered, turned into strips and painted where it changed.

The reading position is a place on the sheet, and Textual's scroll position follows from it. While the end is in view
it is the end instead, so that growing text is followed.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any, ClassVar

from rich.style import Style
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from chatspace.tui.transcript.code import Highlighter
from chatspace.tui.transcript.item import Item
from chatspace.tui.transcript.lines import Line
from chatspace.tui.transcript.painting import READABLE, Column, strip_of, with_ground
from chatspace.tui.transcript.palette import COMPONENTS, Palette
from chatspace.tui.transcript.render import Renderer
from chatspace.tui.transcript.selecting import LineName, selected_text
from chatspace.tui.transcript.sheet import Position, Sheet

BELOW = 1
"""Blank lines after the last."""

SCROLLBAR_SECONDS = 1.0
"""The scroll bar moves at most this often while text grows."""

WARM_UP_SECONDS = 0.1
"""After the first paint with text, what colours code is imported."""


class Viewport(ScrollView):
    """Shows a sheet with a cursor on one of its items; subclasses fill the sheet and then call `settle`."""

    ALLOW_MAXIMIZE = False
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)

    # Without the layout of the whole screen that the base class asks for at each change.
    virtual_size = Reactive(Size(0, 0), layout=False)

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._highlighter = Highlighter()
        self.sheet = Sheet(Renderer(Palette.none(), self._highlighter))
        self.cursor: Item | None = None
        self.rows: list[Position] = []
        self.column = Column.within(self.sheet.width)
        self._readable = READABLE
        self._follow = True
        self._top: Position | None = None
        self._line = 0
        self._strips: list[Strip] = []
        self._strip_of: dict[tuple[int, bool, bool], tuple[Line | None, Strip]] = {}
        self._settled_size = Size(0, 0)
        self._restyled = True
        self._placing = self._warming = False
        self._scrollbar_moved = 0.0

    def end_reached(self) -> None:
        """Called whenever the end is in view."""

    @property
    def at_end(self) -> bool:
        """Whether the end is in view, so that growing text is followed."""
        return self._follow

    def scroll_end(self, *args: Any, **kwargs: Any) -> None:
        """Goes to the end and follows what comes. The base class's arguments, about animation, mean nothing here."""
        self.go_to_end()

    def scroll_to(self, x: float | None = None, y: float | None = None, *args: Any, **kwargs: Any) -> None:
        """Scrolls to a line at once: nothing here is animated."""
        if y is not None:
            self.scroll_y = y

    def action_end(self) -> None:
        self.cursor = self.sheet.items.things[-1] if self.sheet.items.things else None
        self.go_to_end()

    def action_top(self) -> None:
        self._scrolled_to(0)
        if self.sheet.items.things:
            self.cursor = self.sheet.items.things[0]
            self.settle()

    def action_scroll_lines(self, lines: int) -> None:
        self._scrolled_to(self._line + lines)

    def action_scroll_pages(self, pages: int) -> None:
        self._scrolled_to(self._line + pages * max(1, self._height - 2))

    @property
    def _height(self) -> int:
        return self.scrollable_content_region.height

    def go_to_end(self) -> None:
        """Has the end in view and follows it."""
        self._follow = True
        self.settle()

    def hold(self) -> None:
        """What changes next is looked at where it is: the first line in view stays the first."""
        self._follow = False

    def show_item(self, item: Item, always: bool = False) -> None:
        """Scrolls as little as needed to have the item in view, its beginning where it is taller than the view."""
        self.settle()
        start = self.sheet.items.top(item.index)
        end = start + item.height
        if always or start < self._line or end - start > self._height:
            self._scrolled_to(start)
        elif end > self._line + self._height:
            self._scrolled_to(end - self._height)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if not self._placing and round(new_value) != self._line:
            self._scrolled_to(round(new_value))

    def _scrolled_to(self, line: int) -> None:
        """The reader wants this line at the top."""
        if self._top is None:
            return
        distance = line - self._line
        # Nearby the lines passed over are rendered, so that a page is a page; far away an estimate will do.
        near = abs(distance) <= 3 * self._height
        self._top = self.sheet.walk(self._top, distance) if near else self.sheet.at(line)
        self._follow = False
        self.settle()
        visible = {place.item for place in self.rows}
        if self.cursor not in visible and self.rows:
            self.cursor = self.rows[0].item if distance > 0 else self.rows[-1].item
            self.settle()

    def forget(self, item: Item, near: Item | None) -> None:
        """The item was taken off the sheet; the reader goes to the one beside it, if there is one."""
        if self._top and self._top.item is item:
            self._top = self.sheet.at(self.sheet.items.top(near.index)) if near else None
        self.settle()

    def read_at(self, width: int) -> None:
        """Lets the text be at most so many cells wide."""
        if width != self._readable:
            self._readable = width
            self._settled_size = Size(0, 0)
            self.settle()

    def settle(self, growing: bool = False) -> None:
        """Renders what is in view, finds its lines and has those painted that changed."""
        size = self.scrollable_content_region.size
        if not size:
            return
        self._check_palette()
        if size.width != self._settled_size.width:
            self.column = Column.within(size.width, self._readable)
            self._top = self.sheet.reflow(self.column.text, None if self._follow else self._top)
            self._strip_of.clear()
            self.drop_selection()
        self._settled_size = size
        self._find_rows(size.height)
        total = self.sheet.height + BELOW
        self._line = self.sheet.top(self._top) if self._top else 0
        if self._line + size.height >= total:
            self._follow = True
        if self._follow:
            self.end_reached()
        self._place(Size(size.width, total), growing)
        self._paint(size.height)
        self._warm()

    def _find_rows(self, height: int) -> None:
        last = self.sheet.last()
        if last is None:
            self._top, self.rows = None, []
            return
        top = None if self._follow else self._top
        rows = self.sheet.rows(top, height) if top else []
        if len(rows) < height - BELOW:
            top = self.sheet.walk(last, BELOW + 1 - height)
            rows = self.sheet.rows(top, height)
        self._top, self.rows = top, rows

    def _place(self, virtual_size: Size, growing: bool) -> None:
        """Tells Textual and the scroll bar where this is."""
        self._placing = True
        self.virtual_size = virtual_size
        self.set_reactive(Widget.scroll_y, float(self._line))
        self.set_reactive(Widget.scroll_target_y, float(self._line))
        self._placing = False
        now = perf_counter()
        if not growing or now - self._scrollbar_moved > SCROLLBAR_SECONDS:
            self._scrollbar_moved = now
            bar = self.vertical_scrollbar
            bar.window_virtual_size, bar.window_size = virtual_size.height, self._height
            bar.position = self._line

    def _paint(self, height: int) -> None:
        old, known = self._strips, self._strip_of
        self._strips, self._strip_of = [], {}
        for place in self.rows:
            line = (place.block.lines or ())[place.line - place.block.gap] if place.line >= place.block.gap else None
            bar = place.block.kind == "plain" and (line is not None or place.item.blocks.things[0] is not place.block)
            key = (
                id(line) if line else 0,
                bar,
                self.has_focus and place.item is self.cursor and self._is_first_line(place),
            )
            found = known.get(key) or self._strip_of.get(key)
            strip = found[1] if found else strip_of(line, key[1], key[2], self.column, self.sheet.renderer.palette)
            self._strip_of[key] = line, strip
            self._strips.append(strip)
        blank = Strip.blank(self.column.width, self.sheet.renderer.palette.text)
        self._strips += [blank] * (height - len(self._strips))
        changed = [y for y, strip in enumerate(self._strips) if y >= len(old) or old[y] is not strip]
        if changed:
            self.refresh(Region(0, changed[0], self.size.width, changed[-1] + 1 - changed[0]))

    def _is_first_line(self, place: Position) -> bool:
        blocks = place.item.blocks.things
        return place.block is blocks[0] and place.line == place.block.gap

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._restyled = True
        self.refresh()

    def _check_palette(self) -> None:
        """Takes the theme's styles; only other styles are a reason to render again."""
        if not self._restyled:
            return
        self._restyled = False
        palette = Palette.of(lambda component: self.get_visual_style(component).rich_style)
        if palette != self.sheet.renderer.palette:
            self.sheet.recolour(palette)
            self._strip_of.clear()
            self._strips = []

    def on_resize(self) -> None:
        self.settle()

    def on_focus(self) -> None:
        self.settle()

    def on_blur(self) -> None:
        self.settle()

    def _warm(self) -> None:
        """Imports what colours code once the text is on the screen."""
        if not self._warming and self.rows:
            self._warming = True
            self.set_timer(WARM_UP_SECONDS, self._highlight)

    def _highlight(self) -> None:
        self._highlighter.warm()
        self.sheet.recolour()
        self.settle()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips that are ready; the base class would keep copies of its own."""
        if self._restyled or self.scrollable_content_region.size != self._settled_size:
            self.settle()
        ground = self._selection_ground()
        filters, behind = self.get_line_filters(), self.background_colors[1]
        strips: list[Strip] = []
        for y in crop.line_range:
            strip = self.strip_at(y)
            if ground:
                strip = self._selected(strip, y, ground)
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, behind)
            strips.append(strip.crop(*crop.column_span))
        return strips

    def render_line(self, y: int) -> Strip:
        """A line with the offsets that Textual's selection reads."""
        strip = self.strip_at(y)
        return strip.apply_offsets(0, LineName.of(self.rows[y]).y) if y < len(self.rows) else strip

    def strip_at(self, y: int) -> Strip:
        """The strip in a row of the viewport."""
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.column.width, self.sheet.renderer.palette.text)

    def _selection_ground(self) -> Style | None:
        if self.text_selection is None:
            return None
        style = self.screen.get_component_rich_style("screen--selection")
        return Style(bgcolor=style.bgcolor)

    def _selected(self, strip: Strip, y: int, ground: Style) -> Strip:
        selection = self.text_selection
        if selection is None or y >= len(self.rows):
            return strip
        span = selection.get_span(LineName.of(self.rows[y]).y)
        if span is None:
            return strip
        return with_ground(strip, span[0], None if span[1] < 0 else span[1], ground, self.column.left)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it was written, without padding and with wrapped lines made whole."""
        return selected_text(self.sheet, selection, self.column.left), "\n"

    def select(self, selection: Selection | None) -> None:
        """Selects text here, or none, and leaves what is selected elsewhere."""
        others = {widget: chosen for widget, chosen in self.screen.selections.items() if widget is not self}
        self.screen.selections = {**others, self: selection} if selection else others

    def drop_selection(self) -> None:
        """What is selected may have moved."""
        if self.is_attached and self.text_selection is not None:
            self.select(None)
