"""Policies choose a profile for a step; pipelines put the steps in order."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

from chatspace.core.extraction import OPTIONAL
from chatspace.core.profiles.profile import Sla, Step
from chatspace.core.text.tokens import Fit


@dataclass(frozen=True, slots=True)
class When:
    """The conditions of a rule; all that are set must hold.

    Words, tokens and sections are those of the source, `lang` is its language; `tables` and `code` ask whether it has
    any.
    """

    min_words: int | None = None
    max_words: int | None = None
    min_tokens: int | None = None
    max_tokens: int | None = None
    min_sections: int | None = None
    max_sections: int | None = None
    tables: bool | None = None
    code: bool | None = None
    lang: str | None = None
    channel: str | None = None
    sla: Sla | None = None

    def __str__(self) -> str:
        """As the file says it: "min_words 3501, channel ad"; empty without conditions."""
        conditions = ((condition.name, getattr(self, condition.name)) for condition in fields(self))
        return ", ".join(f"{name} {said(value)}" for name, value in conditions if value is not None)

    @property
    def asks_for_structure(self) -> bool:
        """Whether the source has to be parsed to decide."""
        return any(
            condition is not None for condition in (self.min_sections, self.max_sections, self.tables, self.code)
        )


def said(value: object) -> str:
    """A value as YAML has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Rule:
    """One profile, or several of which the SLA takes one.

    `name` is given in the file or made from its conditions; a rule without conditions is named `default`.
    """

    use: tuple[str, ...]
    when: When = When()
    name: str = "default"


@dataclass(frozen=True, slots=True)
class Policy:
    name: str
    rules: dict[Step, tuple[Rule, ...]]
    origin: str = ""


@dataclass(frozen=True, slots=True)
class PipelineStep:
    """A step with the profile that does it, or None where the policy decides.

    It starts once the steps that it `needs` have ended; None leaves that to its stage. What the steps of `also` make
    is asked for by the same call.
    """

    step: str
    profile: str | None = None
    needs: tuple[str, ...] | None = None
    also: tuple[str, ...] = ()


ModelPass = Literal["auto", "always", "never"]
"""Whether a model adds to what the rules have extracted: always, never, or where the rules don't suffice."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    name: str
    steps: tuple[PipelineStep, ...]
    origin: str = ""
    model_pass: ModelPass = "always"


@dataclass(frozen=True, slots=True)
class RouteQuery:
    """What a policy decides on: the size of the source, what was found in it, and what the user asked for.

    `channel_path` goes from the concrete channel up to its group: ("google-ads", "ad"). `tables` and `code` count
    blocks; `lang` is None where the language is not known.
    """

    words: int
    tokens: int
    channel_path: tuple[str, ...]
    sla: Sla
    sections: int = 0
    tables: int = 0
    code: int = 0
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class HistoricalUsage:
    """What a profile's finished calls of one step took by the ledger, at the median."""

    calls: int
    elapsed_ms: int
    output: int


@dataclass(frozen=True, slots=True)
class RouteCandidate:
    """What a call to a profile would take. All of it is estimated; None where nothing is known.

    `size` orders the models from small to large, by what they charge for output, then by their window.
    `most_usd` is what it costs where it writes as much as it may.
    """

    fit: Fit
    cost_usd: float | None = None
    usual: HistoricalUsage | None = None
    size: tuple[float, int] = (0.0, 0)
    most_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """A profile that could have been chosen; `estimate` is what it would have taken."""

    profile: str
    why_not: str
    estimate: Estimate | None = field(default=None, metadata=OPTIONAL)


EstimateMethod = Literal["history", "upper bound"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a call will take, before it is made. `cost_usd` is None where the price is unknown.

    By the `method` "history" it is for as many tokens of output as this profile's calls had at the median, of which
    there are `calls`, and `elapsed_ms` is their time; by "upper bound" for as many as it may write.
    """

    input_tokens: int
    cost_usd: float | None
    elapsed_ms: int | None = field(default=None, metadata=OPTIONAL)
    method: EstimateMethod = field(default="upper bound", metadata=OPTIONAL)
    calls: int | None = field(default=None, metadata=OPTIONAL)


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
