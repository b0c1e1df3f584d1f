"""Running a stored run again from one of its stages: what is taken over, what a person corrected, what is made anew."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from chatspace.core.errors import UsageError
from chatspace.core.extraction import Extraction
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.policy import PipelineStepName
from chatspace.core.runs.run import Copy, ReusedArtifacts
from chatspace.core.workspace.stored_runs import STEPS, StoredRun

Correctable = Literal["extract", "gate", "route", "draft", "copy"]
CORRECTABLE: tuple[Correctable, ...] = ("extract", "gate", "route", "draft", "copy")


@dataclass(frozen=True, slots=True)
class Rerouted:
    """Another profile, or a model in the place of its own, for one step."""

    step: PipelineStepName
    profile: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a person changed: the extraction of the main source, the text of the draft, the copy, one step's route.

    `accepted`: the gate's rejection is accepted.
    """

    extraction: Extraction | None = None
    accepted: bool = False
    route: Rerouted | None = None
    draft: str | None = None
    copy: Copy | None = None

    @property
    def stages(self) -> tuple[Correctable, ...]:
        made = (self.extraction, self.accepted, self.route, self.draft is not None, self.copy)
        return tuple(stage for stage, correction in zip(CORRECTABLE, made, strict=True) if correction)


@dataclass(frozen=True, slots=True)
class Rerun:
    """What to ask of `Runs` to run again: the options, the step that they are for, all steps, and what is given."""

    options: Options
    requested_step: PipelineStepName
    steps: tuple[PipelineStepName, ...]
    given: ReusedArtifacts

    @property
    def start(self) -> PipelineStepName | None:
        """The first step that is made anew; None where everything is given."""
        return next((step for step in self.steps if not self.given.has(step)), None)


def rerun(
    stored: StoredRun, options: Options, start: PipelineStepName | None = None, corrections: Corrections | None = None
) -> Rerun:
    """Everything before `start` is taken over as far as it was made, and everything that was corrected.

    Without a start it is the first stage behind a correction, else the one where the run broke, else the first.
    `options` say how calls are made; what is asked for is what the run asked for. Raises UsageProblem.
    """
    changed = corrections or Corrections()
    steps = tuple(step for step in STEPS if step in stored.steps or step == start)
    first = _first(stored, start, changed)
    taken: list[PipelineStepName] = []
    for step in steps:
        corrected = step in changed.stages
        accepted = changed.accepted and stored.rejected_at == step == "draft"
        if not corrected and not accepted and (STEPS.index(step) >= first or not stored.has_made(step)):
            first = min(first, STEPS.index(step))  # what comes after is made from what is made anew
        else:
            taken.append(step)
    asked, requested_step = asked_for(stored, options)
    if route := changed.route:
        asked, requested_step = replace(asked, profile=route.profile, model=route.model), route.step
    if changed.accepted:
        asked = replace(asked, force=True)
    return Rerun(asked, requested_step, steps, _given(stored, changed, taken))


def asked_for(stored: StoredRun, options: Options) -> tuple[Options, PipelineStepName]:
    """What a run asked for, and the step that its profile and model were for."""
    record = stored.record
    said: dict[str, Any] = dict(record.options or {})
    requested_step: PipelineStepName = next((step for step in STEPS if step == said.get("step")), "draft")
    fallback = {"pipeline": record.pipeline, "policy": record.policy, "channel": record.channel, "sla": record.sla}
    known = {each.name for each in fields(Options)}
    values = {name: value for name, value in {**fallback, **said}.items() if name in known and value}
    how = Options(local=options.local, budget=options.budget)
    return replace(how, **values), requested_step


def _first(stored: StoredRun, start: PipelineStepName | None, changed: Corrections) -> int:
    """The place among STEPS of the first that is made anew."""
    places = [STEPS.index(start)] if start else []
    behind = {"extract": 1, "draft": 2, "copy": 3}
    places += [behind[stage] for stage in changed.stages if stage in behind]
    if changed.route:
        places.append(STEPS.index(changed.route.step))
    if changed.accepted:
        places.append(2 if stored.rejected_at == "draft" else 0)
    if not places and (broken := stored.broken_at):
        places.append(STEPS.index(broken))
    return min(places, default=0)


def _given(stored: StoredRun, changed: Corrections, taken: list[PipelineStepName]) -> ReusedArtifacts:
    record, extractions, draft, copy = stored.record, stored.extractions, stored.draft, stored.copy
    if changed.extraction:
        if len(extractions) != len(stored.sources):
            raise UsageError(
                "The extraction can't be corrected here",
                "this run kept only that of its first source",
                "Run it once more; then it can.",
            )
        extractions = (changed.extraction, *extractions[1:])
    if draft and changed.draft is not None:
        draft = replace(draft, text=changed.draft, status="complete")
    before = [each for each in record.corrected if each in taken or each in ("gate", "route")]
    return ReusedArtifacts(
        run=record.id,
        corrected=tuple(stage for stage in CORRECTABLE if stage in changed.stages or stage in before),
        extractions=extractions if "extract" in taken else (),
        draft=draft if "draft" in taken else None,
        copy=(changed.copy or copy) if "copy" in taken else None,
        routes=tuple(route for route in record.routes if route.step in taken),
    )
