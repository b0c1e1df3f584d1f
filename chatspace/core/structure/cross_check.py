"""The second parser: an independent reading of the same text, and the spans of what stands inside lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyromark

from chatspace.core.extraction import Link
from chatspace.core.structure.markdown import MAX_NESTING, said_by_tag, seen
from chatspace.core.structure.model import Leaf, Path
from chatspace.core.structure.offsets import from_bytes

OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
)
SURROGATE = re.compile("[\ud800-\udfff]")
CONTAINERS = {"BlockQuote": "quote", "Item": "item", "FootnoteDefinition": "footnote", "Table": "table"}
LEAVES = {"Paragraph": "paragraph", "TableCell": "cell", "HtmlBlock": "html", "CodeBlock": "code"}


@dataclass(slots=True)
class _Bracket:
    """A link or an image whose text is still being read."""

    href: str
    image: bool
    start: int
    parts: list[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the second parser saw, in code points of the text."""

    leaves: tuple[Leaf, ...]
    links: tuple[Link, ...]


def parse_with_pyromark(text: str, begin: int = 0) -> Reading:
    """Read `text` from the offset `begin` on."""
    body = SURROGATE.sub("\ufffd", text[begin:])
    walk = _Walk()
    for event, where in pyromark.events_with_range(body, options=OPTIONS, merge_text=True):
        walk.take(event, where["start"], where["end"])
    marks = [offset for leaf in walk.leaves for offset in leaf.span]
    marks += [offset for link in walk.links for offset in link.span]
    points = from_bytes(body, marks)

    def moved(span: tuple[int, int]) -> tuple[int, int]:
        return begin + points[span[0]], begin + points[span[1]]

    return Reading(
        tuple(Leaf(leaf.path, leaf.kind, leaf.text, moved(leaf.span)) for leaf in walk.leaves),
        tuple(Link(link.text, link.href, moved(link.span), link.image) for link in walk.links),
    )


class _Walk:
    """Events become leaves and links; their spans are still bytes."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self.links: list[Link] = []
        self._path: Path = ()
        self._depth = 0
        self._kind = ""
        self._start = 0
        self._end = 0
        self._parts: list[str] | None = None
        self._brackets: list[_Bracket] = []

    def take(self, event: Any, start: int, end: int) -> None:
        if isinstance(event, str):
            if event == "Rule":
                self._flush()
                self.leaves.append(Leaf(self._path, "rule", "", (start, end)))
            else:
                self._say(" ", start, end)
            return
        ((name, value),) = event.items()
        if name == "Start":
            tag, details = (value, None) if isinstance(value, str) else next(iter(value.items()))
            self._enter(tag, details, start, end)
        elif name == "End":
            self._leave(value if isinstance(value, str) else next(iter(value)), start, end)
        elif name in ("Text", "Code", "Html"):
            self._say(value, start, end)
        elif name == "InlineHtml" and (said := said_by_tag(value)):
            self._say(said, start, end)

    def _enter(self, tag: str, details: Any, start: int, end: int) -> None:
        if tag in ("Link", "Image"):
            self._brackets.append(_Bracket(_target(details), tag == "Image", start, []))
        elif tag == "Heading":
            self._begin(details["level"].lower(), start, end)
        elif tag in LEAVES:
            self._begin(LEAVES[tag], start, end)
        elif tag == "List":
            self._push("bullet" if details is None else "ordered")
        elif tag == "TableHead":
            self._push("head", "row")
        elif tag == "TableRow":
            self._push("row")
        elif tag in CONTAINERS:
            self._push(CONTAINERS[tag])

    def _leave(self, tag: str, start: int, end: int) -> None:
        if tag in ("Link", "Image"):
            self._close_bracket(end)
        elif tag == "Heading" or tag in LEAVES:
            self._flush()
        elif tag == "TableHead":
            self._pop(2)
        elif tag == "TableRow" or tag == "List" or tag in CONTAINERS:
            self._pop(1)

    def _push(self, *kinds: str) -> None:
        """Go into containers; beyond what the first parser reads the path stands still, or it would cost the square."""
        self._flush()
        self._depth += len(kinds)
        if self._depth <= MAX_NESTING:
            self._path = (*self._path, *kinds)

    def _pop(self, count: int) -> None:
        self._flush()
        self._depth -= count
        if self._depth < len(self._path):
            self._path = self._path[: self._depth]

    def _begin(self, kind: str, start: int, end: int) -> None:
        self._flush()
        self._kind, self._start, self._end, self._parts = kind, start, end, []

    def _say(self, text: str, start: int, end: int) -> None:
        """Text in a tight item belongs to a paragraph that has no events of its own."""
        if self._parts is None:
            self._begin("paragraph", start, end)
        assert self._parts is not None
        self._parts.append(text)
        self._end = max(self._end, end)
        for bracket in self._brackets:
            bracket.parts.append(text)

    def _flush(self) -> None:
        if self._parts is None:
            return
        text = "".join(self._parts) if self._kind in ("code", "html") else seen(self._parts)
        self.leaves.append(Leaf(self._path, self._kind, text, (self._start, self._end)))
        self._parts = None

    def _close_bracket(self, end: int) -> None:
        """An image inside an image is but a part of its alternative text."""
        bracket = self._brackets.pop()
        if any(outer.image for outer in self._brackets):
            return
        self.links.append(Link(seen(bracket.parts), bracket.href, (bracket.start, end), bracket.image))


def _target(details: Mapping[str, Any]) -> str:
    href = str(details["dest_url"])
    return f"mailto:{href}" if details["link_type"] == "Email" else href
