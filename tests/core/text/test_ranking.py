"""Key points and key phrases: the text's own words, the same every time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.text.language import language_of
from chatspace.core.text.ranking import key_phrases, key_points
from tests.core.facts.corpus import BRIEF, FUNDING, KIEL, REPORT
from tests.properties import examples


def test_key_points_are_sentences_of_the_text_best_first() -> None:
    points = key_points(REPORT, limit=5)
    assert len(points) == 5
    assert all(REPORT[slice(*point.span)] == point.text for point in points)
    assert [point.score for point in points] == sorted((point.score for point in points), reverse=True)
    assert points[0].score == 1.0


def test_headings_tables_and_lead_ins_are_no_key_points() -> None:
    text = (
        "# The great new heat pump\n\nThese are all of the points:\n\n"
        "| heat pump | price of the heat pump |\n\nThe heat pump is quiet and small."
    )
    assert [point.text for point in key_points(text)] == ["The heat pump is quiet and small."]


def test_a_skipped_span_gives_no_key_point() -> None:
    start = BRIEF.index("The Tern 4 is")
    points = key_points(BRIEF, [(start, start + 50)], limit=50)
    assert points
    assert not any(point.span[0] < start + 50 and start < point.span[1] for point in points)


def test_near_repetitions_are_left_out() -> None:
    text = (
        "The pump is quiet and heats the whole house.\n\nThe pump is quiet and heats the whole house well.\n\n"
        + FUNDING
    )
    texts = [point.text for point in key_points(text, limit=20)]
    assert sum(point.startswith("The pump is quiet") for point in texts) == 1


def test_the_same_text_gives_the_same_points_and_phrases() -> None:
    long = REPORT + FUNDING + BRIEF
    assert key_points(long) == key_points(long)
    assert key_phrases(long) == key_phrases(long)


def test_key_phrases_are_the_words_of_the_source() -> None:
    phrases = key_phrases(BRIEF)
    assert 3 <= len(phrases) <= 12
    assert all(phrase in BRIEF.replace("\n", " ") for phrase in phrases)


def test_key_phrases_of_a_german_text_hold_no_function_words() -> None:
    assert language_of(KIEL) == "de"
    assert not {"der", "die", "das", "und"} & {word.lower() for phrase in key_phrases(KIEL) for word in phrase.split()}


def test_an_empty_text_has_no_points() -> None:
    assert key_points("") == ()
    assert key_phrases("") == []


@examples(60)
@given(st.text(alphabet=st.sampled_from("abcde AB.\n-#|`𝔸ü0"), max_size=400))
def test_points_slice_to_their_text_whatever_it_is(text: str) -> None:
    assert all(text[slice(*point.span)] == point.text for point in key_points(text))
    key_phrases(text)
