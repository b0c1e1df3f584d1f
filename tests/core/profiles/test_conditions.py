"""Rules that nothing can reach are found, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.profiles.conditions import failed, unreachable
from chatspace.core.profiles.options import SLAS
from chatspace.core.profiles.policy import RouteQuery, Rule, When

CHANNELS = (("blog",), ("google-ads", "ad"), ("meta", "ad"), ("x", "social"), ("ad",), ("social",))


def found(*conditions: When) -> dict[int, list[str]]:
    rules = [Rule((f"p{at}",), when, f"r{at}") for at, when in enumerate(conditions)]
    return {index: [rule.name for rule in takers] for index, takers in unreachable(rules, CHANNELS)}


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ((When(), When(min_words=5)), {1: ["r0"]}),
        ((When(min_words=5), When(min_words=9)), {1: ["r0"]}),
        ((When(min_words=9), When(min_words=5)), {}),
        ((When(channel="ad"), When(channel="meta")), {1: ["r0"]}),
        ((When(channel="meta"), When(channel="ad")), {}),
        ((When(max_words=10), When(min_words=11), When(channel="ad")), {2: ["r0", "r1"]}),
        ((When(max_words=10), When(min_words=12), When(channel="ad")), {}),
        ((When(sla="fast"), When(sla="best"), When(sla="standard"), When()), {3: ["r0", "r1", "r2"]}),
        ((When(tables=True), When(tables=False), When(code=True)), {2: ["r0", "r1"]}),
        ((When(lang="de"), When(lang="de", min_tokens=4), When(lang="fr")), {1: ["r0"]}),
    ],
)
def test_a_rule_is_unreachable_where_those_before_it_take_every_text(
    conditions: tuple[When, ...], expected: dict[int, list[str]]
) -> None:
    assert found(*conditions) == expected


limits = st.none() | st.integers(0, 6)
whens = st.builds(
    When,
    min_words=limits,
    max_words=limits,
    tables=st.none() | st.booleans(),
    channel=st.none() | st.sampled_from(["blog", "ad", "meta", "social"]),
    sla=st.none() | st.sampled_from(SLAS),
)


@given(st.lists(whens, min_size=1, max_size=5))
def test_exactly_the_rules_that_no_query_reaches_are_found(conditions: list[When]) -> None:
    rules = [Rule((f"p{at}",), when, f"r{at}") for at, when in enumerate(conditions)]
    every = [
        RouteQuery(words, 0, path, sla, tables=tables)
        for words in range(9)
        for path in CHANNELS
        for sla in SLAS
        for tables in (0, 1)
    ]
    reached = {next((at for at, rule in enumerate(rules) if not failed(rule, query)), None) for query in every}
    possible = {at for at, rule in enumerate(rules) if any(not failed(rule, query) for query in every)}
    assert {index for index, _ in unreachable(rules, CHANNELS)} == possible - reached


def test_a_policy_with_very_many_limits_is_checked_rule_against_rule() -> None:
    conditions = [When(min_words=at, max_tokens=at, min_sections=at) for at in range(1, 60)]
    assert found(*conditions, When(min_words=5, max_tokens=3, min_sections=4)) == {59: ["r2"]}
