"""Old Markdown: nesting by one space, two spaces or tabs, and bullets under numbers."""

from __future__ import annotations

import itertools

import pytest

from chatspace.core.stages.gate import check_extraction
from chatspace.core.structure import Structure, parse, path_f1

DEPTHS = (1, 2, 3, 3, 2, 1)
MIXES = ("---", "***", "+++", "111", "1**", "*11", "*-+")
INDENTS = (" ", "  ", "   ", "    ", "\t")


def written(mix: str, indent: str, blank_line: bool) -> str:
    """A list of six items in three levels; a `1` in `mix` is a number that counts, per level."""
    lines = ["The launch needs:", *([""] if blank_line else [])]
    counts = [0, 0, 0]
    for index, depth in enumerate(DEPTHS):
        counts[depth - 1] += 1
        counts[depth:] = [0] * (3 - depth)
        sign = mix[depth - 1]
        marker = f"{counts[depth - 1]}." if sign == "1" else sign
        lines.append(f"{indent * (depth - 1)}{marker} Step {index} of [the plan](plan{index}.md)")
    return "\n".join([*lines, "", "And no more."]) + "\n"


VARIANTS = list(itertools.product(MIXES, INDENTS, (True, False)))


def depths(structure: Structure) -> tuple[int, ...]:
    return tuple(item.depth for item in structure.items)


def test_there_are_seventy_variants() -> None:
    assert len(VARIANTS) == 70


@pytest.mark.parametrize(("mix", "indent", "blank_line"), VARIANTS)
def test_a_legacy_list_keeps_its_levels(mix: str, indent: str, blank_line: bool) -> None:
    text = written(mix, indent, blank_line)
    structure = parse(text)
    assert depths(structure) == DEPTHS
    assert [item.ordered for item in structure.items] == [mix[depth - 1] == "1" for depth in DEPTHS]
    assert structure.text == text
    assert structure.second_parser_agrees
    portable = parse(structure.portable)
    assert (portable.parser, path_f1(structure, portable)) == ("commonmark", 1.0)
    for index, link in enumerate(structure.links):
        assert text[slice(*link.span)] == f"[the plan](plan{index}.md)"
    for item, leaf in zip(structure.items, structure.leaves[1:], strict=False):
        assert text[slice(*leaf.span)].replace("[the plan]", "the plan").startswith(item.text[:20])
    assert check_extraction(structure).status == ("passed" if structure.parser == "commonmark" else "repaired")


def test_the_fallback_is_used_only_where_it_is_needed() -> None:
    assert sum(parse(written(*variant)).parser == "legacy" for variant in VARIANTS) < len(VARIANTS) / 2
    assert parse("- a\n  - b\n    - c\n").parser == "commonmark"


def test_a_repaired_list_says_what_the_parser_read() -> None:
    report = check_extraction(parse("1. a\n  * b\n  * c\n2. d\n"))
    assert report.status == "repaired"
    (found,) = report.findings
    assert (found.check, found.severity, found.expected, found.actual, found.line) == ("list_indents", "warn", 2, 1, 2)


def test_numbers_that_go_on_counting_are_siblings() -> None:
    assert depths(parse("1. a\n\n  2. b\n\n   3. c\n")) == (1, 1, 1)


def test_a_slip_by_one_column_in_a_long_list_is_no_level() -> None:
    structure = parse("- a\n- b\n- c\n - d\n- e\n- f\n- g\n- h\n")
    assert depths(structure) == (1,) * 8
    report = check_extraction(structure)
    assert report.status == "passed"
    assert [found.check for found in report.findings] == ["list_indents"]


def test_code_in_a_legacy_list_stays_verbatim() -> None:
    structure = parse("1. a\n  * b\n\n    ```sh\n    if x:\n    \ty   z\n    ```\n  * c\n")
    assert depths(structure) == (1, 2, 2)
    assert [(code.info, code.content) for code in structure.codes] == [("sh", "if x:\n\ty   z\n")]


def test_text_that_goes_on_in_a_legacy_item_stays_in_it() -> None:
    structure = parse("  1. A string that\n  goes on:\n    * one\n      and more\n    * two\n  1. Last\n")
    assert depths(structure) == (1, 2, 2, 1)
    assert [item.text for item in structure.items] == ["A string that goes on:", "one and more", "two", "Last"]


def test_a_legacy_list_in_a_quote_keeps_its_levels() -> None:
    structure = parse("> 1. a\n>  * b\n>  * c\n> 2. d\n")
    assert structure.parser == "legacy"
    assert depths(structure) == (1, 2, 2, 1)


def test_a_year_at_the_start_of_a_line_is_no_item() -> None:
    structure = parse("- It opened in\n  1986. It closed again.\n")
    assert depths(structure) == (1,)
    assert check_extraction(structure).status == "passed"


def test_lists_that_need_no_repair_keep_their_reading_beside_one_that_does() -> None:
    structure = parse("- a\n    - b\n\n      para\n\nText\n\n1. c\n * d\n * e\n")
    assert depths(structure) == (1, 2, 1, 2, 2)
    assert [leaf.text for leaf in structure.leaves] == ["a", "b", "para", "Text", "c", "d", "e"]
