"""What of a page isn't its text: navigation, scripts, controls, and what is hidden."""

from __future__ import annotations

import re

from lxml import etree

_SILENT = frozenset(
    "applet audio base button canvas datalist dialog embed frame frameset head iframe link map meta meter noscript"
    " object optgroup option output param progress script select source style svg template textarea title track"
    " video".split()
)
_NAVIGATION_ROLES = frozenset("navigation search menu menubar toolbar dialog alertdialog".split())
_PAGE_ROLES = frozenset("banner contentinfo complementary".split())
_PAGE_TAGS = frozenset(("header", "footer", "aside"))
_NAVIGATION_NAMES = frozenset(
    "nav navbar navigation menu main-menu mainmenu breadcrumb breadcrumbs skip-link skiplink cookie-banner"
    " cookie-notice share-buttons".split()
)
_NAMED_TAGS = frozenset("div ul ol section aside p a".split())
_MARKS = frozenset("gutter lineno linenos line-numbers headerlink anchor anchorjs-link permalink".split())
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE)
_WORD_MARKER = re.compile(r"mso-list:\s*Ignore", re.IGNORECASE)


class PageFurniture:
    """Decides for each element whether it is dropped, and counts the navigation among what was."""

    def __init__(self, root: etree._Element) -> None:
        mains = [
            e for e in root.iter("main", "div", "section", "article") if e.tag == "main" or e.get("role") == "main"
        ]
        self._around_main = {child for main in mains[:1] for parent in main.iterancestors() for child in parent}
        self._navigation = 0

    def drops(self, element: etree._Element) -> bool:
        if not isinstance(element.tag, str) or element.tag in _SILENT:
            return True
        if self._is_navigation(element):
            self._navigation += 1
            return True
        return _is_hidden(element) or _is_mark(element)

    def word_marker(self, paragraph: etree._Element) -> str:
        """The bullet or number that Word wrote into a list's paragraph."""
        for span in paragraph.iter("span"):
            if _WORD_MARKER.search(span.get("style", "")):
                return "".join(map(str, span.itertext()))
        return ""

    def warnings(self) -> list[str]:
        if not self._navigation:
            return []
        parts = "1 part" if self._navigation == 1 else f"{self._navigation} parts"
        return [f"{parts} of the page that are navigation were left out."]

    def _is_navigation(self, element: etree._Element) -> bool:
        role = element.get("role", "")
        if element.tag == "nav" or role in _NAVIGATION_ROLES:
            return True
        # Beside the element that holds the page's main text, a header or footer is the site's own.
        if element in self._around_main and (element.tag in _PAGE_TAGS or role in _PAGE_ROLES):
            return not any(True for _ in element.iter("main"))
        names = {*element.get("class", "").lower().split(), element.get("id", "").lower()}
        return element.tag in _NAMED_TAGS and not names.isdisjoint(_NAVIGATION_NAMES)


def _is_hidden(element: etree._Element) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or bool(_HIDDEN.search(element.get("style", "")))
    )


def _is_mark(element: etree._Element) -> bool:
    """Line numbers, the anchors of headings, and the markers that Word writes into its lists."""
    if _WORD_MARKER.search(element.get("style", "")):
        return True
    return not _MARKS.isdisjoint(element.get("class", "").split()) and not element.xpath("self::div[descendant::p]")
