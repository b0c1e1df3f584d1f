"""What calls and runs took: counted as they come, in memory that doesn't grow with their number."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from chatspace.core.extraction import OPTIONAL
from chatspace.core.runs.run import CallRecord, RunRecord, RunStatus, StageGate

Grouping = Literal["profile", "model", "policy", "channel", "step"]
GROUPINGS: tuple[Grouping, ...] = ("profile", "model", "policy", "channel", "step")

STEP_OF_TIMES = 1.05
"""Times are counted in classes, each so many times the one before: a percentile is right within 3 %."""


class Times:
    """Durations in milliseconds, as a histogram."""

    def __init__(self) -> None:
        self._classes: Counter[int] = Counter()

    def add(self, ms: int) -> None:
        self._classes[round(math.log(max(1, ms), STEP_OF_TIMES))] += 1

    def percentile(self, share: float) -> int | None:
        """The time within which that share of all stayed; None of none."""
        wanted = math.ceil(share * self._classes.total())
        for each in sorted(self._classes):
            wanted -= self._classes[each]
            if wanted <= 0:
                return round(STEP_OF_TIMES**each)
        return None

    def histogram(self, edges: Sequence[int]) -> tuple[int, ...]:
        """How many stayed below each edge and at or above the one before; the last counts the rest."""
        counts = [0] * (len(edges) + 1)
        for each, number in self._classes.items():
            counts[sum(STEP_OF_TIMES**each >= edge for edge in edges)] += number
        return tuple(counts)


HISTOGRAM_EDGES_MS = (250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000)


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds. `histogram` has a count below each of `edges`, and one for the rest."""

    p50: int | None
    p95: int | None
    edges: tuple[int, ...] = HISTOGRAM_EDGES_MS
    histogram: tuple[int, ...] = ()

    @classmethod
    def of(cls, times: Times) -> Latency:
        return cls(times.percentile(0.5), times.percentile(0.95), histogram=times.histogram(HISTOGRAM_EDGES_MS))


@dataclass(frozen=True, slots=True)
class Spent:
    """What a group of calls took. `outcomes` has their number by outcome; `retries` are attempts after the first.

    `cost_usd` is None over an unknown price, `cost_known_usd` the part that is known.
    """

    name: str
    calls: int
    outcomes: Mapping[str, int]
    retries: int
    fallbacks: int
    input: int
    output: int
    reasoning: int
    cached: int
    estimated: bool
    cost_usd: float | None
    cost_known_usd: float
    elapsed: Latency
    first_token: Latency


class Tally:
    """Counts the calls of one group."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._outcomes: Counter[str] = Counter()
        self._tokens: Counter[str] = Counter()
        self._retries = self._fallbacks = self._unpriced = 0
        self._estimated = False
        self._cost = 0.0
        self._elapsed, self._first_token = Times(), Times()

    def add(self, call: CallRecord) -> None:
        """One more call. What came from the ledger is counted as that, and took nothing."""
        self._outcomes[call.outcome] += 1
        if call.outcome == "from_ledger":
            return
        self._retries += call.attempt > 1
        self._fallbacks += call.fallback
        usage = call.usage
        for kind in ("input", "output", "reasoning", "cached"):
            self._tokens[kind] += getattr(usage, kind)
        self._estimated |= usage.estimated
        self._cost += call.cost_usd or 0.0
        self._unpriced += call.cost_usd is None
        if call.outcome == "complete":
            self._elapsed.add(call.elapsed_ms)
            if call.first_token_ms is not None:
                self._first_token.add(call.first_token_ms)

    def spent(self) -> Spent:
        """The sums so far."""
        return Spent(
            name=self.name,
            calls=self._outcomes.total(),
            outcomes=dict(self._outcomes),
            retries=self._retries,
            fallbacks=self._fallbacks,
            input=self._tokens["input"],
            output=self._tokens["output"],
            reasoning=self._tokens["reasoning"],
            cached=self._tokens["cached"],
            estimated=self._estimated,
            cost_usd=None if self._unpriced else self._cost,
            cost_known_usd=self._cost,
            elapsed=Latency.of(self._elapsed),
            first_token=Latency.of(self._first_token),
        )


@dataclass(frozen=True, slots=True)
class RunCounts:
    """Runs by status, gates that rejected or repaired by stage, and findings by check."""

    runs: int
    statuses: Mapping[RunStatus, int]
    gates: Mapping[str, int]
    findings: Mapping[str, int]
    elapsed: Latency


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a report needs of a run; its record has all of it, and much more."""

    policy: str
    channel: str
    status: RunStatus = "complete"
    elapsed_ms: int = 0
    gate: tuple[StageGate, ...] = ()


