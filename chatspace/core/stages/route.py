"""The route stage: a policy's rules choose the profile for a step, and say why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chatspace.core.errors import ConfigurationError
from chatspace.core.profiles.conditions import checks, failed
from chatspace.core.profiles.policy import Alternative, Estimate, Policy, Route, RouteCandidate, RouteQuery, Rule
from chatspace.core.profiles.profile import Sla, Step
from chatspace.core.text import display

Prospects = Mapping[str, RouteCandidate]


def decide(policy: Policy, step: Step, query: RouteQuery, route_candidates: Prospects | None = None) -> Route:
    """The first rule of the step that matches; of its profiles the one that the SLA prefers and the text fits.

    `route_candidates` says by profile what a call would take. Where the text fits none of the rule's profiles,
    another of the policy that it fits is taken. The reasons are the conditions that hold, those that kept the rules
    before from matching, and what the SLA and the fit had to say. Raises ConfigurationError where no rule matches.
    """
    rules = policy.rules.get(step, ())
    index = next((at for at, rule in enumerate(rules) if not failed(rule, query)), None)
    if index is None:
        raise _no_rule(policy, step, query)
    rule, known = rules[index], route_candidates or {}
    missed = [check for earlier in rules[:index] for check in failed(earlier, query)]
    reasons = [check.reason for check in (*checks(rule.when, query), *missed)]
    preferred = _by_sla(rule.use, query.sla, known)
    reasons += _preference(preferred, query.sla, known)
    others = [use for other in (*rules[index + 1 :], *rules[:index]) for use in other.use]
    chosen = preferred[0]
    if not _fits(known.get(chosen)):
        # Not to one of which nobody knows whether the text fits, such as the embedded engine.
        larger = (
            use for use in (*preferred, *others) if use in known and known[use].fit.window and known[use].fit.fits
        )
        reasons.append(_too_long(chosen, known[chosen]))
        chosen = next(larger, chosen)
        if chosen == preferred[0]:
            reasons.append("no profile of the policy has a large enough context window: the source is read in chunks")
    alternatives = _alternatives(chosen, rule, rules, query, known)
    return Route(step, chosen, rule.name, tuple(dict.fromkeys(reasons)), tuple(alternatives))


def _no_rule(policy: Policy, step: Step, query: RouteQuery) -> ConfigurationError:
    return ConfigurationError(
        f"The policy {policy.name} has no rule for this {step}",
        f"{query.words} words, {query.tokens} tokens, channel {query.channel_path[0]}, SLA {query.sla}",
        f"Add a last rule without conditions for {step}, for example {{use: balanced-drafter}}.",
        path=policy.origin,
        field=f"steps.{step}",
    )


# The SLA and the fit


def _fits(prospect: RouteCandidate | None) -> bool:
    return prospect is None or prospect.fit.fits


def _too_long(profile: str, prospect: RouteCandidate) -> str:
    return f"~{prospect.fit.needed:,} tokens do not fit the context window of {profile}, {prospect.fit.window:,}"


def _by_sla(uses: Sequence[str], sla: Sla, route_candidates: Prospects) -> list[str]:
    """The profiles of a rule, the preferred one first; in their order where not all of them can be compared."""
    measures = _measures(uses, sla, route_candidates)
    return sorted(uses, key=lambda use: measures[use]) if measures else list(uses)


def _measures(uses: Sequence[str], sla: Sla, route_candidates: Prospects) -> dict[str, tuple[float, float]]:
    """What the SLA puts first, the smaller the better; empty where it isn't known of all, or the same of all."""
    found: dict[str, tuple[float, float]] = {}
    costs = _costs(uses, route_candidates)
    for use in uses:
        prospect = route_candidates.get(use)
        if prospect is None:
            return {}
        if sla == "best":
            found[use] = (-prospect.size[0], -prospect.size[1])
        elif sla == "fast" and prospect.usual:
            found[use] = (prospect.usual.elapsed_ms, 0.0)
        elif sla == "standard" and (cost := costs[use]) is not None:
            found[use] = (cost, 0.0)
        else:
            return {}
    return found if len(set(found.values())) > 1 else {}


def _costs(uses: Sequence[str], route_candidates: Prospects) -> dict[str, float | None]:
    """What calls took before, where that is known of all; else the most that each can take: like against like."""
    known = {use: route_candidates[use] for use in uses if use in route_candidates}
    usual = all(prospect.usual or prospect.most_usd is None for prospect in known.values())
    return {use: prospect.cost_usd if usual else prospect.most_usd for use, prospect in known.items()}


def _preference(preferred: Sequence[str], sla: Sla, route_candidates: Prospects) -> list[str]:
    """What the SLA compared, in words; nothing where there was nothing to compare."""
    if not _measures(preferred, sla, route_candidates):
        return []
    if sla == "best":
        return [f"sla best prefers the larger model: {' before '.join(preferred)}"]
    wanted = "the shortest time" if sla == "fast" else "the lowest cost"
    costs = _costs(preferred, route_candidates)
    figures = ", ".join(f"{use} {_figure(route_candidates[use], sla, costs[use])}" for use in preferred)
    return [f"sla {sla} prefers {wanted}: {figures} (estimated)"]


def _figure(prospect: RouteCandidate, sla: Sla, cost: float | None) -> str:
    if sla == "fast" and prospect.usual:
        return f"{display.seconds(prospect.usual.elapsed_ms)} over {display.count(prospect.usual.calls, 'call')}"
    return display.cost(cost)


# The alternatives


def estimate_of(prospect: RouteCandidate) -> Estimate:
    """The prospect as the formats have it."""
    usual = prospect.usual
    if usual is None:
        return Estimate(prospect.fit.needed, prospect.cost_usd)
    return Estimate(prospect.fit.needed, prospect.cost_usd, usual.elapsed_ms, "history", usual.calls)


def _alternatives(
    chosen: str, matched: Rule, rules: Sequence[Rule], query: RouteQuery, route_candidates: Prospects
) -> Iterator[Alternative]:
    """The other profiles of the policy, each once, with what speaks against it and what it would have taken."""
    listed = {chosen}
    for rule in rules:
        for use in rule.use:
            if use not in listed:
                listed.add(use)
                prospect = route_candidates.get(use)
                why_not = _why_not(use, rule, matched, query, prospect)
                yield Alternative(use, why_not, estimate_of(prospect) if prospect else None)


def _why_not(use: str, rule: Rule, matched: Rule, query: RouteQuery, prospect: RouteCandidate | None) -> str:
    if missed := ", ".join(check.condition for check in failed(rule, query)):
        return missed
    if not _fits(prospect) and prospect:
        return f"its context window of {prospect.fit.window:,}"
    return f"sla {query.sla} prefers another" if use in matched.use else f"the rule {matched.name} matched first"
