"""Policies choose a profile for a step; pipelines put the steps in order."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

from chatspace.core.extraction import OPTIONAL
from chatspace.core.profile import Sla, Step


@dataclass(frozen=True, slots=True)
class When:
    """The conditions of a rule; all that are set must hold. Words and tokens are those of the source."""

    min_words: int | None = None
    max_words: int | None = None
    min_tokens: int | None = None
    max_tokens: int | None = None
    channel: str | None = None
    sla: Sla | None = None

    def __str__(self) -> str:
        """As the file says it: "min_words 3501, channel ad"; empty without conditions."""
        conditions = ((condition.name, getattr(self, condition.name)) for condition in fields(self))
        return ", ".join(f"{name} {value}" for name, value in conditions if value is not None)


@dataclass(frozen=True, slots=True)
class Rule:
    """`name` is given in the file or made from its conditions; a rule without conditions is named `default`."""

    use: str
    when: When = When()
    name: str = "default"


@dataclass(frozen=True, slots=True)
class Policy:
    name: str
    rules: dict[Step, tuple[Rule, ...]]
    origin: str = ""


PipelineStepName = Literal["extract", "draft", "copy"]


@dataclass(frozen=True, slots=True)
class PipelineStep:
    """A step with the profile that does it, or None where the policy decides."""

    step: PipelineStepName
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    name: str
    steps: tuple[PipelineStep, ...]
    origin: str = ""


@dataclass(frozen=True, slots=True)
class RouteQuery:
    """What a policy decides on: the size of the source in words and tokens, and what the user asked for.

    `channel_path` goes from the concrete channel up to its group: ("google-ads", "ad").
    """

    words: int
    tokens: int
    channel_path: tuple[str, ...]
    sla: Sla


@dataclass(frozen=True, slots=True)
class Alternative:
    profile: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a call will take, before it is made. `cost_usd` is None where the price is unknown."""

    input_tokens: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Route:
    """One decision of a policy. `fits` tells whether the source fits the window of the profile's model."""

    step: Step
    profile: str
    rule: str
    reasons: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    fits: bool | None = field(default=None, metadata=OPTIONAL)
    estimate: Estimate | None = field(default=None, metadata=OPTIONAL)
    schema: Literal["chatspace.route/1"] = "chatspace.route/1"

    @property
    def because(self) -> str:
        """The rule with its reasons, in words."""
        return f"{self.rule}: {', '.join(self.reasons) or 'no conditions'}"
