"""Before and after on the shipped cohort: what goes to the expensive profile, and that nothing is asked twice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chatspace.core.profiles.policy import ModelPass
from tests.canary import EXPENSIVE, Provider, figures, measure, times, write_profiles
from tests.cohort import SIZES
from tests.model_server import ModelServer


@pytest.mark.drill
@pytest.mark.parametrize(("candidate", "most_tokens", "most_cost"), [("always", 1.6, 0.5), ("auto", 1.1, 0.45)])
def test_stages_take_less_than_half_of_the_cost_of_one_large_model_and_a_fifth_of_its_tokens(
    home: Path,
    tmp_path: Path,
    model_server: ModelServer,
    capsys: pytest.CaptureFixture[str],
    candidate: ModelPass,
    most_tokens: float,
    most_cost: float,
) -> None:
    provider = Provider()
    write_profiles(home, model_server.url)
    canary = measure(tmp_path, model_server, provider, candidate)
    assert canary.documents == len(SIZES) >= 40
    assert (canary.baseline.failures, canary.candidate.failures) == ({}, {})
    assert canary.expensive_profile == EXPENSIVE
    found = {each.measure: each for each in canary.differences}
    assert times(canary)["tokens"] <= most_tokens
    assert times(canary)["cost"] <= most_cost
    assert times(canary)["dear_tokens"] <= 0.2
    assert (found["dear_tokens"].verdict, found["cost"].verdict) == ("better", "better")
    assert found["partial"].candidate == 0
    assert not {"worse"} & {found[name].verdict for name in ("findings", "flags", "failures")}
    paid = sum(((found["cost"].baseline or 0), (found["cost"].candidate or 0))) * canary.documents
    assert paid == pytest.approx(provider.usd)
    calls = provider.calls
    again = measure(tmp_path, model_server, provider, candidate)
    assert provider.calls == calls
    assert again.differences == canary.differences
    with capsys.disabled():
        sys.stdout.write(f"\n{figures(canary)}\n{calls} calls, ${provider.usd:.2f}, none of them asked twice\n")
