"""Hunks: a sentence each, never across blocks, and any choice of them leaves the rest alone."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.rewriting.hunks import apply, completed, hunks, places_after
from tests.properties import examples

TEXT = """\
# A quieter winter

The pump is really very quiet. It ships in May; and it costs a lot. We like it.

- item one is here. And more of it.
- item two
- item three

| model | price |
| --- | --- |
| one cell | two |

```py
x = 1
y = 2
```

> A quote that
> goes on. And on.

Last words.
"""

SENTENCES = st.sampled_from(
    ["The pump is quiet.", "It costs $4,200!", "Wer fragt?", "A, b and c.", "x", "これは静かです。", "Dr. May said no."]
)
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=4).map(" ".join)
BLOCKS = st.one_of(
    PARAGRAPHS,
    PARAGRAPHS.map("## {}".format),
    st.lists(PARAGRAPHS, min_size=1, max_size=3).map(lambda items: "\n".join(f"- {item}" for item in items)),
    st.lists(st.sampled_from(["x = 1", "", "y = 2"]), max_size=3).map(lambda lines: "\n".join(["```", *lines, "```"])),
    st.tuples(SENTENCES, SENTENCES).map(lambda row: f"| a | b |\n| --- | --- |\n| {row[0]} | {row[1]} |"),
    PARAGRAPHS.map("> {}".format),
)
DOCUMENTS = st.lists(BLOCKS, max_size=6).map("\n\n".join)
ANY = st.one_of(DOCUMENTS, st.text(alphabet="ab. \n#-|`>*1", max_size=60), st.text(max_size=30))


@given(ANY, ANY, st.data())
@examples(300)
def test_all_give_the_new_text_none_the_old_and_some_leave_the_other_parts_alone(
    before: str, after: str, data: st.DataObject
) -> None:
    found = hunks(before, after)
    assert apply(before, found) == after
    assert apply(before, ()) == before
    assert all(before[slice(*hunk.span)] == hunk.before for hunk in found)
    assert all(left.span[1] <= right.span[0] for left, right in pairwise(found))
    chosen = [hunk for hunk in found if data.draw(st.booleans())]
    rest, at = before, len(before)
    for hunk in reversed(chosen):
        assert rest[hunk.span[1] : at] in apply(before, chosen)
        at = hunk.span[0]
    for hunk, (start, end) in zip(found, places_after(found), strict=True):
        assert after[start:end] == hunk.after


@given(ANY)
def test_a_text_that_did_not_change_has_no_hunks(text: str) -> None:
    assert hunks(text, text) == ()


def changed(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    """The hunks of TEXT with these replacements."""
    after = TEXT
    for old, new in pairs:
        assert old in after
        after = after.replace(old, new, 1)
    return [(hunk.before, hunk.after) for hunk in hunks(TEXT, after)]


def test_each_changed_sentence_is_a_hunk_of_its_own() -> None:
    assert changed(("really very quiet", "quiet"), ("We like", "They like")) == [
        ("The pump is really very quiet.", "The pump is quiet."),
        ("We like it.", "They like it."),
    ]


def test_neighbouring_sentences_that_both_changed_are_two_hunks() -> None:
    assert changed(("really very quiet", "quiet"), ("ships in", "comes in")) == [
        ("The pump is really very quiet.", "The pump is quiet."),
        ("It ships in May; and it costs a lot.", "It comes in May; and it costs a lot."),
    ]


def test_a_sentence_that_was_split_is_one_hunk() -> None:
    assert changed(("May; and it costs", "May. It costs")) == [
        ("It ships in May; and it costs a lot.", "It ships in May. It costs a lot.")
    ]


def test_a_joined_pair_of_sentences_is_one_hunk() -> None:
    found = hunks("The pump is quiet. The pump is cheap. Done.", "The pump is quiet and the pump is cheap. Done.")
    assert [(hunk.before, hunk.after) for hunk in found] == [
        ("The pump is quiet. The pump is cheap.", "The pump is quiet and the pump is cheap.")
    ]


def test_a_new_sentence_comes_with_its_space_and_a_lost_one_goes_with_it() -> None:
    assert changed(("We like it.", "We like it. Everybody does.")) == [("", " Everybody does.")]
    assert changed((" We like it.", "")) == [(" We like it.", "")]
    assert changed(("The pump is really very quiet. ", "")) == [("The pump is really very quiet. ", "")]


@pytest.mark.parametrize(
    ("pair", "hunk"),
    [
        (("- item two\n", ""), ("\n- item two", "")),
        (("one cell", "a cell"), ("one cell", "a cell")),
        (("y = 2", "y = 3"), ("y = 2", "y = 3")),
        (("# A quieter", "## A quieter"), ("# ", "## ")),
        (("And on.", "And so on."), ("And on.", "And so on.")),
        (("Last words.\n", "Last words.\n\nNew block. Of two.\n"), ("", "\n\nNew block. Of two.")),
    ],
    ids=["item", "cell", "code", "heading", "quote", "paragraph"],
)
def test_a_hunk_stays_within_its_block(pair: tuple[str, str], hunk: tuple[str, str]) -> None:
    assert changed(pair) == [hunk]


def test_two_blocks_that_changed_are_never_one_hunk() -> None:
    found = changed(("item two", "the second"), ("item three", "the third"), ("one cell", "a"), ("| two |", "| b |"))
    assert found == [("item two", "the second"), ("item three", "the third"), ("one cell", "a"), ("two", "b")]


def test_lost_paragraphs_at_the_beginning_leave_the_others_apart() -> None:
    before = "One is here.\n\nTwo is there.\n\nThree stays."
    first, second = hunks(before, "Three stays.")
    assert apply(before, [first]) == "Two is there.\n\nThree stays."
    assert apply(before, [second]) == "One is here.\n\nThree stays."


def test_a_reply_that_was_cut_keeps_what_the_model_never_came_to() -> None:
    before = "One is really here. Two is really there. Three stays.\n\n- four\n- five\n"
    assert (
        completed(before, "One is here. Two is th")
        == "One is here. Two is really there. Three stays.\n\n- four\n- five\n"
    )
    assert completed(before, "One is he") == before
    assert completed(before, "") == before


@given(st.lists(st.sampled_from("abcdefgh"), min_size=3, max_size=12, unique=True), st.data())
@examples(60)
def test_whatever_the_cut_the_end_of_the_passage_stands(words: list[str], data: st.DataObject) -> None:
    before = " ".join(f"Sentence {word * 4} says {word * 3} and more." for word in words)
    whole = before.replace(" and more", "")
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    after = completed(before, cut)
    assert after.endswith("and more.")
    assert all(f"Sentence {word * 4}" in after for word in words)
