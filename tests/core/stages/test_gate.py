"""The gate kills harmful edits, lets harmless ones pass, and says what is wrong with a draft."""

from __future__ import annotations

import pytest

from chatspace.core.extraction import Finding, GateReport
from chatspace.core.stages.gate import check_conversion, check_draft, check_extraction, check_structure
from chatspace.core.structure import parse, path_f1

BRIEF = """\
# Launch of the Tern 4

The Tern 4 costs $4.2 million and ships on 12 March 2026[^price]. It is *much* quieter than
the Tern 3, says [the report](https://x.test/report), and saves 18 % of the energy.

## Plan

- Brief the press
  - Write to [Maria](mailto:maria@x.test)
    - by Monday
    - by phone
  - Book the hall
- Print 500 leaflets

1. First, call
2. Then, write
3. Last, wait

- [x] logo
- [ ] claim

## Figures

| Model | Price | Noise |
|-------|------:|-------|
| Tern 3 | 3.9 | 52 dB |
| Tern 4 | 4.2 | 41 dB |

> We never built a quieter pump,
> and we never will.

![The pump](pump.png)

```python
def price(n):
    return n * 4.2
```

***

### Contact

Ask for more \\*details\\*.

[^price]: Net of tax.
"""

HARMFUL = {
    "a list flattened": ("  - Write to", "- Write to"),
    "a level lost": ("    - by Monday\n    - by phone", "  - by Monday\n  - by phone"),
    "an item nested deeper": ("  - Book the hall", "    - Book the hall"),
    "two items swapped": ("    - by Monday\n    - by phone", "    - by phone\n    - by Monday"),
    "an item dropped": ("    - by phone\n", ""),
    "an item added": ("- Print 500 leaflets", "- Print 500 leaflets\n- Send them"),
    "two items merged": ("    - by Monday\n    - by phone", "    - by Monday by phone"),
    "bullets for numbers": (
        "1. First, call\n2. Then, write\n3. Last, wait",
        "- First, call\n- Then, write\n- Last, wait",
    ),
    "numbers for bullets": ("- Brief the press", "1. Brief the press"),
    "another start": ("1. First, call\n2. Then, write\n3. Last", "4. First, call\n5. Then, write\n6. Last"),
    "a list as prose": ("1. First, call\n2. Then, write\n3. Last, wait", "First, call. Then, write. Last, wait"),
    "a task ticked": ("- [ ] claim", "- [x] claim"),
    "a task box lost": ("- [x] logo\n- [ ] claim", "- logo\n- claim"),
    "a row dropped": ("| Tern 3 | 3.9 | 52 dB |\n", ""),
    "rows swapped": (
        "| Tern 3 | 3.9 | 52 dB |\n| Tern 4 | 4.2 | 41 dB |",
        "| Tern 4 | 4.2 | 41 dB |\n| Tern 3 | 3.9 | 52 dB |",
    ),
    "cells merged": ("| Tern 3 | 3.9 | 52 dB |", "| Tern 3 3.9 | 52 dB | |"),
    "a column dropped": (
        "| Model | Price | Noise |\n|-------|------:|-------|\n| Tern 3 | 3.9 | 52 dB |\n| Tern 4 | 4.2 | 41 dB |",
        "| Model | Price |\n|-------|------:|\n| Tern 3 | 3.9 |\n| Tern 4 | 4.2 |",
    ),
    "a cell emptied": ("| Tern 4 | 4.2 |", "| Tern 4 |  |"),
    "a table as text": ("|-------|------:|-------|\n", ""),
    "a digit changed": ("$4.2 million", "$4.3 million"),
    "a date changed": ("12 March 2026", "12 March 2025"),
    "a percentage changed": ("18 %", "81 %"),
    "a section moved": ("## Plan\n", "## Figures\n\n## Plan\n"),
    "a heading as bold text": ("### Contact", "**Contact**"),
    "a heading of another level": ("## Plan", "### Plan"),
    "a heading reworded": ("## Plan", "## Plans"),
    "a heading dropped": ("## Figures\n\n", ""),
    "code indented anew": ("    return n", "  return n"),
    "code changed": ("n * 4.2", "n * 4.20"),
    "code of another language": ("```python", "```ruby"),
    "code as text": ("```python\ndef price(n):\n    return n * 4.2\n```", "def price(n):\n    return n * 4.2"),
    "a footnote lost": ("\n[^price]: Net of tax.\n", ""),
    "a footnote's mark lost": ("2026[^price]", "2026"),
    "a footnote reworded": ("Net of tax", "Gross of tax"),
    "a link to elsewhere": ("https://x.test/report", "https://y.test/report"),
    "a link as text": ("[the report](https://x.test/report)", "the report"),
    "a link's words changed": ("[the report]", "[the study]"),
    "an image dropped": ("![The pump](pump.png)\n\n", ""),
    "another image": ("pump.png", "dog.png"),
    "an image as a link": ("![The pump]", "[The pump]"),
    "a quote reworded": ("a quieter pump", "a better pump"),
    "a quote as text": ("> We never built a quieter pump,\n> and", "We never built a quieter pump,\nand"),
    "a paragraph dropped": ("Ask for more \\*details\\*.\n", ""),
    "a word dropped": ("*much* quieter", "quieter"),
    "a rule dropped": ("***\n\n", ""),
    "a broken character": ("Last, wait", "Last, w\ufffdit"),
    "a text cut short": (BRIEF[BRIEF.index("## Figures") :], ""),
}

