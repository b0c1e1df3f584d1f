"""Plans: every name is resolved and checked before a source is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatspace.core.calls.budget import Allowance, Budget
from chatspace.core.errors import ConfigurationError, UsageError
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.policy import RouteQuery
from chatspace.core.runs.plan import fallback_targets, make_plan
from tests.core.runs.running import Desk


def of_size(words: int, tokens: int) -> RouteQuery:
    return RouteQuery(words, tokens, ("blog",), "standard")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_plan_has_the_steps_of_its_pipeline_and_every_profile_they_may_need(desk: Desk) -> None:
    plan = desk.plan()
    assert plan.steps == ("extract", "draft", "copy")
    assert set(plan.profiles) == {"light-extractor", "longform-drafter", "balanced-drafter", "copy-fast"}


def test_a_command_for_one_step_goes_no_further(desk: Desk) -> None:
    assert desk.plan(step="draft").steps == ("extract", "draft")
    assert make_plan(Options(pipeline="monolith"), "copy", desk.library, through=("extract", "copy")).steps == ("copy",)


@pytest.mark.parametrize("option", ["profile", "policy", "pipeline", "channel"])
def test_a_name_that_does_not_exist_is_said_at_once(desk: Desk, option: str) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        desk.plan(Options(**{option: "nowhere"}))  # type: ignore[arg-type]  # the names are strings


def test_a_profile_for_another_step_is_refused_with_what_to_do(desk: Desk) -> None:
    with pytest.raises(UsageError, match="light-extractor is not for the step draft") as raised:
        desk.plan(Options(profile="light-extractor"))
    assert "has step: extract" in raised.value.reason
    assert "profiles list" in raised.value.remedy


def test_a_policy_that_names_a_profile_for_another_step_is_refused(desk: Desk) -> None:
    (desk.folder / "policies").mkdir()
    (desk.folder / "policies" / "odd.yaml").write_text("steps:\n  draft:\n    - {use: light-extractor}\n")
    with pytest.raises((UsageError, ConfigurationError), match="light-extractor"):
        desk.plan(Options(policy="odd"))


@pytest.mark.parametrize("option", ["words", "variants", "budget_tokens"])
def test_a_number_below_one_is_refused(desk: Desk, option: str) -> None:
    with pytest.raises(UsageError, match="is 0"):
        desk.plan(Options(**{option: 0}))  # type: ignore[arg-type]  # all three are numbers


def test_an_unknown_sla_is_refused_with_the_ones_there_are(desk: Desk) -> None:
    with pytest.raises(UsageError, match="hasty") as raised:
        desk.plan(Options(sla="hasty"))  # type: ignore[arg-type]  # what a caller from outside may give
    assert "fast, standard, best" in raised.value.remedy


def test_a_group_of_channels_is_written_for_its_default(desk: Desk) -> None:
    plan = desk.plan(Options(channel="ad"))
    assert plan.channel.name == "google-ads"
    assert plan.channel_path == ("google-ads", "ad")
    query = RouteQuery(100, 100, plan.channel_path, "standard")
    assert plan.route("draft", query).profile == "copy-fast"


def test_the_users_profile_is_for_the_commands_own_step_alone(desk: Desk) -> None:
    desk.profile("mine", "draft", "Write.")
    plan = desk.plan(Options(profile="mine"))
    assert plan.route("draft", of_size(9_000, 12_000)).rule == "--profile"
    assert plan.route("extract", of_size(9_000, 12_000)).profile == "light-extractor"


def test_a_profile_that_a_pipeline_names_comes_before_the_policy(desk: Desk) -> None:
    route = desk.plan(Options(pipeline="monolith")).route("draft", of_size(10, 10))
    assert (route.profile, route.rule) == ("longform-drafter", "pipeline monolith")


def test_fallbacks_are_profiles_by_their_name_and_models_else(desk: Desk) -> None:
    desk.profile("mine", "draft", "Write.", fallbacks="[balanced-drafter, offline/draft]")
    profile = desk.library.profile("mine")
    target = desk.tools.catalog.resolve(profile, "draft")
    first, second = fallback_targets(target, "draft", Options(), desk.tools)
    assert (first.profile.name, first.model) == ("balanced-drafter", "openai/balanced-drafter")
    assert (second.profile.name, second.model) == ("mine", "offline/draft")


@pytest.mark.parametrize(
    "how",
    [{"fresh": True}, {"local": True}, {"unattended": True}, {"budget": Budget("day", Allowance(usd=1.0))}],
    ids=lambda how: next(iter(how)),
)
def test_how_calls_are_made_is_no_part_of_what_was_asked_for(desk: Desk, how: dict[str, Any]) -> None:
    usual, other = desk.plan(), desk.plan(Options(**how))
    assert other.fingerprint == usual.fingerprint
    assert desk.plan(Options(words=300)).fingerprint != usual.fingerprint
