"""All entries under one another, rendered where they are looked at.

A place on the sheet is an item, a block and a line of it. Line numbers of the whole sheet change when an estimate above
is corrected, so the reading position is kept as a place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatspace.tui.transcript.blocks import Block
from chatspace.tui.transcript.entries import Entry, Key
from chatspace.tui.transcript.item import Item, Stack
from chatspace.tui.transcript.palette import Palette
from chatspace.tui.transcript.render import Renderer

KEPT = 600
"""Rendered blocks that are kept; those not looked at the longest give back their lines, and keep their height."""


@dataclass(frozen=True, slots=True)
class Position:
    """A line of a block; the first `block.gap` lines are blank."""

    item: Item
    block: Block
    line: int


class Sheet:
    """The entries as lines of text `width` cells wide."""

    def __init__(self, renderer: Renderer, width: int = 80) -> None:
        self.renderer = renderer
        self.width = width
        self.items: Stack[Item] = Stack()
        self._by_key: dict[Key, Item] = {}
        self._kept: dict[Block, None] = {}
        self._reflowed: tuple[Position, int] | None = None

    @property
    def height(self) -> int:
        """All lines, those not seen yet being an estimate."""
        return self.items.height

    def item(self, key: Key) -> Item:
        """Raises KeyError where no entry has this key."""
        return self._by_key[key]

    @property
    def entries(self) -> list[Entry]:
        """The entries in reading order, without what was streamed since the last flush."""
        return [item.entry for item in self.items.things]

    def entry(self, key: Key) -> Entry:
        """An entry, without what was streamed since the last flush. Raises KeyError."""
        return self._by_key[key].entry

    def source_of(self, key: Key) -> str:
        """The text of an entry as it was written or received so far. Raises KeyError."""
        return self._by_key[key].source

    def code_blocks(self, key: Key) -> list[str]:
        """The contents of the code blocks of an entry, in order. Raises KeyError."""
        tokens = self.renderer.parser.parse(self.source_of(key))
        return [token.content for token in tokens if token.type in ("fence", "code_block")]

    def show(self, entries: Sequence[Entry]) -> None:
        """Replaces everything; only what is looked at later is cut into blocks and rendered."""
        self.items.things = [Item(entry, index, self.width) for index, entry in enumerate(entries)]
        self.items.changed(0)
        self._by_key = {item.entry.key: item for item in self.items.things}
        self._kept.clear()

    def append(self, entry: Entry) -> Item:
        """Adds one at the end."""
        item = Item(entry, len(self.items.things), self.width)
        self.items.things.append(item)
        self._by_key[entry.key] = item
        return item

    def cut(self, index: int) -> None:
        """Takes away everything from this index on."""
        for item in self.items.things[index:]:
            del self._by_key[item.entry.key]
        del self.items.things[index:]
        self.items.changed(index)

    def remove(self, key: Key) -> None:
        """Takes one away."""
        item = self._by_key.pop(key)
        del self.items.things[item.index]
        for index, later in enumerate(self.items.things[item.index :], item.index):
            later.index = index
        self.items.changed(item.index)

    def changed(self, item: Item) -> None:
        """The item has another height."""
        self.items.changed(item.index)

    def reflow(self, width: int, place: Position | None) -> Position | None:
        """Another width; gives the place where the text that stood at this place stands now."""
        before = _letters_before(place) if place else 0
        if self._reflowed and self._reflowed[0] == place:
            before = self._reflowed[1]  # A window dragged wider and narrower doesn't wander.
        self.set_width(width)
        if place is None:
            return None
        self._open(place.item)
        self._ensure(place.item, self._index(place))
        line = min(place.line, place.block.gap)
        while line < place.block.height - 1 and _letters_before(Position(place.item, place.block, line + 1)) <= before:
            line += 1
        moved = Position(place.item, place.block, line)
        self._reflowed = moved, before
        return moved

    def set_width(self, width: int) -> None:
        """Forgets what was rendered; heights are estimates again."""
        self.width = width
        self._kept.clear()
        for item in self.items.things:
            item.estimate(width)
        self.items.changed(0)

    def recolour(self, palette: Palette | None = None) -> None:
        """Forgets what was rendered and keeps its height, because colours don't change it."""
        if palette:
            self.renderer.palette = palette
        for block in self._kept:
            block.fresh = False
            block.settled = (0, 0)
        self._kept.clear()

    def top(self, place: Position) -> int:
        """The line of the sheet at which this place is."""
        return self.items.top(place.item.index) + place.item.blocks.top(self._index(place)) + place.line

    def _index(self, place: Position) -> int:
        blocks = place.item.blocks.things
        try:
            return blocks.index(place.block)
        except ValueError:
            return max(0, len(blocks) - 1)

    def at(self, line: int) -> Position | None:
        """The place at a line of the sheet, rendered; None on an empty sheet. Corrects no line above."""
        if not self.items.things:
            return None
        item = self.items.things[self.items.find(line)]
        self._open(item)
        inside = min(max(0, line - self.items.top(item.index)), max(0, item.height - 1))
        index = item.blocks.find(inside)
        block = item.blocks.things[index]
        line_of_block = min(inside - item.blocks.top(index), block.height - 1)
        self._ensure(item, index)
        return Position(item, block, min(line_of_block, block.height - 1))

    def walk(self, place: Position, lines: int) -> Position:
        """The place so many lines further down, or up; the last there is at either end. Renders what lies between."""
        item, index, line = place.item, self._index(place), place.line + lines
        self._ensure(item, index)
        while line >= (height := item.blocks.things[index].height):
            following = self._neighbour(item, index, 1)
            if following is None:
                return Position(item, item.blocks.things[index], max(0, height - 1))
            line -= height
            item, index = following
        while line < 0:
            following = self._neighbour(item, index, -1)
            if following is None:
                return Position(item, item.blocks.things[index], 0)
            item, index = following
            line += item.blocks.things[index].height
        return Position(item, item.blocks.things[index], line)

    def last(self) -> Position | None:
        """The last line, rendered."""
        if not self.items.things:
            return None
        item = self.items.things[-1]
        self._open(item)
        index = len(item.blocks.things) - 1
        self._ensure(item, index)
        return Position(item, item.blocks.things[index], item.blocks.things[index].height - 1)

    def rows(self, place: Position, count: int) -> list[Position]:
        """The places from this one on, at most `count`."""
        rows: list[Position] = []
        item, index, line = place.item, self._index(place), place.line
        while len(rows) < count:
            self._ensure(item, index)
            block = item.blocks.things[index]
            rows += [
                Position(item, block, number) for number in range(line, min(block.height, line + count - len(rows)))
            ]
            line = 0
            following = self._neighbour(item, index, 1)
            if following is None:
                break
            item, index = following
        return rows

    def _neighbour(self, item: Item, index: int, step: int) -> tuple[Item, int] | None:
        """The rendered block before or after this one."""
        index += step
        while not 0 <= index < len(item.blocks.things):
            beside = item.index + step
            if not 0 <= beside < len(self.items.things):
                return None
            item = self.items.things[beside]
            self._open(item)
            index = 0 if step > 0 else len(item.blocks.things) - 1
        self._ensure(item, index)
        return item, index

    def _open(self, item: Item) -> None:
        if not item.opened:
            item.open(self.width)
            self.items.changed(item.index)

    def _ensure(self, item: Item, index: int) -> None:
        block = item.blocks.things[index]
        self._kept.pop(block, None)
        self._kept[block] = None
        if item.ensure(index, self.width, self.renderer):
            self.items.changed(item.index)
        if len(self._kept) > KEPT:
            oldest = next(iter(self._kept))
            del self._kept[oldest]
            oldest.lines, oldest.fresh, oldest.settled = None, False, (0, 0)


def _letters_before(place: Position) -> int:
    """The characters of the block above this line, spaces aside: wrapping doesn't change them."""
    lines = (place.block.lines or [])[: max(0, place.line - place.block.gap)]
    return sum(len("".join(line.plain.split())) for line in lines)
