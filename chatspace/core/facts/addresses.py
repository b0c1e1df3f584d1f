"""Addresses on the net, and quotations: what a text takes over word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from chatspace.core.facts.match import FactMatch

_URL = re.compile(r"(?:\bhttps?://|\bwww\.(?=\w))[^\s<>\"'`|\\^{}\[\]“”„«»]*+", re.IGNORECASE)
_AT = re.compile(r"@(?P<domain>[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})")
_DOMAIN = re.compile(
    r"\.(?:com|org|net|io|de|ch|at|eu|fr|es|it|nl|co\.uk|uk|edu|gov|ai|app|dev|info|biz)(?![\w-])(?:/[^\s<>\"'`)\]]*+)?"
)
_LOOK_BACK = 64
_MAX_URL = 2_048
_TRAILING = ".,;:!?*_"
_BRACKETS = {")": "(", "]": "["}

_QUOTE_MARK = re.compile(r"[\"“”„«»]|\n[ \t]*\n")
_OPEN_TO_CLOSE = {"“": "”", "„": '“”"', "«": "»", "»": "«", '"': '"'}
_MAX_QUOTE = 1_200
_MAX_MARKS = 500_000
MIN_QUOTED_WORDS = 3


def find_addresses(text: str) -> Iterator[FactMatch]:
    """The URLs and email addresses, without the punctuation that follows them; each kind in reading order."""
    urls = list(_urls(text))
    yield from urls
    yield from _emails(text)
    yield from _bare_domains(text, urls)


def _urls(text: str) -> Iterator[FactMatch]:
    for match in _URL.finditer(text):
        if match.end() - match.start() > _MAX_URL:
            continue
        end = _trim(text, match.start(), match.end())
        if end - match.start() > 7:
            yield FactMatch("url", match.start(), end, text[match.start() : end])


def _emails(text: str) -> Iterator[FactMatch]:
    end = 0
    for at in _AT.finditer(text):
        start = _back(text, at.start(), end, "._+-%")
        if start < at.start():
            end = at.end()
            yield FactMatch("email", start, end, text[start:end].lower())


def _bare_domains(text: str, urls: Sequence[FactMatch]) -> Iterator[FactMatch]:
    """Such as example.com/page, where no URL contains them."""
    rest = iter(urls)
    url = next(rest, None)
    end = 0
    for match in _DOMAIN.finditer(text):
        start = _back(text, match.start(), end, ".-")
        while url and url.end <= start:
            url = next(rest, None)
        inside = url is not None and url.start <= start
        if start < match.start() and not inside and text[start - 1 : start] not in ("@", "/", "_", "%", "+"):
            end = _trim(text, start, match.end())
            yield FactMatch("url", start, end, text[start:end])


def _back(text: str, at: int, least: int, marks: str) -> int:
    """Where the run of letters, digits and marks before `at` begins, with a letter or digit."""
    start = at
    while start > max(least, at - _LOOK_BACK) and (text[start - 1].isalnum() or text[start - 1] in marks):
        start -= 1
    while start < at and text[start] in marks:
        start += 1
    return start


def _trim(text: str, start: int, end: int) -> int:
    """Drop closing punctuation, and a closing bracket that the address didn't open."""
    while end > start:
        last = text[end - 1]
        opener = _BRACKETS.get(last)
        if last in _TRAILING or (opener and text.count(last, start, end) > text.count(opener, start, end)):
            end -= 1
        else:
            break
    return end


def find_quotes(text: str) -> Iterator[FactMatch]:
    """The quotations of at least three words within one paragraph; the value is what stands between the marks."""
    opened: tuple[str, int] | None = None
    for match in islice(_QUOTE_MARK.finditer(text), _MAX_MARKS):
        mark, at = match[0], match.start()
        if len(mark) > 1:
            opened = None
        elif opened and mark in _OPEN_TO_CLOSE[opened[0]] and _can_close(text, mark, at):
            start = opened[1]
            inner = " ".join(text[start + 1 : at].split()) if at - start <= _MAX_QUOTE else ""
            if inner.count(" ") + 1 >= MIN_QUOTED_WORDS:
                yield FactMatch("quote", start, at + 1, inner)
            opened = None
        elif mark in _OPEN_TO_CLOSE and _can_open(text, mark, at):
            opened = (mark, at)


def _can_open(text: str, mark: str, at: int) -> bool:
    followed = at + 1 < len(text) and not text[at + 1].isspace()
    return mark != '"' or (followed and (at == 0 or not text[at - 1].isalnum()))


def _can_close(text: str, mark: str, at: int) -> bool:
    return mark != '"' or (not text[at - 1].isspace() and not text[at + 1 : at + 2].isalnum())
