"""From what a file says to the values of the core, with the checks that need more than one field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chatspace.adapters.profiles.entries import (
    MODEL,
    ChannelEntry,
    PipelineEntry,
    PolicyEntry,
    ProfileEntry,
    ProviderEntry,
    TimeoutEntry,
    WhenEntry,
)
from chatspace.adapters.profiles.marked import Location, Marked
from chatspace.adapters.profiles.validation import did_you_mean, looks_like_key
from chatspace.core.calls.usage import Price
from chatspace.core.profiles.policy import Pipeline, PipelineStep, Policy, Rule, When
from chatspace.core.profiles.profile import (
    OFFLINE_PREFIX,
    TIERS,
    Channel,
    ChannelField,
    Effort,
    Profile,
    TierProvider,
    Timeouts,
    first_token_seconds,
)
from chatspace.core.runs.plan import needs_of_each
from chatspace.core.stages.registry import stage, stage_names, stages, step_names

"""How many times longer a model may think before its first token where its effort is medium or high."""


def to_profile(name: str, entry: ProfileEntry, marked: Marked, recipe: str, version: str) -> Profile:
    _check_model(entry.model, marked)
    _check_key_name(entry.api_key_env, ("api_key_env",), marked)
    if entry.model in TIERS and (entry.api_base or entry.api_key_env):
        field = "api_base" if entry.api_base else "api_key_env"
        raise marked.error(
            (field,), f"the tier {entry.model} sets its own endpoint and key", "Use a model name instead."
        )
    if entry.context_window and (entry.max_output_tokens or 0) >= entry.context_window:
        raise marked.error(
            ("max_output_tokens",),
            "it leaves no room in the context_window",
            f"Allowed: less than {entry.context_window}.",
        )
    if not recipe.strip() and entry.step != ["chat"]:
        raise marked.error((), "the recipe is missing", "Add the prompt below the front matter.")
    return Profile(
        name=name,
        steps=tuple(dict.fromkeys(entry.step)),
        model=entry.model,
        recipe=recipe,
        fallbacks=tuple(entry.fallbacks),
        temperature=entry.temperature,
        max_output_tokens=entry.max_output_tokens,
        context_window=entry.context_window,
        timeouts=_timeouts(entry.timeout, entry.reasoning_effort),
        reasoning_effort=entry.reasoning_effort,
        api_base=entry.api_base,
        api_key_env=entry.api_key_env,
        price=Price(entry.price.input, entry.price.output) if entry.price else None,
        local_only=entry.local_only,
        keep_structure=entry.keep_structure,
        after_break=entry.after_break,
        origin=str(marked.path),
        version=version,
    )


def _check_model(model: str, marked: Marked) -> None:
    if model.startswith("auto/") and model not in TIERS:
        raise marked.error(("model",), f"unknown tier {model!r}{did_you_mean(model, TIERS)}", f"Allowed: {MODEL}.")
    step = model.removeprefix(OFFLINE_PREFIX)
    if model.startswith(OFFLINE_PREFIX) and step not in step_names():
        reason = f"the built-in engine has no step {step!r}{did_you_mean(step, step_names())}"
        raise marked.error(("model",), reason, f"Available: {', '.join(step_names())}.")


def _check_key_name(name: str | None, location: Location, marked: Marked) -> None:
    if name and looks_like_key(name):
        raise marked.error(
            location,
            "this looks like a key itself (it is not repeated here)",
            "Put the key into an environment variable and give its name here, for example OPENAI_API_KEY.",
        )


def _timeouts(entry: TimeoutEntry, effort: Effort | None) -> Timeouts:
    usual = Timeouts()
    return Timeouts(
        first_token=entry.first_token or first_token_seconds(effort),
        idle=entry.idle or usual.idle,
        total=entry.total or usual.total,
    )


def to_policy(name: str, entry: PolicyEntry, marked: Marked) -> Policy:
    rules = {}
    for step, listed in entry.steps.items():
        made = []
        for index, rule in enumerate(listed):
            when = _when(rule.when, ("steps", step, index, "when"), marked)
            made.append(Rule(tuple(dict.fromkeys(rule.use)), when, rule.name or str(when) or "default"))
        rules[step] = tuple(made)
    return Policy(name, rules, str(marked.path))


def _when(entry: WhenEntry, location: Location, marked: Marked) -> When:
    for name in ("words", "tokens", "sections"):
        least, most = f"min_{name}", f"max_{name}"
        low, high = getattr(entry, least), getattr(entry, most)
        if low is not None and high is not None and low > high:
            raise marked.error((*location, least), f"no text has at least {low} and at most {high}")
    return When(**entry.model_dump())


def to_pipeline(name: str, entry: PipelineEntry, marked: Marked) -> Pipeline:
    steps = tuple(
        PipelineStep(
            each.step,
            each.profile,
            None if each.needs is None else tuple(dict.fromkeys(each.needs)),
            tuple(dict.fromkeys(each.also)),
        )
        for each in entry.steps
    )
    listed = [step.step for step in steps]
    for index, step in enumerate(steps):
        if step.step in listed[:index] or any(_misses(earlier, step, listed[:index]) for earlier in steps[:index]):
            raise marked.error(
                ("steps", index, "step"),
                f"{step.step} is not allowed here",
                f"Each step may occur once, in the order {', '.join(stage_names())}.",
            )
    _check_needs(steps, marked)
    _check_inputs(steps, marked)
    _check_also(steps, marked)
    return Pipeline(name, steps, str(marked.path), entry.extract.model)


def _misses(earlier: PipelineStep, step: PipelineStep, listed: Sequence[str]) -> bool:
    """Whether an earlier step, which says nothing of its needs, is made of what this one alone makes."""
    kind, doing = stage(step.step).artifact, stage(earlier.step)
    made = any(stage(each).artifact is kind for each in listed)
    return earlier.needs is None and kind in (*doing.needs, *doing.uses) and not made


def _check_needs(steps: Sequence[PipelineStep], marked: Marked) -> None:
    """Raises ConfigurationError for a step that isn't there, and for steps that wait for one another."""
    needs = needs_of_each(steps)
    for index, step in enumerate(steps):
        others = [each for each in needs if each != step.step]
        for number, name in enumerate(step.needs or ()):
            location: Location = ("steps", index, "needs", number)
            if name not in others:
                itself = name == step.step
                reason = f"{name} can't wait for itself" if itself else f"this pipeline has no step {name!r}"
                near = "" if itself else did_you_mean(name, others)
                raise marked.error(location, f"{reason}{near}", _listing("Allowed", others))
            if step.step in _waited_for(name, needs):
                raise marked.error(
                    location,
                    f"{step.step} waits for {name}, and {name} for {step.step}",
                    _listing("Allowed", [each for each in others if step.step not in _waited_for(each, needs)]),
                )


