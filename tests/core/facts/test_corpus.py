"""What the grounding check reaches on the corpus; the aims are 100 %, at most 5 %, and at least 70 %."""

from __future__ import annotations

import pytest

from tests.core.facts import corpus_fresh, figures


def test_the_corpus_is_large_enough_to_say_something() -> None:
    assert figures.faithful().sentences >= 60
    assert figures.altered().sentences >= 60
    assert figures.recombined().sentences >= 20


def test_every_altered_fact_is_flagged() -> None:
    assert figures.altered().wrong == ()


def test_altered_facts_are_mostly_called_so() -> None:
    reached = figures.altered()
    assert reached.named / reached.sentences >= 0.95


def test_faithful_paraphrases_raise_at_most_one_alarm_in_twenty() -> None:
    assert figures.faithful().share <= 0.05, figures.faithful().wrong


def test_facts_joined_wrongly_are_flagged_in_nine_of_ten_sentences() -> None:
    assert figures.recombined().share >= 0.9, figures.recombined().wrong


@pytest.mark.parametrize("name", sorted(figures.SOURCES))
def test_a_source_is_grounded_in_itself(name: str) -> None:
    assert figures.alarms(figures.SOURCES[name], figures.SOURCES[name]) == []


@pytest.mark.parametrize(("name", "flagged"), [("oats", ["70 pence"]), ("bahn", []), ("freight", [])])
def test_a_whole_faithful_draft_is_left_in_peace(name: str, flagged: list[str]) -> None:
    source, draft = corpus_fresh.DRAFTS[name]
    assert [claim.claim for claim in figures.alarms(draft, source)] == flagged


def test_the_table_has_a_row_for_each_class() -> None:
    assert figures.table().count("\n") == 4
