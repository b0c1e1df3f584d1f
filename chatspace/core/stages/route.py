"""The route stage: a policy's rules choose the profile for a step, and say why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatspace.core.errors import ConfigurationError
from chatspace.core.policy import Alternative, Policy, Route, RouteQuery, Rule, When
from chatspace.core.profile import Step


@dataclass(frozen=True, slots=True)
class _Check:
    """One condition against the query: as the file says it, whether it holds, and how the query stands to it."""

    condition: str
    holds: bool
    reason: str


def decide(policy: Policy, step: Step, query: RouteQuery) -> Route:
    """The first rule of the step that matches.

    The reasons are the conditions that hold, then those that kept the rules before from matching. Raises
    ConfigurationError where no rule matches.
    """
    rules = policy.rules.get(step, ())
    for index, rule in enumerate(rules):
        if not _failed(rule, query):
            missed = [check for earlier in rules[:index] for check in _failed(earlier, query)]
            reasons = dict.fromkeys(check.reason for check in (*_checks(rule.when, query), *missed))
            others = (*rules[:index], *rules[index + 1 :])
            return Route(step, rule.use, rule.name, tuple(reasons), tuple(_alternatives(rule, others, query)))
    raise ConfigurationError(
        f"The policy {policy.name} has no rule for this {step}",
        f"{query.words} words, {query.tokens} tokens, channel {query.channel_path[0]}, SLA {query.sla}",
        f"End the rules of {step} with one that has no conditions, such as {{use: balanced-drafter}}.",
        path=policy.origin,
        field=f"steps.{step}",
    )


def _failed(rule: Rule, query: RouteQuery) -> list[_Check]:
    return [check for check in _checks(rule.when, query) if not check.holds]


def _checks(when: When, query: RouteQuery) -> Iterator[_Check]:
    sizes = (
        ("words", query.words, when.min_words, when.max_words),
        ("tokens", query.tokens, when.min_tokens, when.max_tokens),
    )
    for name, size, least, most in sizes:
        if least is not None:
            holds = size >= least
            yield _Check(f"min_{name} {least}", holds, f"{name} {size} {f'>= {least}' if holds else f'<= {least - 1}'}")
        if most is not None:
            holds = size <= most
            yield _Check(f"max_{name} {most}", holds, f"{name} {size} {'<=' if holds else '>'} {most}")
    if when.channel is not None:
        holds = when.channel in query.channel_path
        yield _Check(f"channel {when.channel}", holds, _compared("channel", query.channel_path, when.channel))
    if when.sla is not None:
        yield _Check(f"sla {when.sla}", when.sla == query.sla, _compared("sla", (query.sla,), when.sla))


def _compared(name: str, path: Sequence[str], wanted: str) -> str:
    if path[0] == wanted:
        return f"{name} {wanted}"
    return f"{name} {path[0]} is {'in' if wanted in path else 'not'} {wanted}"


def _alternatives(chosen: Rule, others: Sequence[Rule], query: RouteQuery) -> Iterator[Alternative]:
    """The other profiles of the policy, each once, with what its first rule asks for."""
    listed = {chosen.use}
    for rule in others:
        if rule.use not in listed:
            listed.add(rule.use)
            failed = ", ".join(check.condition for check in _failed(rule, query))
            yield Alternative(rule.use, failed or f"the rule {chosen.name} comes first")
