from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.profiles import ProfileFiles
from chatspace.core.errors import ConfigurationError
from chatspace.core.profiles.options import SLAS
from chatspace.core.profiles.policy import Alternative, HistoricalUsage, Policy, RouteCandidate, RouteQuery, Rule, When
from chatspace.core.profiles.profile import Channel, Sla, Step
from chatspace.core.stages.route import decide
from chatspace.core.text.tokens import fit
from chatspace.locations import shipped_profiles

CHANNELS = (("blog",), ("google-ads", "ad"), ("meta", "ad"), ("x", "social"), ("ad",))


def path_of(channel: Channel) -> tuple[str, ...]:
    return (channel.name, channel.group) if channel.group else (channel.name,)


@pytest.fixture(scope="module")
def shipped() -> ProfileFiles:
    return ProfileFiles([shipped_profiles()])


@pytest.mark.parametrize(
    ("words", "channel", "profile"),
    [
        (3501, "blog", "longform-drafter"),
        (3500, "blog", "balanced-drafter"),
        (3500, "ad", "copy-fast"),
        (9000, "ad", "longform-drafter"),
        (3500, "google-ads", "copy-fast"),
        (3500, "linkedin-ad", "copy-fast"),
        (3500, "linkedin", "balanced-drafter"),
        (0, "blog", "balanced-drafter"),
    ],
)
def test_the_default_policy_routes_a_draft_by_size_then_channel(
    shipped: ProfileFiles, words: int, channel: str, profile: str
) -> None:
    query = RouteQuery(words, words * 2, path_of(shipped.channel(channel)), "standard")
    assert decide(shipped.policy("default"), "draft", query).profile == profile


@pytest.mark.parametrize(
    ("step", "profile"),
    [
        ("extract", "light-extractor"),
        ("copy", "copy-fast"),
        ("rewrite", "rewriter"),
        ("story", "storyteller"),
        ("chat", "chat"),
    ],
)
def test_the_default_policy_has_one_profile_for_every_other_step(
    shipped: ProfileFiles, step: Step, profile: str
) -> None:
    route = decide(shipped.policy("default"), step, RouteQuery(99_999, 1, ("ad",), "fast"))
    assert (route.profile, route.rule, route.alternatives) == (profile, "default", ())


def test_a_route_says_what_held_and_what_kept_the_rules_before_from_matching(shipped: ProfileFiles) -> None:
    policy = shipped.policy("default")
    blog = decide(policy, "draft", RouteQuery(812, 1000, ("blog",), "standard"))
    assert blog.rule == "default"
    assert blog.reasons == ("words 812 <= 3500", "channel blog is not ad")
    assert blog.alternatives == (
        Alternative("longform-drafter", "min_words 3501"),
        Alternative("copy-fast", "channel ad"),
    )
    ad = decide(policy, "draft", RouteQuery(812, 1000, ("google-ads", "ad"), "standard"))
    assert (ad.rule, ad.reasons) == ("channel ad", ("channel google-ads is in ad", "words 812 <= 3500"))
    assert ad.alternatives[1] == Alternative("balanced-drafter", "the rule channel ad matched first")
    long = decide(policy, "draft", RouteQuery(3501, 1000, ("ad",), "standard"))
    assert (long.rule, long.reasons) == ("min_words 3501", ("words 3501 >= 3501",))


def test_every_condition_is_explained() -> None:
    strict = Rule(("a",), When(10, 20, 100, 200, channel="ad", sla="fast"), "all")
    policy = Policy("p", {"draft": (strict, Rule(("b",)))})
    matched = decide(policy, "draft", RouteQuery(10, 200, ("ad",), "fast"))
    assert matched.reasons == (
        "words 10 >= 10",
        "words 10 <= 20",
        "tokens 200 >= 100",
        "tokens 200 <= 200",
        "channel ad",
        "sla fast",
    )
    missed = decide(policy, "draft", RouteQuery(21, 99, ("x", "social"), "best"))
    assert missed.reasons == ("words 21 > 20", "tokens 99 <= 99", "channel x is not ad", "sla best is not fast")
    assert missed.alternatives == (Alternative("a", "max_words 20, min_tokens 100, channel ad, sla fast"),)


def test_a_profile_is_listed_once_among_the_alternatives_and_never_as_its_own() -> None:
    rules = (
        Rule(("a",), When(min_words=9), "n"),
        Rule(("b",), When(min_words=5), "m"),
        Rule(("b",), When(sla="best"), "s"),
        Rule(("a",)),
    )
    route = decide(Policy("p", {"draft": rules}), "draft", RouteQuery(1, 1, ("blog",), "fast"))
    assert route.alternatives == (Alternative("b", "min_words 5"),)


