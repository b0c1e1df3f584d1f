"""Inline Markdown: markdown-it's tokens as styled segments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from chatspace.core.text.safe import for_screen
from chatspace.core.text.scripts import shown
from chatspace.tui.transcript.palette import BOLD, ITALIC, STRIKE, Palette

if TYPE_CHECKING:
    from markdown_it.token import Token

LINK = "link"
"""The name of a link's address in the meta of its style."""

_URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,:;!?*_)\]}]\)?")
_BREAK = re.compile(r"<br\s*/?>$", re.IGNORECASE)
_SCRIPT = re.compile(r"</?su[bp]>$", re.IGNORECASE)
_OPENED = {"strong_open": BOLD, "em_open": ITALIC, "s_open": STRIKE}


def link_style(base: Style, palette: Palette, url: str) -> Style:
    """It carries the address, for who is told of a click on it."""
    return base + palette.link + Style.from_meta({LINK: for_screen(url)})


def clean(text: str) -> str:
    """Harmless text on one line. The parser resolves entities, so it isn't enough that the source was made safe."""
    return for_screen(text).replace("\n", " ").expandtabs(4)


def inline(tokens: list[Token], base: Style, palette: Palette) -> list[Segment]:
    """The children of an inline token as segments on top of the base style; a hard break is a newline."""
    segments: list[Segment] = []
    styles = [base]
    in_link = False
    for token, content in _shown(tokens):
        kind = token.type
        if kind == "text":
            text = clean(content)
            segments += [Segment(text, styles[-1])] if in_link else _linked(text, styles[-1], palette)
        elif kind == "softbreak":
            segments.append(Segment(" ", styles[-1]))
        elif kind == "hardbreak" or (kind == "html_inline" and _BREAK.match(token.content)):
            segments.append(Segment("\n", styles[-1]))
        elif kind == "code_inline":
            segments.append(Segment(clean(token.content), styles[-1] + palette.inline_code))
        elif kind == "link_open":
            styles.append(link_style(styles[-1], palette, str(token.attrs.get("href", ""))))
            in_link = True
        elif kind == "image":
            url = str(token.attrs.get("src", ""))
            segments.append(Segment(f"[{clean(token.content) or 'image'}]", link_style(styles[-1], palette, url)))
        elif kind in _OPENED:
            styles.append(styles[-1] + _OPENED[kind])
        elif token.nesting < 0 and len(styles) > 1:
            styles.pop()
            in_link = in_link and kind != "link_close"
        elif token.content:
            segments.append(Segment(clean(token.content), styles[-1] + palette.muted))
    return [segment for segment in segments if segment.text]


def _is_running_text(token: Token) -> bool:
    return token.type == "text" or (token.type == "html_inline" and _SCRIPT.match(token.content) is not None)


def _shown(tokens: list[Token]) -> Iterator[tuple[Token, str]]:
    """The tokens with what they say; text with raised and lowered characters is one, in Unicode's own."""
    for in_text, group in groupby(tokens, key=_is_running_text):
        run = list(group)
        if in_text and len(run) > 1:
            token = next((token for token in run if token.type == "text"), run[0])
            yield token, shown("".join(token.content for token in run))
        else:
            yield from ((token, token.content) for token in run)


def _linked(text: str, style: Style, palette: Palette) -> Iterator[Segment]:
    """The text with its bare addresses as links."""
    position = 0
    if "://" in text:
        for found in _URL.finditer(text):
            url = found[0]
            if url.endswith(")") and url.count("(") < url.count(")"):
                url = url[:-1]
            yield Segment(text[position : found.start()], style)
            yield Segment(url, link_style(style, palette, url))
            position = found.start() + len(url)
    yield Segment(text[position:], style)
