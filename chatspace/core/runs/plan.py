"""A plan: everything a run needs that can be checked before its source is read."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from chatspace.core.errors import UsageError
from chatspace.core.ports import ProfileLibrary, Tools
from chatspace.core.profiles.options import SLAS, Options
from chatspace.core.profiles.policy import Pipeline, PipelineStep, Policy, Route, RouteCandidate, RouteQuery
from chatspace.core.profiles.profile import Channel, Profile, Step, Target
from chatspace.core.runs.artifacts import Artifact
from chatspace.core.stages.registry import default_needs, stage
from chatspace.core.stages.route import decide

EXECUTION_OPTIONS = ("unattended", "budget", "local", "fresh")
"""The options that say how calls are made, not what they make."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps, with those that each needs and the profiles that may do them.

    No step comes before one that it needs. `requested_step` is the one that the options' profile and model are for.
    """

    options: Options
    steps: tuple[str, ...]
    requested_step: str
    pipeline: Pipeline
    policy: Policy
    channel: Channel
    channel_path: tuple[str, ...]
    profiles: Mapping[str, Profile]
    needs: Mapping[str, tuple[str, ...]]

    @property
    def fingerprint(self) -> str:
        """Equal for two plans that make the same of the same source: what was asked for, and the profiles as they are.

        How patient the calls are, their budget and where they may go change nothing of what is made. What a later
        version has added counts where it is asked for alone, so that runs of an earlier one are known.
        """
        asked = replace(self.options, **{name: getattr(Options(), name) for name in EXECUTION_OPTIONS})
        versions = sorted((profile.name, profile.version) for profile in self.profiles.values())
        order = [sorted(self.own_needs.items())] if self.own_needs else []
        added = ["no model"] if self.options.no_model else []
        canonical = repr((asked, self.steps, self.requested_step, versions, *order, *added))
        return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def own_needs(self) -> Mapping[str, tuple[str, ...]] | None:
        """What each step needs, where the pipeline's file says other than the stages do."""
        usual = {step: default_needs(step, self.steps[:place]) for place, step in enumerate(self.steps)}
        same = all(set(self.needs[step]) == set(usual[step]) for step in self.steps)
        return None if same else self.needs

    def makes(self, kind: type[Artifact]) -> bool:
        """Whether one of its steps makes such an artifact."""
        return any(stage(step).artifact is kind for step in self.steps)

    def also(self, step: str) -> tuple[str, ...]:
        """The later steps of this plan for which the call of a step is to answer too."""
        listed = next((each.also for each in self.pipeline.steps if each.step == step), ())
        return tuple(name for name in listed if name in self.steps)

    @property
    def said(self) -> dict[str, str | int | bool]:
        """What was asked for beside the defaults, with the step that the profile and model are for; not how."""
        asked = {
            each.name: getattr(self.options, each.name)
            for each in fields(Options)
            if each.name not in EXECUTION_OPTIONS
        }
        said = {name: value for name, value in asked.items() if value != getattr(Options(), name)}
        return {"step": self.requested_step, **said}

    @property
    def variables(self) -> dict[str, Any]:
        return recipe_variables(self.options, self.channel.name)

    def target(self, route: Route, tools: Tools) -> Target:
        """Where a call by this route goes. Raises ModelError(kind="refused") for a host that is not allowed."""
        profile, options = self.profiles[route.profile], self.options
        if route.step != self.requested_step:
            return tools.catalog.resolve(profile, route.step, local=options.local)
        return tools.targets.of(profile, route.step, options).thinking(options.effort)

    def route(
        self, step: Step, query: RouteQuery, route_candidates: Mapping[str, RouteCandidate] | None = None
    ) -> Route:
        """The profile for a step: the one the user named, else the pipeline's, else what the policy decides."""
        if step == self.requested_step and self.options.profile:
            return _fixed(step, self.options.profile, "--profile", "chosen by the user")
        for listed in self.pipeline.steps:
            if listed.step == step and listed.profile:
                return _fixed(step, listed.profile, f"pipeline {self.pipeline.name}", "named in the pipeline")
        return decide(self.policy, step, query, route_candidates)


def recipe_variables(options: Options, channel: str) -> dict[str, Any]:
    """What every recipe is rendered with; its step may add to them."""
    return {
        "channel": channel,
        "sla": options.sla,
        "lang": options.lang,
        "words": options.words,
        "tone": options.tone,
        "audience": options.audience,
    }


