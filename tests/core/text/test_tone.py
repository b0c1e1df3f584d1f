"""The tone of a text, counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.text.tone import Tone, tone


def test_sentence_lengths_are_counted_in_words_with_their_spread() -> None:
    counted = tone("One two three four. One two. A b c d e f.")
    assert (counted.sentences, counted.words) == (3, 12)
    assert counted.sentence_mean == 4
    assert counted.sentence_spread == pytest.approx(1.6, abs=0.05)


def test_code_headings_tables_and_link_targets_are_no_prose() -> None:
    prose = "The [report](https://you.example/we) is out."
    text = f"# You and I\n\n{prose}\n\n| you | we |\n|---|---|\n| a | b |\n\n```\nyou = 1\n```\n"
    counted = tone(text, "en")
    assert counted.words == 4
    assert counted.first == counted.second == 0


def test_persons_are_shares_of_the_pronouns() -> None:
    counted = tone("We like what you do. You know that they don't.", "en")
    assert (counted.first, counted.second, counted.third) == (0.25, 0.5, 0.25)


@pytest.mark.parametrize(
    ("sentence", "lang"),
    [
        ("The report was written by Maria.", "en"),
        ("All sheds have been carefully measured.", "en"),
        ("Der Bericht wurde von Maria geschrieben.", "de"),
        ("Das Netz wird bis 2029 fertiggestellt.", "de"),
    ],
)
def test_a_passive_is_seen(sentence: str, lang: str) -> None:
    assert tone(sentence, lang).passive == 1


@pytest.mark.parametrize(
    ("sentence", "lang"),
    [
        ("Maria wrote the report.", "en"),
        ("She is happy.", "en"),
        ("Das wird teuer.", "de"),
        ("Maria ist gegangen.", "de"),
    ],
)
def test_an_active_sentence_is_no_passive(sentence: str, lang: str) -> None:
    assert tone(sentence, lang).passive == 0


def test_hedges_questions_and_exclamations_are_counted() -> None:
    counted = tone('Perhaps it could work. Is it likely? Yes! "Really?"', "en")
    assert counted.hedges == pytest.approx(100 * 3 / 9, abs=0.1)
    assert (counted.questions, counted.exclamations) == (2, 1)


def test_german_polite_form_is_the_second_person() -> None:
    assert tone("Wir freuen uns, wenn Sie kommen.", "de").second == pytest.approx(1 / 3, abs=0.01)


def test_short_words_read_more_easily_than_long_ones() -> None:
    easy = tone("The cat sat on the mat. The dog ran to it.", "en").reading_ease
    hard = tone(
        "Organisational interdependencies necessitate comprehensive intercontinental coordination.", "en"
    ).reading_ease
    assert easy is not None
    assert hard is not None
    assert easy > 90 > 30 > hard


def test_german_has_a_reading_ease_of_its_own() -> None:
    text = "Die Katze sitzt auf der Matte. Der Hund läuft zu ihr und will mit ihr spielen."
    assert tone(text) == tone(text, "de")
    assert 70 < (tone(text).reading_ease or 0) < 120


def test_a_language_without_rules_has_no_reading_ease() -> None:
    assert tone("日本語のテキスト。はい。").reading_ease is None


def test_an_empty_text_has_no_tone() -> None:
    assert tone(" \n# Only a heading\n") == Tone()


@given(st.text(max_size=300), st.sampled_from([None, "en", "de", "fr"]))
def test_any_text_has_a_tone(text: str, lang: str | None) -> None:
    counted = tone(text, lang)
    assert counted == tone(text, lang)
    assert all(0 <= share <= 1 for share in (counted.first, counted.second, counted.third, counted.passive))
