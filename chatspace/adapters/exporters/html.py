"""A page that stands alone: no script, no font, no picture from anywhere else."""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.footnote import footnote_plugin

from chatspace.adapters.exporters.provenance import Provenance, shown

SAFE_SCHEMES = ("http", "https", "mailto")
_MAX_NESTING = 100
"""Lists and quotes within each other; markdown-it drops what lies deeper, by default than ten lists."""
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SCRIPT = re.compile(r"<(?P<tag>su[bp])>(?P<body>(?:<su[bp]>){0,9}[^<>\n]{0,200}(?:</su[bp]>){0,9})</(?P=tag)>")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = """\
:root { color-scheme: light dark; --ink: #24292f; --dim: #5b6673; --ground: #fbfaf7; --line: #e0dcd2; }
@media (prefers-color-scheme: dark) { :root { --ink: #d6d9de; --dim: #8c9bab; --ground: #15181c; --line: #2c323a; } }
body { max-width: 42rem; margin: 3rem auto; padding: 0 1.2rem; color: var(--ink); background: var(--ground);
  font: 1.05rem/1.6 Charter, Georgia, serif; }
h1, h2, h3, h4 { line-height: 1.25; margin: 2em 0 .6em; }
table { border-collapse: collapse; }
th, td { padding: .3em .8em .3em 0; border-bottom: 1px solid var(--line); text-align: left; }
pre { padding: .8em; overflow-x: auto; border: 1px solid var(--line); } code { font-size: .9em; }
blockquote { margin: 1em 0; padding-left: 1em; border-left: 3px solid var(--line); color: var(--dim); }
footer { margin-top: 4rem; font-size: .85rem; color: var(--dim); overflow-wrap: anywhere; }
dt { float: left; clear: left; width: 8rem; } dd { margin: 0 0 .2em 8rem; }
"""


def page(title: str, body: str, provenance: Provenance) -> str:
    """The Markdown `body` as a page, with its provenance at the foot."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(shown(value))}</dd>\n" for name, value in provenance.items())
    return (
        '<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{_markdown().render(body)}"
        f"</main>\n<footer>\n<dl>\n{rows}</dl>\n</footer>\n</body>\n</html>\n"
    )


def _markdown() -> MarkdownIt:
    """Raw HTML is escaped, but for line breaks, `<sup>` and `<sub>`.

    Links go to the web and to mail alone; pictures become links.
    """
    options = {"html": False, "maxNesting": _MAX_NESTING}
    markdown = MarkdownIt("commonmark", options).enable(["table", "strikethrough"]).use(footnote_plugin)
    markdown.inline.ruler.before("html_inline", "line_break", _line_break)
    markdown.inline.ruler.before("html_inline", "scripts", _scripts)
    markdown.validateLink = is_safe_link  # type: ignore[method-assign]  # how markdown-it is told
    markdown.add_render_rule("image", _picture)
    return markdown


def _line_break(state: StateInline, silent: bool) -> bool:
    """`<br>` alone among the tags is one that a table's cell can't do without."""
    match = _BREAK.match(state.src, state.pos)
    if match and not silent:
        state.push("hardbreak", "br", 0)
    if match:
        state.pos = match.end()
    return match is not None


def _scripts(state: StateInline, silent: bool) -> bool:
    """`<sup>` and `<sub>` with their end tags: Markdown has no marks for what is raised and lowered."""
    match = _SCRIPT.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        end = state.posMax
        state.push(f"{match['tag']}_open", match["tag"], 1)
        state.pos, state.posMax = match.span("body")
        state.md.inline.tokenize(state)
        state.push(f"{match['tag']}_close", match["tag"], -1)
        state.posMax = end
    state.pos = match.end()
    return True


def is_safe_link(url: str) -> bool:
    try:
        return urlsplit(url.strip()).scheme.lower() in SAFE_SCHEMES
    except ValueError:
        return False


def _picture(renderer: Any, tokens: Any, index: int, options: Any, environment: Any) -> str:
    token = tokens[index]
    return f'<a href="{escape(str(token.attrGet("src") or ""))}">{escape(token.content or "picture")}</a>'
