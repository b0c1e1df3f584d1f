"""A reader for the front matter that documents carry: keys, scalars, lists and one level of mappings.

Scalars stay strings, so that `007` and `2026-03-12` are what the author wrote.
"""

from __future__ import annotations

import re
from typing import Any

ENTRY = re.compile(r"(\"[^\"]*\"|'[^']*'|[^\s#:\-][^:]*|-[^\s:][^:]*)[ \t]*:(?:[ \t]+(.*)|[ \t]*)$")
COMMENT = re.compile(r"(?:^|\s)#.*$")


def read_front_matter(content: str) -> dict[str, Any]:
    """The keys of a YAML front matter, without its rules; a line that can't be read is passed over."""
    lines = content.split("\n")
    values: dict[str, Any] = {}
    at = 0
    while at < len(lines):
        entry = ENTRY.match(lines[at])
        at += 1
        if not entry:
            continue
        end = at
        while end < len(lines) and (not lines[end].strip() or lines[end][0] in " \t" or lines[end].startswith("- ")):
            end += 1
        values[_scalar(entry[1])] = _value(entry[2] or "", lines[at:end])
        at = end
    return values


def _value(inline: str, below: list[str]) -> Any:
    if inline[:1] in ("|", ">"):
        return ("\n" if inline[0] == "|" else " ").join(line.strip() for line in below).strip()
    if inline.startswith("[") and "]" in inline:
        return [_scalar(part) for part in _split(inline[1 : inline.rindex("]")]) if part.strip()]
    filled = [line.strip() for line in below if line.strip() and not line.strip().startswith("#")]
    if not COMMENT.sub("", inline).strip() and filled:
        if all(line == "-" or line.startswith("- ") for line in filled):
            return [_scalar(line[1:]) for line in filled]
        entries = [ENTRY.match(line) for line in filled]
        if all(entries):
            return {_scalar(entry[1]): _scalar(entry[2] or "") for entry in entries if entry}
    return _scalar(" ".join([inline, *filled]))


def _scalar(raw: str) -> str:
    text = raw.strip()
    if text[:1] in ("'", '"') and (end := text.find(text[0], 1)) > 0:
        return text[1:end]
    return COMMENT.sub("", text).strip()


def _split(text: str) -> list[str]:
    """The parts between commas that stand outside quotation marks."""
    return re.findall(r"(?:\"[^\"]*\"|'[^']*'|[^,])+", text)
