"""What a stage sees of its run while it works: the sources, what was made before, and who answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chatspace.core.calls.call import Call
from chatspace.core.calls.step_client import StepClient
from chatspace.core.document import Source
from chatspace.core.errors import ModelError
from chatspace.core.events import Event, GateChecked, Made, RouteDecided
from chatspace.core.extraction import GateReport
from chatspace.core.ports import Tools
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.policy import Route
from chatspace.core.profiles.profile import OFFLINE_PREFIX, Target
from chatspace.core.runs import artifacts
from chatspace.core.runs.artifacts import Artifact
from chatspace.core.runs.plan import Plan, fallback_targets
from chatspace.core.runs.routing import route_for
from chatspace.core.runs.run import StageGate
from chatspace.core.runs.summaries import rejected

if TYPE_CHECKING:
    from chatspace.core.runs.pipeline import PipelineRun
    from chatspace.core.structure import Structure


@dataclass(frozen=True, slots=True)
class StepContext:
    """One step of a run; `given` is its artifact where it is taken over instead of made."""

    name: str
    run: PipelineRun
    given: Artifact | None = None

    @property
    def run_id(self) -> str:
        return self.run.state.id

    @property
    def plan(self) -> Plan:
        return self.run.state.plan

    @property
    def options(self) -> Options:
        return self.plan.options

    @property
    def tools(self) -> Tools:
        return self.run.tools

    @property
    def requested(self) -> bool:
        """Whether the run is for this step above all."""
        return self.name == self.plan.requested_step

    @property
    def sources(self) -> Sequence[Source]:
        """The main one first."""
        return self.run.state.sources

    @property
    def structures(self) -> Sequence[Structure]:
        return self.run.state.structures

    @property
    def calls(self) -> Sequence[Call]:
        """Those of the run so far."""
        return self.run.client.calls

    # What was made before

    @property
    def own(self) -> Artifact | None:
        """What there is of the step's own artifact."""
        return self.run.state.artifacts.get(self.name)

    def get(self, kind: type[artifacts.Made]) -> artifacts.Made | None:
        """The artifact of this type by the nearest of the steps that this one needs, else what the run began with."""
        for step in self._before():
            made = self.run.state.artifacts.get(step)
            if isinstance(made, kind):
                return made
        return self.run.begun.of(kind)

    @property
    def handed(self) -> str:
        """What the reply to an earlier step holds for this one; empty where nothing."""
        return self.run.handed.get(self.name, "")

    def hand_on(self, step: str, text: str) -> None:
        """Leave a part of a reply to a later step."""
        self.run.handed[step] = text

    def corrected(self, step: str) -> bool:
        """Whether a person changed what is taken over for a step."""
        given = self.run.given
        return given is not None and step in given.corrected

    def _before(self) -> Iterator[str]:
        """The steps that this one needs, the nearest first; of equally near ones the last in the pipeline."""
        seen, level = {self.name}, [self.name]
        while level:
            needed = {step for each in level for step in self.plan.needs.get(each, ())} - seen
            level = [step for step in reversed(self.plan.steps) if step in needed]
            seen.update(level)
            yield from level

    # What it tells

    def emit(self, event: Event) -> None:
        self.run.emit(event)

    def keep(self, artifact: Artifact) -> None:
        """What there is by now, should the run end here."""
        state = self.run.state
        self.run.state = replace(state, artifacts=state.artifacts.having(self.name, artifact))

    def made(self, artifact: Artifact) -> None:
        """What the step has made so far, for everybody to see."""
        self.keep(artifact)
        self.emit(Made(self.name, artifact))

    def gated(self, report: GateReport, part: str = "") -> None:
        """What the gate behind the step found, of one `part` where it checks several."""
        stage, state = f"{self.name} {part}".strip(), self.run.state
        self.run.state = replace(state, gates=(*state.gates, StageGate(stage, report.status, report.findings)))
        self.emit(GateChecked(stage, report))

    def refuse(self, title: str, report: GateReport, source: Source) -> None:
        """Raises GateRejected where the gate rejects and the options don't go on all the same."""
        if report.status == "rejected" and not self.options.force:
            raise rejected(title, report, source)

    # Who answers

    async def asker(self) -> StepClient:
        """Who answers for the step, by the policy and the size of all sources together. Raises ModelError."""
        route, targets = await asyncio.to_thread(self._route)
        self._keep_route(route)
        if isinstance(targets, ModelError):
            self.emit(RouteDecided(route))
            raise targets
        target, *fallbacks = targets
        self.emit(RouteDecided(route, target))
        return StepClient(self.name, target, tuple(fallbacks), self.plan.variables, self.run.client)

    def decided(self, route: Route) -> None:
        """That no model is asked for the step, and why."""
        self._keep_route(route)
        self.emit(RouteDecided(route))

    def _keep_route(self, route: Route) -> None:
        state = self.run.state
        self.run.state = replace(state, routes=(*state.routes, route))

    def offline(self, asker: StepClient) -> StepClient:
        """The embedded engine in the place of a model."""
        target = self.tools.catalog.resolve(
            asker.target.profile, asker.step, model=f"{OFFLINE_PREFIX}{asker.step}", local=True
        )
        return replace(asker, target=target, fallbacks=())

    def _route(self) -> tuple[Route, Sequence[Target] | ModelError]:
        """The route and its targets, or why none may be called. Reads files and the ledger: for a thread."""
        plan = self.plan
        route = self.run.ahead.get(self.name)
        if route is None:
            texts = [source.text for source in self.sources]
            route = route_for(plan, self.name, texts, self.tools, self.structures)
        try:
            target = plan.target(route, self.tools)
            return route, (target, *fallback_targets(target, self.name, plan.options, self.tools))
        except ModelError as refused:
            return route, refused
