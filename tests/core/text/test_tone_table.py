"""Tones side by side: bars that follow the numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.text.tone_table import MEASURES, order, tone_table

TITLES = [measure.title for measure in MEASURES]
CALM = "The pump was built in Aarhus. It is tested by a team of nine. It may be quiet."
LOUD = "Do you hear it? You won't! You sleep. You win. Go!"


def test_every_text_has_a_cell_for_every_measure() -> None:
    assert [len(row) for row in tone_table([CALM, LOUD])] == [len(MEASURES)] * 2


def test_the_highest_of_the_set_fills_its_bar_and_the_others_stand_against_it() -> None:
    calm, loud = tone_table([CALM, LOUD])
    words = TITLES.index("words")
    assert (calm[words].written, loud[words].written) == ("18", "11")
    assert (calm[words].share, loud[words].share) == (1.0, 11 / 18)


def test_passives_hedges_and_persons_are_counted() -> None:
    calm, loud = tone_table([CALM, LOUD], "en")
    assert calm[TITLES.index("passive")].written == "67%"
    assert calm[TITLES.index("hedges")].value
    assert loud[TITLES.index("you")].written == "80%"
    assert loud[TITLES.index("? !")].written == "3"


def test_what_a_language_has_no_rules_for_has_no_bar_and_no_number() -> None:
    (row,) = tone_table(["Talo on hiljainen ja lämmin."])
    ease = row[TITLES.index("ease")]
    assert (ease.value, ease.share, ease.written) == (None, None, "–")


def test_rows_are_sorted_by_a_column_both_ways_and_what_has_no_number_stands_last() -> None:
    rows = tone_table([LOUD, "Talo on hiljainen ja lämmin.", CALM])
    ease = TITLES.index("ease")
    assert order(rows, ease) == [0, 2, 1]
    assert order(rows, ease, descending=False) == [2, 0, 1]


@given(st.lists(st.text(max_size=80), max_size=5))
def test_every_share_lies_between_nothing_and_the_whole(texts: list[str]) -> None:
    for row in tone_table(texts):
        for cell in row:
            assert cell.share is None or 0.0 <= cell.share <= 1.0
