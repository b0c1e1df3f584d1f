"""How the elements of a page look by their styles and classes, and where their links lead."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from chatspace.adapters.readers.blocks import Script

_ALIGNED = re.compile(
    r"vertical-align\s*:\s*(?:(?P<sup>super|text-top|0?\.[3-9]\d*r?em|[3-9](?:\.\d+)?p[tx]|[3-6]\d%)"
    r"|(?P<sub>sub\b|-\s*\d|text-bottom))",
    re.IGNORECASE,
)
_RULE = re.compile(r"\.([\w-]{1,80})\s*\{([^{}]{0,2000})\}")
_RAISED_CLASSES = frozenset(
    "sup super superscript cents price-cents price-fraction price__cents price__fraction".split()
)
_CENTS = re.compile(r"\s*[.,]?\d{1,3}\s*")
_WRAPPER = re.compile(r"(?:www\.)?google\.[a-z.]{2,6}", re.IGNORECASE)
_MAX_SHEET = 1_000_000


class Looks:
    """What the page's own style sheets and the elements' attributes say."""

    def __init__(self, root: etree._Element) -> None:
        sheets = "".join(style.text or "" for style in root.iter("style"))[:_MAX_SHEET]
        self._by_class: dict[str, Script] = {
            rule[1].lower(): script for rule in _RULE.finditer(sheets) if (script := _aligned(rule[2]))
        }
        body = root.find("body")
        # The body of a document of Google's; elsewhere a class called "title" is no heading.
        self._is_document = body is not None and "doc-content" in body.get("class", "").split()

    def script(self, element: etree._Element, before: str) -> Script | None:
        """Whether an element is raised or lowered beside the text before it."""
        if element.tag in ("sup", "sub"):
            return "sup" if element.tag == "sup" else "sub"
        if element.tag not in ("span", "small", "font", "a", "b", "strong", "i", "em"):
            return None
        if script := _aligned(element.get("style", "")):
            return script
        classes = element.get("class", "").lower().split()
        if script := next((self._by_class[name] for name in classes if name in self._by_class), None):
            return script
        # Small digits directly behind a figure are cents or the mark of a note.
        small = element.tag == "small" or not _RAISED_CLASSES.isdisjoint(classes)
        beside = small and before[-1:].isdecimal() and not len(element)
        return "sup" if beside and _CENTS.fullmatch(element.text or "") else None

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


def _aligned(style: str) -> Script | None:
    match = _ALIGNED.search(style)
    return None if match is None else "sup" if match["sup"] else "sub"
