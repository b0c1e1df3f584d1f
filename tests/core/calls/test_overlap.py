"""A cut reply and its continuation, joined so that nobody sees where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.calls.overlap import ContinuationJoiner, new_part

SENTENCE = "The Tern 4 heats a house of 140 square metres, quietly and for little money."


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("The Tern 4 heats a ho", "heats a house.", "The Tern 4 heats a house."),
        ("It is quiet and cheap", "It is quiet and cheap to run.", "It is quiet and cheap to run."),
        ("It is quiet", "and cheap.", "It is quiet and cheap."),
        ("It is quiet", " and cheap.", "It is quiet and cheap."),
        ("It is quiet", ", and cheap.", "It is quiet, and cheap."),
        ("It is quiet and ", "cheap.", "It is quiet and cheap."),
        ("- one thing\n", "- one thing\n  - below it", "- one thing\n  - below it"),
        ("First part.\n\n", "First part.\n\nSecond part.", "First part.\n\nSecond part."),
        ("# Warm\n\nThe Tern 4 co", "Warm The Tern 4 costs little.", "# Warm\n\nThe Tern 4 costs little."),
        ("That is the end of s", "is the end o", "That is the end of s"),
        ("That is the end of s", "i", "That is the end of s"),
        ("The end of a part.", "## Next", "The end of a part.\n## Next"),
        ("It went unnoticed", "noticed by nobody.", "It went unnoticed noticed by nobody."),
        ("It is quiet", "", "It is quiet"),
        ("It is quiet", "  \n", "It is quiet"),
    ],
)
def test_what_is_repeated_is_left_out_and_what_was_lost_is_put_back(before: str, after: str, joined: str) -> None:
    assert before + new_part(before, after) == joined


@given(st.integers(30, len(SENTENCE) - 1), st.integers(20, 30), st.lists(st.integers(1, 9), min_size=1))
def test_any_cut_with_a_repetition_joins_without_a_seam(at: int, repeated: int, sizes: list[int]) -> None:
    start = SENTENCE.rfind(" ", 0, at - repeated + 20) + 1
    after = SENTENCE[start:]
    if at - start < 6:
        return
    heard: list[str] = []
    seam = ContinuationJoiner(SENTENCE[:at], heard.append)
    while after:
        size = sizes[len(heard) % len(sizes)]
        seam.take(after[:size])
        after = after[size:]
    assert seam.close() == SENTENCE
    assert SENTENCE[:at] + "".join(heard) == SENTENCE


def test_a_long_continuation_is_handed_on_while_it_comes() -> None:
    heard: list[str] = []
    seam = ContinuationJoiner("It begins here", heard.append)
    seam.take("begins here " + "and goes on " * 40)
    assert heard
    seam.take("to the end.")
    assert heard[-1] == "to the end."
    assert seam.close() == "It begins here " + "and goes on " * 40 + "to the end."
