"""Where the reader is on a sheet: the lines in view, the cursor, and whether the end is followed.

The reading position is a place on the sheet, and line numbers follow from it. While the end is in view it is the end
instead, so that growing text is followed.
"""

from __future__ import annotations

from chatspace.tui.transcript.item import Item
from chatspace.tui.transcript.painting import READABLE, Column
from chatspace.tui.transcript.sheet import Position, Sheet

BELOW = 1
"""Blank lines after the last."""


class Window:
    """Looks at `size` cells of a sheet; `rows` are the lines there, `line` is the number of the first."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.cursor: Item | None = None
        self.rows: list[Position] = []
        self.column = Column.within(sheet.width)
        self.line = 0
        self.at_end = True
        """Whether the end is in view, so that growing text is followed."""
        self.size = (0, 0)
        self._readable = READABLE
        self._top: Position | None = None

    @property
    def total(self) -> int:
        """The lines of the sheet, with those below."""
        return self.sheet.height + BELOW

    def read_at(self, width: int) -> bool:
        """Let the text be at most so many cells wide; gives whether that is another width."""
        changed = width != self._readable
        if changed:
            self._readable, self.size = width, (0, 0)
        return changed

    def fit(self, width: int, height: int) -> bool:
        """Find what is in view now; gives whether the text had to be wrapped again."""
        wrapped = width != self.size[0]
        if wrapped:
            self.column = Column.within(width, self._readable)
            self._top = self.sheet.reflow(self.column.text, None if self.at_end else self._top)
        self.size = width, height
        self._settle()
        return wrapped

    def _settle(self) -> None:
        height = self.size[1]
        if not height:
            return
        self._top, self.rows = self._found(height)
        self.line = self.sheet.top(self._top) if self._top else 0
        self.at_end = self.at_end or self.line + height >= self.total

    def _found(self, height: int) -> tuple[Position | None, list[Position]]:
        last = self.sheet.last()
        if last is None:
            return None, []
        top = None if self.at_end else self._top
        rows = self.sheet.rows(top, height) if top else []
        if len(rows) < height - BELOW:
            top = self.sheet.walk(last, BELOW + 1 - height)
            rows = self.sheet.rows(top, height)
        return top, rows

    # Moving

    def hold(self) -> None:
        """What changes next is looked at where it is: the first line in view stays the first."""
        self.at_end = False

    def go_to_end(self) -> None:
        """Put the cursor on the last item, and follow the end."""
        self.cursor = self.sheet.items.things[-1] if self.sheet.items.things else None
        self.at_end = True

    def go_to_start(self) -> None:
        self.scroll_to(0)
        self.cursor = self.sheet.items.things[0] if self.sheet.items.things else None

    def scroll_to(self, line: int) -> None:
        """The reader wants this line at the top; the cursor stays in view."""
        if self._top is None:
            return
        distance = line - self.line
        # Nearby the lines passed over are rendered, so that a page is a page; far away an estimate will do.
        near = abs(distance) <= 3 * self.size[1]
        self._top = self.sheet.walk(self._top, distance) if near else self.sheet.at(line)
        self.at_end = False
        self._settle()
        if self.rows and self.cursor not in {place.item for place in self.rows}:
            self.cursor = self.rows[0].item if distance > 0 else self.rows[-1].item

    def show(self, item: Item, *, always: bool = False) -> None:
        """Scroll as little as needed to have the item in view, its beginning where it is taller than the view."""
        self.cursor = item
        self._settle()
        start, height = self.sheet.items.top(item.index), self.size[1]
        end = start + item.height
        if always or start < self.line or end - start > height:
            self.scroll_to(start)
        elif end > self.line + height:
            self.scroll_to(end - height)

    # What changes on the sheet

    def row_of(self, index: int) -> int:
        """The row that the item at this index begins in, no further down than the middle."""
        return min(max(0, self.sheet.items.top(index) - self.line), self.size[1] // 2)

    def put_at(self, index: int, row: int) -> None:
        """The item at this index, now another or the last there is, gets the cursor, and begins in this row."""
        items = self.sheet.items.things
        self.cursor = items[min(index, len(items) - 1)] if items else None
        self.hold()
        self._top = self.sheet.at(max(0, self.sheet.items.top(index) - row))

    def forget(self, item: Item) -> None:
        """The item was taken off the sheet; cursor and reader go to the one beside it, if there is one."""
        items = self.sheet.items.things
        near = items[min(item.index, len(items) - 1)] if items else None
        if self.cursor is item:
            self.cursor = near
        if self._top and self._top.item is item:
            self._top = self.sheet.at(self.sheet.items.top(near.index)) if near else None
