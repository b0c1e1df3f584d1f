"""A run: one passage of a source through the pipeline, and the formats in which its results leave."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from chatspace.core.calls.call import Call, CallOutcome
from chatspace.core.calls.usage import Cost, Usage
from chatspace.core.errors import ChatspaceError
from chatspace.core.extraction import OPTIONAL, Coverage, Finding, GateReport, GateStatus
from chatspace.core.profiles.policy import Route
from chatspace.core.profiles.profile import Step
from chatspace.core.runs.artifacts import Artifacts

RunStatus = Literal["complete", "truncated", "rejected", "failed", "stopped", "interrupted", "over_budget"]


@dataclass(frozen=True, slots=True)
class StageGate:
    """A gate's report, with the stage that it follows."""

    stage: str
    status: GateStatus
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """`chatspace.draft/1`.

    `offline` where the embedded engine wrote it: such a text is an arrangement of the source's own sentences.
    """

    text: str
    run: str
    profile: str
    model: str
    status: Literal["complete", "truncated"]
    coverage: Coverage
    gate: GateReport
    grounding: tuple[Claim, ...] = ()
    offline: bool = False
    schema: Literal["chatspace.draft/1"] = "chatspace.draft/1"


Verdict = Literal["supported", "unsupported", "altered", "derived", "recombined"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure, date, name, quote or address of a draft and where the source has it.

    `span` is in the draft, `source_span` in the source.
    """

    claim: str
    span: tuple[int, int]
    type: str
    verdict: Verdict
    source_span: tuple[int, int] | None = None
    source_value: str | None = None
    source: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """One piece of copy for one field of one channel.

    `length` is counted by the channel's own rule; `pair` names an A/B pair's side. `ungrounded` are the figures, dates
    and names in it that its sources don't have.
    """

    field: str
    text: str
    length: int
    limit: int
    display_limit: int | None
    fits: bool
    pair: str | None = None
    by: Literal["model", "offline", "hand"] = "model"
    ungrounded: tuple[str, ...] | None = dataclasses.field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True)
class Copy:
    """`chatspace.copy/1`: the variants of one channel, field by field."""

    channel: str
    variants: tuple[Variant, ...]
    schema: Literal["chatspace.copy/1"] = "chatspace.copy/1"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call as `run.json` lists it: everything but its text."""

    id: str
    step: Step
    profile: str
    model: str
    host: str
    outcome: CallOutcome
    attempt: int
    usage: Usage
    cost_usd: float | None
    first_token_ms: int | None
    elapsed_ms: int
    error: str | None
    fallback: bool = field(default=False, metadata=OPTIONAL)

    @classmethod
    def of(cls, call: Call) -> CallRecord:
        return cls(
            id=call.id,
            step=call.step,
            profile=call.profile,
            model=call.model,
            host=call.host,
            outcome=call.outcome,
            attempt=call.attempt,
            usage=call.usage,
            cost_usd=call.cost_usd,
            first_token_ms=call.first_token_ms,
            elapsed_ms=call.elapsed_ms,
            error=call.error,
            fallback=call.fallback,
        )


@dataclass(frozen=True, slots=True)
class SourceRef:
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the calls. `cost_usd` is None over an unknown price, `cost_known_usd` the part that is known."""

    input: int
    output: int
    cost_usd: float | None
    cost_known_usd: float
    calls: int
    estimated: bool

    @classmethod
    def of(cls, calls: Sequence[CallRecord]) -> Totals:
        cost = Cost.total(call.cost_usd for call in calls)
        return cls(
            input=sum(call.usage.input for call in calls),
            output=sum(call.usage.output for call in calls),
            cost_usd=cost.usd,
            cost_known_usd=cost.known_usd,
            calls=len(calls),
            estimated=any(call.usage.estimated for call in calls),
        )


@dataclass(frozen=True, slots=True)
class StageRecord:
    """A stage that a run came to: it made its output, was given it, or broke; what it said, and how long it took.

    Of a draft it says who wrote it and what was read for it.
    """

    stage: str
    how: Literal["made", "given", "broken"]
    elapsed_ms: int
    summary: str = ""
    profile: str | None = field(default=None, metadata=OPTIONAL)
    model: str | None = field(default=None, metadata=OPTIONAL)
    coverage: Coverage | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """`chatspace.run/1`. `started` is ISO 8601 in UTC; `others` are the sources beside the main one.

    `asked` is equal for two runs that would ask the same of the same source. `steps` are those that it was to take,
    `options` what was asked for beside the defaults, `step` among it, which the profile and model are for. `from_run`
    is the run that it took something over from, `corrected` the stages at which a person had changed something. `needs`
    are the steps that each waited for, where its pipeline says other than the stages do. `files` are the hashes of the
    files beside it as they were written; its own is taken with zeros in its place.
    """

    id: str
    started: str
    elapsed_ms: int
    status: RunStatus
    source: SourceRef
    pipeline: str
    policy: str
    channel: str
    sla: str
    routes: tuple[Route, ...]
    calls: tuple[CallRecord, ...]
    gate: tuple[StageGate, ...]
    totals: Totals
    others: tuple[SourceRef, ...] = ()
    error: str | None = field(default=None, metadata=OPTIONAL)
    asked: str | None = field(default=None, metadata=OPTIONAL)
    steps: tuple[str, ...] = ()
    options: Mapping[str, str | int | bool] | None = field(default=None, metadata=OPTIONAL)
    stages: tuple[StageRecord, ...] = ()
    from_run: str | None = field(default=None, metadata=OPTIONAL)
    corrected: tuple[str, ...] = ()
    needs: Mapping[str, tuple[str, ...]] | None = field(default=None, metadata=OPTIONAL)
    files: Mapping[str, str] | None = field(default=None, metadata=OPTIONAL)
    schema: Literal["chatspace.run/1"] = "chatspace.run/1"


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """What the store keeps of a stage of a run: under VALUE the JSON of its artifact, by the name of the stage.

    The first version kept files instead: `kind` was the stem of their `name`.
    """

    kind: str
    name: str
    text: str


VALUE = "value"


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run gave: its record, what was made before it ended, and the error that ended it, if any."""

    record: RunRecord
    artifacts: Artifacts = field(default_factory=Artifacts)
    error: ChatspaceError | None = None


@dataclass(frozen=True, slots=True)
class ReusedArtifacts:
    """What a run takes from an earlier one, `run`, instead of making it; at `corrected` a person changed something.

    `routes` are those that led to what is given.
    """

    run: str
    corrected: tuple[str, ...] = ()
    artifacts: Artifacts = field(default_factory=Artifacts)
    routes: tuple[Route, ...] = ()
