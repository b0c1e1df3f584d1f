"""What copy is made of: complete sentences with the figures, prices, names, dates and addresses of the sources."""

from __future__ import annotations

import re

import pytest

from chatspace.core.runs.claims import MAX_CLAIMS, MAX_TOKENS, claims
from chatspace.core.text.tokens import estimate_tokens
from tests.cohort import SIZES, document
from tests.core.runs.running import BRIEF
from tests.core.runs.test_payload import SAMPLES, extracted

COHORT = [document(number, size) for number, size in enumerate(SIZES)][::5]


@pytest.mark.parametrize("text", [*SAMPLES, BRIEF, *COHORT, "One line.", "# A\n\n" + "word " * 3_000])
def test_claims_take_at_most_500_tokens(text: str) -> None:
    shown = claims([extracted(text)])
    assert estimate_tokens(shown) <= MAX_TOKENS
    assert shown.count("\n- ") <= MAX_CLAIMS


@pytest.mark.parametrize("limit", [60, 120, 300])
def test_claims_fit_a_smaller_room(limit: int) -> None:
    assert estimate_tokens(claims([extracted(SAMPLES[0])], limit=limit)) <= limit


def test_the_claims_of_a_brief_say_what_it_costs_when_where_and_whom_to_ask() -> None:
    shown = claims([extracted(SAMPLES[0])])
    assert shown.startswith("# Launch of the Tern 4 heat pump\n\nPrepared by Maria Lopez")
    assert 5 <= len(re.findall(r"^- ", shown, re.MULTILINE)) <= 8
    assert "4 May 2026" in shown
    assert re.search(r"^- Tern 4 \w: Output \d+ kW; .*€[\d,]+", shown, re.MULTILINE)
    assert "22% less electricity" in shown
    assert "press@norrvind.example" in shown
    assert "approved" not in shown


@pytest.mark.parametrize("text", [SAMPLES[0], *COHORT])
def test_every_claim_is_a_sentence_or_row_of_the_source(text: str) -> None:
    own = " ".join(text.split())
    for line in re.findall(r"^- (.*)$", claims([extracted(text)]), re.MULTILINE):
        cells = re.split(r": |; ", line)
        assert line in own or f"| {cells[0]} " in own


def test_a_quote_of_two_sentences_stays_in_one_piece() -> None:
    text = '# Harbour\n\nIt was early.\n\nSigne Holm said: "I heard it for the first time. I didn\'t care for it."\n'
    assert 'Signe Holm said: "I heard it for the first time. I didn\'t care for it."' in claims([extracted(text)])


def test_the_opening_of_a_draft_takes_the_place_of_the_source_s() -> None:
    shown = claims([extracted(BRIEF)], "# Warm at last\n\nA quieter winter.\n\n## Price\n\nLow.\n")
    assert shown.startswith("# Warm at last\n\nA quieter winter.\n\n- ")
    assert "Low." not in shown
