"""The configured parser, and what a reader sees of its inline tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from chatspace.core.text.scripts import shown

MAX_NESTING = 200
"""Containers within containers; a list and its item are two. What lies deeper is not read, and the gate says so."""

MAX_INLINE_NESTING = 20
"""Emphasis, links and images within one another. Each open bracket costs as much time as this is large."""

MAX_INLINE = 200_000
"""Characters of one paragraph, heading or cell whose inline marks are read. Longer ones are taken as plain text: nobody
writes them, and one that is full of marks would take minutes."""

FRONT_MATTER = re.compile(r"---[ \t]*\n(?:[ \t]*(?:#[^\n]*)?\n)*[\w\"'][^\n:]*:(?:[ \t]|\n)")
BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
SCRIPT_TAG = re.compile(r"</?su[bp](?:\s[^<>]*)?>", re.IGNORECASE)


class _AsWritten(MarkdownIt):
    """Leaves addresses as the author wrote them: what may be followed is for those to say who follow it."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - markdown-it's name
        return True

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 - markdown-it's name
        return link


@cache
def markdown(front_matter: bool = False) -> MarkdownIt:
    """markdown-it with GFM's tables, strikethrough and task lists, and footnotes left where they are.

    Bare addresses stay text. Front matter is asked for apart, since the plugin takes any text between two rules.
    """
    blocks, inline = _configured(MAX_NESTING, front_matter), _configured(MAX_INLINE_NESTING, front_matter)

    def read_inline(state: StateCore) -> None:
        for token in state.tokens:
            if token.type != "inline":
                continue
            if len(token.content) > MAX_INLINE:
                token.children = [Token("text", "", 0, content=token.content)]
                continue
            token.children = token.children or []
            inline.inline.parse(token.content, inline, state.env, token.children)

    blocks.core.ruler.at("inline", read_inline)
    return blocks


def _configured(nesting: int, front_matter: bool) -> MarkdownIt:
    options = {"maxNesting": nesting, "tasklists": True, "strikethrough_single_tilde": True}
    parser = _AsWritten("commonmark", options).enable(["table", "strikethrough"])
    parser.use(footnote_plugin, inline=False, move_to_end=False)
    return parser.use(front_matter_plugin) if front_matter else parser


def tokens_of(text: str) -> list[Token]:
    return markdown(FRONT_MATTER.match(text) is not None).parse(text)


def visible(children: Sequence[Token] | None) -> str:
    """The words of inline tokens without their marks, single-spaced; an image gives its alternative text."""
    parts: list[str] = []
    for token in children or ():
        kind = token.type
        if kind in ("text", "code_inline"):
            parts.append(token.content)
        elif kind in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif kind == "image":
            parts.append(visible(token.children))
        elif kind == "html_inline":
            parts.append(said_by_tag(token.content))
    return seen(parts)


def said_by_tag(tag: str) -> str:
    """What a tag is in a text that `seen` takes: a break parts words, raised and lowered text keeps its tags."""
    return " " if BREAK_TAG.fullmatch(tag) else tag if SCRIPT_TAG.fullmatch(tag) else ""


def seen(parts: Sequence[str]) -> str:
    """The parts of a text as one line, without the tags of what is raised and lowered."""
    text = "".join(parts)
    return squeeze(shown(text) if any(SCRIPT_TAG.fullmatch(part) for part in parts) else text)


def squeeze(text: str) -> str:
    return " ".join(text.split())
