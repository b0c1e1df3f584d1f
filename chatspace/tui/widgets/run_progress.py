"""How far a run is: the stages of one passage, told by its events while it happens and by the store afterwards."""

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
from chatspace.core.extraction import Extraction
from chatspace.core.profiles.policy import PipelineStepName, Route
from chatspace.core.profiles.profile import Target
from chatspace.core.runs.run import CallRecord, Copy, Draft, ReusedArtifacts, RunRecord, StageGate, StageRecord
from chatspace.core.workspace.stored_runs import STEPS, StoredRun

StageName = Literal["source", "extract", "gate", "route", "draft", "copy"]
STAGES: tuple[StageName, ...] = ("source", "extract", "gate", "route", "draft", "copy")

State = Literal[
    "waiting", "running", "done", "given", "corrected", "changed", "warned", "rejected", "broken", "unmade", "absent"
]
WORDS: dict[State, tuple[str, str]] = {
    "waiting": ("·", "waiting"),
    "running": ("▸", "running"),
    "done": ("✓", "done"),
    "given": ("=", "taken over"),
    "corrected": ("✎", "by hand"),
    "changed": ("✎", "changed"),
    "warned": ("!", "findings"),
    "rejected": ("✗", "rejected"),
    "broken": ("✗", "failed"),
    "unmade": ("·", "not made"),
    "absent": ("–", "not asked"),
}
"""The mark of each state, which tells it without colour, and its word."""

BROKEN_WORDS = {"truncated": "cut off", "stopped": "stopped", "interrupted": "interrupted", "over_budget": "budget"}


@dataclass
class RunProgress:
    """`steps` are those that the run takes; `record` is there once it has ended.

    `routes` have the target where it is known, `gates` what was checked, by the stage that they follow.
    """

    sources: tuple[Source, ...]
    steps: Sequence[PipelineStepName] = STEPS
    given: ReusedArtifacts | None = None
    record: RunRecord | None = None
    extraction: Extraction | None = None
    draft: Draft | None = None
    copy: Copy | None = None
    routes: dict[str, tuple[Route, Target | None]] = field(default_factory=dict)
    gates: dict[str, StageGate] = field(default_factory=dict)
    calls: list[CallRecord] = field(default_factory=list)
    stages: dict[str, StageRecord] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    began: float = field(default_factory=time.monotonic)
    running: PipelineStepName | None = None
    calling: str = ""
    _since: float = 0.0

    @classmethod
    def of(cls, stored: StoredRun) -> RunProgress:
        """One that has ended, with everything that the store has of it."""
        record = stored.record
        journey = cls(stored.sources, stored.steps, record=record, error=record.error or "")
        journey.extraction = stored.extractions[0] if stored.extractions else None
        journey.draft, journey.copy = stored.draft, stored.copy
        journey.routes = {route.step: (route, None) for route in record.routes}
        journey.gates = {gate.stage: gate for gate in record.gate}
        journey.calls = list(record.calls)
        journey.stages = {stage.stage: stage for stage in record.stages}
        return journey

    @property
    def ended(self) -> bool:
        return self.record is not None or bool(self.error)

    def take(self, event: Event) -> None:
        match event:
            case StageStarted(stage):
                self.running = next((step for step in STEPS if step == stage), None)
                self._since = time.monotonic()
            case StageFinished(stage, summary):
                how: Literal["made", "given"] = "given" if self._is_given(stage) else "made"
                self.stages[stage] = StageRecord(stage, how, self._spent, summary)
                self.running, self.calling = None, ""
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
            case Made(made):
                self._keep(made)
            case Warned(message):
                self.notes.append(message)

    def _keep(self, made: Extraction | Draft | Copy) -> None:
        if isinstance(made, Extraction):
            self.extraction = made
        elif isinstance(made, Draft):
            self.draft = made
        else:
            self.copy = made

    @property
    def _spent(self) -> int:
        return round((time.monotonic() - self._since) * 1000)

    def _is_given(self, stage: str) -> bool:
        return any(step == stage and self.given and self.given.has(step) for step in STEPS)

    @property
    def _corrected(self) -> tuple[str, ...]:
        return self.record.corrected if self.record else self.given.corrected if self.given else ()

    # What is said of each stage

    def state(self, stage: StageName) -> State:
        match stage:
            case "source":
                return "done" if self.sources else "unmade"
            case "gate":
                return self._gate_state
            case "route":
                if self.routes:
                    return "corrected" if "route" in self._corrected else "done"
                return self._not_yet
            case _:
                return self._step_state(stage)

    @property
    def _not_yet(self) -> State:
        return "unmade" if self.ended else "waiting"

    @property
    def _gate_state(self) -> State:
        if not self.gates:
            return self._not_yet
        if any(gate.status == "rejected" for gate in self.gates.values()):
            return "corrected" if "gate" in self._corrected else "rejected"
        return "warned" if any(gate.findings for gate in self.gates.values()) else "done"

    def _step_state(self, step: PipelineStepName) -> State:
        passed = self.stages.get(step)
        if passed and passed.how == "broken":
            rejected = self.record and self.record.status == "rejected"
            return "rejected" if rejected else "broken"
        if passed:
            corrected = passed.how == "given" and step in self._corrected
            return "corrected" if corrected else "given" if passed.how == "given" else "done"
        if self.running == step:
            return "broken" if self.ended else "running"
        if self.record and not self.record.steps and self._made(step):  # one of before stages were recorded
            return "done"
        return self._not_yet if step in self.steps else "absent"

    def _made(self, step: PipelineStepName) -> bool:
        return {"extract": self.extraction, "draft": self.draft, "copy": self.copy}[step] is not None

    def word(self, stage: StageName) -> str:
        """Its state in a word or two."""
        state = self.state(stage)
        if state == "broken" and self.record:
            return BROKEN_WORDS.get(self.record.status, "failed")
        if stage == "gate" and state == "warned":
            return f"{sum(len(gate.findings) for gate in self.gates.values())} found"
        if stage == "gate" and state == "corrected":
            return "accepted"
        if stage == "extract" and state == "unmade" and self.extraction:
            return "by rule"
        return WORDS[state][1]

    def elapsed_ms(self, stage: StageName) -> int | None:
        if stage not in STEPS:
            return None
        if stage in self.stages:
            return self.stages[stage].elapsed_ms
        if self.running == stage and not self.ended:
            return self._spent
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
            return self.running
        rejected = self.record is None or self.record.status == "rejected"
        ends: tuple[StageName, ...] = ("gate", *STEPS) if rejected else (*STEPS, "gate")
        stopped = next((stage for stage in ends if self.state(stage) in ("rejected", "broken")), None)
        if stopped:
            return stopped
        if not self.ended:
            return "source" if not self.gates else "extract"
        return "draft" if self.draft else "copy" if self.copy else "extract" if self.extraction else "source"
