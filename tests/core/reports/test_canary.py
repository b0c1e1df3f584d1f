"""The statistics of a canary: intervals that keep their promise, and no verdict without grounds."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.reports.canary import MEASURES, Difference, Observed, compare, draws, in_cohort, interval, shown
from tests.properties import examples

PROMISED = 0.95


def observed(value: float | None) -> Observed:
    return Observed(elapsed_ms=value, cost_usd=value)


def found(pairs: Sequence[tuple[float | None, float | None]], measure: str = "cost", names: str = "d") -> Difference:
    named = {f"{names}{at:05}": (observed(one), observed(other)) for at, (one, other) in enumerate(pairs)}
    return next(each for each in compare(named, resamples=400) if each.measure == measure)


@pytest.mark.parametrize(("number", "share"), [(10, None), (40, None), (40, 0.5)])
def test_the_interval_holds_the_true_difference_about_as_often_as_promised(number: int, share: float | None) -> None:
    chance, drawn = random.Random(f"{number} {share}"), draws(number, resamples=400)
    times = 300
    held = 0
    for _ in range(times):
        befores = [chance.gauss(10, 3) for _ in range(number)]
        pairs = [(before, before + chance.gauss(2, 1.5)) for before in befores]
        low, high = interval(pairs, share, drawn)
        held += low <= 2 <= high
    assert held / times >= PROMISED - 0.04


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=2, max_size=30), st.randoms())
@examples(30)
def test_the_order_of_the_documents_does_not_matter(pairs: list[tuple[float, float]], chance: random.Random) -> None:
    named = [(f"d{at}", (observed(one), observed(other))) for at, (one, other) in enumerate(pairs)]
    shuffled = list(named)
    chance.shuffle(shuffled)
    assert compare(dict(named), resamples=50) == compare(dict(shuffled), resamples=50)


@given(st.lists(st.floats(0, 1e6), max_size=30))
@examples(30)
def test_identical_sides_can_not_be_told_apart(values: list[float]) -> None:
    named = {f"d{at}": (observed(value), observed(value)) for at, value in enumerate(values)}
    for each in compare(named, resamples=50):
        assert each.verdict == "unclear"
        assert "inconclusive" in each.sentence


@given(st.lists(st.tuples(st.floats(0, 1e3), st.floats(0, 1e3)), min_size=6, max_size=30))
@examples(30)
def test_turning_the_sides_round_turns_the_verdict_round(pairs: list[tuple[float, float]]) -> None:
    one, other = found(pairs), found([(after, before) for before, after in pairs])
    opposite = {"better": "worse", "worse": "better", "unclear": "unclear"}
    assert other.verdict == opposite[one.verdict]
    assert other.low == pytest.approx(-one.high)  # type: ignore[operator]  # both have an interval


def test_a_clear_difference_is_said_in_a_plain_sentence() -> None:
    chance = random.Random(1)
    cheaper = found([(1 + chance.random(), 0.5 + chance.random() / 2) for _ in range(40)])
    assert cheaper.verdict == "better"
    assert cheaper.sentence.startswith("Cost: better. $1.50 → $0.")
    assert "95 % confidence interval −$" in cheaper.sentence
    dearer = found([(0.5, 1 + chance.random()) for _ in range(40)])
    assert dearer.verdict == "worse"


@pytest.mark.parametrize("number", [0, 1, 5])
def test_too_few_documents_give_no_verdict(number: int) -> None:
    assert found([(9.0, 1.0)] * number).verdict == "unclear"


def test_a_p95_wants_more_documents_than_a_median() -> None:
    pairs = [(float(1_000 + at), float(at)) for at in range(12)]
    assert found(pairs, "latency_p50").verdict == "better"
    assert found(pairs, "latency_p95").verdict == "unclear"


def test_what_one_side_does_not_know_is_no_pair() -> None:
    assert found([(1.0, None), (None, 1.0), (1.0, 2.0)]).documents == 1


def test_every_measure_is_reported_even_of_nothing() -> None:
    assert [each.measure for each in compare({})] == [measure.name for measure in MEASURES]


@given(st.text(), st.floats(0.01, 1), st.floats(0.01, 1))
def test_a_larger_share_holds_all_of_a_smaller_one(source: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert in_cohort(source, large) or not in_cohort(source, small)
    assert in_cohort(source, 1.0)


def test_a_share_takes_about_so_many() -> None:
    assert 160 <= sum(in_cohort(f"sha256:{at}", 0.2) for at in range(1_000)) <= 240


def test_figures_carry_their_sign_and_unit() -> None:
    assert shown(-0.0042, "usd") == "−$0.0042"
    assert shown(1_500, "ms", signed=True) == "+1.5 s"
    assert shown(0.125, "share") == "12.5%"
    assert shown(None, "tokens") == ""
