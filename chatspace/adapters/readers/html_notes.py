"""Footnotes of a page: references, the notes they lead to, and the links back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from chatspace.adapters.readers.blocks import Block

_NOTE_ID = re.compile(
    r"(?:user-content-)?_?(?:sd)?(?:fn|ftnt?(?!_?ref)|footnote|edn|endnote|note|cite_note)[-_:.]?(?!ref)(?=[^#]*\d)[\w.:-]{1,80}"
)
_BACK_ID = re.compile(r"(?:user-content-)?_?(?:fn|ftnt?|footnote|edn|endnote|cite)[-_:.]?ref|sd(?:foot|end)note\d+anc$")
_COMMENT, _COMMENT_BACK = re.compile(r"#cmnt\d+"), re.compile(r"#cmnt_ref\d+")
_MARKER = re.compile(r"\W*(?:\d{1,4}|[a-z]|[ivx]{1,5}|[*†‡§¶]{1,3})\W*")
_HOLDERS = frozenset("li p div aside dd td".split())
_MAX_MARKER = 12
_MAX_NOTES = 10_000
_MAX_LEAD = 50
"""So many starts and ends of elements may stand before the mark that a comment begins with."""


class Notes:
    """The footnotes of a page. `labels` are in the order of the references, `blocks` what each note says."""

    def __init__(self, root: etree._Element) -> None:
        self.blocks: dict[str, list[Block]] = {}
        self._references: dict[etree._Element, str] = {}
        self._definitions: dict[etree._Element, str] = {}
        self._comments = frozenset(_comments(root))
        self._returns: set[str] = set()
        marks = list(islice((link for link in root.iter("a") if _refers(link)), _MAX_NOTES))
        places = _places(root) if marks else {}
        for link in marks:
            target = places.get(link.get("href", "")[1:])
            # Of two links to each other the first is the mark, the second leads back.
            holder = None if link.get("href") in self._returns else _holder(target)
            if holder is None or any(parent is holder for parent in link.iterancestors()):
                continue
            label = self._definitions.setdefault(holder, str(len(self._definitions) + 1))
            self._references[link] = label
            self._returns.update(f"#{key}" for key in _keys(link))

    @property
    def labels(self) -> list[str]:
        return list(self._definitions.values())

    def definition(self, element: etree._Element) -> str | None:
        return self._definitions.get(element)

    def reference(self, element: etree._Element) -> str | None:
        return self._references.get(element)

    def is_comment(self, element: etree._Element) -> bool:
        """Whether an element is a comment of Google Docs, or the mark of one."""
        return element in self._comments

    def is_backlink(self, element: etree._Element) -> bool:
        if element.tag != "a" or not self._definitions:
            return False
        return element.get("href") in self._returns or _leads_back(element)


def _keys(mark: etree._Element) -> Iterator[str]:
    """The names by which a note's link back finds its mark."""
    parent = mark.getparent()
    for element in (mark, parent if parent is not None and parent.tag in ("sup", "span") else mark):
        yield from (key for key in (element.get("id"), element.get("name")) if key)


def _comments(root: etree._Element) -> Iterator[etree._Element]:
    for link in root.iter("a"):
        if _COMMENT.fullmatch(link.get("href", "")):
            around = link.getparent()
            yield link if around is None or around.tag != "sup" else around
        elif _COMMENT_BACK.fullmatch(link.get("href", "")):
            yield _comment_of(link)


def _comment_of(mark: etree._Element) -> etree._Element:
    """What goes with a comment: its box, its paragraph, or the mark alone where that stands in other text."""
    holder = _holder(mark)
    if holder is None or not _begins_with(holder, mark):
        return mark
    around = holder.getparent()
    # Each comment has a box of its own.
    if around is not None and around.tag == "div" and _has_one_comment(around) and _begins_with(around, mark):
        return around
    return holder


def _begins_with(box: etree._Element, mark: etree._Element) -> bool:
    """Whether nothing stands in a box before a comment's mark, and no heading after it."""
    for event, element in islice(etree.iterwalk(box, events=("start", "end")), _MAX_LEAD):
        if element is mark:
            return not any(True for _ in box.iter("h1", "h2", "h3", "h4", "h5", "h6"))
        text = element.text if event == "start" else element.tail
        if element.tag == "img" or (text or "").strip():
            return False
    return False


def _has_one_comment(box: etree._Element) -> bool:
    comments = (link for link in box.iter("a") if _COMMENT_BACK.fullmatch(link.get("href", "")))
    return len(list(islice(comments, 2))) == 1


def _places(root: etree._Element) -> dict[str, etree._Element]:
    places: dict[str, etree._Element] = {}
    for element in root.iter(etree.Element):
        for key in (element.get("id"), element.get("name") if element.tag == "a" else None):
            if key:
                places.setdefault(key, element)
    return places


def _refers(link: etree._Element) -> bool:
    """Whether a link is the mark of a note and not a link to read."""
    if not link.get("href", "").startswith("#") or _leads_back(link):
        return False
    text = "".join(map(str, link.itertext())).strip()
    if len(text) > _MAX_MARKER or not _MARKER.fullmatch(text):
        return False
    return link.get("role") == "doc-noteref" or bool(_NOTE_ID.fullmatch(link.get("href", "")[1:]))


def _leads_back(link: etree._Element) -> bool:
    """Whether a link goes from a note to its mark in the text."""
    target = link.get("href", "")
    if not target.startswith("#"):
        return False
    named = link.get("role") == "doc-backlink" or "backref" in link.get("class", "")
    return named or bool(_BACK_ID.match(target[1:]))


def _holder(target: etree._Element | None) -> etree._Element | None:
    """The block that a note stands in."""
    while target is not None and target.tag not in _HOLDERS:
        target = target.getparent()
    return target
