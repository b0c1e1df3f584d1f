"""The README's tables, made from the suite's own data: `python -m tests.figures`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from chatspace.core.stages.gate import check_conversion
from chatspace.core.structure import parse
from tests.adapters.readers import test_docx as docx_suite
from tests.adapters.readers import test_html as html_suite
from tests.adapters.readers.outline import depths
from tests.core.facts import figures as grounding
from tests.core.stages import test_gate as gate_suite
from tests.core.structure import test_commonmark as commonmark_suite
from tests.core.structure import test_legacy_lists as legacy_suite


def structure_table() -> str:
    """How many of each kind of text come out right."""
    examples = commonmark_suite.EXAMPLES
    lists = [example.markdown for example in examples if example.is_about_lists]
    legacy = (legacy_suite.depths(parse(legacy_suite.written(*variant))) for variant in legacy_suite.VARIANTS)
    docx = (depths(docx_suite.read(way()).text) for way in docx_suite.LIST_WAYS)
    html = (depths(html_suite.read(page).text) for page in html_suite.LIST_WAYS.values())
    return _table(
        "structure",
        [
            (
                "CommonMark's examples that conform",
                _of(one.html == commonmark_suite.rendered(one.markdown) for one in examples),
            ),
            (
                "examples that both parsers read alike",
                _of(parse(one.markdown).second_parser_agrees for one in examples),
            ),
            ("legacy lists that keep their levels", _of(found == legacy_suite.DEPTHS for found in legacy)),
            (
                "CommonMark's list examples that the fallback changes",
                _of(parse(one).parser == "legacy" for one in lists),
            ),
            (
                "ways of writing nested lists in DOCX that come out right",
                _of(found == docx_suite.SIX_ITEMS for found in docx),
            ),
            (
                "ways of writing nested lists in HTML that come out right",
                _of(found == html_suite.SIX_ITEMS for found in html),
            ),
        ],
    )


def gate_table() -> str:
    """How many edits of a brief the gate stops."""
    before = parse(gate_suite.BRIEF)
    harmful = (gate_suite.edited(*edit) for edit in gate_suite.HARMFUL.values())
    harmless = map(gate_suite.harmlessly_edited, gate_suite.HARMLESS)
    return _table(
        "gate",
        [
            (
                "harmful edits killed",
                _of(check_conversion(before, parse(text)).status == "rejected" for text in harmful),
            ),
            ("harmless edits flagged", _of(bool(check_conversion(before, parse(text)).findings) for text in harmless)),
        ],
    )


def _of(outcomes: Iterable[bool]) -> str:
    counted = list(outcomes)
    return f"{sum(counted)} of {len(counted)}"


def _table(name: str, rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join([f"| {name} | |", "|---|---|", *(f"| {what} | {count} |" for what, count in rows)])


if __name__ == "__main__":
    sys.stdout.write("\n\n".join([structure_table(), gate_table(), grounding.table()]) + "\n")
