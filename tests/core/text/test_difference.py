"""Differences by words: exact to the character, and few enough to be read."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.text.difference import Change, changes
from tests.properties import examples

WORDS = st.sampled_from(
    ["the", "a", "heat", "pump", "is", "quiet", "38", "dB", "猫", "は", "静か", "don't", "1,200.50"]
)
GLUE = st.sampled_from([" ", "  ", "\n", "\n\n", ", ", ". ", "。", "! ", " - ", " **", "** ", "\t"])
PROSE = st.lists(st.tuples(WORDS, GLUE), max_size=60).map(lambda pairs: "".join(map("".join, pairs)))
TEXTS = st.one_of(PROSE, st.text(max_size=80))


def shown(before: str, after: str) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "[+{}+]"}
    return "".join(marks[change.kind].format(change.text) for change in changes(before, after))


def sides(found: tuple[Change, ...]) -> tuple[str, str]:
    before = "".join(change.text for change in found if change.kind != "added")
    after = "".join(change.text for change in found if change.kind != "removed")
    return before, after


@examples(300)
@given(TEXTS, TEXTS)
def test_the_two_texts_can_be_put_together_again(before: str, after: str) -> None:
    assert sides(changes(before, after)) == (before, after)


@given(PROSE, PROSE)
def test_no_change_is_empty_and_no_two_neighbours_are_of_one_kind(before: str, after: str) -> None:
    found = changes(before, after)
    assert all(change.text for change in found)
    assert all(left.kind != right.kind for left, right in pairwise(found))
    assert ("added", "removed") not in [(left.kind, right.kind) for left, right in pairwise(found)]


@given(TEXTS)
def test_a_text_beside_itself_has_no_changes(text: str) -> None:
    assert changes(text, text) == ((Change("same", text),) if text else ())


@given(PROSE, st.integers(0, 60), st.sampled_from(["quick ", "new\n\n"]))
def test_one_insertion_is_one_change(text: str, at: int, inserted: str) -> None:
    words = text.split(" ")
    before = " ".join(words)
    after = " ".join([*words[:at], *words[at:]]) + inserted
    assert sum(change.kind != "same" for change in changes(before, after)) == 1


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("the big cat", "the big black cat", "the big [+black +]cat"),
        ("A. C.", "A. B. C.", "A. [+B. +]C."),
        ("It can't be.", "It can be.", "It [-can't-][+can+] be."),
        ("It costs $1,200.50 now.", "It costs $1,300.50 now.", "It costs $[-1,200.50-][+1,300.50+] now."),
        ("One, two", "One two", "One[-,-] two"),
        ("A rose\n\nis red", "A rose\n\nwas red", "A rose\n\n[-is-][+was+] red"),
        ("今天很好。", "今天不好。", "今天[-很-][+不+]好。"),
        ("", "All new.", "[+All new.+]"),
        ("All gone.", "", "[-All gone.-]"),
    ],
)
def test_a_change_covers_the_words_that_differ(before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


def test_a_common_short_word_between_two_changes_is_part_of_the_change() -> None:
    assert shown("warm as bread", "cold as stone") == "[-warm as bread-][+cold as stone+]"


def test_a_sentence_that_was_rewritten_is_no_confetti() -> None:
    before = "The pump takes the noise out of heating, and it does so in the depth of the winter."
    after = "Heating gets quiet with it: a neighbour in Porto never heard the unit on the wall."
    assert len(changes(before, after)) <= 3


def test_changes_do_not_run_over_the_end_of_a_sentence_or_a_line() -> None:
    assert shown("Old one. Old two.", "New six. New ten.") == "[-Old one-][+New six+]. [-Old two-][+New ten+]."
    assert shown("- old\n- past\n", "- new\n- next\n") == "- [-old-][+new+]\n- [-past-][+next+]\n"


def test_paragraphs_that_were_moved_leave_the_others_alone() -> None:
    parts = [f"Paragraph {name} says something of its own about {name}." for name in ("ash", "oak", "elm", "fir")]
    found = changes("\n\n".join(parts), "\n\n".join([parts[3], *parts[:3]]))
    same = max((change.text for change in found if change.kind == "same"), key=len)
    assert all(part in same for part in parts[:3])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a " * 40_000, "b " + "a " * 20_000 + "c " + "a " * 20_000),
        ("word " * 30_000, "other " * 30_000),
        ("".join(f"w{number} " for number in range(20_000)), "".join(f"w{number} " for number in range(20_000, 0, -1))),
        ("|" * 50_000 + "x", "-" * 50_000 + "x"),
        ("猫犬" * 20_000, "犬猫" * 20_000),
    ],
    ids=["one word", "nothing common", "reversed", "marks", "wide"],
)
def test_long_texts_of_any_kind_come_to_an_end_and_can_be_put_together_again(before: str, after: str) -> None:
    assert sides(changes(before, after)) == (before, after)
