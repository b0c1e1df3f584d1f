"""Routing a step of a plan: what the policy decides on, and what is known here of each profile that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from chatspace.core.calls.usage import Usage
from chatspace.core.errors import ModelError
from chatspace.core.ports import Tools
from chatspace.core.profiles.policy import HistoricalUsage, Route, RouteCandidate, RouteQuery
from chatspace.core.profiles.profile import Step, Target
from chatspace.core.runs.plan import Plan
from chatspace.core.text.language import language_of
from chatspace.core.text.length import words
from chatspace.core.text.tokens import DEFAULT_OUTPUT_RESERVE, estimate_tokens, fit

if TYPE_CHECKING:
    from chatspace.core.structure import Structure


def route_for(
    plan: Plan, step: Step, texts: Sequence[str], tools: Tools, structures: Sequence[Structure] = ()
) -> Route:
    """The route by the size and contents of all texts together. Reads files and the ledger: for a thread.

    `structures` are those of the texts; they are parsed here where the policy asks for what is in them.
    """
    query = query_of(plan, step, texts, structures)
    return plan.route(step, query, route_candidates(plan, step, query, tools))


def query_of(plan: Plan, step: Step, texts: Sequence[str], structures: Sequence[Structure] = ()) -> RouteQuery:
    """What the policy decides on."""
    conditions = [rule.when for rule in plan.policy.rules.get(step, ())]
    if any(when.asks_for_structure for when in conditions) and not structures:
        from chatspace.core.structure import parse  # the parsers take a tenth of a second to load

        structures = [parse(text) for text in texts]
    return RouteQuery(
        words=sum(map(words, texts)),
        tokens=sum(map(estimate_tokens, texts)),
        channel_path=plan.channel_path,
        sla=plan.options.sla,
        sections=sum(section.level > 0 for each in structures for section in each.sections),
        tables=sum(len(each.tables) for each in structures),
        code=sum(len(each.codes) for each in structures),
        lang=language_of(texts[0]) if texts and any(when.lang for when in conditions) else None,
    )


def route_candidates(plan: Plan, step: Step, query: RouteQuery, tools: Tools) -> Mapping[str, RouteCandidate]:
    """What a call would take of each profile that the policy names for the step and that may be called."""
    names = dict.fromkeys(use for rule in plan.policy.rules.get(step, ()) for use in rule.use)
    usual = tools.ledger.usual(step) if len(names) > 1 else {}
    found = {}
    for name in names:
        with suppress(ModelError):  # refused, as with --local; choosing it says so
            target = tools.catalog.resolve(plan.profiles[name], step, local=plan.options.local)
            found[name] = prospect(plan, target, query.tokens, tools, usual.get((name, target.model)))
    return found


def prospect(
    plan: Plan, target: Target, tokens: int, tools: Tools, known: HistoricalUsage | None = None
) -> RouteCandidate:
    """What a call to this target would take, with all texts and the recipe as its input.

    Its output is what the calls before had, else the most that the profile may write.
    """
    profile = target.profile
    needed = tokens + estimate_tokens(tools.library.render(profile, plan.variables))
    verdict = fit(needed, target.window, profile.max_output_tokens)
    most = profile.max_output_tokens or DEFAULT_OUTPUT_RESERVE
    output = known.output if known else most
    price = target.price
    return RouteCandidate(
        fit=verdict,
        cost_usd=price.cost(Usage(needed, output)) if price else None,
        most_usd=price.cost(Usage(needed, most)) if price else None,
        usual=known,
        size=(price.output if price else 0.0, target.window or 0),
    )
