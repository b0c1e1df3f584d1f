"""Markdown text into a Structure: one parser makes it, a second checks it, a fallback reads legacy lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chatspace.core.errors import SourceError
from chatspace.core.extraction import Block, Finding, Section, Severity
from chatspace.core.structure.compare import shortened
from chatspace.core.structure.cross_check import Reading, parse_with_pyromark
from chatspace.core.structure.fidelity import leaf_f1
from chatspace.core.structure.front_matter import read_front_matter
from chatspace.core.structure.legacy_lists import RawItem, Rewritten, parsed_depths, raw_runs, rewrite
from chatspace.core.structure.markdown import MAX_NESTING, tokens_of
from chatspace.core.structure.model import Leaf, Structure
from chatspace.core.structure.offsets import Lines
from chatspace.core.structure.sections import WORD, Heading, sections_of
from chatspace.core.structure.token_tree import Tree
from chatspace.core.text import display

LOST_SHARE = 0.02
"""Where the second reading has more than this share of words that ours lacks, ours lost text."""


def parse(text: str) -> Structure:
    """Read Markdown; any text has a structure.

    Raises SourceError where links or images stand in one another deeper than can be read.
    """
    lines = Lines(text)
    try:
        tree, rewritten, findings = _tree(text, lines)
        body = tree.front_matter.map[1] if tree.front_matter and tree.front_matter.map else 0
        begin = lines.starts[body] if body < len(lines) else len(text)
        reading = parse_with_pyromark(rewritten.text if rewritten else text, begin)
    except RecursionError as error:
        remedy = "remove the innermost links or images"
        raise SourceError("The text can't be read", "links or images are nested too deeply", remedy) from error
    if rewritten:
        reading = _restored(reading, rewritten)
    agreement = leaf_f1(tree.leaves, reading.leaves)
    disagreement = _disagreement(tree, reading, lines)
    front_matter = read_front_matter(tree.front_matter.content) if tree.front_matter else {}
    sections = sections_of(text, _outline(tree), begin)
    return Structure(
        text=text,
        portable=rewritten.text if rewritten else text,
        parser="legacy" if rewritten else "commonmark",
        second_parser_agrees=disagreement is None,
        agreement=agreement,
        front_matter=front_matter,
        title=_title(front_matter.get("title"), sections),
        sections=sections,
        blocks=_named(tree.blocks, sections),
        links=reading.links,
        leaves=tuple(tree.leaves),
        items=tuple(tree.items),
        tables=tuple(tree.tables),
        codes=tuple(tree.codes),
        quotes=tuple(tree.quotes),
        footnotes=tuple(tree.footnotes),
        references=tuple(tree.references),
        opaque=tuple(lines.span(first, end) for first, end in tree.opaque),
        findings=(*findings, *_nesting(tree, lines), *([disagreement] if disagreement else [])),
    )


def _tree(text: str, lines: Lines) -> tuple[Tree, Rewritten | None, list[Finding]]:
    """The tree: by the fallback where the raw indents say deeper than CommonMark does and it can follow them."""
    tree = Tree(tokens_of(text), lines)
    if not tree.items:
        return tree, None, []
    depths = parsed_depths(tree.items)
    doubts = [(run, deeper) for run in raw_runs(lines, tree) if (deeper := run.deeper_than(depths))]
    chance = [_indent(deeper[0], depths, lines, "warn") for run, deeper in doubts if run.by_chance(deeper)]
    levels = [(run, deeper[0]) for run, deeper in doubts if not run.by_chance(deeper)]
    if not levels:
        return tree, None, chance
    rewritten = rewrite(lines, [run for run, _ in levels])
    # Lines keep their numbers, so what the rewritten text's tokens say is looked up in the original's lines.
    repaired = Tree(tokens_of(rewritten.text), lines)
    now = parsed_depths(repaired.items)
    left = [_indent(deeper[0], now, lines, "block") for run, _ in levels if (deeper := run.deeper_than(now))]
    if len(left) == len(levels):
        return tree, None, [*chance, *(_indent(raw, depths, lines, "block") for _, raw in levels)]
    note = f"; the fallback parser followed the indents in {display.count(len(levels), 'list')} of the text"
    return repaired, rewritten, [*chance, _indent(levels[0][1], depths, lines, "warn", note), *left]


def _indent(raw: RawItem, depths: Mapping[int, int], lines: Lines, severity: Severity, note: str = "") -> Finding:
    read = depths.get(raw.line, 0)
    said = f"CommonMark reads it at depth {read}" if read else "CommonMark reads it as text"
    message = f"This list item is indented to depth {raw.depth}, but {said}{note}."
    span = lines.span(raw.line, raw.line + 1)
    return Finding("list_indents", severity, raw.depth, read, span, raw.line + 1, message)


def _restored(reading: Reading, rewritten: Rewritten) -> Reading:
    leaves = tuple(replace(leaf, span=rewritten.restore(leaf.span)) for leaf in reading.leaves)
    links = tuple(replace(link, span=rewritten.restore(link.span)) for link in reading.links)
    return Reading(leaves, links)


def _nesting(tree: Tree, lines: Lines) -> Iterator[Finding]:
    if tree.too_deep:
        line = lines.line_of(tree.too_deep[0]) + 1
        message = f"Blocks are nested deeper than {MAX_NESTING} levels here, and their content was not read."
        yield Finding("nesting", "block", f"at most {MAX_NESTING}", "deeper", tree.too_deep, line, message)


def _disagreement(tree: Tree, reading: Reading, lines: Lines) -> Finding | None:
    """The first leaf that the parsers read differently; it blocks where the second one saw words that ours lacks."""
    ours, theirs = tree.leaves, reading.leaves
    common = min(len(ours), len(theirs))
    at = next((index for index in range(common) if ours[index].shape != theirs[index].shape), common)
    if at == len(ours) == len(theirs):
        return None
    mine: Leaf | None = ours[at] if at < len(ours) else None
    other: Leaf | None = theirs[at] if at < len(theirs) else None
    place = mine or other
    span = place.span if place else None
    line = lines.line_of(span[0]) + 1 if span else None
    lost = _words(theirs) - _words(ours)
    severity: Severity = "block" if lost.total() > LOST_SHARE * _words(theirs).total() else "warn"
    expected, actual = _named_leaf(other), _named_leaf(mine)
    message = f"The parsers disagree: the second parser reads {expected}, the first reads {actual}."
    return Finding("second_parser", severity, expected, actual, span, line, message)


def _words(leaves: Sequence[Leaf]) -> Counter[str]:
    return Counter(word for leaf in leaves for word in WORD.findall(leaf.text))


def _named_leaf(leaf: Leaf | None) -> str:
    return f"{' > '.join((*leaf.path, leaf.kind))} “{shortened(leaf.text)}”" if leaf else "nothing"


def _outline(tree: Tree) -> list[Heading]:
    """The headings outside every container, each from the start of its line."""
    spans = [block.span for block in tree.blocks if block.kind == "heading"]
    leaves = [leaf for leaf in tree.leaves if leaf.is_heading and not leaf.path]
    return [Heading(int(leaf.kind[1]), leaf.text, span[0]) for leaf, span in zip(leaves, spans, strict=True)]


def _named(blocks: Sequence[Block], sections: Sequence[Section]) -> tuple[Block, ...]:
    """Blocks with their ids and the innermost sections they stand in."""
    named: list[Block] = []
    at = -1
    for index, block in enumerate(blocks):
        while at + 1 < len(sections) and sections[at + 1].span[0] <= block.span[0]:
            at += 1
        section = sections[at].id if at >= 0 else None
        named.append(replace(block, id=f"b{index + 1}", section=section))
    return tuple(named)


def _title(named: Any, sections: Sequence[Section]) -> str:
    """The front matter's title, else the first heading of the highest level there is."""
    if isinstance(named, str) and named:
        return named
    headings = [section for section in sections if section.level]
    return min(headings, key=lambda section: section.level).title if headings else ""
