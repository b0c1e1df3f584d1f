"""Text cut into blocks while it arrives, so that only the last block is ever looked at again.

Lines are judged one at a time and only when whole, so the blocks don't depend on how the text came. A border is drawn
where CommonMark leaves no doubt that a block of the document's own level begins: at a line without indent after a blank
one, at a heading, a fence or an item of a list. Lines that leave a doubt stay with the block before, for the parser
to take apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from chatspace.tui.transcript.lines import Line

Kind = Literal[
    "prose",
    "heading",
    "rule",
    "item",
    "fence",
    "code",
    "html",
    "plain",
    "thinking",
    "thought",
    "error",
    "footer",
    "notice",
]

LONGEST = {"fence": 400, "plain": 40, "thinking": 40}
"""Source lines after which a block goes on in another."""

_FENCE = re.compile(r"(`{3,})([^`]*)$|(~{3,})(.*)$")
_HEADING = re.compile(r"#{1,6}(\s|$)")
_RULE = re.compile(r"([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_ITEM = re.compile(r"(?:[-+*]|(\d{1,9})([.)]))(?:([ \t]+)(\S)?|$)")
_HTML_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]*)(?:\s|/?>|$)")
_HTML_ALONE = re.compile(r"</?[a-zA-Z][^<>]*>\s*$")
_HTML_RAW = re.compile(r"<(script|pre|style|textarea|!--|\?|!\[CDATA\[|![a-zA-Z])", re.IGNORECASE)
_HTML_ENDS = {"!--": "-->", "?": "?>", "![cdata[": "]]>"}
_EMPTY_ITEM = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])\s*$")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:[ \t]*(?:<.*>|\S+)(?:[ \t]+[\"'(].*)?[ \t]*$", re.MULTILINE)
"""The address of a reference link; not a note, which goes on with more words."""

_UNDECIDED = re.compile(r"\s*(?:[-=*_+#>`~|:. \t]*|\d{1,9}[.)]?\s*)$")
"""An unfinished line that may yet become anything: it is not shown."""


@dataclass(slots=True, eq=False)
class Block:
    """A piece of an entry that is rendered at once.

    `gap` is how many blank lines stand above it, `number` an item's place in its ordered list, `info` the language of a
    fence. `tail` is the line that is still arriving. `height` includes the gap and is an estimate until `lines` are
    rendered; `fresh` says that they show the block as it is. `settled` counts, for a growing fence, source lines and
    rendered lines that won't change.
    """

    kind: Kind
    gap: int = 0
    text: list[str] = field(default_factory=list)
    number: int | None = None
    info: str = ""
    tail: str = ""
    closed: bool = False
    height: int = 0
    lines: list[Line] | None = None
    fresh: bool = False
    settled: tuple[int, int] = (0, 0)

    @property
    def source(self) -> str:
        return "\n".join((*self.text, self.tail) if self.tail else self.text)

    def set_gap(self, gap: int) -> None:
        """Moves the block away from the one above it."""
        self.height += gap - self.gap
        self.gap = gap

    def estimate(self, width: int) -> int:
        """About how many lines it takes at this width, its gap included."""
        return self.gap + sum(1 + len(line) // width for line in self.text) + (1 if self.tail else 0)


class Splitter:
    """Cuts a growing text into blocks. `plain` text is cut by length alone."""

    def __init__(self, plain: Literal["plain", "thinking"] | None = None) -> None:
        self.blocks: list[Block] = []
        self.definitions = 0
        self._plain = plain
        self._partial = ""
        self._provisional = False
        self._begun: Block | None = None
        """The block that stood for a line still arriving."""
        self._blanks = 0
        self._fence = ""
        self._fence_indent = 0
        self._raw_end = ""
        self._content_indent = 0
        self._delimiter = ""
        self._doubtful = False
        """Whether the last item may have ended without a sure sign of it."""
        self._hidden_indent = 0
        """From where on lines may be inside a list that begins in the middle of the last block; 0 where none can."""
        self._paragraph = False

    def feed(self, text: str) -> int:
        """Takes the next piece, of harmless characters; gives the index of the first block that may have changed."""
        if self._provisional:
            self._begun = self.blocks.pop()
            self._provisional = False
        first = max(0, len(self.blocks) - 1)
        if self.blocks and self.blocks[-1].tail:
            self._change(self.blocks[-1]).tail = ""
        *lines, self._partial = (self._partial + text).split("\n")
        for line in lines:
            self._take(line.expandtabs(4))
        self._show_partial()
        self._begun = None
        return first

    def finish(self) -> int:
        """Says that no more comes; gives the index of the first block that may have changed."""
        first = self.feed("\n") if self._partial else max(0, len(self.blocks) - 1)
        if self.blocks and self.blocks[-1].kind == "fence":
            self._change(self.blocks[-1])
        if self.blocks:
            self.blocks[-1].closed = True
        return first

    def _change(self, block: Block) -> Block:
        block.fresh = False
        return block

    def _show_partial(self) -> None:
        line = self._partial.expandtabs(4)
        if not line.strip() or (not self._plain and _UNDECIDED.match(line)):
            return
        opened = self._opening(line)
        if opened is None:
            self._change(self.blocks[-1]).tail = self._content(line)
        elif opened.kind != "fence":
            opened = self._again(opened)
            opened.tail = line
            self.blocks.append(opened)
            self._provisional = True

    def _again(self, opened: Block) -> Block:
        """The block that stood for this line before more of it came: what stays of its lines isn't painted again."""
        begun, self._begun = self._begun, None
        if begun is None or begun.kind != opened.kind:
            return opened
        begun.set_gap(opened.gap)
        begun.number, begun.info, begun.tail, begun.fresh = opened.number, opened.info, "", False
        return begun

    def _take(self, line: str) -> None:
        """One whole line."""
        if self._fence and self._closes_fence(line):
            self._fence = ""
            self._change(self.blocks[-1]).closed = True
            return
        if not line.strip() and not self._fence and not self._raw_end:
            self._blanks += 1
            return
        opened = self._opening(line)
        if opened is None:
            block = self._change(self.blocks[-1])
            block.text += [""] * self._blanks
            block.text.append(self._content(line))
            self._look_back(block, line)
        else:
            opened = self._again(opened)
            if self.blocks:
                self.blocks[-1].closed = True
            self.blocks.append(opened)
            self._enter(opened, line)
            self._doubtful, self._hidden_indent = False, 0
        self._blanks = 0
        if self.blocks[-1].kind == "prose" and DEFINITION.match(line):
            self.definitions += 1

    def _look_back(self, block: Block, line: str) -> None:
        """Whether this line, which stayed with the block, ends it, and what it leaves in doubt."""
        if self._raw_end and self._raw_end in line.lower():
            self._raw_end = ""
            block.closed = True
        elif block.kind == "item" and _indent(line) < self._content_indent:
            if self._doubtful:
                self._hidden_indent = _content_indent(line) or self._hidden_indent
            self._doubtful = True
        elif block.kind != "prose":
            return
        elif self._paragraph and _UNDERLINE.match(line):
            block.kind, block.closed = "heading", True
        else:
            if not self._paragraph:
                self._hidden_indent = _content_indent(line) or self._hidden_indent
            self._paragraph = self._paragraph and _is_text(line)

    def _content(self, line: str) -> str:
        if not self._fence:
            return line
        return line[min(self._fence_indent, _indent(line)) :]

    def _closes_fence(self, line: str) -> bool:
        stripped = line.strip()
        return len(stripped) >= len(self._fence) and not stripped.strip(self._fence[0]) and not line.startswith("    ")

    def _enter(self, block: Block, line: str) -> None:
        """Remembers what decides where this block ends."""
        stripped = line.lstrip(" ")
        indent = _indent(line)
        if block.kind == "fence":
            if not self._fence:
                self._fence = stripped[: len(stripped) - len(stripped.lstrip(stripped[0]))]
                self._fence_indent = indent
                return
        elif block.kind == "item":
            self._content_indent = _content_indent(line)
            self._delimiter = stripped.lstrip("0123456789")[0]
        elif block.kind == "prose":
            self._paragraph = _is_text(line)
        elif block.kind == "html" and (raw := _HTML_RAW.match(stripped)):
            name = raw[1].lower()
            end = _HTML_ENDS.get(name) or (f"</{name}>" if name.isalpha() else ">")
            self._raw_end = "" if end in stripped[len(raw[0]) :].lower() else end
        block.text.append(self._content(line))

    def _opening(self, line: str) -> Block | None:
        """The block that this line begins, or None where it belongs to the last one."""
        last = self.blocks[-1] if self.blocks else None
        if last and len(last.text) >= LONGEST.get(last.kind, 1 << 30) and (self._plain or self._fence):
            return Block(last.kind, gap=self._blanks, info=last.info)
        if self._plain:
            return None if last else Block(self._plain)
        if self._fence or self._raw_end:
            return None
        stripped = line.lstrip(" ")
        indent = _indent(line)
        if last and not last.closed and self._may_be_inside(last, indent):
            return None
        kind = last.kind if last else None
        alone = last is None or last.closed or self._blanks > 0 or kind in ("heading", "rule", "code")
        if last and kind == "item" and len(last.text) == 1 and _EMPTY_ITEM.match(last.text[0]):
            alone = True
        if indent > 3:
            goes_on = last and not last.closed and _indent(last.text[-1]) > 3
            return Block("code", gap=self._gap("code")) if alone and not goes_on else None
        if found := _FENCE.match(stripped):
            return Block("fence", gap=self._gap("fence"), info=(found[2] or found[4] or "").strip())
        if _HEADING.match(stripped):
            return Block("heading", gap=self._gap("heading"))
        certain = alone or (kind == "item" and not self._doubtful)
        if _RULE.match(stripped) and (certain or not _UNDERLINE.match(line)):
            return Block("rule", gap=self._gap("rule"))
        if (item := _ITEM.match(stripped)) and (certain or (item[4] and item[1] in (None, "1"))):
            return Block("item", gap=self._gap("item"), number=self._number(item))
        if stripped[0] == "<" and self._is_html(stripped, alone):
            return Block("html", gap=self._gap("html"))
        quoted = kind == "item" and stripped[0] == ">"
        return Block("prose", gap=self._gap("prose")) if alone or quoted else None

    def _may_be_inside(self, last: Block, indent: int) -> bool:
        """Whether a line may belong to the last block whatever it says, because of how far it is indented."""
        inner = self._hidden_indent or (self._content_indent if last.kind == "item" else 0)
        if 0 < inner <= indent:
            return True
        return last.kind == "html" and not self._blanks

    def _gap(self, kind: Kind) -> int:
        if not self.blocks or (self.blocks[-1].kind == "heading" and kind not in ("heading", "rule")):
            return 0
        return 0 if kind == "item" and not self._blanks and self.blocks[-1].kind in ("item", "prose") else 1

    def _number(self, item: re.Match[str]) -> int | None:
        if not item[1]:
            return None
        last = self.blocks[-1] if self.blocks else None
        if (
            last
            and last.kind == "item"
            and last.number is not None
            and self._delimiter == item[2]
            and not self._doubtful
        ):
            return last.number + 1
        return int(item[1])

    def _is_html(self, stripped: str, alone: bool) -> bool:
        from markdown_it.common.html_blocks import block_names  # Not before there is Markdown to show.

        found = _HTML_TAG.match(stripped)
        known = found is not None and found[1].lower() in block_names
        return known or bool(_HTML_RAW.match(stripped)) or (alone and bool(_HTML_ALONE.match(stripped)))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_text(line: str) -> bool:
    """Whether the line can only be text of a paragraph, or end it."""
    return "|" not in line and line.lstrip(" ")[:1] not in (">", "[")


def _content_indent(line: str) -> int:
    """Where the content of the item begins that this line opens; 0 where it opens none."""
    stripped = line.lstrip(" ")
    item = _ITEM.match(stripped)
    if item is None:
        return 0
    spaces = len(item[3]) if item[4] else 1
    marker = len(item[1] or "") + 1
    return _indent(line) + marker + (spaces if spaces <= 4 else 1)
