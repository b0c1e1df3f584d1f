"""A run as its events report it while it happens, and as the store has it afterwards."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from chatspace.core.calls.usage import Cost
from chatspace.core.document import Source
from chatspace.core.events import (
    CallDelayed,
    CallFailed,
    CallFinished,
    CallStarted,
    Event,
    GateChecked,
    Made,
    RouteDecided,
    StageFinished,
    StageStarted,
    Warned,
)
from chatspace.core.profiles.policy import Route
from chatspace.core.profiles.profile import Target
from chatspace.core.runs.artifacts import Artifacts
from chatspace.core.runs.run import CallRecord, ReusedArtifacts, RunRecord, StageGate, StageRecord
from chatspace.core.stages.registry import stage as stage_of
from chatspace.core.stages.registry import stage_names
from chatspace.core.workspace.reruns import GATE, ROUTE, stage_rows
from chatspace.core.workspace.stored_runs import StoredRun

StageName = str
"""A row of a run: its source, a stage, the gate or the route."""

SOURCE = "source"


def row_names() -> tuple[StageName, ...]:
    return (SOURCE, *stage_rows())


State = Literal[
    "waiting", "running", "done", "given", "corrected", "changed", "warned", "rejected", "broken", "unmade", "absent"
]


@dataclass
class LiveRun:
    """`steps` are those that the run takes; `record` is there once it has ended.

    `routes` have the target where it is known, `gates` what was checked, by the stage that they follow. `started` has
    the steps in the order in which they began, at a time of the monotonic clock. `calling` says where the call goes, or
    what it waits for.
    """

    sources: tuple[Source, ...] = ()
    steps: Sequence[str] = field(default_factory=stage_names)
    given: ReusedArtifacts | None = None
    record: RunRecord | None = None
    artifacts: Artifacts = field(default_factory=Artifacts)
    routes: dict[str, tuple[Route, Target | None]] = field(default_factory=dict)
    gates: dict[str, StageGate] = field(default_factory=dict)
    calls: list[CallRecord] = field(default_factory=list)
    stages: dict[str, StageRecord] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    calling: str = ""
    started: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: StoredRun) -> LiveRun:
        """One that has ended, with everything that the store has of it."""
        record = stored.record
        live = cls(stored.sources, stored.steps, record=record, error=record.error or "")
        live.artifacts = stored.artifacts
        live.routes = {route.step: (route, None) for route in record.routes}
        live.gates = {gate.stage: gate for gate in record.gate}
        live.calls = list(record.calls)
        live.stages = {stage.stage: stage for stage in record.stages}
        return live

    @property
    def ended(self) -> bool:
        return self.record is not None or bool(self.error)

    @property
    def running(self) -> tuple[str, ...]:
        """The steps that run, the first that began before the others."""
        return tuple(step for step in self.started if step not in self.stages)

    @property
    def writing(self) -> str:
        """The step whose text grows in sight: the first of the run that writes prose."""
        return next((step for step in (*self.steps, *stage_names()) if stage_of(step).prose), "")

    @property
    def text(self) -> str | None:
        """What that step wrote."""
        made, prose = self.artifacts.get(self.writing), stage_of(self.writing).prose
        return prose(made) if made and prose else None

    def take(self, event: Event) -> None:
        match event:
            case StageStarted(stage):
                self.started[stage] = time.monotonic()
                self.stages.pop(stage, None)
            case StageFinished(stage, summary):
                how: Literal["made", "given"] = "given" if self._is_given(stage) else "made"
                self.stages[stage] = StageRecord(stage, how, self._spent(stage), summary)
                self.calling = ""
            case GateChecked(stage, report):
                self.gates[stage] = StageGate(stage, report.status, report.findings)
            case RouteDecided(route, target):
                self.routes[route.step] = route, target
            case CallStarted(_, target, attempt):
                again = f", attempt {attempt}" if attempt > 1 else ""
                self.calling = f"{target.model} → {target.host}{again}"
            case CallDelayed(host, _, why):
                self.calling = f"waiting for {host}: {why}"
            case CallFinished(call) | CallFailed(call, _):
                self.calls.append(CallRecord.of(call))
            case Made(stage, artifact):
                self.artifacts = self.artifacts.having(stage, artifact)
            case Warned(message):
                self.notes.append(message)

    def _spent(self, step: str) -> int:
        return round((time.monotonic() - self.started.get(step, time.monotonic())) * 1000)

    def _is_given(self, stage: str) -> bool:
        return self.given is not None and stage in self.given.artifacts

    @property
    def _corrected(self) -> tuple[str, ...]:
        return self.record.corrected if self.record else self.given.corrected if self.given else ()

    # The stages

    def state(self, stage: StageName) -> State:
        if stage == SOURCE:
            return "done" if self.sources else "unmade"
        if stage == GATE:
            return self._gate_state
        if stage != ROUTE:
            return self._step_state(stage)
        if self.routes:
            return "corrected" if ROUTE in self._corrected else "done"
        return self._not_yet

    @property
    def _not_yet(self) -> State:
        return "unmade" if self.ended else "waiting"

    @property
    def _gate_state(self) -> State:
        if not self.gates:
            return self._not_yet
        if any(gate.status == "rejected" for gate in self.gates.values()):
            return "corrected" if GATE in self._corrected else "rejected"
        return "warned" if any(gate.findings for gate in self.gates.values()) else "done"

    def _step_state(self, step: str) -> State:
        passed = self.stages.get(step)
        if passed and passed.how == "broken":
            rejected = self.record and self.record.status == "rejected"
            return "rejected" if rejected else "broken"
        if passed:
            corrected = passed.how == "given" and step in self._corrected
            return "corrected" if corrected else "given" if passed.how == "given" else "done"
        if step in self.started:
            return "broken" if self.ended else "running"
        if self.record and not self.record.steps and step in self.artifacts:  # one of before stages were recorded
            return "done"
        return self._not_yet if step in self.steps else "absent"

    def elapsed_ms(self, stage: StageName) -> int | None:
        if stage not in stage_names():
            return None
        if stage in self.stages:
            return self.stages[stage].elapsed_ms
        if stage in self.started and not self.ended:
            return self._spent(stage)
        calls = [call.elapsed_ms for call in self.calls if call.step == stage]
        return sum(calls) if calls else None

    def cost(self, stage: StageName) -> Cost | None:
        """Of its calls; None where there were none."""
        costs = [call.cost_usd for call in self.calls if call.step == stage]
        return Cost.total(costs) if costs else None

    @property
    def current(self) -> StageName:
        """The stage to look at: the one that runs, else the one that ended it, else the last text that was made."""
        if self.running:
            return self.running[0]
        rejected = self.record is None or self.record.status == "rejected"
        ends: tuple[StageName, ...] = (GATE, *stage_names()) if rejected else (*stage_names(), GATE)
        stopped = next((stage for stage in ends if self.state(stage) in ("rejected", "broken")), None)
        if stopped:
            return stopped
        if not self.ended:
            return SOURCE if not self.gates else stage_names()[0]
        if self.writing in self.artifacts:
            return self.writing
        return next((step for step in reversed(stage_names()) if step in self.artifacts), SOURCE)
