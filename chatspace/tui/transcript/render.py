"""Blocks into lines: markdown-it takes a block's source apart, and each kind of token has its way to be drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style

from chatspace.tui.transcript.blocks import Block, Kind
from chatspace.tui.transcript.code import Highlighter, code_lines
from chatspace.tui.transcript.inline import clean, inline
from chatspace.tui.transcript.lines import NARROWEST, Line, indented, wrap
from chatspace.tui.transcript.palette import BOLD, ITALIC, Palette
from chatspace.tui.transcript.table import Align, Table, table_lines

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

References = dict[str, Any]
"""What markdown-it keeps from one parse to the next: the addresses of reference links."""

CHUNK = 24
"""Lines of a growing fence that are rendered together."""

NUMBER_WITH_UNIT = re.compile(r"(?<=\d) (?=[a-z])")

_DEEPEST = 100
_TOO_LONG = 65_536
"""Characters of one block beyond which it is shown as it was written."""

_TASKS = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}


@dataclass(slots=True)
class Renderer:
    """Draws blocks with one palette."""

    palette: Palette
    highlighter: Highlighter
    _parser: MarkdownIt | None = None

    @property
    def parser(self) -> MarkdownIt:
        """CommonMark with tables and strikethrough."""
        if self._parser is None:
            from markdown_it import MarkdownIt  # Not before there is Markdown to show.

            self._parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
        return self._parser

    def render(self, block: Block, width: int, references: References) -> list[Line]:
        """The block's lines, its gap left out."""
        if block.kind == "fence":
            return self._fence(block, width)
        simple: dict[Kind, Callable[[str, int], list[Line]]] = {
            "plain": lambda source, room: self._plain(source, room, self.palette.text),
            "thinking": lambda source, room: self._plain(source, room, self.palette.muted),
            "thought": self._thought,
            "error": self._error,
            "notice": self._notice,
            "footer": self._footer,
        }
        source = block.source
        if block.kind in simple:
            return simple[block.kind](source, width)
        if len(source) > _TOO_LONG:
            return self._plain(source, width, self.palette.text)
        tokens = self.parser.parse(source, references)
        if max((token.level for token in tokens), default=0) >= _DEEPEST - 1:
            return self._plain(source, width, self.palette.text)  # The parser drops what is deeper.
        lines = _Drawing(self, source, tokens, block.number).blocks(0, len(tokens), width)
        # What the parser keeps to itself, as the addresses of links, is shown as it was written.
        return lines or self._plain(source, width, self.palette.muted)

    def _plain(self, source: str, width: int, style: Style) -> list[Line]:
        return wrap([Segment(source, style)], width)

    def _thought(self, source: str, width: int) -> list[Line]:
        return wrap([Segment(source, self.palette.muted + Style.from_meta({"@click": "unfold"}))], width)

    def _error(self, source: str, width: int) -> list[Line]:
        what, _, remedy = source.partition("\n")
        lines = _marked(what, "✗ ", width, self.palette.error + BOLD)
        return lines + (_marked(remedy, "  ", width, self.palette.text) if remedy else [])

    def _notice(self, source: str, width: int) -> list[Line]:
        return _marked(source, "· ", width, self.palette.muted)

    def _footer(self, source: str, width: int) -> list[Line]:
        """The status word, set off by a tab, comes in its colour; a line never ends between a number and its unit."""
        word, _, rest = NUMBER_WITH_UNIT.sub("\xa0", source).rpartition("\t")
        style = self.palette.error if word == "failed" else self.palette.warning
        separator = " · " if word and rest else ""
        lines = wrap([Segment(word, style), Segment(separator + rest, self.palette.muted)], width)
        return [replace(line, segments=tuple(map(_with_spaces, line.segments))) for line in lines]

    def _fence(self, block: Block, width: int) -> list[Line]:
        """A growing fence keeps the chunks it has filled; once closed it is coloured as a whole."""
        if block.closed:
            return self.code(block.source, block.info, width)
        done, height = block.settled
        lines = block.lines[:height] if block.lines else []
        if not lines:
            done = 0
        source = [*block.text, *([block.tail] if block.tail else [])]
        while len(source) - done > CHUNK:
            lines += self.code("\n".join(source[done : done + CHUNK]), block.info, width)
            done += CHUNK
            block.settled = (done, len(lines))
        return lines + self.code("\n".join(source[done:]), block.info, width)

    def code(self, code: str, info: str, width: int) -> list[Line]:
        """Code on its own ground."""
        return code_lines(self.highlighter.segments(code, info, self.palette), width, self.palette)


def _with_spaces(segment: Segment) -> Segment:
    return Segment(segment.text.replace("\xa0", " "), segment.style)


def _marked(text: str, mark: str, width: int, style: Style) -> list[Line]:
    lines = wrap([Segment(text, style)], width - len(mark))
    return indented(lines, Segment(mark, style), Segment(" " * len(mark), style))


