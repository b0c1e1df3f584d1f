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
from chatspace.core.profiles.options import Options
from chatspace.core.reports.canary import Canary, Observed, Side, compare, in_cohort
from chatspace.core.runs.run import CallRecord, RunRecord
from chatspace.core.text.difference import words_changed
from chatspace.core.workspace.batch_documents import BatchEvent, Document, DocumentEnded
from chatspace.core.workspace.batches import Batches, BatchResult
from chatspace.core.workspace.outputs import CANARIES, Outputs
from chatspace.core.workspace.reports import ReportStore
from chatspace.core.workspace.runs import Runs
from chatspace.core.workspace.stored_runs import RunStore

DRAFT = "draft.md"
PARTIAL = "truncated"

SideName = Literal["baseline", "candidate"]
Tell = Callable[[SideName, BatchEvent], object]


@dataclass(frozen=True, slots=True)
class Way:
    """What one side of a canary goes through."""

    pipeline: str
    policy: str = "default"

    def options(self, options: Options) -> Options:
        return replace(options, pipeline=self.pipeline, policy=self.policy)


@dataclass(frozen=True, slots=True)
class CanaryResult:
    """`reached` where the budget ended it before all documents were through both.

    `unwritten` says why a file beside the outputs could not be written.
    """

    canary: Canary
    exit_code: int
    reached: BudgetReached | None = None
    unwritten: ChatspaceError | None = None


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

    def __init__(self, batches: Batches, runs: Runs, run_store: RunStore, store: ReportStore, outputs: Outputs) -> None:
        self._batches = batches
        self._runs = runs
        self._run_store = run_store
        self._store = store
        self._outputs = outputs

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
        overwrite: bool = False,
    ) -> CanaryResult:
        """The cohort through both, side by side where `jobs` allows, into `output`/baseline and `output`/candidate.

        What somebody edited there is left, unless `overwrite`. Raises ChatspaceError where a file or an option is
        wrong, before anything is asked.
        """
        ways: tuple[tuple[SideName, Way], ...] = (("baseline", baseline), ("candidate", candidate))
        for _, way in ways:
            await asyncio.to_thread(self._runs.plans, [way.options(each.options) for each in documents])
        folder = self._outputs.of_canary(output)
        await asyncio.to_thread(folder.check, CANARIES, overwrite=overwrite)
        cohort = await asyncio.to_thread(self._cohort, documents, share)
        arms = [
            _Arm(way, name, output / name, [replace(each, options=way.options(each.options)) for each in cohort])
            for name, way in ways
        ]
        results = await self._through(arms, jobs, tell, overwrite)
        canary = await asyncio.to_thread(self._compare, arms, cohort, len(documents), share)
        reached = next((result.reached for result in results if result.reached), None)
        unwritten = next((result.unwritten for result in results if result.unwritten), None)
        code = max(result.exit_code for result in results)
        try:
            await asyncio.to_thread(folder.put, self._outputs.canary_files(canary), overwrite=overwrite)
        except ChatspaceError as error:
            unwritten, code = error, max(code, error.exit_code)
        return CanaryResult(canary, code, reached, unwritten)

    def _cohort(self, documents: Sequence[Document], share: float) -> list[Document]:
        """The documents that belong to the share, and those that can't be read, so that their failure is seen."""
        cohort = []
        for document in documents:
            try:
                chosen = in_cohort(self._runs.read(document.path).id, share)
            except ChatspaceError:
                chosen = True
            if chosen:
                cohort.append(document)
        return cohort

    async def _through(self, arms: Sequence[_Arm], jobs: int, tell: Tell, overwrite: bool) -> list[BatchResult]:
        """Both at the same time, so that a server's bad hour hits both; with one job one after the other."""

        async def batch(arm: _Arm) -> BatchResult:
            def take(event: BatchEvent) -> None:
                if isinstance(event, DocumentEnded):
                    arm.take(event)
                tell(arm.name, event)

            jobs_each = max(1, jobs // 2)
            return await self._batches.run(arm.documents, arm.folder, jobs=jobs_each, tell=take, overwrite=overwrite)

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
