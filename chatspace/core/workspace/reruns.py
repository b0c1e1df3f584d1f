"""Running a stored run again from one of its stages: what is taken over, what a person corrected, what is made anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from chatspace.core.errors import UsageError
from chatspace.core.extraction import Extracted
from chatspace.core.profiles.options import Options
from chatspace.core.runs.artifacts import Artifacts
from chatspace.core.runs.run import ReusedArtifacts
from chatspace.core.stages.registry import default_needs, main_stage, stage, stage_names
from chatspace.core.workspace.stored_runs import StoredRun

GATE, ROUTE = "gate", "route"


def stage_rows() -> tuple[str, ...]:
    """What a person may correct of a run, in the order in which it is shown: the stages, the gate and the route."""
    first, *others = stage_names()
    return (first, GATE, ROUTE, *others)


@dataclass(frozen=True, slots=True)
class Rerouted:
    """Another profile, or a model in the place of its own, for one step."""

    step: str
    profile: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a person changed: artifacts by their stage, and one step's route.

    `accepted`: the gate's rejection is accepted.
    """

    artifacts: Artifacts = field(default_factory=Artifacts)
    accepted: bool = False
    route: Rerouted | None = None

    @property
    def stages(self) -> tuple[str, ...]:
        made = {**self.artifacts, GATE: self.accepted, ROUTE: self.route}
        return tuple(row for row in stage_rows() if made.get(row))


@dataclass(frozen=True, slots=True)
class Rerun:
    """What to ask of `Runs` to run again: the options, the step that they are for, all steps, and what is given."""

    options: Options
    requested_step: str
    steps: tuple[str, ...]
    given: ReusedArtifacts

    @property
    def start(self) -> str | None:
        """The first step that is made anew; None where everything is given."""
        return next((step for step in self.steps if step not in self.given.artifacts), None)


def rerun(
    stored: StoredRun, options: Options, start: str | None = None, corrections: Corrections | None = None
) -> Rerun:
    """Everything that isn't made of what `start` makes is taken over as far as it was made, and what was corrected.

    Without a start it is the first stage behind a correction, else the one where the run broke, else the first.
    `options` say how calls are made; what is asked for is what the run asked for. Raises UsageError.
    """
    changed = corrections or Corrections()
    steps = tuple(step for step in _order(stored, start) if step in stored.steps or step == start)
    needs = _needs(stored, steps)
    anew = _starts(stored, start, changed, needs)
    accepted = _accepted(stored) if changed.accepted else None
    taken: list[str] = []
    for step in steps:
        kept = step in changed.artifacts or step == accepted
        if not kept and (step in anew or anew.intersection(needs[step]) or not stored.has_made(step)):
            anew.add(step)
        else:
            taken.append(step)
    asked, requested_step = asked_for(stored, options)
    if route := changed.route:
        asked, requested_step = replace(asked, profile=route.profile, model=route.model), route.step
    if changed.accepted:
        asked = replace(asked, force=True)
    return Rerun(asked, requested_step, steps, _given(stored, changed, taken))


def asked_for(stored: StoredRun, options: Options) -> tuple[Options, str]:
    """What a run asked for, and the step that its profile and model were for."""
    record = stored.record
    said: dict[str, Any] = dict(record.options or {})
    requested_step = next((step for step in stage_names() if step == said.get("step")), main_stage())
    fallback = {"pipeline": record.pipeline, "policy": record.policy, "channel": record.channel, "sla": record.sla}
    known = {each.name for each in fields(Options)}
    values = {name: value for name, value in {**fallback, **said}.items() if name in known and value}
    how = Options(local=options.local, budget=options.budget)
    return replace(how, **values), requested_step


def _order(stored: StoredRun, start: str | None) -> tuple[str, ...]:
    """The steps of the run in its own order; a start that it hadn't is put where the stages are listed."""
    if start is None or start in stored.steps:
        return stored.steps
    return tuple(step for step in stage_names() if step in stored.steps or step == start)


def _needs(stored: StoredRun, steps: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    own = stored.record.needs or {}
    return {step: own.get(step, default_needs(step, steps[:place])) for place, step in enumerate(steps)}


def _accepted(stored: StoredRun) -> str | None:
    """The step whose artifact is taken over once its rejection is accepted: one that was made."""
    step = stored.rejected_at
    return step if step and stage(step).begin is None else None


def _starts(
    stored: StoredRun, start: str | None, changed: Corrections, needs: Mapping[str, tuple[str, ...]]
) -> set[str]:
    """The steps that are made anew for themselves, and not because they need one that is."""
    if not changed.artifacts.keys() <= needs.keys():
        return set(needs)  # what was corrected is there without a step: all that is made may be made of it
    left = {*changed.artifacts, *([accepted] if (accepted := _accepted(stored)) and changed.accepted else [])}
    starts = {step for step, needed in needs.items() if left.intersection(needed)}
    starts.update([start] if start else [], [changed.route.step] if changed.route else [])
    if changed.accepted and not accepted:
        return set(needs)
    if not (start or changed.stages):
        return {stored.broken_at} if stored.broken_at else set(needs)
    return starts


def _given(stored: StoredRun, changed: Corrections, taken: Sequence[str]) -> ReusedArtifacts:
    record, extracted = stored.record, changed.artifacts.of(Extracted)
    if extracted and len(extracted.all) != len(stored.sources):
        raise UsageError(
            "This extraction can't be corrected",
            "the run stored only the extraction of its first source",
            "Run it again to make all extractions editable.",
        )
    before = [each for each in record.corrected if each in taken or each in (GATE, ROUTE)]
    return ReusedArtifacts(
        run=record.id,
        corrected=tuple(row for row in stage_rows() if row in changed.stages or row in before),
        artifacts=Artifacts({**stored.artifacts.only(taken), **changed.artifacts}),
        routes=tuple(route for route in record.routes if route.step in taken),
    )
