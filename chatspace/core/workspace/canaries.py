"""Canaries: one cohort of documents through two pipelines, and what came of it side by side."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from chatspace.core.calls.usage import Cost
from chatspace.core.errors import BudgetReached, ChatspaceError
from chatspace.core.ports import Exporter
from chatspace.core.profiles.options import Options
from chatspace.core.reports.canary import Canary, Observed, Side, compare, in_cohort
from chatspace.core.runs.plan import Plan
from chatspace.core.runs.run import CallRecord, RunRecord
from chatspace.core.text.difference import words_changed
from chatspace.core.workspace.batches import (
    RECORD,
    Batches,
    BatchResult,
    Document,
    DocumentEnded,
    Watch,
    ignore_events,
    put_into,
)
from chatspace.core.workspace.reports import ReportStore
from chatspace.core.workspace.runs import Runs
from chatspace.core.workspace.stored_runs import RunStore

DRAFT = "draft.md"
PARTIAL = "truncated"

SideName = Literal["baseline", "candidate"]
Tell = Callable[[SideName, DocumentEnded], None]


@dataclass(frozen=True, slots=True)
class Way:
    """What one side of a canary goes through."""

    pipeline: str
    policy: str = "default"

    def options(self, options: Options) -> Options:
        return replace(options, pipeline=self.pipeline, policy=self.policy)


@dataclass(frozen=True, slots=True)
class CanaryResult:
    """`reached` where the budget ended it before all documents were through both."""

    canary: Canary
    exit_code: int
    reached: BudgetReached | None = None


@dataclass
class _Arm:
    """One side while it goes on."""

    way: Way
    name: SideName
    folder: Path
    documents: list[Document]
    seen: dict[str, _Seen] = field(default_factory=dict)

    def take(self, ended: DocumentEnded) -> None:
        """Keep what the comparison needs; the record itself is let go."""
        failure = ended.failure.error if ended.failure else None
        self.seen[ended.document.name] = _Seen.of(ended.record, failure)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A document on one side: the run that made it, what it took, and the tokens by profile."""

    observed: Observed
    failure: str | None = None
    run: str | None = None
    tokens: Mapping[str, int] = field(default_factory=dict)
    cost: Mapping[str, float | None] = field(default_factory=dict)
    from_ledger: bool = False

    @classmethod
    def of(cls, record: RunRecord | None, failure: str | None) -> _Seen:
        if record is None:
            return cls(Observed(failed=failure is not None), failure)
        unread = any(each.coverage and each.coverage.read < each.coverage.chunks for each in record.stages)
        partial = record.status == PARTIAL or unread
        if failure is not None:
            return cls(Observed(failed=True, partial=partial), failure)
        found = [finding.check for gate in record.gate for finding in gate.findings]
        flags = found.count("grounding")
        from_ledger = any(call.outcome == "from_ledger" for call in record.calls)
        observed = Observed(
            partial=partial,
            elapsed_ms=None if from_ledger else record.elapsed_ms,
            findings=len(found) - flags,
            flags=flags,
        )
        return cls(observed, None, record.id, from_ledger=from_ledger).with_calls(record.calls)

    def with_calls(self, calls: Sequence[CallRecord]) -> _Seen:
        """With what further calls took; a profile's cost is None as soon as one of its calls has none."""
        tokens, cost = Counter(self.tokens), dict(self.cost)
        for call in calls:
            tokens[call.profile] += call.usage.input + call.usage.output
            known = cost.get(call.profile, 0.0)
            cost[call.profile] = None if known is None or call.cost_usd is None else known + call.cost_usd
        observed = replace(self.observed, tokens=tokens.total(), cost_usd=Cost.total(cost.values()).usd)
        return replace(self, observed=observed, tokens=tokens, cost=cost)


