"""Two structures beside each other: what the second has lost, changed or added, check by check."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote

from chatspace.core.document import Span
from chatspace.core.extraction import Finding
from chatspace.core.structure.model import Structure
from chatspace.core.structure.sections import WORD

FIGURE = re.compile(r"\d+(?:[.,:/]\d+)*")
REPLACEMENT = "\ufffd"
SHOWN = 80
"""How much of a text a finding quotes, in characters."""

Entry = tuple[str, Span]
"""What is compared, in words that a person can read, with where the structure says it."""

Select = Callable[[Structure], Iterator[Entry]]


def compare(before: Structure, after: Structure, *, wording: bool = True) -> list[Finding]:
    """What `after` lost, changed or added, all of severity `block`; spans and lines are those of `before`.

    Without `wording` words may differ, as in a rewrite: structure, code, quotes, targets and figures must hold.
    """
    selects = {**STRUCTURE, **WORDING} if wording else STRUCTURE
    findings = [found for check, select in selects.items() if (found := _in_order(check, select, before, after))]
    findings += _figures(before, after)
    if wording:
        findings += _coverage(before, after)
    if REPLACEMENT in after.text and not any(REPLACEMENT in leaf.text for leaf in before.leaves):
        findings.append(replacement_characters(after))
    return findings


def replacement_characters(structure: Structure) -> Finding:
    """The finding for a text with U+FFFD in it, at the first one."""
    count, at = structure.text.count(REPLACEMENT), structure.text.find(REPLACEMENT)
    message = f"{count} characters were lost in decoding and appear as U+FFFD."
    return finding("replacement_characters", structure, (at, at + 1), 0, count, message)


def finding(
    check: str, structure: Structure, span: Span | None, expected: object, actual: object, message: str
) -> Finding:
    """A blocking finding at a span of `structure`."""
    line = structure.text.count("\n", 0, span[0]) + 1 if span else None
    return Finding(check, "block", expected, actual, span, line, message)


def shortened(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _in_order(check: str, select: Select, before: Structure, after: Structure) -> Finding | None:
    """The first place where the two sequences part."""
    expected, actual = list(select(before)), list(select(after))
    wanted, got = [entry[0] for entry in expected], [entry[0] for entry in actual]
    if wanted == got:
        return None
    common = min(len(wanted), len(got))
    at = next((index for index in range(common) if wanted[index] != got[index]), common)
    place = expected[min(at, len(expected) - 1)][1] if expected else None
    was, now = (shortened(side[at]) if at < len(side) else None for side in (wanted, got))
    name = NAMES[check]
    if now is None or got[at:] == wanted[at + 1 :]:
        message = f"{name} {at + 1} of {len(wanted)} is missing: {was}."
    elif was is None or got[at + 1 :] == wanted[at:]:
        message = f"{name} {at + 1} was added: {now}."
    else:
        message = f"{name} {at + 1} of {len(wanted)} was {was} and is {now}."
    return finding(check, before, place, was, now, message)


def _headings(structure: Structure) -> Iterator[Entry]:
    return ((leaf.kind, leaf.span) for leaf in structure.leaves if leaf.is_heading)


def _heading_texts(structure: Structure) -> Iterator[Entry]:
    return ((f"“{leaf.text}”", leaf.span) for leaf in structure.leaves if leaf.is_heading)


def _list_depths(structure: Structure) -> Iterator[Entry]:
    return ((f"at depth {item.depth}", item.span) for item in structure.items)


def _list_kinds(structure: Structure) -> Iterator[Entry]:
    return (("numbered" if item.ordered else "bulleted", item.span) for item in structure.items)


def _list_numbers(structure: Structure) -> Iterator[Entry]:
    return ((f"{item.number}.", item.span) for item in structure.items if item.ordered)


def _tasks(structure: Structure) -> Iterator[Entry]:
    states = {None: "no task", True: "done", False: "open"}
    return ((states[item.checked], item.span) for item in structure.items)


def _items(structure: Structure) -> Iterator[Entry]:
    return ((f"“{item.text}”", item.span) for item in structure.items)


def _table_shapes(structure: Structure) -> Iterator[Entry]:
    return ((f"{len(table.rows)} rows of {table.columns} cells", table.span) for table in structure.tables)


def _table_cells(structure: Structure) -> Iterator[Entry]:
    return ((f"“{cell}”", table.span) for table in structure.tables for row in table.rows for cell in row)


def _codes(structure: Structure) -> Iterator[Entry]:
    return ((f"{code.info or 'plain'} code “{code.content}”", code.span) for code in structure.codes)


def _links(structure: Structure) -> Iterator[Entry]:
    return ((unquote(link.href), link.span) for link in structure.links if not link.image)


def _images(structure: Structure) -> Iterator[Entry]:
    return ((unquote(link.href), link.span) for link in structure.links if link.image)


def _link_texts(structure: Structure) -> Iterator[Entry]:
    return ((f"“{unquote(link.text)}”", link.span) for link in structure.links)


def _footnotes(structure: Structure) -> Iterator[Entry]:
    """The notes in the order of their marks, so that another label is no other note, then those without a mark."""
    texts = {note.label: note.text for note in structure.footnotes}
    marked = {mark.label for mark in structure.references}
    for mark in structure.references:
        yield f"“{texts.get(mark.label, '')}”", mark.span
    for note in structure.footnotes:
        if note.label not in marked:
            yield f"“{note.text}” without a reference", note.span


def _quotes(structure: Structure) -> Iterator[Entry]:
    return ((f"“{quote.text}”", quote.span) for quote in structure.quotes)


def _leaves(structure: Structure) -> Iterator[Entry]:
    """Footnotes are left out: they may stand anywhere."""
    for leaf in structure.leaves:
        path, kind, text = leaf.shape
        if "footnote" not in path:
            yield f"{' > '.join((*path, kind))} “{text}”", leaf.span


STRUCTURE: Mapping[str, Select] = {
    "headings": _headings,
    "list_depths": _list_depths,
    "list_kinds": _list_kinds,
    "list_numbers": _list_numbers,
    "list_tasks": _tasks,
    "table_shape": _table_shapes,
    "code": _codes,
    "links": _links,
    "images": _images,
    "quotes": _quotes,
}
WORDING: Mapping[str, Select] = {
    "heading_text": _heading_texts,
    "list_items": _items,
    "table_cells": _table_cells,
    "link_text": _link_texts,
    "footnotes": _footnotes,
    "leaf_order": _leaves,
}
NAMES = {
    "headings": "Heading",
    "heading_text": "Heading",
    "list_depths": "List item",
    "list_kinds": "List item",
    "list_numbers": "Number",
    "list_tasks": "Task",
    "list_items": "List item",
    "table_shape": "Table",
    "table_cells": "Table cell",
    "code": "Code block",
    "links": "Link",
    "link_text": "Link text",
    "images": "Image",
    "footnotes": "Footnote",
    "quotes": "Quote",
    "leaf_order": "Block",
}


def _figures(before: Structure, after: Structure) -> Iterator[Finding]:
    had, has = _counted(FIGURE, before), _counted(FIGURE, after)
    lost, new = sorted((had - has).elements()), sorted((has - had).elements())
    if lost or new:
        said = [f"{', '.join(part[:5])} {verb}" for part, verb in ((lost, "lost"), (new, "new")) if part]
        place = next((leaf.span for leaf in before.leaves if lost and lost[0] in FIGURE.findall(leaf.shape[2])), None)
        yield finding("numbers", before, place, lost, new, f"Figures differ: {' and '.join(said)}.")


def _coverage(before: Structure, after: Structure) -> Iterator[Finding]:
    had, has = _counted(WORD, before), _counted(WORD, after)
    lost = had - has
    if lost:
        share = round(1 - lost.total() / had.total(), 4)
        missing = sorted(lost)[:5]
        place = next((leaf.span for leaf in before.leaves if missing[0] in WORD.findall(leaf.shape[2])), None)
        yield finding("word_coverage", before, place, 1.0, share, f"Missing words include {', '.join(missing)}.")


def _counted(pattern: re.Pattern[str], structure: Structure) -> Counter[str]:
    return Counter(word for leaf in structure.leaves for word in pattern.findall(leaf.shape[2]))