def fallback_targets(target: Target, step: Step, options: Options, tools: Tools) -> tuple[Target, ...]:
    """The targets of a profile's fallbacks. A name that is no profile's is a model's, as its file means it."""
    if not target.profile.fallbacks:
        return ()
    known = {profile.name: profile for profile in tools.library.profiles()}
    own = known.get(target.profile.name, target.profile)

    def fallback(name: str) -> Target:
        if name in known:
            return tools.catalog.resolve(known[name], step, local=options.local)
        return tools.targets.named(name, own, step, local=options.local)

    return tuple(fallback(name).thinking(options.effort) for name in target.profile.fallbacks)


def make_plan(
    options: Options,
    requested_step: str,
    library: ProfileLibrary,
    *,
    through: Sequence[str] | None = None,
) -> Plan:
    """Resolve and check every name. `through` narrows the pipeline to the steps that a command needs.

    Raises ConfigurationError for a file that is wrong or missing, UsageError for an option that is.
    """
    _check(options)
    pipeline, policy = library.pipeline(options.pipeline), library.policy(options.policy)
    needs = needs_of(pipeline)
    if requested_step not in needs:
        needs[requested_step] = default_needs(requested_step, tuple(needs))
    needs = narrowed(needs, needs if through is None else (*through, requested_step))
    steps = tuple(needs)
    channel = library.channel(options.channel)
    path = channel.path
    if channel.default:
        channel = library.channel(channel.default)
        path = (channel.name, path[0])
    profiles = _profiles(options, requested_step, steps, pipeline, policy, library)
    return Plan(options, steps, requested_step, pipeline, policy, channel, path, profiles, needs)


def needs_of(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """Each step of a pipeline with those that it needs, none before one of them, else in the order of its file."""
    needs = needs_of_each(pipeline.steps)
    ordered: dict[str, tuple[str, ...]] = {}
    while len(ordered) < len(needs):
        step = next(each for each in needs if each not in ordered and set(needs[each]) <= ordered.keys())
        ordered[step] = needs[step]
    return ordered


def needs_of_each(steps: Sequence[PipelineStep]) -> dict[str, tuple[str, ...]]:
    """What the file says of each step, else what its stage needs of the steps before it."""
    listed = [step.step for step in steps]
    return {
        step.step: default_needs(step.step, listed[:place]) if step.needs is None else step.needs
        for place, step in enumerate(steps)
    }


def narrowed(needs: Mapping[str, tuple[str, ...]], steps: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The needs of some of the steps: who needed one that is left out needs what that one needed."""
    kept: dict[str, tuple[str, ...]] = {}
    for step, needed in needs.items():
        found = [each for need in needed for each in ([need] if need in steps else kept[need])]
        kept[step] = tuple(dict.fromkeys(found))
    return {step: needed for step, needed in kept.items() if step in steps}


def _check(options: Options) -> None:
    if options.sla not in SLAS:
        raise UsageError(f"Unknown SLA {options.sla}", remedy=f"Choose one of {', '.join(SLAS)}.")
    for name, number in (
        ("words", options.words),
        ("variants", options.variants),
        ("budget-tokens", options.budget_tokens),
    ):
        if number is not None and number < 1:
            raise UsageError(f"--{name} is {number}", "must be at least 1")


def _profiles(
    options: Options,
    requested_step: Step,
    steps: Sequence[str],
    pipeline: Pipeline,
    policy: Policy,
    library: ProfileLibrary,
) -> Mapping[str, Profile]:
    """Every profile that a call may go to, by name; each must be for its step."""
    wanted: list[tuple[str, str]] = [
        (step, use) for step in steps for rule in policy.rules.get(step, ()) for use in rule.use
    ]
    wanted += [(step.step, step.profile) for step in pipeline.steps if step.profile and step.step in steps]
    profiles = {name: for_step(library.profile(name), step) for step, name in wanted}
    if options.profile:
        profiles[options.profile] = for_step(library.profile(options.profile), requested_step)
    return profiles


def for_step(profile: Profile, step: Step) -> Profile:
    """The profile. Raises UsageError where it is not for the step."""
    if step not in profile.steps:
        raise UsageError(
            f"The profile {profile.name} is not for the step {step}",
            f"its file {profile.origin} has step: {', '.join(profile.steps)}",
            f"Choose another profile (chatspace profiles list), or add {step} to its steps.",
        )
    return profile


def _fixed(step: Step, profile: str, rule: str, reason: str) -> Route:
    return Route(step, profile, rule, (reason,), ())
