"""The documents of a batch, a line each: only the lines in sight are painted, and only those that changed again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from chatspace.core.live.batch import BatchRow, State
from chatspace.core.text.safe import for_screen
from chatspace.tui.widgets.run_rows import MUTED, short_cost, short_time

WORDS: dict[State, tuple[str, str]] = {
    "waiting": ("·", "waiting"),
    "again": ("↻", "once more"),
    "working": ("▸", "working"),
    "made": ("✓", "made"),
    "before": ("✓", "there before"),
    "failed": ("✗", "failed"),
    "stopped": ("■", "stopped"),
}
WORD, STAGE, COST, TIME = 13, 8, 9, 8
FIXED = 2 + WORD + 2 + STAGE + COST + TIME
NOTE = 24
"""Columns that are left where a line says too why its document failed, or where its call is."""
MAX_NAME_LENGTH = 44


def line_of(row: BatchRow, width: int, named: int) -> Content:
    """Its mark and word, name, the stage it is or ended at, what it cost and took."""
    mark, word = WORDS[row.state]
    colour = {"failed": "$text-error", "working": "$accent", "again": "$text-warning"}.get(row.state, MUTED)
    faint = row.state in ("waiting", "before")
    cost = short_cost(None if row.unpriced else row.cost) if row.cost or row.unpriced or row.finished else ""
    took = row.elapsed_ms
    parts: list[tuple[str, str]] = [
        (f"{mark} ", colour),
        (set_cell_size(word, WORD), colour),
        (_tail(for_screen(row.document.name), named), MUTED if faint else "$foreground"),
        ("  " + set_cell_size(row.stage, STAGE), MUTED),
        (cost.rjust(COST), MUTED),
        (("" if took is None else short_time(took)).rjust(TIME), MUTED),
    ]
    if width - FIXED - named >= NOTE:
        note = row.failure.why if row.failure else row.note
        parts.append(("  " + for_screen(note).replace("\n", " "), MUTED))
    return Content.assemble(*parts)


def _tail(name: str, width: int) -> str:
    """In so many columns; of a long one the end, by which documents differ."""
    if cell_len(name) > width:
        while cell_len(name) >= width:
            name = name[1:]
        name = f"…{name}"
    return set_cell_size(name, width)


class BatchTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows the rows whose places it is given, with a cursor; until that is moved it stays with the work."""

    COMPONENT_CLASSES = {"batch-table--row", "batch-table--cursor"}
    DEFAULT_CSS = """
    BatchTable {
        background: $background;
        & > .batch-table--row { background: $background; color: $foreground; }
        & > .batch-table--cursor { background: $panel; color: $foreground; }
        &:focus > .batch-table--cursor { text-style: bold; }
    }
    """
    BINDINGS = [
        Binding("up", "move(-1)", "up", show=False, id="batch.up"),
        Binding("down", "move(1)", "down", show=False, id="batch.down"),
        Binding("pageup", "page(-1)", "page up", show=False, id="batch.page_up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="batch.page_down"),
        Binding("home", "go(0)", "first", show=False, id="batch.first"),
        Binding("end", "go(-1)", "last", show=False, id="batch.last"),
    ]

    class Moved(Message):
        """The cursor is on another row."""

    class Opened(Message):
        """A row was clicked that the cursor was on."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[BatchRow] = ()
        self._shown: list[int] = []
        self._lines: dict[int, int] = {}
        self._cursor = 0
        self._named = self._longest = 0
        self.following = True

    @property
    def current(self) -> BatchRow | None:
        """The row under the cursor."""
        return self._rows[self._shown[self._cursor]] if self._cursor < len(self._shown) else None

    def show(self, rows: Sequence[BatchRow], places: Iterable[int]) -> None:
        """These rows of all; the cursor stays on its row while that is among them."""
        if rows is not self._rows:
            self._longest = max((cell_len(for_screen(row.document.name)) for row in rows), default=0)
        known = rows is self._rows and self._cursor < len(self._shown)
        before = self._shown[self._cursor] if known else None
        self._rows, self._shown = rows, list(places)
        self._lines = {place: line for line, place in enumerate(self._shown)}
        nearest = max(0, min(self._cursor, len(self._shown) - 1)) if known else 0
        self._cursor = nearest if before is None else self._lines.get(before, nearest)
        self._measure()
        self.post_message(self.Moved())

    def repaint(self, places: Iterable[int]) -> None:
        """These rows are other than they were."""
        for place in places:
            if (line := self._lines.get(place)) is not None:
                self.refresh_line(line)
                if line == self._cursor:
                    self.post_message(self.Moved())

    def stay_with(self, place: int) -> None:
        """The cursor follows the work, unless somebody moved it."""
        if self.following and (line := self._lines.get(place)) is not None and line != self._cursor:
            self._put(line)

    def _measure(self) -> None:
        width = self.scrollable_content_region.width
        self._named = max(8, min(self._longest, width - FIXED, MAX_NAME_LENGTH))
        self.virtual_size = Size(width, len(self._shown))
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self._measure()

    def render_line(self, y: int) -> Strip:
        line, width = self.scroll_offset.y + y, self.scrollable_content_region.width
        if line >= len(self._shown):
            return Strip.blank(width, self.get_visual_style("batch-table--row").rich_style)
        style = self.get_visual_style("batch-table--cursor" if line == self._cursor else "batch-table--row")
        content = line_of(self._rows[self._shown[line]], width, self._named).truncate(width, ellipsis=True)
        strip = Visual.to_strips(self, content, width, 1, style)[0]
        return strip.extend_cell_length(width, style.rich_style)

    # Moving

    def _put(self, line: int) -> None:
        """The cursor to a line."""
        line = max(0, min(line, len(self._shown) - 1))
        for each in (self._cursor, line):
            self.refresh_line(each)
        self._cursor = line
        top, height = round(self.scroll_offset.y), self.scrollable_content_region.height
        if line < top:
            self.scroll_to(y=line, animate=False)
        elif line >= top + height:
            self.scroll_to(y=line - height + 1, animate=False)
        self.post_message(self.Moved())

    def action_move(self, step: int) -> None:
        """To the row above or below."""
        self.following = False
        self._put(self._cursor + step)

    def action_page(self, direction: int) -> None:
        """A page on or back."""
        self.action_move(direction * max(1, self.scrollable_content_region.height - 1))

    def action_go(self, line: int) -> None:
        """To the first row, or the last."""
        self.following = False
        self._put(line if line >= 0 else len(self._shown) - 1)

    def on_click(self, event: events.Click) -> None:
        line = round(self.scroll_offset.y) + event.get_content_offset_capture(self).y
        if line == self._cursor:
            self.post_message(self.Opened())
        elif line < len(self._shown):
            self.following = False
            self._put(line)

    # What `/` searches

    def texts(self) -> Sequence[tuple[int, str]]:
        return [(line, for_screen(self._rows[place].document.name)) for line, place in enumerate(self._shown)]

    def at(self) -> Hashable:
        return self._cursor

    def go_to(self, place: Hashable) -> None:
        assert isinstance(place, int)
        self.action_go(place)
