"""Hunks in a text that goes on being edited."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.rewriting.assess import Answer, assess
from chatspace.core.rewriting.check import PassagePair
from chatspace.core.rewriting.passage import block_at, edit_between, moved
from chatspace.core.rewriting.review import Review

BEFORE = "One is really here. Two is really there. Three."
AFTER = "Zero. One is here. Two is there. Three. Four."
LEAD = "# Head\n\n"


def review(since: str | None = None) -> Review:
    whole = LEAD + BEFORE
    made = assess(PassagePair(whole, (len(LEAD), len(whole))), "", Answer(AFTER))
    edit = edit_between(whole, since) if since is not None else None
    return Review.begin(1, made, len(LEAD), [edit] if edit else [])


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["accepted", "rejected"])), max_size=12))
def test_decisions_in_any_order_and_back_give_the_text_that_they_say(steps: list[tuple[int, str]]) -> None:
    one, text = review(), LEAD + BEFORE
    moves = []
    for number, decision in steps:
        hunk = one.rewrite.hunks[number % len(one.rewrite.hunks)]
        assert one.applies(hunk, text)
        move = one.to(hunk, "accepted" if decision == "accepted" else "rejected")
        edit = one.move(move)
        text = text[: edit.at] + move.now.text + text[edit.at + edit.removed :]
        moves.append(move)
    if one.count("accepted") == len(one.rewrite.hunks):
        assert text == LEAD + AFTER
    for move in reversed(moves):
        edit = one.move(move.back)
        text = text[: edit.at] + move.was.text + text[edit.at + edit.removed :]
    assert text == LEAD + BEFORE
    assert len(one.pending()) == len(one.rewrite.hunks)


def test_hunks_follow_what_is_edited_before_them() -> None:
    text = f"# A longer head\n\n{BEFORE}"
    one = review(text)
    assert all(one.applies(hunk, text) for hunk in one.rewrite.hunks)


def test_a_hunk_whose_sentence_was_edited_says_so_and_applies_again_when_that_is_taken_back() -> None:
    whole = LEAD + BEFORE
    text = whole.replace("Two is really", "Both are really")
    one = review(text)
    stale = [hunk.before for hunk in one.rewrite.hunks if not one.applies(hunk, text)]
    assert stale == ["Two is really there."]
    back = edit_between(text, whole)
    assert back is not None
    one.follow(back)
    assert all(one.applies(hunk, whole) for hunk in one.rewrite.hunks)


@given(st.text(alphabet="ab\n", max_size=12), st.text(alphabet="ab\n", max_size=12))
def test_the_edit_between_two_texts_makes_the_one_of_the_other(before: str, after: str) -> None:
    edit = edit_between(before, after)
    if edit is None:
        assert before == after
    else:
        end = edit.at + edit.inserted
        assert before[: edit.at] + after[edit.at : end] + before[edit.at + edit.removed :] == after
        assert moved((0, 0), edit) == (edit.inserted - edit.removed,) * 2 if edit.at + edit.removed == 0 else True


def test_the_block_at_the_cursor() -> None:
    text = "# Head\nPara one\ngoes on.\n\n- item\n- two\n\n```\nx\n\ny\n```\n\nEnd.\n"

    def block(at: str) -> str:
        return text[slice(*block_at(text, text.index(at)))]

    assert block("ead") == "# Head"
    assert block("goes") == "Para one\ngoes on."
    assert block("two") == "- item\n- two"
    assert block("y\n```") == "```\nx\n\ny\n```"
    assert block("\n- item") == "- item\n- two"
    assert text[slice(*block_at(text, len(text)))] == "End."
    assert block_at("", 0) == (0, 0)
    assert block_at(" \n ", 1) == (1, 1)


@given(st.text(alphabet="ab \n#-`>|", max_size=40), st.data())
def test_the_block_at_any_place_is_within_the_text(text: str, data: st.DataObject) -> None:
    start, end = block_at(text, data.draw(st.integers(0, len(text))))
    assert 0 <= start <= end <= len(text)