HARMLESS = {
    "other bullets": ("- Brief the press", "* Brief the press"),
    "all bullets another": ("\n  - Write to", "\n  + Write to"),
    "numbers with brackets": ("1. First, call\n2. Then, write\n3. Last", "1) First, call\n2) Then, write\n3) Last"),
    "numbers that don't count": ("2. Then, write\n3. Last", "1. Then, write\n1. Last"),
    "an underlined heading": ("## Plan\n", "Plan\n----\n"),
    "closed marks of a heading": ("## Figures", "## Figures ##"),
    "more blank lines": ("## Plan\n\n", "## Plan\n\n\n\n"),
    "a loose list": ("    - by Monday\n", "    - by Monday\n\n"),
    "spaces at the end of a line": ("and saves 18 %", "and saves 18 %   "),
    "a hard wrap elsewhere": ("It is *much* quieter than\nthe Tern 3,", "It is *much*\nquieter than the Tern 3,"),
    "padded cells": ("| Tern 3 | 3.9 | 52 dB |", "|Tern 3|   3.9|   52 dB   |"),
    "longer delimiters": ("|-------|------:|-------|", "| :--- | ----------: | --- |"),
    "no outer pipes": ("| Tern 3 | 3.9 | 52 dB |", "Tern 3 | 3.9 | 52 dB"),
    "another fence": (
        "```python\ndef price(n):\n    return n * 4.2\n```",
        "~~~~python\ndef price(n):\n    return n * 4.2\n~~~~",
    ),
    "another emphasis": ("*much*", "_much_"),
    "an escape": ("more \\*details\\*", "more &#42;details\\*"),
    "an escape that isn't needed": ("18 %", "18 \\%"),
    "a reference link": (
        "[the report](https://x.test/report), and saves 18 % of the energy.",
        "[the report][r], and saves 18 % of the energy.\n\n[r]: https://x.test/report",
    ),
    "a wider indent": ("  - Book the hall", "   - Book the hall"),
    "a lazy quote": ("> and we never", "and we never"),
    "another rule": ("***", "- - -"),
    "another label of a note": ("[^price]", "[^1]"),
    "a note somewhere else": ("\n[^price]: Net of tax.\n", ""),
    "a capital X": ("- [x] logo", "- [X] logo"),
}


def edited(old: str, new: str) -> str:
    assert old in BRIEF
    return BRIEF.replace(old, new)


def harmlessly_edited(name: str) -> str:
    after = edited(*HARMLESS[name])
    if name == "a note somewhere else":
        after = after.replace("## Plan\n", "[^price]: Net of tax.\n\n## Plan\n")
    return after