class _Drawing:
    """One parsed block. `number` replaces the number with which the outermost list begins."""

    def __init__(self, renderer: Renderer, source: str, tokens: list[Token], number: int | None) -> None:
        self._renderer = renderer
        self._source = source.split("\n")
        self._palette = renderer.palette
        self._tokens = tokens
        self._number = number

    def blocks(self, start: int, end: int, width: int, tight: bool = False) -> list[Line]:
        """The sibling blocks of the tokens from start to end; with a blank line between them, unless `tight`."""
        lines: list[Line] = []
        before = ""
        while start < end:
            token = self._tokens[start]
            close = self._close(start)
            drawn = self._block(token, start, close, width)
            together = before == "heading_open" or (tight and token.type.endswith("list_open"))
            if lines and drawn and not together:
                lines.append(Line(()))
            lines += drawn
            before = token.type
            start = close + 1
        return lines

    def _close(self, start: int) -> int:
        """The index of the token that closes the one at start, or that one itself."""
        token = self._tokens[start]
        if token.nesting == 1:
            start += 1
            while self._tokens[start].level != token.level:
                start += 1
        return start

    def _block(self, token: Token, start: int, close: int, width: int) -> list[Line]:
        palette = self._palette
        if token.type == "paragraph_open":
            return wrap(self._inline(start + 1, palette.text), width)
        if token.type == "heading_open":
            return wrap(self._inline(start + 1, _heading_style(token.tag, palette)), width)
        if token.type in ("fence", "code_block"):
            return self._renderer.code(token.content.removesuffix("\n"), token.info, width)
        if token.type in ("bullet_list_open", "ordered_list_open"):
            return self._list(token, start, close, width)
        if token.type == "blockquote_open":
            return self._quote(start, close, width)
        if token.type == "table_open":
            return table_lines(self._table(start, close), width, palette)
        if token.type == "hr":
            return [Line((Segment("─" * min(width, 12), palette.rule),))]
        source = "\n".join(clean(line) for line in token.content.rstrip("\n").split("\n"))
        return wrap([Segment(source, palette.muted)], width) if source else []

    def _inline(self, index: int, base: Style) -> list[Segment]:
        return inline(self._tokens[index].children or [], base, self._palette)

    def _list(self, token: Token, start: int, close: int, width: int) -> list[Line]:
        lines: list[Line] = []
        number: int | None = None
        if token.type == "ordered_list_open":
            own, self._number = self._number, None
            number = int(token.attrs.get("start", 1)) if own is None else own
        index = start + 1
        while index < close:
            if lines and self._blank_before(self._tokens[index]):
                lines.append(Line(()))
            item_close = self._close(index)
            lines += self._item(index, item_close, number, width)
            number = None if number is None else number + 1
            index = item_close + 1
        return lines

    def _blank_before(self, item: Token) -> bool:
        return bool(item.map and item.map[0] and not self._source[item.map[0] - 1].strip("> "))

    def _item(self, start: int, close: int, number: int | None, width: int) -> list[Line]:
        marker = "• " if number is None else f"{number}. ".rjust(4)
        task = self._take_task(start)
        if task:
            marker = task if number is None else marker + task
        if width - len(marker) < NARROWEST:
            return self.blocks(start + 1, close, width, tight=True)
        lines = self.blocks(start + 1, close, width - len(marker), tight=True) or [Line(())]
        return indented(lines, Segment(marker, self._palette.muted), Segment(" " * len(marker), self._palette.text))

    def _take_task(self, start: int) -> str:
        """The box of a task, taken out of the item's text; nothing for another item."""
        if start + 2 < len(self._tokens) and self._tokens[start + 2].type == "inline":
            children = self._tokens[start + 2].children or []
            if children and children[0].type == "text" and (box := _TASKS.get(children[0].content[:4])):
                children[0].content = children[0].content[4:]
                return box
        return ""

    def _quote(self, start: int, close: int, width: int) -> list[Line]:
        if width - 2 < NARROWEST:
            return self.blocks(start + 1, close, width)
        bar = Segment("│ ", self._palette.rule)
        return indented(self.blocks(start + 1, close, width - 2), bar, bar)

    def _table(self, start: int, close: int) -> Table:
        rows: list[list[list[Segment]]] = []
        aligns: list[Align] = []
        for index in range(start, close):
            token = self._tokens[index]
            if token.type == "tr_open":
                rows.append([])
            elif token.type in ("th_open", "td_open"):
                rows[-1].append(
                    self._inline(index + 1, self._palette.text + (BOLD if token.type == "th_open" else Style.null()))
                )
                if token.type == "th_open":
                    style = str(token.attrs.get("style", ""))
                    aligns.append("right" if "right" in style else "center" if "center" in style else "left")
        return Table(rows, aligns)


def _heading_style(tag: str, palette: Palette) -> Style:
    """Calm steps: one in the heading's colour, one bold, and smaller ones that recede."""
    if tag == "h1":
        return palette.heading + BOLD
    return palette.text + BOLD if tag == "h2" else palette.muted + (BOLD if tag == "h3" else ITALIC)
