"""What parse makes of a text: its spans, its outline, its front matter, and texts meant to break it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.extraction import Block
from chatspace.core.reports.formats import to_json
from chatspace.core.stages.gate import check_extraction
from chatspace.core.structure import Structure, count_words, parse
from chatspace.core.structure.markdown import MAX_NESTING
from chatspace.core.text.tokens import estimate_tokens
from tests.properties import examples

WORDS = st.text(alphabet="abzäßñ字한😀𝒳é9", min_size=1, max_size=6).map(lambda word: f"w{word}")
PHRASES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
LINKS = st.tuples(PHRASES, WORDS).map(lambda pair: f"[{pair[0]}](https://x.test/{pair[1]})")
HEADINGS = st.tuples(st.integers(1, 6), PHRASES).map(lambda pair: f"{'#' * pair[0]} {pair[1]}")
LISTS = st.lists(st.tuples(st.integers(0, 2), PHRASES), min_size=1, max_size=5).map(
    lambda items: "\n".join(f"{'  ' * min(depth, index)}- {text}" for index, (depth, text) in enumerate(items))
)
TABLES = st.lists(st.tuples(WORDS, PHRASES), min_size=2, max_size=4).map(
    lambda rows: "\n".join([f"| {rows[0][0]} | {rows[0][1]} |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows[1:])])
)
FENCES = st.lists(PHRASES, max_size=3).map(lambda lines: "\n".join(["```py", *lines, "```"]))
QUOTES = st.lists(PHRASES, min_size=1, max_size=3).map(lambda lines: "\n".join(f"> {line}" for line in lines))
BLOCKS = st.one_of(HEADINGS, PHRASES, LINKS, LISTS, TABLES, FENCES, QUOTES)
DOCUMENTS = st.lists(BLOCKS, max_size=8).map("\n\n".join)
MARKS = st.text(alphabet="ab1.)-*+#>`~|_[]()!<&\\:^ \t\n\r\x00\u2028ä😀\ud800", max_size=60)


def spans(structure: Structure) -> list[tuple[int, int]]:
    named = (structure.sections, structure.blocks, structure.links, structure.leaves, structure.items)
    others = (structure.tables, structure.codes, structure.quotes, structure.footnotes, structure.references)
    found = [value.span for values in (*named, *others) for value in values]
    return [*found, *structure.opaque, *(one.span for one in structure.findings if one.span)]


@examples(150)
@given(DOCUMENTS)
def test_spans_slice_to_what_they_say(text: str) -> None:
    structure = parse(text)
    assert structure.text == text
    assert structure.second_parser_agrees
    for leaf in structure.leaves:
        said = text[slice(*leaf.span)]
        if leaf.kind == "code":
            assert said.startswith("```py\n")
            assert leaf.text in said
        elif "](" not in said:
            assert re.sub(r"\s*\n>? *", " ", said) == leaf.text
    for link in structure.links:
        assert text[slice(*link.span)] == f"[{link.text}]({link.href})"
    for item in structure.items:
        assert text[slice(*item.span)].startswith(f"- {item.text}")
    for section in structure.sections:
        said = text[slice(*section.span)]
        assert said.lstrip("#").lstrip().startswith(section.title)
        assert (section.words, section.tokens_estimate) == (count_words(said), estimate_tokens(said))


@examples(300)
@given(MARKS)
def test_any_text_has_a_structure_with_spans_inside_it(text: str) -> None:
    structure = parse(text)
    check_extraction(structure)
    assert all(0 <= start <= end <= len(text) for start, end in spans(structure))


@examples(50)
@given(DOCUMENTS | MARKS.map(lambda text: text.replace("\ud800", "")))
def test_the_same_text_gives_the_same_bytes(text: str) -> None:
    assert to_json(parse(text)) == to_json(parse(text))


def block(text: str) -> Block:
    (only,) = parse(text).blocks
    return only


def test_a_list_block_says_the_depth_and_kind_of_every_item() -> None:
    found = block("- a\n  1. b\n     - c\n     - d\n  2. e\n- f\n")
    assert (found.kind, found.items) == ("list", 6)
    assert found.depths == (1, 2, 3, 3, 2, 1)
    assert found.ordered == (False, True, False, False, True, False)


def test_ordered_items_carry_the_numbers_they_show() -> None:
    assert [item.number for item in parse("3. a\n3. b\n   1. c\n9. d\n").items] == [3, 4, 1, 5]


def test_task_items_say_whether_they_are_done() -> None:
    assert [item.checked for item in parse("- [x] a\n- [ ] b\n- c\n").items] == [True, False, None]


def test_a_table_block_counts_its_header() -> None:
    structure = parse("| a | b |\n|---|:-:|\n| *x* y | 1\\|2 |\n")
    assert (structure.blocks[0].rows, structure.blocks[0].columns) == (2, 2)
    assert structure.tables[0].rows == (("a", "b"), ("x y", "1|2"))
    assert [structure.text[slice(*leaf.span)] for leaf in structure.leaves] == ["a", "b", "*x* y", "1\\|2"]


def test_every_kind_of_block_is_named() -> None:
    text = "# H\n\np\n\n- l\n\n| t |\n|---|\n\n```js\nc\n```\n\n> q\n\n<hr>\n\n***\n\n[^f]: note\n"
    structure = parse(text)
    kinds = ["heading", "paragraph", "list", "table", "code", "quote", "html", "rule", "footnote"]
    assert [found.kind for found in structure.blocks] == kinds
    assert [found.id for found in structure.blocks] == [f"b{index}" for index in range(1, 10)]
    assert {found.section for found in structure.blocks} == {"s1"}
    assert text[slice(*structure.blocks[5].span)] == "> q"
    assert structure.blocks[4].info == "js"


def test_sections_nest_by_level_and_hold_what_follows_them() -> None:
    text = "# A\n\none\n\n### B\n\ntwo three\n\n## C\n\nfour\n\n# D\n"
    sections = parse(text).sections
    assert [(one.id, one.parent, one.level) for one in sections] == [
        ("s1", None, 1),
        ("s2", "s1", 3),
        ("s3", "s1", 2),
        ("s4", None, 1),
    ]
    assert [one.path for one in sections] == [("A",), ("A", "B"), ("A", "C"), ("D",)]
    assert text[slice(*sections[0].span)] == text[: text.index("\n\n# D")]
    assert [one.words for one in sections] == [7, 3, 2, 1]


def test_text_before_any_heading_is_a_section_of_level_0() -> None:
    first, second = parse("---\na: b\n---\n\nLead in.\n\n# A\n").sections
    assert (first.level, first.title, first.path, first.words) == (0, "", (), 2)
    assert (second.level, second.parent) == (1, None)
    assert [one.level for one in parse("\n\n# A\n").sections] == [1]
    assert parse("").sections == ()


def test_headings_in_quotes_and_lists_make_no_sections() -> None:
    assert [one.title for one in parse("# A\n\n> # B\n\n- # C\n").sections] == ["A"]


def test_chinese_and_japanese_characters_count_as_words() -> None:
    assert count_words("Hello, 世界 wide-world — 3.5 …") == 5


def test_the_title_is_the_front_matters_or_the_highest_heading() -> None:
    assert parse("---\ntitle: 'One: two'\n---\n# H\n").title == "One: two"
    assert parse("## B\n\n# A\n").title == "A"
    assert parse("text").title == ""


FRONT_MATTER = """\
---
title: "Größe: 'x'"  # no comment
date: 2026-03-12
number: 007
tags: [a, "b, c"]
to:
  - Ann
  - Bo
