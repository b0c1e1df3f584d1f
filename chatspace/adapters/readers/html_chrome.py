"""What of a page isn't its text: navigation, scripts, controls, and what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from chatspace.adapters.readers.html_contents import Contents, Survey

_SILENT = frozenset(
    "base datalist embed frame frameset head iframe link meta meter noscript optgroup option output param progress"
    " script select source style svg template textarea title track".split()
)
_MAY_HOLD_A_PAGE = frozenset("applet audio button canvas dialog map object video".split())
"""Controls and what a browser has no use for; a page in which one of them was left open lies in it."""

_NAVIGATION_ROLES = frozenset("navigation search menu menubar toolbar dialog alertdialog".split())
_PAGE_ROLES = frozenset("banner contentinfo complementary".split())
_PAGE_TAGS = frozenset(("header", "footer", "aside"))
_NAVIGATION_NAMES = frozenset("nav navbar navigation menu main-menu mainmenu".split())
"""Names that content has too (the menu of a restaurant): what they stand for is told by its links."""

_ASIDE_NAMES = frozenset("breadcrumb breadcrumbs skip-link skiplink cookie-banner cookie-notice share-buttons".split())
_NOTICE = re.compile(r"cookie|consent|gdpr")
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_NAMED_TAGS = frozenset("div ul ol section aside p a".split())
_LINE_NUMBERS = frozenset("gutter lineno linenos line-numbers".split())
_PERMALINKS = frozenset("headerlink anchor anchorjs-link permalink hash-link header-anchor heading-anchor".split())
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE)
_WORD_MARKER = re.compile(r"mso-list:\s*Ignore", re.IGNORECASE)
_SAYS_PERMALINK = re.compile(r"\W*(?:perma ?link|(?:direct )?link(?: to .{1,80})?|anchor|copy link)\W*", re.IGNORECASE)
_LARGEST_LIST = 1_000
_LEADING_TAGS = frozenset("div ul ol p a span li".split())


class PageFurniture:
    """Decides which elements are dropped, and counts the navigation among them.

    No rule by name, tag or role drops what holds the main heading, most of the text, or prose: such an element was left
    open, or has its name for another reason. Where all would be dropped the page is read again, first without these
    rules, then with what is hidden too.
    """

    def __init__(self, root: etree._Element, *, by_name: bool = True, hidden: bool = False) -> None:
        mains = [
            e for e in root.iter("main", "div", "section", "article") if e.tag == "main" or e.get("role") == "main"
        ]
        self._around_main = {
            child
            for main in mains[:1]
            for parent in main.iterancestors()
            for child in parent
            if child.tag in _PAGE_TAGS or child.get("role", "") in _PAGE_ROLES
        }
        self._with_hidden = hidden
        self._dropped: set[etree._Element] = set()
        self._navigation = 0
        if by_name:
            self._decide(Survey(root, self._is_asked, self._never_shown))

    def drops(self, element: etree._Element) -> bool:
        return self._never_shown(element) or element in self._dropped

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
        return [f"{parts} of the page were skipped as navigation."]

    def _never_shown(self, element: etree._Element) -> bool:
        if not isinstance(element.tag, str) or element.tag in _SILENT:
            return True
        if _WORD_MARKER.search(element.get("style", "")):
            return True
        return not self._with_hidden and _is_hidden(element)

    def _is_asked(self, element: etree._Element) -> bool:
        """Whether a rule speaks of an element; what it holds decides."""
        return (
            _is_surely_chrome(element)
            or element in self._around_main
            or not _names(element).isdisjoint(_NAVIGATION_NAMES | _ASIDE_NAMES | _LINE_NUMBERS | _PERMALINKS)
            or (element.tag == "a" and _is_in_heading(element))
        )

    def _decide(self, survey: Survey) -> None:
        """In the order of the page; what lies in something dropped isn't asked about."""
        left, end = survey.page.copy(), 0
        for element, start, held in survey.found:
            if start < end:
                continue
            if element in self._dropped or _is_mark(element, held):
                self._dropped.add(element)
            elif not self._is_chrome(element):
                continue
            elif self._would_lose(element, held, left, survey.page):
                links = list(_leading_links(element))
                self._navigation += bool(links)
                self._dropped.update(links)
                continue
            elif self._says_little(element, held):
                self._navigation += element.tag not in _MAY_HOLD_A_PAGE
                self._dropped.add(element)
                left = left.minus(held)
            else:
                continue
            end = start + held.elements

    def _is_chrome(self, element: etree._Element) -> bool:
        if _is_surely_chrome(element):
            return True
        # Beside the element that holds the page's main text, a header or footer is the site's own.
        if element in self._around_main:
            return not any(True for _ in element.iter("main"))
        return element.tag in _NAMED_TAGS and not _names(element).isdisjoint(_NAVIGATION_NAMES | _ASIDE_NAMES)

    def _says_little(self, element: etree._Element, held: Contents) -> bool:
        """Whether an element that only its name makes navigation is one: most of it leads elsewhere."""
        if _is_surely_chrome(element) or element in self._around_main:
            return True
        if "menu" in _names(element) and _has_heading(element, held):
            return False
        if held.linked >= held.plain:
            return True
        return not _names(element).isdisjoint(_ASIDE_NAMES)

    def _would_lose(self, element: etree._Element, held: Contents, left: Contents, page: Contents) -> bool:
        """Whether what an element holds is the page's own text."""
        if 0 < left.titles == held.titles:
            return True
        if element in self._around_main:
            return left.plain == held.plain
        # A notice is prose, and can be longer than a short page.
        if _is_notice(element):
            return 2 * held.plain > page.plain and not page.titles
        return 2 * held.plain > page.plain or _holds_prose(element, held)


