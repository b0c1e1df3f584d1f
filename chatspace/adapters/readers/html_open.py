"""Elements without text of the page that were left open: the rest of the page would lie in them and be lost."""

from __future__ import annotations

import re
from operator import itemgetter

_TAG = re.compile(
    r"<(?:(?P<end>/?)(?P<silent>select|iframe|noscript|svg|template|textarea|title)"
    r"|/head|body|h[1-6]|p|ul|ol|dl|table|div|section|article|main|blockquote|pre)(?=[\s/>])",
    re.IGNORECASE,
)


def close_silent(text: str) -> str:
    """End each of them before the first block, where the next of its kind or the end of the page comes before its end.

    An end tag too many does no harm.
    """
    first_block: dict[str, int | None] = {}
    ends: list[tuple[int, str]] = []
    for tag in _TAG.finditer(text):
        name = (tag["silent"] or "").lower()
        if not name:
            first_block.update({silent: tag.start() for silent, at in first_block.items() if at is None})
            continue
        at = first_block.pop(name, None)
        if not tag["end"]:
            if at is not None:
                ends.append((at, name))
            first_block[name] = None
    ends.extend((at, name) for name, at in reversed(first_block.items()) if at is not None)
    parts, done = [], 0
    for at, name in sorted(ends, key=itemgetter(0)):
        parts += [text[done:at], f"</{name}>"]
        done = at
    return "".join((*parts, text[done:]))