def _check_inputs(steps: Sequence[PipelineStep], marked: Marked) -> None:
    """Raises ConfigurationError for a step that is made of what no step makes that it waits for."""
    needs = needs_of_each(steps)
    begun = [each.artifact for each in stages().values() if each.begin]
    for index, step in enumerate(steps):
        made = [stage(each).artifact for each in _waited_for(step.step, needs)]
        missing = [kind for kind in stage(step.step).needs if kind not in (*made, *begun)]
        if missing:
            makers = [name for name, each in stages().items() if each.artifact in missing]
            raise marked.error(
                ("steps", index, "step"),
                f"{step.step} needs the output of another step, but waits for no step that produces it",
                _listing("Allowed", makers),
            )


def _check_also(steps: Sequence[PipelineStep], marked: Marked) -> None:
    """Raises ConfigurationError where a call is to make what it can't, or what no later step takes from it."""
    needs = needs_of_each(steps)
    for index, step in enumerate(steps):
        takers = [name for name in stage(step.step).also if step.step in _waited_for(name, needs)]
        for number, name in enumerate(step.also):
            if name not in takers:
                reason = f"the call of {step.step} can't make what {name} makes"
                raise marked.error(("steps", index, "also", number), reason, _listing("It may make", takers))


def _waited_for(step: str, needs: Mapping[str, Sequence[str]]) -> set[str]:
    """All the steps that one waits for, directly or not."""
    found, left = set[str](), [step]
    while left:
        new = [each for each in needs.get(left.pop(), ()) if each not in found]
        found.update(new)
        left += new
    return found


def to_channel(name: str, entry: ChannelEntry, marked: Marked) -> Channel:
    location: Location = ("channels", name)
    if bool(entry.fields) == bool(entry.default):
        raise marked.error(location, "a channel needs fields, a group needs a default")
    for field_name, field in entry.fields.items():
        if field.most is not None and field.most < field.least:
            raise marked.error(
                (*location, "fields", field_name, "most"), f"must not be less than least ({field.least})"
            )
    fields = tuple(ChannelField(name=name, **field.model_dump()) for name, field in entry.fields.items())
    return Channel(name, entry.title, fields, entry.group, entry.default, entry.export, entry.headings, entry.words)


def check_group(channel: Channel, channels: Iterable[Channel], marked: Marked) -> None:
    """Whether a channel's group is one, and whether a group's default belongs to it."""
    groups = [other.name for other in channels if other.default]
    members = [other.name for other in channels if other.group == channel.name]
    location: Location = ("channels", channel.name)
    if channel.group and channel.group not in groups:
        raise marked.error((*location, "group"), f"unknown group {channel.group!r}", _listing("Available", groups))
    if channel.default and channel.default not in members:
        raise marked.error(
            (*location, "default"), f"{channel.default!r} is not in this group", _listing("Its channels", members)
        )


def to_tier_provider(name: str, entry: ProviderEntry, marked: Marked) -> TierProvider:
    location: Location = ("providers", name)
    _check_key_name(entry.key_env, (*location, "key_env"), marked)
    if not entry.key_env and not entry.api_base:
        raise marked.error(location, "it needs a key_env, or an api_base that requires no key")
    models = dict(zip(TIERS, (entry.light, entry.balanced, entry.large), strict=True))
    return TierProvider(name, models, entry.key_env, entry.api_base)


def _listing(what: str, names: Sequence[str]) -> str:
    return f"{what}: {', '.join(names) or 'none'}."
