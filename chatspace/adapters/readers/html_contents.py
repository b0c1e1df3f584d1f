"""What the elements of a page hold, counted in one passage: what may be dropped is told by that and not by a name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields

from lxml import etree

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_SENTENCE_END = re.compile(r"\w[)\]»”’\"']*[.!?…](?:\W*\s|\W*$)|[。！？]")
_LINE = 3
_SENTENCE = 4
"""So many words make a line of a paragraph, and with a full stop a sentence anywhere."""


@dataclass(slots=True)
class Contents:
    """Counts of an element and what lies in it: `plain` and `linked` are characters out of links and in them, `words`
    and `figures` texts with letters and with digits, `sentences` and `lines` texts out of links that are prose for
    certain and by their looks.
    """

    elements: int = 0
    titles: int = 0
    headings: int = 0
    plain: int = 0
    linked: int = 0
    words: int = 0
    figures: int = 0
    images: int = 0
    sentences: int = 0
    lines: int = 0

    def minus(self, other: Contents) -> Contents:
        return Contents(*(getattr(self, one.name) - getattr(other, one.name) for one in fields(self)))

    def copy(self) -> Contents:
        return Contents(*(getattr(self, one.name) for one in fields(self)))


class Survey:
    """`found` are the elements that are asked about, in the order of the page, with their place and contents."""

    def __init__(
        self,
        root: etree._Element,
        asked: Callable[[etree._Element], bool],
        skipped: Callable[[etree._Element], bool],
    ) -> None:
        self.page = Contents()
        self.found: list[tuple[etree._Element, int, Contents]] = []
        self._links = 0
        self._count(root, asked, skipped)

    def _count(
        self,
        root: etree._Element,
        asked: Callable[[etree._Element], bool],
        skipped: Callable[[etree._Element], bool],
    ) -> None:
        open_at: list[tuple[int | None, bool]] = []
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            if event == "start":
                skip = element is not root and skipped(element)
                at = len(self.found) if not skip and asked(element) else None
                if at is not None:
                    self.found.append((element, self.page.elements, self.page.copy()))
                is_link = element.tag == "a" and not skip
                open_at.append((at, is_link))
                self._links += is_link
                self._enter(element, skip)
                if skip:
                    walker.skip_subtree()
            else:
                at, is_link = open_at.pop()
                if at is not None:
                    found, start, before = self.found[at]
                    self.found[at] = (found, start, self.page.minus(before))
                self._links -= is_link
                self._text(element.tail, element.getparent())

    def _enter(self, element: etree._Element, skip: bool) -> None:
        self.page.elements += 1
        if not skip:
            self.page.titles += element.tag == "h1" and any(text.strip() for text in map(str, element.itertext()))
            self.page.headings += element.tag in _HEADINGS
            self.page.images += element.tag == "img"
            self._text(element.text, element)

    def _text(self, text: str | None, around: etree._Element | None) -> None:
        text = (text or "").strip()
        if not text:
            return
        if self._links:
            self.page.linked += len(text)
        else:
            self.page.plain += len(text)
            in_paragraph = around is not None and around.tag == "p"
            words = len(text.split(None, _SENTENCE))
            ends = _SENTENCE_END.search(text) is not None
            self.page.sentences += ends and (in_paragraph or words >= _SENTENCE)
            self.page.lines += in_paragraph and words >= _LINE
        self.page.words += any(map(str.isalpha, text))
        self.page.figures += any(map(str.isdecimal, text))
