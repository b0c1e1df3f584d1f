"""The word lists that ship with the program."""

from __future__ import annotations

import pytest

from chatspace.core.text.word_lists import FOLDER, lines_of, pairs_of, word_lists


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.txt")))
def test_no_list_is_empty_and_no_comment_is_a_word(name: str) -> None:
    assert all(lines_of(name).values())
    assert not any("#" in words for words in word_lists(name).values())


def test_a_list_is_known_by_its_heading() -> None:
    assert {"the", "and"} <= word_lists("stopwords")["en"]
    assert "und" in word_lists("stopwords")["de"]


def test_pairs_keep_the_order_of_the_file_and_may_replace_by_nothing() -> None:
    pairs = pairs_of("wording", "en plain")
    assert next(iter(pairs)) == "in order to"
    assert pairs["needless to say,"] == ""
