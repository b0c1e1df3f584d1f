"""Footnotes of a page: references, the notes they lead to, and the links back."""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree

from chatspace.adapters.readers.blocks import Block

_NOTE_ID = re.compile(
    r"(?:user-content-)?_?(?:sd)?(?:fn|ftn|footnote|edn|endnote|note|cite_note)[-_:.]?(?!ref)(?=[^#]*\d)[\w.:-]{1,80}"
)
_BACK_ID = re.compile(r"(?:user-content-)?_?(?:fn|ftn|footnote|edn|endnote|cite)[-_:.]?ref|sd(?:foot|end)note\d+anc$")
_MARKER = re.compile(r"\W*(?:\d{1,4}|[a-z]|[ivx]{1,5}|[*†‡§¶]{1,3})\W*")
_HOLDERS = frozenset("li p div aside dd td".split())
_MAX_MARKER = 12
_MAX_NOTES = 10_000


class Notes:
    """The footnotes of a page. `labels` are in the order of the references, `blocks` what each note says."""

    def __init__(self, root: etree._Element) -> None:
        self.blocks: dict[str, list[Block]] = {}
        self._references: dict[etree._Element, str] = {}
        self._definitions: dict[etree._Element, str] = {}
        marks = list(islice((link for link in root.iter("a") if _refers(link)), _MAX_NOTES))
        places = _places(root) if marks else {}
        for link in marks:
            holder = _holder(places.get(link.get("href", "")[1:]))
            if holder is None or any(parent is holder for parent in link.iterancestors()):
                continue
            label = self._definitions.setdefault(holder, str(len(self._definitions) + 1))
            self._references[link] = label

    @property
    def labels(self) -> list[str]:
        return list(self._definitions.values())

    def definition(self, element: etree._Element) -> str | None:
        return self._definitions.get(element)

    def reference(self, element: etree._Element) -> str | None:
        return self._references.get(element)

    def is_backlink(self, element: etree._Element) -> bool:
        return element.tag == "a" and bool(self._definitions) and _leads_back(element)


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