class RunTally:
    """Counts runs."""

    def __init__(self) -> None:
        self._statuses: Counter[RunStatus] = Counter()
        self._gates: Counter[str] = Counter()
        self._findings: Counter[str] = Counter()
        self._elapsed = Times()

    def add(self, run: RunRecord | RunFacts) -> None:
        self._statuses[run.status] += 1
        self._elapsed.add(run.elapsed_ms)
        for gate in run.gate:
            if gate.status != "passed":
                self._gates[f"{gate.stage.partition(' ')[0]} {gate.status}"] += 1
            self._findings.update(finding.check for finding in gate.findings)

    def counts(self) -> RunCounts:
        return RunCounts(
            self._statuses.total(),
            dict(self._statuses),
            dict(self._gates),
            dict(self._findings.most_common()),
            Latency.of(self._elapsed),
        )


@dataclass(frozen=True, slots=True)
class PickCounts:
    """How often a profile's or model's answer was picked in a comparison, of how often it took part."""

    name: str
    picked: int
    compared: int


@dataclass(frozen=True, slots=True)
class EditCounts:
    """What editors did with the proposals of a profile or model: hunks by decision, and how many words were put
    differently in how many articles, whose rewrites are a conversation each.
    """

    name: str
    accepted: int
    rejected: int
    edited: int
    words_changed: int
    texts: int

    @property
    def share_accepted(self) -> float:
        """From 0 to 1, of all decisions."""
        return self.accepted / ((self.accepted + self.rejected + self.edited) or 1)

    @property
    def words_per_text(self) -> float:
        return self.words_changed / self.texts if self.texts else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """`chatspace.report/1`. Times are ISO 8601 in UTC."""

    since: str | None
    until: str
    by: str
    total: Spent
    groups: tuple[Spent, ...]
    runs: RunCounts
    picks: tuple[PickCounts, ...] = field(default=(), metadata=OPTIONAL)
    edits: tuple[EditCounts, ...] = field(default=(), metadata=OPTIONAL)
    schema: Literal["chatspace.report/1"] = "chatspace.report/1"


class Reporter:
    """Makes a report of calls and runs as they are handed in."""

    def __init__(self, by: Grouping = "profile") -> None:
        self.by = by
        self._total, self._runs = Tally("all"), RunTally()
        self._groups: dict[str, Tally] = {}

    def add_call(self, call: CallRecord, run: RunRecord | RunFacts | None = None) -> None:
        """A call, with the run that it was made for where there is one: its policy and channel stand there."""
        name = self._group(call, run)
        self._total.add(call)
        if name not in self._groups:
            self._groups[name] = Tally(name)
        self._groups[name].add(call)

    def add_run(self, run: RunRecord) -> None:
        """A run and its calls."""
        self._runs.add(run)
        self.add_calls(run)

    def add_facts(self, run: RunFacts) -> None:
        """A run whose calls are handed in one by one."""
        self._runs.add(run)

    def add_calls(self, run: RunRecord) -> None:
        """The calls of a run that isn't counted itself, because it is made once more."""
        for call in run.calls:
            self.add_call(call, run)

    def report(
        self,
        since: str | None,
        until: str,
        picks: Iterable[PickCounts] = (),
        edits: Iterable[EditCounts] = (),
    ) -> Report:
        groups = sorted((tally.spent() for tally in self._groups.values()), key=lambda each: (-each.calls, each.name))
        return Report(
            since, until, self.by, self._total.spent(), tuple(groups), self._runs.counts(), tuple(picks), tuple(edits)
        )

    def _group(self, call: CallRecord, run: RunRecord | RunFacts | None) -> str:
        if self.by == "policy":
            return (run.policy if run else "") or "none"
        if self.by == "channel":
            return (run.channel if run else "") or "none"
        return str({"profile": call.profile, "model": call.model, "step": call.step}[self.by])
