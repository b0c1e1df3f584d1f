"""The conditions of a policy's rules: checked against a query, and checked for rules that nothing can reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from chatspace.core.profiles.options import SLAS
from chatspace.core.profiles.policy import RouteQuery, Rule, When, said


@dataclass(frozen=True, slots=True)
class Check:
    """One condition against the query: as the file says it, whether it holds, and how the query stands to it."""

    condition: str
    holds: bool
    reason: str


def failed(rule: Rule, query: RouteQuery) -> list[Check]:
    """The conditions that don't hold; none where the rule matches."""
    return [check for check in checks(rule.when, query) if not check.holds]


def checks(when: When, query: RouteQuery) -> Iterator[Check]:
    """Every condition that is set."""
    sizes = (
        ("words", query.words, when.min_words, when.max_words),
        ("tokens", query.tokens, when.min_tokens, when.max_tokens),
        ("sections", query.sections, when.min_sections, when.max_sections),
    )
    for name, size, least, most in sizes:
        if least is not None:
            holds = size >= least
            yield Check(f"min_{name} {least}", holds, f"{name} {size} {f'>= {least}' if holds else f'<= {least - 1}'}")
        if most is not None:
            holds = size <= most
            yield Check(f"max_{name} {most}", holds, f"{name} {size} {'<=' if holds else '>'} {most}")
    for name, wanted, number in (("tables", when.tables, query.tables), ("code", when.code, query.code)):
        if wanted is not None:
            yield Check(f"{name} {said(wanted)}", wanted == bool(number), f"{name} {number or 'none'}")
    if when.lang is not None:
        holds = when.lang == query.lang
        reason = f"lang {when.lang}" if holds else f"lang {query.lang or 'unknown'} is not {when.lang}"
        yield Check(f"lang {when.lang}", holds, reason)
    if when.channel is not None:
        holds = when.channel in query.channel_path
        yield Check(f"channel {when.channel}", holds, _compared("channel", query.channel_path, when.channel))
    if when.sla is not None:
        yield Check(f"sla {when.sla}", when.sla == query.sla, _compared("sla", (query.sla,), when.sla))


def _compared(name: str, path: Sequence[str], wanted: str) -> str:
    if path[0] == wanted:
        return f"{name} {wanted}"
    return f"{name} {path[0]} is {'in' if wanted in path else 'not'} {wanted}"


MAX_CASES = 20_000
"""Of a policy with more cases than these, each rule is compared with every single one before it."""


def unreachable(rules: Sequence[Rule], channels: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, tuple[Rule, ...]]]:
    """The index of each rule that no text comes to, with the rules before it that take all of its texts.

    `channels` are the paths of all channels, as a query has them. Every condition cuts a size or names a value, so one
    query stands for all between two cuts, and trying these is exact.
    """
    for index, rule in enumerate(rules):
        before = rules[:index]
        takers = _takers(rule, before, channels)
        if takers is None:
            takers = next((found for each in before if (found := _takers(rule, (each,), channels))), None)
        if takers:
            yield index, takers


def _takers(rule: Rule, before: Sequence[Rule], channels: Sequence[tuple[str, ...]]) -> tuple[Rule, ...] | None:
    """The rules that take all texts of `rule`, none where one is left for it; None where there are too many cases."""
    conditions = [each.when for each in (*before, rule)]
    cases = [
        _cuts(conditions, "words"),
        _cuts(conditions, "tokens"),
        channels if any(when.channel for when in conditions) else channels[:1],
        SLAS if any(when.sla for when in conditions) else SLAS[:1],
        _cuts(conditions, "sections"),
        (0, 1) if any(when.tables is not None for when in conditions) else (0,),
        (0, 1) if any(when.code is not None for when in conditions) else (0,),
        (None, *dict.fromkeys(when.lang for when in conditions if when.lang)),
    ]
    if prod(map(len, cases)) > MAX_CASES:
        return None
    found: dict[int, Rule] = {}
    for values in product(*cases):
        query = RouteQuery(*values)  # type: ignore[arg-type]  # the cases stand in the order of the fields
        if failed(rule, query):
            continue
        taker = next((at for at, each in enumerate(before) if not failed(each, query)), None)
        if taker is None:
            return ()
        found[taker] = before[taker]
    return tuple(found[at] for at in sorted(found))


def _cuts(conditions: Sequence[When], name: str) -> list[int]:
    """A size for each piece between the limits: every piece begins at 0, at a least or behind a most."""
    starts = {0}
    for when in conditions:
        least, most = getattr(when, f"min_{name}"), getattr(when, f"max_{name}")
        starts |= {least} if least is not None else set()
        starts |= {most + 1} if most is not None else set()
    return sorted(starts)
