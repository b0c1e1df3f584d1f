"""What of a source is written for its readers. The rest of a brief is for its writer, and has no place in print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatspace.adapters.offline.material import Material
from chatspace.core.extraction import Block, Section
from chatspace.core.structure import Leaf
from chatspace.core.text.word_lists import lines_of

_FOR_THE_WRITER = frozenset(lines_of("briefs")["for the writer"])
_FORBIDS = re.compile(r"\b(?:don['’]t|do not|not to|never|avoid)\b.*\b(?:say|mention|write|use|claim)\b", re.IGNORECASE)
_OF_THE_TRADE = re.compile(
    r"blog post|social post|search ads?|landing page|press release|embargo|budget|photographer|newsletter|word count|"
    r"\d+ words|call to action|target audience|tone of voice|copy deadline|sign-off|headlines|Blogbeitrag|"
    r"Pressemitteilung|Sperrfrist|Suchanzeigen|\d+ Wörter",
    re.IGNORECASE,
)
"""Words of those who make texts. A section of a brief that uses two of them is a plan and no story."""

_SPOKEN_TO_THE_WRITER = re.compile(
    r"""^(?:please\ |bitte\ )?(?:avoid|(?:do\ not|don['’]t)\ (?:mention|use|say|write|call|name))\b
    |^prepared\ by\b|^to\ check\b|^questions\ (?:go\ )?to\b
    |\b(?:this|the)\ (?:brief|briefing)\b|\bdieses\ briefing\b|\bword\ count\b""",
    re.IGNORECASE | re.VERBOSE,
)
_BRIEF_TITLE = re.compile(
    r"""^(?:\w+\ ){0,2}brief(?:ing)?\s*(?:[:–—|,]|-\s|$)|\bbrief(?:ing)?\s*$|^briefing\b
    |\bnotes\ (?:for|on)\ (?:the|a)\ (?:story|article|post|piece|writer)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_BRIEF_START = re.compile(r"(?:\w+ ){0,2}brief(?:ing)?\s*(?:[:–—|,]|-\s)\s*(?=\S)", re.IGNORECASE)
_BRIEF_END = re.compile(r"\s*[:–—|,(-]\s*(?:brief(?:ing)?|notes\b.*)\W*$", re.IGNORECASE)
_FIELD = re.compile(r"[\s*_>+-]*(?P<key>[^\W\d_][^:*\n]{0,30}?)[*_]*:[*_]*\s")


def subject_of(title: str) -> str:
    """What a title such as "Content brief: the new harbour" is about."""
    return _BRIEF_END.sub("", _BRIEF_START.sub("", title, count=1)) or title


@dataclass(frozen=True, slots=True)
class Shown:
    """A source as its readers may see it. In what is no brief everything is for them."""

    material: Material
    is_brief: bool
    hidden: frozenset[str]

    @classmethod
    def of(cls, material: Material) -> Shown:
        """A source that is nothing but notes for its writer is shown whole: there is no other text."""
        sections = material.structure.sections
        named = [section for section in sections if section.level and _is_for_writer(section.title)]
        titles = [material.title, *(section.title for section in sections if section.level == 1)]
        if len(named) < 2 and not any(_BRIEF_TITLE.search(title) for title in titles):
            return cls(material, False, frozenset())
        hidden: set[str] = set()
        for section in sections:
            if section.parent in hidden or section in named or _is_plan(material, section):
                hidden.add(section.id)
        shown = cls(material, True, frozenset(hidden))
        has_text = any(block.kind != "heading" for block in shown.blocks())
        return shown if has_text else cls(material, False, frozenset())

    @property
    def title(self) -> str:
        """The title, or the main heading where the title only says that this is a brief about something."""
        title = self.material.title
        if _BRIEF_TITLE.search(title):
            tops = (section.title for section in self.material.structure.sections if section.level == 1)
            title = next((top for top in tops if not _BRIEF_TITLE.search(top)), title)
        return subject_of(title)

    def blocks(self) -> Iterator[Block]:
        text = self.material.structure.text
        for block in self.material.structure.blocks:
            is_note = block.kind in ("paragraph", "list") and is_fields(text[slice(*block.span)])
            if block.section not in self.hidden and not is_note:
                yield block

    def leaves(self) -> Iterator[tuple[Block, Leaf]]:
        """The leaves of the shown blocks, each with its block."""
        leaves = iter(sorted(self.material.structure.leaves, key=lambda leaf: leaf.span[0]))
        leaf = next(leaves, None)
        for block in sorted(self.blocks(), key=lambda block: block.span[0]):
            while leaf and leaf.span[0] < block.span[0]:
                leaf = next(leaves, None)
            while leaf and leaf.span[0] < block.span[1]:
                yield block, leaf
                leaf = next(leaves, None)

    def takes(self, sentence: str) -> bool:
        """Whether a sentence is for the readers."""
        return not (self.is_brief and (_SPOKEN_TO_THE_WRITER.search(sentence) or is_fields(sentence)))


def _is_for_writer(title: str) -> bool:
    return title.strip(" :*_").casefold().replace("’", "'") in _FOR_THE_WRITER


def _is_plan(material: Material, section: Section) -> bool:
    """Whether a section without sub-sections tells what to write, or what not to."""
    if not section.level or any(other.parent == section.id for other in material.structure.sections):
        return False
    text = material.structure.text[slice(*section.span)]
    terms = {found[0].casefold() for found in _OF_THE_TRADE.finditer(text)}
    return len(terms) >= 2 or _FORBIDS.search(section.title) is not None


def is_fields(text: str) -> bool:
    """Whether a block is nothing but lines such as "Word count: 600", at least one of them for the writer."""
    found = [_FIELD.match(line + " ") for line in text.splitlines() if line.strip()]
    keys = [match["key"] for match in found if match]
    return bool(keys) and len(keys) == len(found) and any(_is_for_writer(key) for key in keys)
