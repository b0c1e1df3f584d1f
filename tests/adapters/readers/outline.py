"""What a Markdown parser sees of a text: one line per heading, paragraph, item, row and code block."""

from __future__ import annotations

from markdown_it.token import Token

from chatspace.core.structure.markdown import tokens_of, visible

Entry = tuple[object, ...]


def outline(text: str) -> list[Entry]:
    """("heading", level, text), ("item", depth, ordered, text), ("row", cells), ("code", text), ("paragraph", text).

    Text in a quote has its depth in quotes in front.
    """
    entries: list[Entry] = []
    lists: list[bool] = []
    quotes = 0
    first_of_item = False
    cells: list[str] = []
    tokens = tokens_of(text)
    for index, token in enumerate(tokens):
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            lists.append(kind.startswith("ordered"))
        elif kind in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif kind == "list_item_open":
            first_of_item = True
        elif kind in ("blockquote_open", "blockquote_close"):
            quotes += 1 if kind.endswith("open") else -1
        elif kind == "tr_open":
            cells = []
        elif kind == "tr_close":
            entries.append(("row", *cells))
        elif kind in ("fence", "code_block"):
            entries.append(("code", token.content.removesuffix("\n")))
        elif kind == "hr":
            entries.append(("rule",))
        elif kind == "inline":
            _inline(tokens[index - 1], token, entries, cells, (lists, quotes, first_of_item))
            first_of_item = False
    return entries


def _inline(
    opening: Token, token: Token, entries: list[Entry], cells: list[str], around: tuple[list[bool], int, bool]
) -> None:
    lists, quotes, first_of_item = around
    text = visible(token.children)
    if opening.type in ("td_open", "th_open"):
        cells.append(text)
    elif opening.type == "heading_open":
        entries.append(("heading", int(opening.tag[1]), text))
    elif first_of_item:
        entries.append(("item", len(lists), lists[-1], text))
    elif quotes:
        entries.append(("quote", quotes, text))
    else:
        entries.append(("paragraph", text))


def depths(text: str) -> list[tuple[object, object]]:
    """Depth and text of each item."""
    return [(entry[1], entry[3]) for entry in outline(text) if entry[0] == "item"]


def links(text: str) -> list[tuple[str, str]]:
    """Kind ("link" or "image") and target of each, in order."""
    found = []
    for token in tokens_of(text):
        for child in token.children or ():
            if child.type == "link_open":
                found.append(("link", str(child.attrs["href"])))
            elif child.type == "image":
                found.append(("image", str(child.attrs["src"])))
    return found