@pytest.mark.parametrize("name", HARMFUL)
def test_gate_kills_a_harmful_edit(name: str) -> None:
    report = check_conversion(parse(BRIEF), parse(edited(*HARMFUL[name])))
    assert report.status == "rejected"
    assert all(found.message for found in report.findings)


@pytest.mark.parametrize("name", HARMLESS)
def test_gate_lets_a_harmless_edit_pass(name: str) -> None:
    report = check_conversion(parse(BRIEF), parse(harmlessly_edited(name)))
    assert report == GateReport("passed", report.path_f1, ())


def checks(report: GateReport) -> dict[str, Finding]:
    return {found.check: found for found in report.findings}


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("a list flattened", "list_depths"),
        ("two items swapped", "leaf_order"),
        ("numbers for bullets", "list_kinds"),
        ("another start", "list_numbers"),
        ("a task ticked", "list_tasks"),
        ("a row dropped", "table_shape"),
        ("cells merged", "table_cells"),
        ("a digit changed", "numbers"),
        ("a heading as bold text", "headings"),
        ("a heading reworded", "heading_text"),
        ("code indented anew", "code"),
        ("a footnote lost", "footnotes"),
        ("a link to elsewhere", "links"),
        ("an image dropped", "images"),
        ("a quote reworded", "quotes"),
        ("a word dropped", "word_coverage"),
        ("a broken character", "replacement_characters"),
    ],
)
def test_gate_names_the_check_that_a_harmful_edit_fails(name: str, check: str) -> None:
    assert check in checks(check_conversion(parse(BRIEF), parse(edited(*HARMFUL[name]))))


def test_a_finding_says_what_was_expected_and_where_in_the_source() -> None:
    report = check_conversion(parse(BRIEF), parse(edited("  - Book the hall", "    - Book the hall")))
    found = checks(report)["list_depths"]
    assert (found.expected, found.actual, found.line) == ("at depth 2", "at depth 3", 12)
    assert found.span
    assert BRIEF[slice(*found.span)] == "- Book the hall"
    assert found.message == "List item 5 of 11 was at depth 2 and is at depth 3."


def test_path_f1_sees_a_flattened_list_where_words_do_not() -> None:
    nested, flat = parse("- a\n  - b\n  - c\n- d\n"), parse("- a\n- b\n- c\n- d\n")
    assert path_f1(nested, nested) == 1.0
    assert path_f1(nested, flat) == 0.5
    assert path_f1(parse(""), parse("")) == 1.0


def test_a_rewrite_may_change_words_but_not_the_structure() -> None:
    before = parse("# A\n\nSome words, 5 of them.\n\n- one\n  - two\n\n```sh\nls\n```\n")
    reworded = parse("# B\n\nOther words, 5 of these.\n\n- eins\n  - zwei\n\n```sh\nls\n```\n")
    assert check_structure(before, reworded).findings == ()
    flat = parse("# B\n\nOther words, 5.\n\n- eins\n- zwei\n\n```sh\nls\n```\n")
    assert check_structure(before, flat).status == "rejected"
    other_figure = check_structure(before, parse(reworded.text.replace("5", "6")))
    assert other_figure.status == "passed"
    assert checks(other_figure)["numbers"].severity == "warn"


def test_an_extraction_of_sound_markdown_passes() -> None:
    assert check_extraction(parse(BRIEF)) == GateReport("passed", 1.0, ())


def test_cells_that_a_table_drops_are_found_in_the_raw_pipes() -> None:
    report = check_extraction(parse("| a | b |\n|---|---|\n| `x|y` | z |\n"))
    assert report.status == "rejected"
    found = checks(report)["table_cells"]
    assert (found.expected, found.actual, found.line) == (3, 2, 3)
    assert check_extraction(parse("| a | b |\n|---|---|\n| `x\\|y` | z |\n| c |\n| d | e | |\n")).status == "passed"


