"""The strips of what is in view, kept as long as they show the same, so that only what changed is painted."""

from __future__ import annotations

from textual.strip import Strip

from chatspace.tui.transcript.lines import Line
from chatspace.tui.transcript.painting import strip_of
from chatspace.tui.transcript.palette import Palette
from chatspace.tui.transcript.sheet import Position
from chatspace.tui.transcript.window import Window


class Canvas:
    """One strip for each row of a window."""

    def __init__(self) -> None:
        self._strips: list[Strip] = []
        self._known: dict[tuple[int, bool, bool], tuple[Line | None, Strip]] = {}
        self._blank = Strip.blank(0)

    def forget(self) -> None:
        """Everything has another look."""
        self._strips = []
        self._known.clear()

    def paint(self, window: Window, palette: Palette, *, focused: bool) -> range:
        """Make the strips of what is in view; gives the rows from the first to the last that changed."""
        old, known = self._strips, self._known
        self._strips, self._known = [], {}
        for place in window.rows:
            line = (place.block.lines or ())[place.line - place.block.gap] if place.line >= place.block.gap else None
            bar = place.block.kind == "plain" and (line is not None or place.item.blocks.things[0] is not place.block)
            mark = focused and place.item is window.cursor and _is_first_line(place)
            key = (id(line) if line else 0, bar, mark)
            found = known.get(key) or self._known.get(key)
            strip = found[1] if found else strip_of(line, bar, mark, window.column, palette)
            self._known[key] = line, strip
            self._strips.append(strip)
        self._blank = Strip.blank(window.column.width, palette.text)
        self._strips += [self._blank] * (window.size[1] - len(self._strips))
        changed = [y for y, strip in enumerate(self._strips) if y >= len(old) or old[y] is not strip]
        return range(changed[0], changed[-1] + 1) if changed else range(0)

    def strip_at(self, y: int) -> Strip:
        """The strip in a row of the window."""
        return self._strips[y] if y < len(self._strips) else self._blank


def _is_first_line(place: Position) -> bool:
    blocks = place.item.blocks.things
    return place.block is blocks[0] and place.line == place.block.gap