class Canaries:
    """Runs both sides as batches below one folder, so that a second start asks for nothing again."""

    def __init__(
        self, batches: Batches, runs: Runs, run_store: RunStore, store: ReportStore, exporter: Exporter
    ) -> None:
        self._batches = batches
        self._runs = runs
        self._run_store = run_store
        self._store = store
        self._exporter = exporter

    async def run(
        self,
        documents: Sequence[Document],
        output: Path,
        baseline: Way,
        candidate: Way,
        *,
        share: float = 1.0,
        jobs: int,
        tell: Tell,
        watch: Watch = ignore_events,
    ) -> CanaryResult:
        """The cohort through both, side by side where `jobs` allows, into `output`/baseline and `output`/candidate.

        What the store has from the same text by the same plan is taken from there. Raises ChatspaceError where a file
        or an option is wrong, before anything is asked.
        """
        ways: tuple[tuple[SideName, Way], ...] = (("baseline", baseline), ("candidate", candidate))
        plans = {name: await asyncio.to_thread(self._plans, documents, way) for name, way in ways}
        cohort, sources = await asyncio.to_thread(self._cohort, documents, share)
        arms = [
            _Arm(way, name, output / name, [replace(each, options=way.options(each.options)) for each in cohort])
            for name, way in ways
        ]
        for arm in arms:
            await asyncio.to_thread(self._restore, arm, plans[arm.name], sources)
        results = await self._through(arms, jobs, tell, watch)
        canary = await asyncio.to_thread(self._compare, arms, cohort, len(documents), share)
        await asyncio.to_thread(self._write, canary, output)
        reached = next((result.reached for result in results if result.reached), None)
        return CanaryResult(canary, max(result.exit_code for result in results), reached)

    def _plans(self, documents: Sequence[Document], way: Way) -> Mapping[Options, Plan]:
        return self._runs.plans(way.options(each.options) for each in documents)

    def _cohort(self, documents: Sequence[Document], share: float) -> tuple[list[Document], Mapping[str, str]]:
        """The documents that belong to the share, and the ids of their sources by name.

        One that can't be read has none; it is in every cohort, so that its failure is seen.
        """
        cohort, sources = [], {}
        for document in documents:
            try:
                source = self._runs.read(document.path).id
            except ChatspaceError:
                cohort.append(document)
                continue
            if in_cohort(source, share):
                cohort.append(document)
                sources[document.name] = source
        return cohort, sources

    def _restore(self, arm: _Arm, plans: Mapping[Options, Plan], sources: Mapping[str, str]) -> None:
        """Put the files of runs that the store has already where the batch looks for them."""
        for document in arm.documents:
            folder, source = arm.folder / document.name, sources.get(document.name)
            if source is None or document.options.fresh or (folder / RECORD).exists():
                continue
            record = self._store.made(source, plans[document.options].fingerprint)
            if record:
                put_into(folder, self._runs.files(record.id), self._exporter)

    async def _through(self, arms: Sequence[_Arm], jobs: int, tell: Tell, watch: Watch) -> list[BatchResult]:
        """Both at the same time, so that a server's bad hour hits both; with one job one after the other."""

        async def batch(arm: _Arm) -> BatchResult:
            def take(ended: DocumentEnded) -> None:
                arm.take(ended)
                tell(arm.name, ended)

            return await self._batches.run(arm.documents, arm.folder, jobs=max(1, jobs // 2), tell=take, watch=watch)

        if jobs == 1:
            return [await batch(arm) for arm in arms]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(batch(arm)) for arm in arms]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return [task.result() for task in tasks]

    def _compare(self, arms: Sequence[_Arm], cohort: Sequence[Document], found: int, share: float) -> Canary:
        for arm in arms:
            for name, seen in arm.seen.items():
                arm.seen[name] = self._completed(arm, name, seen)
        dear = _dearest([seen for arm in arms for seen in arm.seen.values()])
        pairs = {}
        for document in cohort:
            both = [arm.seen.get(document.name) for arm in arms]
            one, other = (_with_dear(seen, dear) for seen in both)
            if one and other:
                pairs[document.name] = (one, other)
        baseline, candidate = (
            Side(
                arm.way.pipeline,
                arm.way.policy,
                sum(seen.failure is None for seen in arm.seen.values()),
                dict(Counter(seen.failure for seen in arm.seen.values() if seen.failure is not None).most_common()),
            )
            for arm in arms
        )
        return Canary(baseline, candidate, len(cohort), found, share, dear, compare(pairs))

    def _completed(self, arm: _Arm, name: str, seen: _Seen) -> _Seen:
        """With what answers from the ledger had cost when they came, and what editors changed in the draft since."""
        run = seen.run
        if run is None:
            return seen
        if seen.from_ledger:
            paid = self._store.paid_before(run)
            seen = seen.with_calls([call for call in paid if call])
            if None in paid:
                seen = replace(seen, observed=replace(seen.observed, tokens=None, cost_usd=None), tokens={})
        edited = self._edited(arm.folder / name / DRAFT, run)
        return replace(seen, observed=replace(seen.observed, edited=edited))

    def _edited(self, path: Path, run: str) -> int | None:
        """The words of a draft that were changed in its file; None where nobody has touched it."""
        made = self._runs.files(run).get(DRAFT, b"").decode("utf-8")
        try:
            now = path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
        return None if not made or now == made else words_changed(made, now)

    def _write(self, canary: Canary, output: Path) -> None:
        for name in ("json", "md"):
            self._exporter.write(output / f"canary.{name}", self._exporter.canary(canary, name), overwrite=True)


def _with_dear(seen: _Seen | None, dear: str | None) -> Observed | None:
    if seen is None:
        return None
    if seen.observed.tokens is None or dear is None:
        return seen.observed
    return replace(seen.observed, dear_tokens=seen.tokens.get(dear, 0))


def _dearest(seen: Sequence[_Seen]) -> str | None:
    """The profile with the highest price of a token, as it was paid; without prices there is none."""
    tokens: Counter[str] = Counter()
    cost: dict[str, float] = {}
    for one in seen:
        for profile, number in one.tokens.items():
            paid = one.cost.get(profile)
            if paid is not None:
                tokens[profile] += number
                cost[profile] = cost.get(profile, 0.0) + paid
    prices = {profile: cost[profile] / number for profile, number in tokens.items() if cost[profile]}
    return max(sorted(prices), key=prices.__getitem__, default=None)
