"""Sentences of Markdown or plain text as spans, in time linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from chatspace.core.document import Span
from chatspace.core.text.language import STOPWORDS, language_of
from chatspace.core.text.word_lists import word_lists

SegmentKind = Literal["text", "heading", "item", "row"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of prose that no sentence leaves: a paragraph, a heading, a list item or a table row."""

    kind: SegmentKind
    start: int
    end: int


_WRAPPED = re.compile(r"(?<=[^\s|])\n(?=[^\W_]|[$€£¥])(?!\d{1,9}[.)]\s)")
_KINDS: Mapping[str, SegmentKind] = {"heading": "heading", "item": "item", "row": "row"}
_KEY = r"[*_]{0,2}\w[\w /-]{0,40}[*_]{0,2}:[*_]{0,2}[ \t]"
_PLAIN = rf"(?=[^\W\d_])(?!{_KEY})[^\n]++"
_LINE = re.compile(rf"{_PLAIN}(?:\n{_PLAIN})*+|[^\n]++")
"""A line, or several that begin with a letter and so can only go on with each other."""

_MARK = re.compile(
    r"""[ \t]*+(?:>[ \t]?+)*+(?:
        (?P<heading>\#{1,6}(?:[ \t]++|(?=\n|\Z)))
      | (?P<fence>`{3,}+|~{3,}+)
      | (?P<rule>(?:=++|(?:-[ \t]*+){2,}+|(?:\*[ \t]*+){3,}+|(?:_[ \t]*+){3,}+)(?=[ \t]*+(?:\n|\Z)))
      | (?P<item>(?:[-*+•]|(?P<number>\d{1,9})[.)])[ \t]++(?:\[[ xX]\][ \t]++)?+)
      | (?P<row>\|)
      | (?P<key>(?="""
    + _KEY
    + r"""))
    )?""",
    re.VERBOSE,
)
_TABLE_RULE = re.compile(r"[ \t|:-]++\Z")

_END = re.compile(
    r"(?:[.!?…]++[\"'”’»)\]*_]*+|[。！？｡]++[」』”’）]*+)(?:\[\^?\w{1,20}\]|<sup>[^<>\n]{1,20}</sup>|[¹²³⁰⁴-⁹])*+"
)
_SPACE = re.compile(r"\s*+")
_OPENERS = "\"'“‘„«»([*_¿¡-–—"
_NEXT_WORD = re.compile(r"[^\W\d_]+")
_LOOK_BACK = 24

_ABBREVIATIONS = word_lists("abbreviations")
_STARTERS = frozenset().union(*STOPWORDS.values())
_GERMAN_MONTH = re.compile(r"Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez")


def sentences(text: str) -> list[Span]:
    """The sentences in reading order, headings, list items and table rows among them, fenced code left out.

    A span begins behind the line's Markdown mark and ends behind the closing punctuation.
    """
    german = language_of(text) == "de"
    return [span for segment in segments(text) for span in split_segment(text, segment, german)]


def segments(text: str) -> Iterator[Segment]:
    """The stretches of prose in reading order, without marks, fenced code and horizontal rules."""
    open_segment: Segment | None = None
    end_of_line = -1
    fence = ""
    quoted = False
    for line in _LINE.finditer(text):
        # A paragraph goes on out of a quote, but not into one.
        was_quoted, quoted = quoted, text.startswith(">", line.start())
        follows = line.start() == end_of_line + 1 and was_quoted >= quoted
        end_of_line = line.end()
        mark = _MARK.match(text, line.start(), line.end())
        if mark is None:
            continue
        if fence:
            if mark["fence"] and mark["fence"].startswith(fence) and not text[mark.end() : line.end()].strip():
                fence = ""
            continue
        in_paragraph = open_segment if follows and open_segment and open_segment.kind in ("text", "item") else None
        what, start = _line_kind(mark, in_paragraph)
        end = _without_space(text, start, line.end())
        if what is None and start < end and in_paragraph:
            open_segment = Segment(in_paragraph.kind, in_paragraph.start, end)
            continue
        if open_segment:
            underlined = what == "rule" and in_paragraph and open_segment.kind == "text"
            yield Segment("heading", open_segment.start, open_segment.end) if underlined else open_segment
        fence = mark["fence"] or ""
        no_prose = fence or what == "rule" or start == end or (what == "row" and _TABLE_RULE.match(text, start, end))
        open_segment = None if no_prose else Segment(_KINDS.get(what or "", "text"), start, end)
    if open_segment:
        yield open_segment


def _line_kind(mark: re.Match[str], in_paragraph: Segment | None) -> tuple[str | None, int]:
    """What a line begins and where its content does; None for a line that may go on with the paragraph."""
    number = mark["number"]
    if number and number != "1" and in_paragraph and in_paragraph.kind == "text":
        # As in CommonMark: a line that begins with "3. Oktober" is no list inside a paragraph.
        return None, mark.start("item")
    return mark.lastgroup, mark.end()


def _without_space(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def unwrapped(text: str) -> str:
    """`text`, as long as before, with a space for each line break inside a paragraph."""
    return _WRAPPED.sub(" ", text)


def split_segment(text: str, segment: Segment, german: bool = False) -> Iterator[Span]:
    """The sentences of one segment; `german` keeps "3. Oktober" and "19. Jahrhundert" together."""
    start, end = segment.start, segment.end
    for stop in _END.finditer(text, start, end):
        if stop.end() >= end:
            break
        if not _ends_here(text, start, stop, end, german):
            continue
        yield (start, stop.end())
        space = _SPACE.match(text, stop.end(), end)
        start = space.end() if space else stop.end()
    if start < end:
        yield (start, end)


def _ends_here(text: str, start: int, stop: re.Match[str], end: int, german: bool) -> bool:
    if stop[0][0] in "。！？｡":
        return True
    after = stop.end()
    if not text[after].isspace():
        return False
    while after < end and (text[after].isspace() or text[after] in _OPENERS):
        after += 1
    if after == end or text[after].islower():
        return after == end
    if stop[0][0] != "." or stop[0].startswith(".."):
        return True
    before = text[max(start, stop.start() - _LOOK_BACK) : stop.start()].split()
    word = before[-1].lstrip("(\"'“‘*_[„«").lower() if before else ""
    following = _NEXT_WORD.match(text, after, min(end, after + _LOOK_BACK))
    starts_a_sentence = following is not None and following[0].lower() in _STARTERS
    if word in _ABBREVIATIONS["before a number"] and text[after].isdigit():
        return False
    if word in _ABBREVIATIONS["never last"]:
        return False
    if word.isdigit() and len(word) <= 2:
        is_month = following is not None and _GERMAN_MONTH.match(following[0]) is not None
        return starts_a_sentence or not (is_month or german)
    initial = (len(word) == 1 and word.isalpha()) or (word[-2:-1] == "." and len(word) <= 6)
    if word in _ABBREVIATIONS["maybe last"] or initial:
        return starts_a_sentence
    return True