@pytest.mark.parametrize("rules", [(), (Rule(("a",), When(min_words=10), "long"),)])
def test_a_policy_without_a_matching_rule_is_a_wrong_file(rules: tuple[Rule, ...]) -> None:
    policy = Policy("mine", {"draft": rules} if rules else {}, "policies/mine.yaml")
    with pytest.raises(ConfigurationError) as caught:
        decide(policy, "draft", RouteQuery(3, 4, ("blog",), "standard"))
    assert caught.value.path == "policies/mine.yaml"
    assert "no rule for this draft" in str(caught.value)
    assert "3 words" in caught.value.reason


limits = st.none() | st.integers(0, 50)
whens = st.builds(
    When,
    min_words=limits,
    max_words=limits,
    min_tokens=limits,
    max_tokens=limits,
    channel=st.none() | st.sampled_from(["blog", "ad", "meta", "social", "x"]),
    sla=st.none() | st.sampled_from(SLAS),
)
queries = st.builds(
    RouteQuery, st.integers(0, 60), st.integers(0, 60), st.sampled_from(CHANNELS), st.sampled_from(SLAS)
)


def holds(when: When, query: RouteQuery) -> bool:
    return (
        (when.min_words is None or when.min_words <= query.words)
        and (when.max_words is None or query.words <= when.max_words)
        and (when.min_tokens is None or when.min_tokens <= query.tokens)
        and (when.max_tokens is None or query.tokens <= when.max_tokens)
        and (when.channel is None or when.channel in query.channel_path)
        and (when.sla is None or when.sla == query.sla)
    )


@given(st.lists(whens, max_size=6), queries)
def test_the_first_rule_that_matches_wins(conditions: list[When], query: RouteQuery) -> None:
    rules = (
        *(Rule((f"p{index}",), when, f"r{index}") for index, when in enumerate(conditions)),
        Rule(("last",), name="last"),
    )
    route = decide(Policy("p", {"draft": rules}), "draft", query)
    first = next(rule for rule in rules if holds(rule.when, query))
    assert (route.profile, route.rule) == (first.use[0], first.name)
    assert {other.profile for other in route.alternatives} == {rule.use[0] for rule in rules} - {first.use[0]}


@given(st.permutations([*range(6)]), queries)
def test_the_order_of_rules_that_exclude_each_other_does_not_matter(order: list[int], query: RouteQuery) -> None:
    rules = [Rule((f"p{part}",), When(min_words=part * 10, max_words=part * 10 + 9), f"r{part}") for part in range(6)]
    shuffled = Policy("p", {"draft": (*(rules[part] for part in order), Rule(("rest",)))})
    straight = Policy("p", {"draft": (*rules, Rule(("rest",)))})
    assert decide(shuffled, "draft", query).profile == decide(straight, "draft", query).profile


def prospect(
    needed: int = 1_000, window: int | None = None, cost: float | None = None, ms: int | None = None, price: float = 0
) -> RouteCandidate:
    usual = HistoricalUsage(3, ms, 100) if ms is not None else None
    return RouteCandidate(fit(needed, window, 500), cost, usual, (price, window or 0))


TWO = Policy("p", {"draft": (Rule(("small", "large")),)})


@pytest.mark.parametrize(
    ("sla", "chosen", "because"),
    [
        ("standard", "small", "sla standard prefers the lowest cost: small $0.002, large $0.01 (estimated)"),
        ("best", "large", "sla best prefers the larger model: large before small"),
        (
            "fast",
            "large",
            "sla fast prefers the shortest time: large 2.0 s over 3 calls, small 4.0 s over 3 calls (estimated)",
        ),
    ],
)
def test_the_sla_takes_one_of_a_rules_profiles_and_says_what_it_compared(sla: Sla, chosen: str, because: str) -> None:
    known = {
        "small": prospect(cost=0.002, ms=4_000, price=1),
        "large": prospect(cost=0.01, ms=2_000, price=8),
    }
    route = decide(TWO, "draft", RouteQuery(1, 1, ("blog",), sla), known)
    assert route.profile == chosen
    assert route.reasons == (because,)


