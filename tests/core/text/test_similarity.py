"""Near-duplicates among short texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.text.similarity import near_duplicates, similarity


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Save 38% on heating", "Save 38 % on your heating"),
        ("Quiet heat pump", "Heat pump, quiet!"),
        ("The Tern 4 costs €8,900", "the tern 4 costs €8,900."),
        ("Orders open on 3 March", "Order opens on 3 March"),
    ],
)
def test_the_same_in_nearly_the_same_words_is_a_near_duplicate(left: str, right: str) -> None:
    assert near_duplicates([left, right]) == [(0, 1)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Tern 4: 38 dB", "Tern 4: night mode"),
        ("A 10-year warranty on the compressor", "Fits through a standard door"),
        ("", "something"),
    ],
)
def test_different_messages_are_no_near_duplicates(left: str, right: str) -> None:
    assert near_duplicates([left, right]) == []


def test_every_pair_is_named_once_with_the_lower_index_first() -> None:
    assert near_duplicates(["one two three", "x", "one two three", "three two one"]) == [(0, 2), (0, 3), (2, 3)]


@given(st.text(), st.text())
def test_likeness_is_symmetric_and_between_0_and_1(left: str, right: str) -> None:
    assert 0 <= similarity(left, right) == similarity(right, left) <= 1
    assert similarity(left, left) == 1
