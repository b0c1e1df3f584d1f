"""Every example of the specification, through the configured parser."""

from __future__ import annotations

from chatspace.core.stages.gate import check_conversion, check_extraction
from chatspace.core.structure import parse
from chatspace.core.structure.markdown import markdown
from tests.core.structure.commonmark import load_examples

EXAMPLES = load_examples()


def rendered(text: str) -> str:
    """The specification's own test suite leaves the white space in an empty quote open."""
    return str(markdown().render(text)).replace("<blockquote></blockquote>", "<blockquote>\n</blockquote>")


def test_there_are_all_examples_of_the_specification() -> None:
    assert len(EXAMPLES) >= 652
    assert sum(example.is_about_lists for example in EXAMPLES) == 74


def test_every_example_of_the_specification_conforms() -> None:
    wrong = [example.number for example in EXAMPLES if rendered(example.markdown) != example.html]
    assert wrong == []


def test_both_parsers_read_every_example_alike() -> None:
    wrong = [example.number for example in EXAMPLES if not parse(example.markdown).second_parser_agrees]
    assert wrong == []


def test_the_fallback_leaves_every_list_example_alone() -> None:
    changed = [one.number for one in EXAMPLES if one.is_about_lists and parse(one.markdown).parser != "commonmark"]
    assert changed == []


def test_the_gate_passes_every_example() -> None:
    stopped = [one.number for one in EXAMPLES if check_extraction(parse(one.markdown)).status != "passed"]
    assert stopped == []


def test_every_example_equals_itself() -> None:
    for example in EXAMPLES:
        report = check_conversion(parse(example.markdown), parse(example.markdown))
        assert (report.status, report.path_f1) == ("passed", 1.0), example.number
