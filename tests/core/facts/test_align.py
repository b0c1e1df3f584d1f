"""Aligning a model's item with the source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.facts import align
from tests.properties import examples

TEXT = (
    "The *Tern 4* heat pump — from “Northwind\nEnergy” — costs €4,200. "
    "Its noise level is about 48 dB(A) at three metres."
)


@pytest.mark.parametrize(
    ("item", "found", "how"),
    [
        ("costs €4,200", "costs €4,200", "exact"),
        ('tern 4 HEAT pump - from "northwind energy"', "Tern 4* heat pump — from “Northwind\nEnergy”", "normalized"),
        ("Its noise levels are about 48 dB(A)", "Its noise level is about 48 dB(A)", "fuzzy"),
        ("level is about 48 dB(A) at three meters", "level is about 48 dB(A) at three metres", "fuzzy"),
    ],
)
def test_an_item_is_found_and_it_is_said_how(item: str, found: str, how: str) -> None:
    result = align(item, TEXT)
    assert result is not None
    assert (TEXT[slice(*result[0])], result[1]) == (found, how)


@pytest.mark.parametrize("item", ["", "  ", "no such words here", "noise level is about 49 dB(A) at three", "xyz"])
def test_what_is_not_there_is_not_found(item: str) -> None:
    assert align(item, TEXT) is None


@examples(150)
@given(st.text(max_size=80), st.data())
def test_every_piece_of_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    item = text[start:end]
    result = align(item, text)
    if item.strip():
        assert result is not None
        assert (text[slice(*result[0])], result[1]) == (item.strip(), "exact")
    else:
        assert result is None