by:
  name: Maria
  city: Bonn
said: >
  one
  two
empty:
---
"""


def test_front_matter_gives_strings_lists_and_mappings() -> None:
    text = FRONT_MATTER + "Body\n"
    structure = parse(text)
    assert structure.front_matter == {
        "title": "Größe: 'x'",
        "date": "2026-03-12",
        "number": "007",
        "tags": ["a", "b, c"],
        "to": ["Ann", "Bo"],
        "by": {"name": "Maria", "city": "Bonn"},
        "said": "one two",
        "empty": "",
    }
    assert [leaf.text for leaf in structure.leaves] == ["Body"]


def test_text_between_two_rules_is_no_front_matter() -> None:
    structure = parse("---\n\nA story begins\n\n---\n\nand ends\n")
    assert structure.front_matter == {}
    assert [leaf.text for leaf in structure.leaves] == ["", "A story begins", "", "and ends"]


def test_footnotes_stay_where_they_are() -> None:
    structure = parse("A[^x] claim.\n\n[^x]: The note.\n\nMore.\n")
    assert [(note.label, note.text) for note in structure.footnotes] == [("x", "The note.")]
    assert [mark.label for mark in structure.references] == ["x"]
    assert [leaf.text for leaf in structure.leaves] == ["A claim.", "The note.", "More."]


def test_links_of_every_style_have_their_target_and_span() -> None:
    text = 'é [a *b*](u "t") [c][d] <http://x.test/%C3%A4> ![i 😀](p.png)\n\n[d]: v\n'
    structure = parse(text)
    assert [(link.text, link.href, link.image) for link in structure.links] == [
        ("a b", "u", False),
        ("c", "v", False),
        ("http://x.test/%C3%A4", "http://x.test/%C3%A4", False),
        ("i 😀", "p.png", True),
    ]
    written = ['[a *b*](u "t")', "[c][d]", "<http://x.test/%C3%A4>", "![i 😀](p.png)"]
    assert [text[slice(*link.span)] for link in structure.links] == written


def test_an_open_fence_is_told_from_a_closed_one() -> None:
    assert [code.closed for code in parse("```\na\n```\n\n    b\n\n~~~\n~~~\n").codes] == [True, True, True]
    for text in ("```\na", "```\na\n", "```\n", "```", "- ```\n  a\n\nb\n"):
        assert [code.closed for code in parse(text).codes] == [False], text


HOSTILE = {
    "quotes": ">" * 5_000 + " a",
    "bullets on one line": "- " * 5_000 + "a",
    "numbers on one line": "1. " * 5_000 + "a",
    "lists by indents": "\n".join("  " * depth + "- a" for depth in range(1_000)),
    "quotes and bullets": "> - " * 5_000 + "a",
    "brackets": "[" * 5_000 + "a" + "]" * 5_000,
    "links": "[" * 5_000 + "a" + "](b)" * 5_000,
    "images": "![" * 2_000 + "a" + "](b)" * 2_000,
    "stars": "**a *" * 5_000,
    "ticks": "".join("`" * count + " " for count in range(200)),
    "comments": "<!--" * 5_000,
    "blank lines in a list": "- a\n" + "\n" * 50_000 + "- b\n",
    "tabs": "-\t" * 5_000 + "a",
    "NUL": "# a\0\0\n\n- b\0",
    "surrogates": "# \ud800 [a](b)\n",
    "one long line": "lorem ipsum " * 850_000,
    "one long word": "-" * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_gives_a_structure(name: str) -> None:
    text = HOSTILE[name]
    structure = parse(text)
    check_extraction(structure)
    assert all(0 <= start <= end <= len(text) for start, end in spans(structure))


@pytest.mark.parametrize("name", ["quotes", "bullets on one line", "lists by indents", "quotes and bullets"])
def test_nesting_that_is_not_read_is_rejected(name: str) -> None:
    report = check_extraction(parse(HOSTILE[name]))
    assert report.status == "rejected"
    assert "nesting" in {found.check for found in report.findings}


def test_nesting_that_is_read_is_not_rejected() -> None:
    depth = MAX_NESTING // 2 - 1
    structure = parse("\n".join("  " * level + "- a" for level in range(depth)))
    assert [item.depth for item in structure.items] == list(range(1, depth + 1))
    assert check_extraction(structure).status == "passed"


def test_the_marks_of_an_endless_paragraph_are_taken_as_text_and_that_is_a_finding() -> None:
    text = "A quiet sentence about harbours. " * 7_000 + "With _one_ mark.\n"
    structure = parse(text)
    assert structure.text == text
    assert [block.kind for block in structure.blocks] == ["paragraph"]
    assert not structure.second_parser_agrees
    assert parse("[" * 3_000_000).blocks[0].span == (0, 3_000_000)
