"""One entry as a stack of blocks that grows with it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate
from typing import Generic, Protocol, TypeVar

from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.tui.transcript.blocks import DEFINITION, Block, Kind, Splitter
from chatspace.tui.transcript.entries import STATUS_WORDS, Entry
from chatspace.tui.transcript.lines import Line
from chatspace.tui.transcript.render import References, Renderer


class HasHeight(Protocol):
    """Anything that takes whole lines."""

    @property
    def height(self) -> int: ...


T = TypeVar("T", bound=HasHeight)


class Stack(Generic[T]):
    """Things under one another. The sums of their heights are kept up to the first that changed."""

    def __init__(self) -> None:
        self.things: list[T] = []
        self._tops = [0]

    def changed(self, index: int) -> None:
        """The thing at this index, or one after it, has another height."""
        del self._tops[index + 1 :]

    def top(self, index: int) -> int:
        """The first line of the thing at this index; the height of all where there is none."""
        known = len(self._tops)
        if known <= index:
            heights = (thing.height for thing in self.things[known - 1 : index])
            self._tops += list(accumulate(heights, initial=self._tops[-1]))[1:]
        return self._tops[index]

    @property
    def height(self) -> int:
        return self.top(len(self.things))

    def find(self, line: int) -> int:
        """The index of the thing that has this line; the nearest where none has."""
        self.top(len(self.things))
        return max(0, min(bisect_right(self._tops, line) - 1, len(self.things) - 1))


class Item:
    """An entry on the sheet, cut into blocks when it comes near the viewport; till then its height is an estimate."""

    def __init__(self, entry: Entry, index: int, width: int) -> None:
        self.entry = entry
        self.index = index
        self.unfolded = False
        self.blocks: Stack[Block] = Stack()
        self.references: References = {}
        self._known_definitions = 0
        self._body: Splitter | None = None
        self._thinking: Splitter | None = None
        self._body_start = 0
        self._own: dict[Kind, Block] = {}
        self._pending: list[str] = []
        self._pending_reasoning: list[str] = []
        self._estimate = 0
        self.estimate(width)

    @property
    def opened(self) -> bool:
        """Whether it is cut into blocks."""
        return self._body is not None

    @property
    def source(self) -> str:
        """The entry's text with what was streamed since the last flush."""
        return self.entry.text + "".join(self._pending)

    @property
    def height(self) -> int:
        return self.blocks.height if self.opened else self._estimate

    @property
    def gap(self) -> int:
        """The blank lines above: a question stands further from what was before it."""
        return 2 if self.entry.role == "user" and self.index else 1

    def estimate(self, width: int) -> None:
        """Forgets what was rendered for another width."""
        if self._thinking:
            folded = self._thinking.blocks
            for block in {*self.blocks.things, *folded, *self._own.values()}:
                block.lines, block.fresh, block.height = None, False, block.estimate(width)
            self.blocks.changed(0)
        else:
            text = self.entry.text
            lines = text.count("\n") + len(text) // width + 1 if text else 0
            self._estimate = self.gap + lines + (2 if self.entry.footer else 0) + (1 if self.entry.reasoning else 0)

    def open(self, width: int) -> None:
        """Cuts the entry into blocks."""
        entry = self.entry
        self._body = Splitter("plain" if entry.role == "user" else None)
        self._thinking = Splitter("thinking")
        self._known_definitions = 0
        if entry.role != "notice":
            self._body.feed(for_screen(entry.text))
            self._thinking.feed(for_screen(entry.reasoning))
        if entry.status != "streaming":
            self._body.finish()
            self._thinking.finish()
        self._assemble(0, width)

    def take(self, text: str, reasoning: str) -> None:
        """Keeps what was streamed for the next `flush`."""
        self._pending.append(text)
        self._pending_reasoning.append(reasoning)

    @property
    def pending(self) -> bool:
        return bool(self._pending)

    def flush(self, width: int) -> None:
        """Takes what was streamed since the last time into the blocks."""
        text, reasoning = "".join(self._pending), "".join(self._pending_reasoning)
        self._pending.clear()
        self._pending_reasoning.clear()
        self.entry = replace(self.entry, text=self.entry.text + text, reasoning=self.entry.reasoning + reasoning)
        self._grow(text, reasoning, width)

    def update(self, entry: Entry, width: int) -> None:
        """Shows another state of the entry; what only grew is not cut again."""
        if self.pending:
            self.flush(width)
        old, self.entry = self.entry, entry
        grown = entry.text.startswith(old.text) and entry.reasoning.startswith(old.reasoning)
        same = entry.text == old.text and entry.reasoning == old.reasoning and entry.status != "streaming"
        if not self.opened:
            self.estimate(width)
        elif entry.role == old.role and old.status == "streaming" and grown:
            self._grow(entry.text[len(old.text) :], entry.reasoning[len(old.reasoning) :], width)
            if entry.thought != old.thought:
                self._assemble(0, width)
        elif entry.role == old.role and same:
            self._assemble(0, width)
        else:
            self.open(width)

    def toggle(self, width: int) -> None:
        """Folds or unfolds the reasoning."""
        self.unfolded = not self.unfolded
        if self.opened:
            self._assemble(0, width)

    def _grow(self, text: str, reasoning: str, width: int) -> None:
        if self._body is None or self._thinking is None:
            self.estimate(width)
            return
        first = self._body.feed(for_screen(text))
        self._thinking.feed(for_screen(reasoning))
        if self.entry.status != "streaming":
            first = min(first, self._body.finish())
            self._thinking.finish()
        self._assemble(0 if reasoning or first == 0 else self._body_start + first, width)

    def _assemble(self, start: int, width: int) -> None:
        """Puts the blocks together again from the one at `start`."""
        assert self._body is not None
        assert self._thinking is not None
        blocks = self.blocks.things
        if start == 0:
            head = self._head()
            blocks[:] = [*head, *self._body.blocks]
            self._body_start = len(head)
            if self._body.blocks:
                self._body.blocks[0].set_gap(1)
        else:
            blocks[start:] = self._body.blocks[start - self._body_start :]
        blocks += self._foot()
        if not blocks:
            blocks.append(self._line("plain", "", gap=0))
        blocks[0].set_gap(self.gap)
        if self._body.definitions != self._known_definitions:  # now, as those above may be looked at before it
            for block in self._body.blocks:
                block.fresh = block.fresh and not any("[" in line for line in block.text)
        for block in blocks[start:]:
            if not block.fresh and block.lines is None:
                block.height = block.estimate(width)
        self.blocks.changed(start)

    def _head(self) -> list[Block]:
        entry = self.entry
        if not entry.reasoning:
            return []
        assert self._thinking is not None
        thinking = entry.status == "streaming" and not entry.text
        label = entry.thought or ("thinking…" if thinking else "thought")
        head = self._line("thought", f"{label} {'▾' if self.unfolded else '▸'}", gap=0)
        return [head, *(self._thinking.blocks if self.unfolded else [])]

    def _foot(self) -> list[Block]:
        entry = self.entry
        foot: list[Block] = []
        if entry.role == "notice" and (entry.text or not entry.error):
            foot.append(self._line("notice", entry.text, gap=0))
        if entry.error:
            foot.append(self._line("error", entry.error, gap=1))
        word = STATUS_WORDS.get(entry.status, "")
        waiting = (
            ("writing…" if entry.text else "" if entry.reasoning else "waiting…") if entry.status == "streaming" else ""
        )
        rest = display.line(for_screen(entry.label), for_screen(entry.footer) or waiting)
        if word or rest:
            foot.append(self._line("footer", f"{word}\t{rest}", gap=0 if entry.error or entry.role == "user" else 1))
        return foot

    def _line(self, kind: Kind, text: str, gap: int) -> Block:
        """The block that isn't part of the text; always the same, because it may be where the reader is."""
        block = self._own.setdefault(kind, Block(kind, closed=True))
        block.set_gap(gap)
        written = for_screen(text).split("\n")
        if block.text != written:
            block.text, block.fresh = written, False
        return block

    def ensure(self, index: int, width: int, renderer: Renderer) -> bool:
        """Renders the block at this index where it isn't; says whether its height is another now."""
        block = self.blocks.things[index]
        if block.fresh:
            return False
        self._define(renderer)
        # A copy, because parsing adds to it, and what is shown mustn't depend on what was looked at first.
        references = {"references": dict(self.references.get("references", {}))}
        lines = renderer.render(block, width, references)
        # Lines that stay as they were stay the same objects, so that only the others are painted again.
        block.lines = [*map(_kept, block.lines or (), lines), *lines[len(block.lines or ()) :]]
        block.fresh = True
        height = block.gap + len(block.lines)
        if height == block.height:
            return False
        block.height = height
        self.blocks.changed(index)
        return True

    def _define(self, renderer: Renderer) -> None:
        """Finds the addresses of reference links, which may stand after their use."""
        assert self._body is not None
        if self._body.definitions == self._known_definitions:
            return
        self._known_definitions = self._body.definitions
        self.references = {}
        definitions = DEFINITION.findall(for_screen(self.entry.text))
        renderer.parser.parse("\n\n".join(definitions), self.references)


def _kept(old: Line, new: Line) -> Line:
    return old if old == new else new
