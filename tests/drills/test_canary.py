"""Before and after on the shipped cohort: what goes to the expensive profile, and that nothing is asked twice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.canary import EXPENSIVE, Provider, figures, measure, write_profiles
from tests.cohort import SIZES
from tests.model_server import ModelServer


@pytest.mark.drill
def test_staged_sends_at_most_two_fifths_of_the_tokens_to_the_expensive_profile(
    home: Path, tmp_path: Path, model_server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    provider = Provider()
    write_profiles(home, model_server.url)
    canary = measure(tmp_path, model_server, provider)
    assert canary.documents == len(SIZES) >= 40
    assert (canary.baseline.failures, canary.candidate.failures) == ({}, {})
    assert canary.expensive_profile == EXPENSIVE
    found = {each.measure: each for each in canary.differences}
    dear, tokens = found["dear_tokens"], found["tokens"]
    assert dear.candidate is not None
    assert dear.baseline is not None
    assert tokens.candidate is not None
    assert dear.candidate <= 0.4 * tokens.candidate
    assert dear.candidate <= 0.4 * dear.baseline
    assert (dear.verdict, found["cost"].verdict) == ("better", "better")
    paid = sum(((found["cost"].baseline or 0), (found["cost"].candidate or 0))) * canary.documents
    assert paid == pytest.approx(provider.usd)
    calls = provider.calls
    again = measure(tmp_path, model_server, provider)
    assert provider.calls == calls
    assert again.differences == canary.differences
    with capsys.disabled():
        sys.stdout.write(f"\n{figures(canary)}\n{calls} calls, ${provider.usd:.2f}, none of them asked twice\n")
