"""How the elements of a page look by their styles and classes, and where their links lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from chatspace.adapters.readers.blocks import Script

_SIZE = r"(?:\d{1,4}(?:\.\d{0,6})?|\.\d{1,6})"
_ALIGNED = re.compile(
    rf"(?:^|[;\s])(?:vertical-align\s*:\s*(?:(?P<sup>super|text-top)|(?P<sub>sub\b|text-bottom)"
    rf"|(?P<by>[-+]?{_SIZE})\s*(?P<unit>r?em|ex|ch|p[tx]|%))"
    r"|font-variant-position\s*:\s*(?P<variant>super|sub)\b)",
    re.IGNORECASE,
)
_TO_THE_TOP = re.compile(r"(?:^|[;\s])vertical-align\s*:\s*top\b", re.IGNORECASE)
_SMALL = re.compile(
    r"(?:^|[;\s])font-size\s*:\s*(?:smaller|x{1,2}-small|[1-8]?\d(?:\.\d{0,6})?%|0?\.[1-8]\d{0,6}r?em)", re.IGNORECASE
)
_RELATIVE = re.compile(r"(?:^|[;\s])position\s*:\s*relative\b", re.IGNORECASE)
_MOVED = re.compile(
    rf"(?:^|[;\s])(?P<side>top|bottom)\s*:\s*(?P<by>[-+]?{_SIZE})\s*(?P<unit>r?em|ex|ch|p[tx]|%)", re.IGNORECASE
)
_LEAST = {"em": 0.2, "rem": 0.2, "ex": 0.5, "ch": 0.5, "px": 2.0, "pt": 2.0, "%": 20.0}
"""Less than that is to set an icon or a font straight."""

_SELECTED = re.compile(r"[.#][\w-]{1,80}$")
_TAGS = frozenset("span small font a b strong i em abbr ins label u mark var cite big time data bdi q s del".split())
_RAISED_CLASSES = frozenset(
    "sup super superscript cents price-cents price-fraction price__cents price__fraction".split()
)
_BESIDE_FIGURE = re.compile(r"\s*(?:[.,]?\d{1,3}|\d{1,3}[/⁄]\d{1,3}|[¼½¾⅐-⅞])\s*")
"""Cents, the mark of a note, or the fraction of a mixed number."""
_WRAPPER = re.compile(r"(?:www\.)?google\.[a-z.]{2,6}", re.IGNORECASE)
_MAX_SHEET = 1_000_000


class Looks:
    """What the page's own style sheets and the elements' attributes say."""

    def __init__(self, root: etree._Element) -> None:
        sheets = "".join(sheet.text or "" for sheet in root.iter("style"))[:_MAX_SHEET]
        # By the class or name that a selector ends with, such as ".price"; what is around it isn't asked.
        self._by_name: dict[str, Script] = {
            name[0].lower(): script
            for selectors, style in _rules(sheets)
            if (script := _aligned(style))
            for selector in selectors.split(",")
            if (name := _SELECTED.search(selector.strip()))
        }
        body = root.find("body")
        # The body of a document of Google's; elsewhere a class called "title" is no heading.
        self._is_document = body is not None and "doc-content" in body.get("class", "").split()

    def script(self, element: etree._Element, before: str) -> Script | None:
        """Whether an element is raised or lowered beside the text before it."""
        if element.tag in ("sup", "sub"):
            return "sup" if element.tag == "sup" else "sub"
        if element.tag not in _TAGS:
            return None
        if script := _aligned(element.get("style", "")):
            return script
        classes = element.get("class", "").lower().split()
        names = (f"#{element.get('id', '').lower()}", *(f".{name}" for name in classes))
        if script := next((self._by_name[name] for name in names if name in self._by_name), None):
            return script
        # Small digits directly behind a figure belong to it, or are the mark of a note.
        small = element.tag == "small" or not _RAISED_CLASSES.isdisjoint(classes)
        beside = small and before[-1:].isdecimal() and not len(element)
        return "sup" if beside and _BESIDE_FIGURE.fullmatch(element.text or "") else None

    def heading(self, element: etree._Element) -> int:
        """1 to 6, or 0 for what is no heading."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            return int(tag[1])
        return int(tag == "p" and self._is_document and "title" in element.get("class", "").split())


def target_of(link: etree._Element) -> str | None:
    """Where a link leads; Google wraps the addresses of its documents into one of its own."""
    href = link.get("href")
    if not href or "/url?" not in href:
        return href
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return href
    if parts.path != "/url" or not _WRAPPER.fullmatch(parts.netloc):
        return href
    query = parse_qs(parts.query)
    return next((query[name][0] for name in ("q", "url") if name in query), href)


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    for rule in sheet.split("}"):
        before, _, style = rule.rpartition("{")
        yield before.rpartition("{")[2], style


def _aligned(style: str) -> Script | None:
    if match := _ALIGNED.search(style):
        if match["by"]:
            return _moved(float(match["by"]), match["unit"])
        named = (match["variant"] or "").lower()
        return "sup" if match["sup"] or named == "super" else "sub"
    if _TO_THE_TOP.search(style) and _SMALL.search(style):
        return "sup"
    if _RELATIVE.search(style) and (match := _MOVED.search(style)):
        up = float(match["by"]) * (-1 if match["side"].lower() == "top" else 1)
        return _moved(up, match["unit"])
    return None


def _moved(up: float, unit: str) -> Script | None:
    return None if abs(up) < _LEAST[unit.lower()] else "sup" if up > 0 else "sub"
