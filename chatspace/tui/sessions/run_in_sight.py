"""A run in sight: what is known of it, the stage looked at, and what a person changed that no run has taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatspace.core.live.run import SOURCE, LiveRun, StageName
from chatspace.core.ports import ProfileLibrary
from chatspace.core.runs.artifacts import Artifacts
from chatspace.core.stages.registry import Correction, main_stage, stage_names
from chatspace.core.stages.registry import stage as stage_of
from chatspace.core.workspace.reruns import GATE, ROUTE, Corrections, Rerouted
from chatspace.core.workspace.stored_runs import StoredRun


class RunInSight:
    """`stored` is there once it has ended; while `following`, the stage in sight is the one that matters most."""

    def __init__(self, live: LiveRun, stored: StoredRun | None = None) -> None:
        self.live = live
        self.stored = stored
        self.corrections = Corrections()
        self.following = True
        self._looked_at: StageName = SOURCE

    @classmethod
    def of(cls, stored: StoredRun) -> RunInSight:
        return cls(LiveRun.of(stored), stored)

    @property
    def shown(self) -> StageName:
        """The stage in sight."""
        return self.live.current if self.following else self._looked_at

    def look_at(self, stage: StageName) -> None:
        self.following, self._looked_at = False, stage

    def end(self, stored: StoredRun) -> None:
        """Take what the store has; where the calls went is known only of the run that has just ended."""
        live = LiveRun.of(stored)
        live.notes = self.live.notes
        for step, (_, target) in self.live.routes.items():
            if step in live.routes:
                live.routes[step] = live.routes[step][0], target
        self.live, self.stored = live, stored

    # What a person changes

    @property
    def changed(self) -> tuple[StageName, ...]:
        """The stages with a correction that no run has taken yet."""
        return self.corrections.stages

    def can_edit(self, stage: StageName) -> bool:
        stored = self.stored
        if stored is None or not stored.sources:
            return False
        if stage == GATE:
            return stored.rejected_at is not None
        if stage == ROUTE:
            return bool(self.live.routes)
        return stage in stored.artifacts and stage_of(stage).correction is not None

    def text_of(self, stage: StageName) -> str:
        """What the stage made, as it is edited."""
        stored, correction = self._editable(stage)
        return correction.to_edit(self.corrections.artifacts.get(stage) or stored.artifacts[stage])

    def corrected(self, stage: StageName, text: str, library: ProfileLibrary) -> Corrections:
        """The changes with this text in the place of what the stage made. Blocks, and raises UsageError."""
        stored, correction = self._editable(stage)
        made = correction.corrected(stored.artifacts[stage], text, library)
        return replace(self.corrections, artifacts=self.corrections.artifacts.having(stage, made))

    def _editable(self, stage: StageName) -> tuple[StoredRun, Correction[Any]]:
        correction = stage_of(stage).correction
        assert self.stored is not None, "only what is stored is edited"
        assert correction is not None, "only a stage with a correction is edited"
        return self.stored, correction

    def accept(self) -> None:
        """Accept what the gate rejected, or no longer."""
        self.change(replace(self.corrections, accepted=not self.corrections.accepted))

    def reroute(self, route: Rerouted) -> None:
        self.change(replace(self.corrections, route=route))

    def change(self, corrections: Corrections) -> None:
        """Let these be the changes: they stand in the place of what the run made."""
        self.corrections = corrections
        if self.stored:
            self.live.artifacts = Artifacts({**self.stored.artifacts, **corrections.artifacts})

    # Running it again

    @property
    def start(self) -> StageName | None:
        """Where it is run again from; None leaves it to the changes, or to where the run broke."""
        stored, shown = self.stored, self.shown
        if stored is None or self.changed or (self.following and stored.broken_at):
            return None
        if shown == SOURCE or (shown == GATE and stored.rejected_at == stored.steps[0]):
            return stage_names()[0]
        return main_stage() if shown in (GATE, ROUTE) else shown

    @property
    def routed(self) -> list[StageName]:
        """The steps whose route can be changed."""
        return [step for step in stage_names() if step in self.live.routes]