def _is_surely_chrome(element: etree._Element) -> bool:
    return element.tag == "nav" or element.tag in _MAY_HOLD_A_PAGE or element.get("role", "") in _NAVIGATION_ROLES


def _holds_prose(element: etree._Element, held: Contents) -> bool:
    """Whether an element holds text to read; furniture is links and controls, without sentences."""
    # What a browser shows in place of a film is a sentence too.
    if element.tag in _MAY_HOLD_A_PAGE and element.tag != "dialog" and not held.headings:
        return False
    return bool(held.sentences or (held.lines and held.plain > held.linked))


def _has_heading(element: etree._Element, held: Contents) -> bool:
    """Whether a heading of the page's text says what the links of an element are."""
    if any(parent.tag in ("nav", *_PAGE_TAGS) for parent in element.iterancestors()):
        return False
    before = element.getprevious()
    return bool(held.headings and held.plain) or (
        before is not None and before.tag in _HEADINGS and not before.get("class")
    )


def _is_notice(element: etree._Element) -> bool:
    """Whether an element asks for the reader's consent to cookies."""
    is_dialog = element.tag == "dialog" or element.get("role", "") in ("dialog", "alertdialog")
    if any(map(_NOTICE.search, _names(element))):
        return is_dialog or not _names(element).isdisjoint(_ASIDE_NAMES)
    has_button = is_dialog and element.find(".//button") is not None
    return has_button and "cookie" in "".join(map(str, element.itertext())).lower()


def _names(element: etree._Element) -> frozenset[str]:
    return frozenset((*element.get("class", "").lower().split(), element.get("id", "").lower()))


def _is_hidden(element: etree._Element) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or bool(_HIDDEN.search(element.get("style", "")))
    )


def _is_in_heading(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in _HEADINGS


def _is_all_of_a_heading(element: etree._Element) -> bool:
    heading = next(element.iterancestors(*_HEADINGS), None)
    if heading is None:
        return False
    said, all_said = ("".join(map(str, one.itertext())).strip() for one in (element, heading))
    return said == all_said


def _is_mark(element: etree._Element, held: Contents) -> bool:
    """Line numbers, and the links of headings to themselves: a sign or an icon, and nothing to read."""
    classes = element.get("class", "").lower().split()
    if not _LINE_NUMBERS.isdisjoint(classes) and not (held.words or held.images):
        return True
    to_itself = element.tag == "a" and element.get("href", "").startswith("#")
    named = not _PERMALINKS.isdisjoint(classes)
    if not named and not (to_itself and _is_in_heading(element)):
        return False
    if held.headings or (held.images and not to_itself):
        return False
    if held.words and _is_all_of_a_heading(element):
        return False
    says_so = to_itself and held.elements < 5 and bool(_SAYS_PERMALINK.fullmatch("".join(map(str, element.itertext()))))
    return not (held.words or held.figures) or (named and says_so)


def _leading_links(element: etree._Element) -> Iterator[etree._Element]:
    """The links that stand first in a navigation that was left open."""
    if (element.text or "").strip():
        return
    for child in element:
        if child.tag not in _LEADING_TAGS or not _holds_links_alone(child) or (child.tail or "").strip():
            return
        yield child


def _holds_links_alone(element: etree._Element) -> bool:
    """Whether an element has no text, picture or heading out of links; a large one isn't looked through."""
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, inner in islice(walker, _LARGEST_LIST):
        if event == "end":
            if inner is element:
                return True
            if (inner.tail or "").strip():
                return False
        elif inner.tag == "a":
            walker.skip_subtree()
        elif (inner.text or "").strip() or inner.tag not in _LEADING_TAGS:
            return False
    return False
