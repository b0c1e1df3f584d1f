"""HTML as blocks: what a reader of the page reads, without navigation, scripts and what is hidden."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from lxml import etree

from chatspace.adapters.readers import html_math
from chatspace.adapters.readers.blocks import (
    MAX_DEPTH,
    PLAIN,
    Block,
    Body,
    Code,
    List,
    Quote,
    Rule,
    Style,
    StyledText,
    Table,
    Text,
    flattened,
    place_item,
)
from chatspace.adapters.readers.html_chrome import PageFurniture
from chatspace.adapters.readers.html_looks import Looks, target_of
from chatspace.adapters.readers.html_notes import Notes
from chatspace.adapters.readers.html_open import close_silent
from chatspace.adapters.readers.html_tables import is_layout, move_strays, rows_of
from chatspace.adapters.readers.inline import address
from chatspace.core.errors import SourceError

Undo = Callable[[], None]

_STYLES: dict[str, Callable[[Style], Style]] = {
    **dict.fromkeys(("b", "strong"), lambda style: replace(style, strong=True)),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), lambda style: replace(style, emphasis=True)),
    **dict.fromkeys(("s", "strike", "del"), lambda style: replace(style, struck=True)),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), lambda style: replace(style, code=True)),
}
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form"
    " header hgroup html legend li main ol p section summary table tbody td tfoot th thead tr ul".split()
)
_LISTS = ("ul", "ol", "menu", "dir")
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_FLAT_LEVEL = re.compile(r"lst-kix\S*?-(\d+)|ql-indent-(\d+)")
_WORD_LIST = re.compile(r"mso-list:\s*[^;]*?level(\d+)")
_WORD_NUMBER = re.compile(r"\s*\(?\w{1,6}[.)]")
_LANGUAGE = re.compile(r"(?:language|lang|highlight-source)-([\w+#.-]+)")
MAX_ELEMENTS = 300_000
"""A tree of more takes too much time and memory; 10 MB of real pages have a fifth of that."""
_MAX_LINES = 65_535
"""Beyond this libxml2 counts lines no more."""


def read_html(text: str, name: str) -> Body:
    """Raises SourceError for a page with too many elements, or nested deeper than libxml2 reads."""
    if text.count("<") - text.count("</") > MAX_ELEMENTS:
        reason = f"it has more than {MAX_ELEMENTS:,} elements"
        raise SourceError(f"{name} can't be read", reason, "Save the page as plain text.")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(close_silent(text).encode("utf-8"), parser)
    except etree.XMLSyntaxError:  # A page of nothing but comments.
        return Body([])
    # At its limit of depth libxml2 drops the rest of the page.
    if any(error.type_name == "ERR_RESOURCE_LIMIT" or "Excessive depth" in error.message for error in parser.error_log):
        raise SourceError(f"{name} can't be read", "its elements are nested too deeply", "Save the page as plain text.")
    move_strays(root)
    # Where nothing is left, more is let in: a page isn't empty because of the names of its elements.
    ways = ((True, False), (False, False), (False, True))
    bodies = (_read(root, PageFurniture(root, by_name=by_name, hidden=hidden)) for by_name, hidden in ways)
    return next((body for body in bodies if body.blocks), Body([]))


def _read(root: etree._Element, chrome: PageFurniture) -> Body:
    notes = Notes(root)
    blocks = _Walk(chrome, notes, Looks(root)).blocks(root)
    while blocks and isinstance(blocks[-1], Rule):
        blocks.pop()
    found = {label: notes.blocks[label] for label in notes.labels if label in notes.blocks}
    return Body(blocks, found, chrome.warnings())


@dataclass(slots=True)
class _OpenList:
    """A list whose items go into `container`; `fresh` until its first item made a list there."""

    container: list[Block]
    ordered: bool
    start: int
    level: int
    fresh: bool


class _Walk:
    """One passage over an element's tree, without recursion but for the cells of a table."""

    def __init__(self, chrome: PageFurniture, notes: Notes, looks: Looks) -> None:
        self._chrome = chrome
        self._notes = notes
        self._looks = looks
        self._open: list[list[Block]] = [[]]
        self._lists: list[_OpenList] = []
        self._runs: list[StyledText] = []
        self._style = PLAIN
        self._level = 0
        self._line = 0
        self._place = ""

    def blocks(self, root: etree._Element) -> list[Block]:
        undo: list[Undo | None] = []
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            if event == "start":
                self._line = element.sourceline or self._line
                skipped, after = self._enter(element, element is root)
                undo.append(after)
                if skipped:
                    walker.skip_subtree()
                else:
                    self._add(element.text)
            else:
                if after := undo.pop():
                    after()
                if element is not root:
                    self._add(element.tail)
        self._flush()
        return self._open[0]

    def _enter(self, element: etree._Element, is_root: bool) -> tuple[bool, Undo | None]:
        """Whether to skip what is inside, and what to do at the element's end."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if not is_root and self._is_dropped(element):
            return True, None
        if label := self._notes.definition(element):
            return False, self._into(self._notes.blocks.setdefault(label, []))
        if label := self._notes.reference(element):
            self._put(StyledText("", replace(self._style, scripts=()), "note", label))
            return True, None
        if handler := _LEAVES.get(tag):
            handler(self, element)
            return True, None
        if tag == "table" and not is_layout(element):
            self._table(element)
            return True, None
        return False, self._container(tag, element)

    def _is_dropped(self, element: etree._Element) -> bool:
        return self._chrome.drops(element) or self._notes.is_comment(element) or self._notes.is_backlink(element)

    def _container(self, tag: str, element: etree._Element) -> Undo | None:
        if tag in _STYLES:
            return self._styled(_STYLES[tag](self._style))
        if script := self._looks.script(element, self._runs[-1].text if self._runs else ""):
            return self._styled(replace(self._style, scripts=(*self._style.scripts, script)))
        if tag == "a" and (href := address(target_of(element))):
            return self._styled(replace(self._style, href=href))
        if level := self._looks.heading(element):
            return self._heading(level)
        if len(self._open) <= MAX_DEPTH:
            if tag in _LISTS:
                return self._list(tag, element)
            if tag == "li":
                return self._item(element)
            if tag == "blockquote":
                self._flush()
                quote = Quote()
                self._open[-1].append(quote)
                return self._into(quote.blocks)
            if tag == "p" and (listed := _WORD_LIST.search(element.get("style", ""))):
                self._flush()
                marker = self._chrome.word_marker(element)
                ordered = bool(_WORD_NUMBER.match(marker))
                return self._into(place_item(self._open[-1], int(listed[1][:2]) - 1, ordered=ordered))
        if tag in _BLOCKS:
            self._flush()
            return self._flush
        if tag == "q":
            self._add("“")
            return lambda: self._add("”")
        return None

    def _into(self, blocks: list[Block]) -> Undo:
        """Fill `blocks` until the element ends."""
        self._flush()
        self._open.append(blocks)
        lists, self._lists = self._lists, []

        def close() -> None:
            self._flush()
            self._open.pop()
            self._lists = lists

        return close

    def _styled(self, style: Style) -> Undo:
        before, self._style = self._style, style

        def close() -> None:
            self._style = before

        return close

    def _heading(self, level: int) -> Undo:
        self._flush()
        before, self._level = self._level, level

        def close() -> None:
            self._flush()
            self._level = before

        return close

    def _list(self, tag: str, element: etree._Element) -> Undo:
        self._flush()
        container, level = self._open[-1], _flat_level(element)
        if self._lists:
            # A list directly within a list belongs to the item before it.
            outer = self._lists[-1]
            container = _last_item(outer)
            level = None
        start = int(number) if (number := element.get("start", "")).isdecimal() and len(number) < 10 else 1
        self._lists.append(_OpenList(container, tag == "ol", start, level or 0, level is None))

        def close() -> None:
            self._flush()
            self._lists.pop()

        return close

    def _item(self, element: etree._Element) -> Undo:
        self._flush()
        if not self._lists:
            return self._into(place_item(self._open[-1], 0, ordered=False))
        current = self._lists[-1]
        level = current.level
        if len(self._lists) == 1 and (own := _flat_level(element)) is not None:
            level = own
        new_list, current.fresh = current.fresh, False
        item = place_item(
            current.container, level, ordered=current.ordered, start=current.start, new_list=new_list and not level
        )
        return self._into(item)

    def _table(self, element: etree._Element) -> None:
        self._flush()
        place = self._where()
        for caption in element.iterchildren("caption"):
            self._open[-1].extend(_Walk(self._chrome, self._notes, self._looks).blocks(caption))
        rows = rows_of(element, self._chrome.drops, self._cell)
        if rows:
            self._open[-1].append(Table(rows, place))

    def _cell(self, element: etree._Element) -> list[StyledText]:
        if not len(element):
            return [StyledText(_SPACE.sub(" ", element.text or ""))]
        return flattened(_Walk(self._chrome, self._notes, self._looks).blocks(element))

    def _code(self, element: etree._Element) -> None:
        self._flush()
        for line_break in element.iter("br"):
            line_break.tail = f"\n{line_break.tail or ''}"
        for script in element.iter("sup", "sub"):
            script.text = f"{'^' if script.tag == 'sup' else '_'}{script.text or ''}"
        text = "".join(map(str, element.itertext())).removeprefix("\n").rstrip()
        around = (element.getparent(), element, *element.iter("code"))
        language = _LANGUAGE.search(" ".join(e.get("class", "") for e in around if e is not None))
        if text:
            self._open[-1].append(Code(text, self._where(), language[1] if language else ""))

    def _rule(self, element: etree._Element) -> None:
        self._flush()
        self._open[-1].append(Rule(self._where()))

    def _image(self, element: etree._Element) -> None:
        source = element.get("src") or element.get("data-src") or ""
        alt = element.get("alt") or ""
        embedded = source.strip().lower().startswith("data:")
        target = "embedded" if embedded else address(source)
        if target and (alt or not embedded) and (element.get("width"), element.get("height")) != ("1", "1"):
            self._put(StyledText(alt, self._style, "image", target))

    def _formula(self, element: etree._Element) -> None:
        if text := html_math.formula_of(element):
            self._put(StyledText(text, replace(self._style, scripts=()), "formula"))

    def _input(self, element: etree._Element) -> None:
        if element.get("type", "").lower() == "checkbox":
            self._put(StyledText(" " if element.get("checked") is None else "x", kind="task"))

    def _break(self, element: etree._Element) -> None:
        self._put(StyledText("\n"))

    def _add(self, text: str | None) -> None:
        if text and (self._runs or not text.isspace()):
            self._put(StyledText(_SPACE.sub(" ", text), self._style))

    def _put(self, run: StyledText) -> None:
        if not self._runs:
            self._place = self._where()
        self._runs.append(run)

    def _flush(self) -> None:
        """End the paragraph or heading."""
        if self._runs:
            self._open[-1].append(Text(self._runs, self._place, self._level))
            self._runs = []

    def _where(self) -> str:
        return f"line {self._line}" if self._line < _MAX_LINES else f"after line {_MAX_LINES - 1}"


_LEAVES: dict[str, Callable[[_Walk, etree._Element], None]] = {
    "pre": _Walk._code,
    "hr": _Walk._rule,
    "img": _Walk._image,
    "input": _Walk._input,
    "br": _Walk._break,
    **dict.fromkeys(("math", "mfrac", "msup", "msub", "frac"), _Walk._formula),
}


def _flat_level(element: etree._Element) -> int | None:
    """The level that a flat list names for itself, counted from 0."""
    if match := _FLAT_LEVEL.search(element.get("class", "")):
        return int((match[1] or match[2])[:2])
    level = element.get("aria-level", "")
    return int(level[:2]) - 1 if level.isdecimal() and level != "0" else None


def _last_item(outer: _OpenList) -> list[Block]:
    """The item that the open list ends with, made where there is none yet."""
    last = outer.container[-1] if outer.container else None
    if outer.fresh or not isinstance(last, List) or not last.items:
        outer.fresh = False
        return place_item(outer.container, 0, ordered=outer.ordered, start=outer.start, new_list=True)
    return last.items[-1]