def test_a_table_that_is_read_as_text_is_found() -> None:
    report = check_extraction(parse("a | b\n--|--|--\n1 | 2\n"))
    assert (report.status, checks(report)["table_shape"].line) == ("rejected", 1)


def test_a_heading_without_a_space_is_warned_about_and_a_hashtag_is_not() -> None:
    report = check_extraction(parse("##Plan\n\n#launch day\n\n```\n##not this\n```\n"))
    assert report.status == "passed"
    assert [found.line for found in report.findings] == [1]


def test_a_text_full_of_flaws_gives_a_report_that_can_be_read() -> None:
    assert len(check_extraction(parse("##Plan\n\n" * 5_000)).findings) == 100
    assert len(check_extraction(parse("1. a\n  * b\n\nText.\n\n" * 500)).findings) == 1


def test_replacement_characters_in_a_source_are_warned_about() -> None:
    report = check_extraction(parse("A b\ufffdd file.\n"))
    assert (report.status, checks(report)["replacement_characters"].severity) == ("passed", "warn")


@pytest.mark.parametrize(
    ("text", "complete", "check"),
    [
        ("", True, "empty"),
        (" \n\n", True, "empty"),
        ("# A\n\nHalf a sent", False, "complete"),
        ("# A\n\n```python\nx = 1\n", True, "fences"),
        ("A b\ufffdd text.\n", True, "replacement_characters"),
    ],
)
def test_a_draft_that_is_no_text_is_rejected(text: str, complete: bool, check: str) -> None:
    report = check_draft(text, complete=complete)
    assert report.status == "rejected"
    assert checks(report)[check].severity == "block"


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("# A\n\n### B\n", "heading_levels"),
        ("Dear [insert name here],\n", "placeholder"),
        ("Lorem ipsum dolor.\n", "placeholder"),
        ("Dear {{ name }},\n", "placeholder"),
        ("Here is the draft you asked for:\n\n# A\n", "preamble"),
        ("Sure! Here's a post.\n\n# A\n", "preamble"),
        ("The pump, as an AI language model, is quiet.\n", "aside"),
        ("a | b\n--|--|--\n1 | 2\n", "table_shape"),
        ("1. a\n  * b\n  * c\n", "list_indents"),
    ],
)
def test_a_draft_with_a_flaw_is_only_warned_about(text: str, check: str) -> None:
    report = check_draft(text, complete=True)
    assert report.status == "passed"
    assert checks(report)[check].severity == "warn"


def test_a_sound_draft_has_no_findings() -> None:
    text = "# A\n\nHere is where it began; we insert [a link](x).\n\n## B\n\n```\nTODO {{ x }}\n```\n"
    assert check_draft(text, complete=True) == GateReport("passed", 1.0, ())


def test_a_draft_that_keeps_structure_may_reword_and_reorder_it() -> None:
    keep = parse("- a\n  - b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n```sh\nls\n```\n")
    draft = "Text.\n\n```sh\nls\n```\n\n| X | Y |\n|--|--|\n| one | two |\n\n* A thing\n  * Another\n"
    assert check_draft(draft, complete=True, keep=keep).status == "passed"


@pytest.mark.parametrize(
    ("lost", "check"),
    [("- a\n  - b", "list_depths"), ("| x |\n|---|\n| 1 |", "table_shape"), ("```sh\nls\n```", "code")],
)
def test_a_draft_that_must_keep_structure_is_rejected_without_it(lost: str, check: str) -> None:
    source = "- a\n  - b\n\n| x |\n|---|\n| 1 |\n\n```sh\nls\n```\n"
    report = check_draft(source.replace(lost, "Words."), complete=True, keep=parse(source))
    assert report.status == "rejected"
    assert [found.check for found in report.findings if found.severity == "block"] == [check]
    assert check_draft(source.replace(lost, "Words."), complete=True).status == "passed"


def test_a_list_flattened_by_a_draft_is_a_lost_list() -> None:
    report = check_draft("- a\n- b\n", complete=True, keep=parse("- a\n  - b\n"))
    assert report.status == "rejected"
