"""Going back through former prompts loses nothing that was typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatspace.tui.prompt_history import PromptHistory

MOVES = st.lists(st.one_of(st.sampled_from(["older", "newer"]), st.text(max_size=5)), max_size=40)


@given(st.lists(st.text(min_size=1, max_size=5).filter(str.strip), max_size=6), st.text(max_size=5), MOVES)
def test_down_always_comes_back_to_what_was_being_typed(former: list[str], typed: str, moves: list[str]) -> None:
    recall = PromptHistory()
    recall.know(former)
    shown = being_typed = typed
    for move in moves:
        if move in ("older", "newer"):
            text = recall.older(shown) if move == "older" else recall.newer(shown)
            shown = shown if text is None else text
        else:
            shown += move
            being_typed = being_typed if recall.going else shown
    while (text := recall.newer(shown)) is not None:
        shown = text
    assert shown == being_typed


def test_changes_to_a_former_prompt_are_still_there_on_the_way_back() -> None:
    recall = PromptHistory()
    recall.know(["newest", "older"])
    recall.older("draft")
    recall.older("newest, changed")
    assert recall.newer("older") == "newest, changed"


def test_each_former_prompt_comes_once() -> None:
    recall = PromptHistory()
    recall.know(["same", "same", " ", "other"])
    assert recall.older("") == "same"
    assert recall.older("same") == "other"
    assert recall.older("other") is None
