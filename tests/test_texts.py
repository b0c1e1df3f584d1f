"""The texts that users see, held to plain English: no phrase that reads as translated, and one spelling."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.texts import ROOT, Text, texts

AS_IT_WAS = "adapters/exporters/reports.py"
"""Reports of versions that kept no hashes are compared with what is written today, so their labels stay."""

FORBIDDEN = {
    "goes along": r"\bgo(es)? along\b",
    "stands": r"\bstands?\b|\bstood\b",
    "told": r"\btold\b|\bbe told\b",
    "whole": r"(?<!a )\bwhole\b",  # "a whole number" is the term
    "anew": r"\banew\b",
    "what came of": r"\bwhat came\b",
    "without a word": r"\bwithout a word\b",
    "as it is": r"\bas it (is|was)\b",
    "those that, the one that": r"\bthose (that|of|there|who|which)\b|\bones\b|\bthe one (that|which|you|of)\b",
    "one to do": r"^One to\b",
    "unasked": r"\bunasked\b",
    "is no": r"\b(is|are|was) no (?!longer\b)",
    "there is": r"^There (is|are) (no|default|none)\b",
    "says no": r"\bsays? no\b",
    "ask anew": r"\bask(s|ed)? (anew|once more)\b",
    "go on": r"\b(go|goes|gone|went) on\b",
    "ended": r"^ended\b|\bended with\b|\bends with (the code|\d)",
    "what is to be done": r"\bwhat is wrong\b|\bthat is all that\b",
    "are right": r"\b(is|are|files are) right\b",
    "in the place of": r"\bin (the|its|their) place\b",
    "a defect": r"\bdefect of\b",
    "put aside": r"\bput a(side|way)\b",
    "take over": r"\btaken? over\b",
    "takes 3 to 15": r"\btakes? \d+ to\b",
    "wants a": r"\bwants? an? ",
    "mend": r"\bmend\b",
    "embedded engine": r"\bembedded engine\b(?!, which has no language model)",  # in files, compared as above
}

AMERICAN = (
    r"\b(colou?rless|color(s|ed|ing)?|behavior\w*|honor(s|ed|ing)?|favor\w*|gr[a]y(ed|s)?|center(s|ed)?|label(ed|ing)|"
    r"cancel(ed|ing)|license(?!\])|organiz\w+|recogniz\w+|normaliz\w+|summariz\w+|analyz\w+|neutraliz\w+|serializ\w+|"
    r"initializ\w+|optimiz\w+|emphasiz\w+|minimiz\w+|customiz\w+)\b"
)
"""Spellings of the United States; chatspace spells as in the United Kingdom."""

DOCS = [ROOT / "README.md", *sorted((ROOT / "chatspace/docs").glob("*.md"))]


@cache
def shown() -> tuple[Text, ...]:
    return tuple(each for each in texts() if each.path != AS_IT_WAS)


@pytest.mark.parametrize("phrase", FORBIDDEN)
def test_no_text_uses_a_phrase_that_reads_as_translated(phrase: str) -> None:
    pattern = re.compile(FORBIDDEN[phrase], re.IGNORECASE)
    assert [str(each) for each in shown() if pattern.search(_prose(each.text))] == []


def test_texts_and_documentation_are_spelled_as_in_the_united_kingdom() -> None:
    pattern = re.compile(AMERICAN, re.IGNORECASE)
    found = [str(each) for each in shown() if pattern.search(_prose(each.text))]
    for path in DOCS:
        prose = re.sub(r"```.*?```|`[^`]*`", "", path.read_text("utf-8"), flags=re.DOTALL)
        found += [f"{path.name}: {match[0]}" for match in pattern.finditer(prose) if match[0] != "LICENSE"]
    assert found == []


def test_the_texts_are_found_with_their_lines() -> None:
    found = {each.path for each in shown()}
    assert {"cli/options.py", "core/stages/gate.py", "adapters/readers/files.py", "docs/__init__.py"} <= found
    assert len(shown()) > 1_000


def _prose(text: str) -> str:
    """A text without the names in it: placeholders and what is quoted as code."""
    return re.sub(r"\{[^{}]*\}|`[^`]*`", "0", text)
