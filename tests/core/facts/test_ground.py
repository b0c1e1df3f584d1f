"""Grounding a draft, claim by claim, and contradictions between sources."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.facts import contradictions, ground
from chatspace.core.runs.run import Claim
from tests.core.facts.corpus import BRIEF, FUNDING, REPORT
from tests.properties import examples


def _claim(draft: str, raw: str, *sources: str) -> Claim:
    named = [(f"{number}.md", text) for number, text in enumerate(sources)]
    return next(claim for claim in ground(draft, named) if claim.claim == raw)


def test_a_supported_claim_has_its_place_in_the_source() -> None:
    claim = _claim("It costs EUR 4,200.", "EUR 4,200", FUNDING, BRIEF)
    assert (claim.verdict, claim.source, claim.source_value) == ("supported", "1.md", "€4,200")
    assert claim.source_span is not None
    assert BRIEF[slice(*claim.source_span)] == "€4,200"
    assert claim.span == (9, 18)


def test_an_altered_value_shows_the_nearest_of_the_source() -> None:
    claim = _claim("The list price is €4,900.", "€4,900", BRIEF)
    assert (claim.verdict, claim.source_value) == ("altered", "€4,200")


def test_an_invented_fact_is_unsupported() -> None:
    claim = _claim("It won the Golden Spanner award.", "Golden Spanner", BRIEF)
    assert (claim.verdict, claim.source_span) == ("unsupported", None)


@pytest.mark.parametrize(
    ("draft", "raw", "note"),
    [
        ("Oakside and Millbrook together had 402,400 visits.", "402,400", "245,000 + 157,400"),
        ("Donations grew by £70,000.", "£70,000", "£310,000 - £240,000"),
        ("About 800,000 visits were counted.", "800,000", "rounded from 812,400"),
        ("Loans came to 1.2 million.", "1.2 million", "rounded from 1,204,000"),
        ("Fees fell by 36 percent, from £95,000 to £61,000.", "36 percent", "from £95,000 to £61,000"),
    ],
)
def test_a_derived_figure_says_how(draft: str, raw: str, note: str) -> None:
    claim = _claim(draft, raw, REPORT)
    assert (claim.verdict, claim.note) == ("derived", note)


def test_facts_of_different_statements_are_recombined() -> None:
    claim = _claim("Martin Cole became director on 1 June 2024.", "1 June 2024", REPORT)
    assert claim.verdict == "recombined"
    assert "Martin Cole" in claim.note


def test_a_quote_is_word_for_word() -> None:
    said = "“We wanted a machine that you forget you own,”"
    assert _claim(f"{said} she says.", said, BRIEF).verdict == "supported"
    shortened = '"We wanted a machine ... you forget you own"'
    assert _claim(f"{shortened} it was.", shortened, BRIEF).verdict == "supported"
    changed = '"We wanted a machine that you soon forget you own"'
    assert _claim(f"{changed} it was.", changed, BRIEF).verdict == "altered"


def test_less_exact_dates_are_supported_and_more_exact_ones_are_not() -> None:
    assert _claim("It comes in March 2026.", "March 2026", BRIEF).verdict == "supported"
    assert _claim("It comes in Q1 2026.", "Q1 2026", BRIEF).verdict == "derived"
    assert _claim("It ships on 7 May 2026.", "7 May 2026", BRIEF).verdict == "altered"


def test_fenced_code_of_a_draft_is_not_grounded() -> None:
    assert ground("```\nport = 8080\n```", [("a", BRIEF)]) == ()


def test_without_sources_nothing_is_supported() -> None:
    assert {claim.verdict for claim in ground(BRIEF, [])} == {"unsupported"}


@examples(40)
@given(st.text(max_size=120), st.text(max_size=120))
def test_claims_slice_to_draft_and_source(draft: str, source: str) -> None:
    draft, source = f"{draft} €5 on 3 May 2026. {source}", f"{source} Price: €6 for Maria Lopez."
    for claim in ground(draft, [("a", source)]):
        assert draft[slice(*claim.span)] == claim.claim
        if claim.source_span:
            assert source[slice(*claim.source_span)] == claim.source_value


def test_two_values_for_one_thing_are_listed_with_both_places() -> None:
    first = "The list price is €4,200. Orders open on 12 March 2026. It weighs 96 kg."
    second = "The list price is EUR 4,500. Orders open on 15 March 2026. It weighs 96 kilograms."
    found = contradictions([("a", first), ("b", second)])
    assert [(one.about, one.type, one.first.raw, one.second.raw) for one in found] == [
        ("list price", "money", "€4,200", "EUR 4,500"),
        ("Orders open", "date", "12 March 2026", "15 March 2026"),
    ]
    assert first[slice(*found[0].first.span)] == "€4,200"
    assert found[0].second.source == "b"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Sales in 2024 were €5 million.", "Sales in 2025 were €6 million."),
        ("The team in Berlin has 40 people.", "The team in Hamburg has 25 people."),
        ("The price is €4.2 million.", "The price is €4,204,000."),
        ("The price is €5.", "The weight is 6 kg."),
        ("The plant opens in May 2026.", "The plant opens on 7 May 2026."),
    ],
)
def test_different_things_contradict_nothing(first: str, second: str) -> None:
    assert contradictions([("a", first), ("b", second)]) == ()


@pytest.mark.parametrize("text", [BRIEF, FUNDING, REPORT])
def test_a_sound_source_does_not_contradict_itself(text: str) -> None:
    assert contradictions([("a", text)]) == ()
