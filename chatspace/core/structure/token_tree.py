"""The tokens of a parse as leaves, items, tables and blocks with their spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from markdown_it.token import Token

from chatspace.core.document import Span
from chatspace.core.extraction import Block, BlockKind
from chatspace.core.structure.markdown import MAX_NESTING, visible
from chatspace.core.structure.model import Code, Footnote, Item, Leaf, Path, Quote, Table
from chatspace.core.structure.offsets import Lines

CONTAINERS = {
    "bullet_list_open": "bullet",
    "ordered_list_open": "ordered",
    "list_item_open": "item",
    "blockquote_open": "quote",
    "footnote_reference_open": "footnote",
    "table_open": "table",
    "thead_open": "head",
    "tr_open": "row",
}
BLOCK_KINDS: dict[str, BlockKind] = {
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "blockquote_open": "quote",
    "footnote_reference_open": "footnote",
    "table_open": "table",
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "fence": "code",
    "code_block": "code",
    "html_block": "html",
    "hr": "rule",
}


@dataclass(slots=True)
class _Open:
    """A container that is still being read, with how much there was of everything when it began."""

    kind: str
    span: Span
    leaves: int
    items: int
    token: Token
    number: int = 0
    rows: list[tuple[str, ...]] = field(default_factory=list)


class Tree:
    """One walk over the tokens; `blocks` have neither id nor section yet."""

    def __init__(self, tokens: Sequence[Token], lines: Lines) -> None:
        self.lines = lines
        self.leaves: list[Leaf] = []
        self.items: list[Item] = []
        self.tables: list[Table] = []
        self.codes: list[Code] = []
        self.quotes: list[Quote] = []
        self.footnotes: list[Footnote] = []
        self.references: list[Footnote] = []
        self.blocks: list[Block] = []
        self.opaque: list[tuple[int, int]] = []
        self.front_matter: Token | None = None
        self.too_deep: Span | None = None
        self._open: list[_Open] = []
        self._path: Path = ()
        self._lists = 0
        self._text_kind = "paragraph"
        self._cell = 0
        for token in tokens:
            self._take(token)

    def _take(self, token: Token) -> None:
        kind = token.type
        if kind == "inline":
            self._inline(token)
        elif kind in CONTAINERS:
            self._enter(token)
        elif token.nesting < 0 and kind[: -len("_close")] + "_open" in CONTAINERS:
            self._leave()
        elif kind in ("fence", "code_block", "html_block", "hr"):
            self._verbatim(token)
        elif kind in ("heading_open", "paragraph_open"):
            self._text_kind = token.tag if kind == "heading_open" else "paragraph"
            if token.level == 0:
                level = int(token.tag[1]) if kind == "heading_open" else None
                self._block(token, level=level)
        elif kind == "front_matter" and token.map:
            self.front_matter = token
            self.opaque.append((token.map[0], token.map[1]))

    def _span(self, token: Token) -> Span:
        if token.map is None:
            return self._open[-1].span if self._open else (0, 0)
        return self.lines.span(token.map[0], token.map[1], nested=token.level > 0)

    def _block(self, token: Token, level: int | None = None) -> None:
        self.blocks.append(Block("", None, BLOCK_KINDS[token.type], self._span(token), level=level))

    def _enter(self, token: Token) -> None:
        kind = CONTAINERS[token.type]
        span = self._span(token)
        if token.level == 0:
            self._block(token)
        if token.level >= MAX_NESTING - 1 and self.too_deep is None:
            self.too_deep = span
        opened = _Open(kind, span, len(self.leaves), len(self.items), token)
        if kind == "item":
            self._item(token, span, self._open[-1])
        elif kind in ("bullet", "ordered"):
            self._lists += 1
            opened.number = int(token.attrs.get("start", 1))
        elif kind == "row":
            self._cell = self.lines.starts[token.map[0]] if token.map else 0
        self._open.append(opened)
        self._path = (*self._path, kind)

    def _item(self, token: Token, span: Span, parent: _Open) -> None:
        ordered = parent.kind == "ordered"
        number = parent.number if ordered else None
        parent.number += 1
        checked = token.meta.get("checked")
        line = token.map[0] if token.map else self.lines.line_of(span[0])
        self.items.append(Item(self._lists, ordered, number, "", span, line, checked))

    def _leave(self) -> None:
        closed = self._open.pop()
        self._path = self._path[:-1]
        leaves = self.leaves
        if closed.kind == "item":
            first = leaves[closed.leaves] if closed.leaves < len(leaves) else None
            if first and len(first.path) == len(self._path) + 1:
                self.items[closed.items] = replace(self.items[closed.items], text=first.text)
        elif closed.kind in ("bullet", "ordered"):
            self._lists -= 1
            if not self._open:
                self._complete_list(self.items[closed.items :])
        elif closed.kind == "row":
            self._table().rows.append(tuple(leaf.text for leaf in leaves[closed.leaves :]))
        elif closed.kind == "table":
            self.tables.append(Table(tuple(closed.rows), closed.span))
            if not self._open:
                columns = len(closed.rows[0]) if closed.rows else 0
                self.blocks[-1] = replace(self.blocks[-1], rows=len(closed.rows), columns=columns)
        elif closed.kind == "quote" and "quote" not in self._path:
            self.quotes.append(Quote(self._text_since(closed), closed.span))
        elif closed.kind == "footnote":
            label = str(closed.token.meta.get("label", ""))
            self.footnotes.append(Footnote(label, self._text_since(closed), closed.span))

    def _table(self) -> _Open:
        return next(opened for opened in reversed(self._open) if opened.kind == "table")

    def _text_since(self, opened: _Open) -> str:
        return "\n".join(leaf.text for leaf in self.leaves[opened.leaves :])

    def _complete_list(self, items: list[Item]) -> None:
        depths = tuple(item.depth for item in items)
        ordered = tuple(item.ordered for item in items)
        self.blocks[-1] = replace(self.blocks[-1], items=len(items), depths=depths, ordered=ordered)

    def _verbatim(self, token: Token) -> None:
        if token.level == 0:
            self._block(token)
        first, end = token.map or (0, 0)
        span = self._span(token)
        if token.type == "hr":
            self.leaves.append(Leaf(self._path, "rule", "", span))
            return
        self.opaque.append((first, end))
        if token.type == "html_block":
            self.leaves.append(Leaf(self._path, "html", token.content, span))
            return
        info = token.info.strip()
        written = token.content.count("\n")
        whole = not token.content or token.content.endswith("\n")
        closed = token.type == "code_block" or (whole and end - first == written + 2)
        self.codes.append(Code(info, token.content, span, closed))
        self.leaves.append(Leaf(self._path, "code", token.content, span))
        if token.level == 0:
            self.blocks[-1] = replace(self.blocks[-1], info=info)

    def _inline(self, token: Token) -> None:
        first, end = token.map or (0, 1)
        if self._path[-1:] == ("row",):
            kind, span = "cell", self._locate_cell(token.content, first)
        else:
            kind, span = self._text_kind, self.lines.locate(token.content, first, end)
        self.leaves.append(Leaf(self._path, kind, visible(token.children), span))
        for child in token.children or ():
            if child.type == "footnote_ref":
                self.references.append(Footnote(str(child.meta.get("label", "")), "", span))

    def _locate_cell(self, content: str, line: int) -> Span:
        """Cells stand one after the other in their row, with their pipes escaped."""
        written = content.replace("|", "\\|")
        end = self.lines.ends[line]
        found = self.lines.text.find(written, self._cell, end) if written else -1
        if found < 0:
            return self._cell, self._cell
        self._cell = found + len(written)
        return found, self._cell
