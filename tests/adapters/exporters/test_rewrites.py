"""A rewrite as CriticMarkup: nothing of either text is lost in it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.exporters.rewrites import desk_critic

TEXTS = st.lists(
    st.sampled_from(["The pump is quiet.", "It costs $4,200.", "\n\n", "- item\n", "# Head\n\n", "| a | b |\n", " "]),
    max_size=8,
).map("".join)


def accepted(text: str) -> str:
    return re.sub(r"\{--.*?--\}|\{>>.*?<<\}|\{\+\+|\+\+\}", "", text, flags=re.DOTALL)


def rejected(text: str) -> str:
    return re.sub(r"\{\+\+.*?\+\+\}|\{>>.*?<<\}|\{--|--\}", "", text, flags=re.DOTALL)


@given(TEXTS, TEXTS)
def test_accepting_all_gives_the_one_text_and_rejecting_all_the_other(before: str, after: str) -> None:
    marked = desk_critic(before, after, [("The pump is quiet.", "The pump is loud.")])
    assert accepted(marked) == after
    assert rejected(marked) == before


def test_what_was_turned_down_stands_behind_what_was_left() -> None:
    marked = desk_critic("One. Two.", "One. Two!", [("One.", "Eins.\nZwei.")])
    assert marked == "One.{>>rejected: Eins. Zwei.<<} Two{--.--}{++!++}"


def test_marks_in_the_text_itself_are_no_marks() -> None:
    assert accepted(desk_critic("{--a--} b.", "{--a--} c.")).replace("\u200b", "") == "{--a--} c."