@pytest.mark.parametrize("sla", SLAS)
def test_the_first_listed_profile_is_taken_where_nothing_is_known(sla: Sla) -> None:
    assert decide(TWO, "draft", RouteQuery(1, 1, ("blog",), sla)).profile == "small"
    unknown = {"small": prospect(), "large": prospect(cost=0.001, ms=5, price=0)}
    assert decide(TWO, "draft", RouteQuery(1, 1, ("blog",), sla), unknown).profile == "small"


def test_a_text_that_does_not_fit_is_moved_to_a_profile_that_it_fits_and_the_route_says_why() -> None:
    policy = Policy("p", {"draft": (Rule(("small",), When(channel="blog"), "blogs"), Rule(("large",)))})
    known = {"small": prospect(11_500, 8_192), "large": prospect(11_500, 128_000)}
    route = decide(policy, "draft", RouteQuery(8_000, 11_500, ("blog",), "standard"), known)
    assert (route.profile, route.rule) == ("large", "blogs")
    assert route.reasons[-1] == "~11,500 tokens do not fit the context window of small, 8,192"
    assert [other.why_not for other in route.alternatives] == ["its context window of 8,192"]


def test_a_text_that_fits_nowhere_stays_with_its_rule_and_is_read_in_chunks() -> None:
    known = {"small": prospect(99_000, 8_192), "large": prospect(99_000, 32_000)}
    route = decide(TWO, "draft", RouteQuery(80_000, 99_000, ("blog",), "standard"), known)
    assert route.profile == "small"
    assert "read in chunks" in route.reasons[-1]


def test_a_text_is_not_moved_to_a_profile_whose_window_nobody_knows() -> None:
    known = {"small": prospect(11_500, 8_192), "large": prospect(11_500, None)}
    assert decide(TWO, "draft", RouteQuery(1, 1, ("blog",), "standard"), known).profile == "small"


windows = st.none() | st.integers(1_000, 60_000)


@given(st.lists(whens, max_size=4), queries, st.integers(0, 50_000), st.lists(windows, min_size=5, max_size=5))
def test_no_route_leads_to_a_profile_that_the_text_does_not_fit_while_another_is_known_to_hold_it(
    conditions: list[When], query: RouteQuery, needed: int, held: list[int | None]
) -> None:
    rules = (*(Rule((f"p{at}",), when, f"r{at}") for at, when in enumerate(conditions)), Rule(("last",)))
    known = {rule.use[0]: prospect(needed, window) for rule, window in zip(rules, held, strict=False)}
    route = decide(Policy("p", {"draft": rules}), "draft", query, known)
    somewhere = any(each.fit.window and each.fit.fits for each in known.values())
    assert known[route.profile].fit.fits or not somewhere
    first = next(rule for rule in rules if holds(rule.when, query))
    assert route.rule == first.name


def test_what_was_found_in_the_text_decides_and_is_said() -> None:
    rules = (
        Rule(("tables",), When(tables=True), "tables"),
        Rule(("plain",), When(code=False, max_sections=3), "plain"),
        Rule(("german",), When(lang="de", min_sections=2), "german"),
        Rule(("rest",)),
    )
    policy = Policy("p", {"draft": rules})
    blog = ("blog",)
    assert decide(policy, "draft", RouteQuery(1, 1, blog, "fast", tables=2)).reasons == ("tables 2",)
    plain = decide(policy, "draft", RouteQuery(1, 1, blog, "fast", sections=3))
    assert (plain.profile, plain.reasons) == ("plain", ("sections 3 <= 3", "code none", "tables none"))
    german = decide(policy, "draft", RouteQuery(1, 1, blog, "fast", sections=4, code=1, lang="de"))
    assert german.profile == "german"
    unknown = decide(policy, "draft", RouteQuery(1, 1, blog, "fast", sections=4, code=1))
    assert unknown.profile == "rest"
    assert "lang unknown is not de" in unknown.reasons


def test_routing_needs_neither_yaml_nor_pydantic() -> None:
    code = "import sys, chatspace.core.stages.route; print({'yaml', 'pydantic', 'jinja2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_costs_are_compared_like_for_like_where_only_one_has_a_history() -> None:
    query = RouteQuery(900, 1_200, ("blog",), "standard")
    known = RouteCandidate(fit(1_000, None, 500), 0.01, HistoricalUsage(3, 900, 100), most_usd=0.12)
    unknown = RouteCandidate(fit(1_000, None, 500), 0.03, most_usd=0.03)
    route = decide(TWO, "draft", query, {"small": unknown, "large": known})
    assert route.profile == "small"
    assert "small $0.03, large $0.12" in route.because
