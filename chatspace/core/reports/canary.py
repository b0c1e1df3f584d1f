"""Two ways through the same documents, compared pair by pair, with what chance alone could have made of it.

The intervals are a bootstrap over the documents: drawn anew with replacement, both sides of a document together, from a
fixed seed, so that the same pairs always give the same figures. Few documents make a bootstrap too sure of itself; the
percentiles are taken further out by as much as Student's distribution lies outside the normal one.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from statistics import NormalDist, fmean
from typing import Literal

CONFIDENCE = 0.95
RESAMPLES = 2_000
SEED = 2026

FEWEST = 6
"""Pairs: five that all point one way do so by chance once in sixteen times."""
FEWEST_FOR_P95 = 20
"""With fewer the 95th percentile is just the slowest one."""

Verdict = Literal["better", "worse", "unclear"]
Unit = Literal["ms", "usd", "tokens", "share", "number"]


@dataclass(frozen=True, slots=True)
class Observed:
    """What one side took for a document, and how it came out; None is what isn't known.

    `dear_tokens` went to the most expensive profile. `edited` are the words that editors changed in what was made.
    """

    failed: bool = False
    partial: bool | None = None
    elapsed_ms: float | None = None
    cost_usd: float | None = None
    tokens: int | None = None
    dear_tokens: int | None = None
    findings: int | None = None
    flags: int | None = None
    edited: int | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """Less is better in all of them. `share` is that percentile, None the mean over the documents."""

    name: str
    title: str
    unit: Unit
    of: Callable[[Observed], float | None]
    share: float | None = None
    fewest: int = FEWEST


MEASURES = (
    Measure("latency_p50", "Latency, median", "ms", lambda one: one.elapsed_ms, 0.5),
    Measure("latency_p95", "Latency, p95", "ms", lambda one: one.elapsed_ms, 0.95, FEWEST_FOR_P95),
    Measure("cost", "Cost", "usd", lambda one: one.cost_usd),
    Measure("tokens", "Tokens", "tokens", lambda one: one.tokens),
    Measure("dear_tokens", "Tokens to the expensive profile", "tokens", lambda one: one.dear_tokens),
    Measure("failures", "Failed documents", "share", lambda one: one.failed),
    Measure("partial", "Partial outputs", "share", lambda one: one.partial),
    Measure("findings", "Gate findings", "number", lambda one: one.findings),
    Measure("flags", "Grounding flags", "number", lambda one: one.flags),
    Measure("edited", "Words changed by editors", "number", lambda one: one.edited),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure on both sides, a document each, and candidate minus baseline with its interval.

    `documents` are the pairs that have it on both sides; without any, or with one alone, there is no interval.
    """

    measure: str
    title: str
    unit: Unit
    documents: int
    baseline: float | None
    candidate: float | None
    difference: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two ways: how many documents it made, and why not the others, by the title of the failure."""

    pipeline: str
    policy: str
    made: int
    failures: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Canary:
    """`chatspace.canary/1`. `documents` were in the cohort, of `documents_found`; `share` is from 0 to 1."""

    baseline: Side
    candidate: Side
    documents: int
    documents_found: int
    share: float
    expensive_profile: str | None
    differences: tuple[Difference, ...]
    confidence: float = CONFIDENCE
    resamples: int = RESAMPLES
    seed: int = SEED
    schema: Literal["chatspace.canary/1"] = "chatspace.canary/1"


def in_cohort(source: str, share: float) -> bool:
    """Whether the source with this id belongs to a cohort of that share; a larger share holds all of a smaller one."""
    place = int.from_bytes(hashlib.sha256(f"cohort {source}".encode("utf-8", "replace")).digest()[:6])
    return place < share * 2**48


Draw = Callable[[Sequence[float]], Sequence[float]]
"""Takes as many of the values as there are, some several times, others not at all."""


def draws(number: int, *, resamples: int = RESAMPLES) -> list[Draw]:
    """The resamples of so many documents, two at least."""
    chance, places = random.Random(SEED), list(range(number))
    return [itemgetter(*chance.choices(places, k=number)) for _ in range(resamples)]


def compare(pairs: Mapping[str, tuple[Observed, Observed]], *, resamples: int = RESAMPLES) -> tuple[Difference, ...]:
    """Every measure over the documents, by name, of which both sides have it: (baseline, candidate)."""
    ordered = [pairs[name] for name in sorted(pairs)]
    drawn: dict[int, list[Draw]] = {}
    found = []
    for measure in MEASURES:
        both = [(measure.of(baseline), measure.of(candidate)) for baseline, candidate in ordered]
        known = [(float(one), float(other)) for one, other in both if one is not None and other is not None]
        if len(known) > 1 and len(known) not in drawn:
            drawn[len(known)] = draws(len(known), resamples=resamples)
        found.append(_difference(measure, known, drawn.get(len(known), [])))
    return tuple(found)


def _difference(measure: Measure, pairs: Sequence[tuple[float, float]], drawn: Sequence[Draw]) -> Difference:
    baseline = candidate = difference = low = high = None
    if pairs:
        baseline, candidate = (_statistic(measure.share, [pair[side] for pair in pairs]) for side in (0, 1))
        difference = candidate - baseline
    if drawn:
        low, high = interval(pairs, measure.share, drawn)
    verdict: Verdict = "unclear"
    if low is not None and high is not None and len(pairs) >= measure.fewest:
        verdict = "worse" if low > 0 else "better" if high < 0 else "unclear"
    about = (measure.name, measure.title, measure.unit, len(pairs))
    found = Difference(*about, baseline, candidate, difference, low, high, verdict, "")
    return replace(found, sentence=_sentence(found))


def interval(pairs: Sequence[tuple[float, float]], share: float | None, drawn: Sequence[Draw]) -> tuple[float, float]:
    """Between what the difference, of the means or of a percentile, lies with CONFIDENCE."""
    if all(one == other for one, other in pairs):
        return 0.0, 0.0
    number = len(pairs)
    if share is None:
        differences = [other - one for one, other in pairs]
        found = sorted(sum(draw(differences)) / number for draw in drawn)
    else:
        one, other = (_percentiles([pair[side] for pair in pairs], share, drawn) for side in (0, 1))
        found = sorted(after - before for before, after in zip(one, other, strict=True))
    cut = min(int(_tail(number) * len(found)), (len(found) - 1) // 2)
    return found[cut], found[-1 - cut]


def _percentiles(values: Sequence[float], share: float, drawn: Sequence[Draw]) -> Iterator[float]:
    """Of each resample. Each value stands as its rank: integers are sorted much faster."""
    at, ordered = _place(share, len(values)), sorted(values)
    rank = {value: place for place, value in enumerate(ordered)}
    ranks = [rank[value] for value in values]
    return (ordered[int(sorted(draw(ranks))[at])] for draw in drawn)


def _statistic(share: float | None, values: Sequence[float]) -> float:
    return fmean(values) if share is None else sorted(values)[_place(share, len(values))]


def _place(share: float, number: int) -> int:
    return max(0, math.ceil(share * number) - 1)


def _tail(number: int) -> float:
    """The share of resamples to leave out on each side, so that few documents give an interval that is wide enough."""
    normal = NormalDist()
    z, free = normal.inv_cdf((1 + CONFIDENCE) / 2), number - 1
    student = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    return normal.cdf(-student * math.sqrt(number / free))


def shown(value: float | None, unit: Unit, *, signed: bool = False) -> str:
    """A figure as people read it; `signed` puts a plus before what isn't negative."""
    if value is None:
        return ""
    size = abs(value)
    sign = "−" if value < 0 else "+" if signed and value else ""
    match unit:
        case "ms":
            said = f"{size:.0f} ms" if size < 1_000 else f"{size / 1_000:.1f} s"
        case "usd":
            said = f"${size:.2f}" if size >= 1 else f"${size:.4f}"
        case "tokens":
            said = f"{size:,.0f}"
        case "share":
            said = f"{size:.1%}"
        case _:
            said = f"{size:.2f}".rstrip("0").rstrip(".")
    return sign + said


def _sentence(found: Difference) -> str:
    """What the figures say, for somebody who knows no statistics."""
    documents = f"{found.documents:,} document{'' if found.documents == 1 else 's'}"
    before, after = (shown(value, found.unit) for value in (found.baseline, found.candidate))
    if not found.documents:
        return f"{found.title}: inconclusive; no document has a value on both sides."
    if found.verdict == "unclear":
        if before == after and found.low == found.high == 0:
            return f"{found.title}: the same in all {documents}; inconclusive."
        return f"{found.title}: {before} → {after}; inconclusive with {documents}."
    low, high = (shown(value, found.unit, signed=True) for value in (found.low, found.high))
    change = f", {(found.candidate or 0) / found.baseline - 1:+.0%}".replace("-", "−") if found.baseline else ""
    return f"{found.title}: {found.verdict}. {before} → {after}{change}; 95 % confidence interval {low} to {high}."
