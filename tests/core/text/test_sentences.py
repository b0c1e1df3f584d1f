"""Sentences: where they end, where they don't, and that they never leave a block."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.text.sentences import segments, sentences, unwrapped
from tests.properties import examples


def _texts(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Smith met Prof. Weber e.g. in the U.S. Congress at 5 p.m. on Monday.",
        "See No. 5 by J. R. Tolkien and Fig. 3 of Vol. 2.",
        "It rose by 3.5 percent to 1.234 units.",
        "It began on Jan. 5 and ended on Feb. 7.",
        "He waited... and then left.",
        '"Stop!" he cried at www.example.com twice.',
        "Der Bau kostete 24,5 Mio. Euro bzw. 3,2 Mrd. Dollar, d.h. viel.",
        "Das Haus wurde im 19. Jahrhundert und am 3. Oktober mit der Hand gebaut.",
    ],
)
def test_a_point_inside_a_sentence_does_not_end_it(text: str) -> None:
    assert _texts(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("It is in the U.S. The rest is not.", ["It is in the U.S.", "The rest is not."]),
        ("He left... She stayed.", ["He left...", "She stayed."]),
        ("这是第一句。第二句！End.", ["这是第一句。", "第二句！", "End."]),
        ("Ist das wahr? Ja. Nein.", ["Ist das wahr?", "Ja.", "Nein."]),
        ("A claim.[^1] Another.", ["A claim.[^1]", "Another."]),
        ("One\nsentence. Another\none.", ["One\nsentence.", "Another\none."]),
    ],
)
def test_sentences_end_where_a_reader_stops(text: str, expected: list[str]) -> None:
    assert _texts(text) == expected


def test_no_sentence_crosses_the_border_of_a_block() -> None:
    text = (
        "# Title\nFirst para\n\nSecond\n- item one\n- item two\n  goes on\n1. numbered\n> quoted\n\n"
        "| a | b |\n|---|---|\n| c | d |"
    )
    expected = ["Title", "First para", "Second", "item one", "item two\n  goes on", "numbered", "quoted", " a | b |"]
    assert _texts(text) == [*expected, " c | d |"]


def test_fenced_code_and_rules_hold_no_sentences() -> None:
    assert _texts("Before.\n\n```py\nx. Y\n```\n\n---\n\nAfter.\n\n~~~\nnever closed. Z") == ["Before.", "After."]


def test_a_date_at_the_start_of_a_line_begins_no_list() -> None:
    assert _texts("Der Tag der offenen Tür ist am\n25. Oktober und alle kommen.") == [
        "Der Tag der offenen Tür ist am\n25. Oktober und alle kommen."
    ]


def test_lines_with_keys_are_statements_of_their_own() -> None:
    assert _texts("Title: A\n**Length:** 600 words\nTone: calm") == ["Title: A", "**Length:** 600 words", "Tone: calm"]


def test_an_underlined_line_is_a_heading() -> None:
    assert [segment.kind for segment in segments("Title\n=====\n\ntext\n\n## B")] == ["heading", "text", "heading"]


def test_unwrapping_keeps_every_offset() -> None:
    text = "4.2\nmillion\n- 5\n\nnew\n1. one"
    assert unwrapped(text) == "4.2 million\n- 5\n\nnew\n1. one"


@examples(150)
@given(st.text(alphabet=st.sampled_from("aA1.!?… \n\"'”#->|`*_。𝔸é:")))
def test_sentences_are_ordered_and_hold_all_letters(text: str) -> None:
    spans = sentences(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    if "`" not in text:
        inside = "".join(text[start:end] for start, end in spans)
        letters = [character for character in text if character.isalpha()]
        assert [character for character in inside if character.isalpha()] == letters
