"""A call: one request to a model, what came back, and what the ledger keeps of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from chatspace.core.calls.usage import Usage
from chatspace.core.profiles.profile import Step, Target

FinishReason = Literal["stop", "length", "filtered", "cut", "unknown"]
"""How a reply ended: `cut` is a stream without a finish reason.

`unknown` a whole one from a server that never says.
"""

CallOutcome = Literal["complete", "truncated", "failed", "stopped", "interrupted", "from_ledger"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as a provider gets it."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """What goes to a provider.

    `variables` are those the recipe was rendered with; the embedded engine reads them in the place of the prose, other
    providers ignore them. `response_schema` is a JSON Schema that the reply must follow, where the model can do that.
    `capped`: a provider that can't hold the reply to `max_output_tokens` must not send the request.
    """

    step: Step
    target: Target
    turns: tuple[Turn, ...]
    variables: Mapping[str, Any] = field(default_factory=dict)
    response_schema: Mapping[str, Any] | None = None
    capped: bool = False

    @property
    def key(self) -> str:
        """The ledger key: equal for two requests that would ask the same of the same model."""
        profile = self.target.profile
        asked = {
            "model": self.target.model,
            "api_base": profile.api_base,
            "profile": [profile.name, profile.version],
            "temperature": profile.temperature,
            "max_output_tokens": profile.max_output_tokens,
            "reasoning_effort": profile.reasoning_effort,
            "turns": [[turn.role, turn.content] for turn in self.turns],
            "variables": dict(self.variables),
            "schema": self.response_schema,
        }
        canonical = json.dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
        return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


# What a provider hands over while it answers, in order; `Finished` is always the last, or a ModelError is raised.


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str


@dataclass(frozen=True, slots=True)
class UsageReported:
    """`usage.estimated` is False only where the server itself sent the numbers."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finished:
    reason: FinishReason


ProviderEvent = TextDelta | ReasoningDelta | UsageReported | Finished


@dataclass(frozen=True, slots=True)
class Call:
    """One passage through a provider. `text` and `reasoning` are kept whatever the outcome; times are milliseconds.

    A call is `complete` only when its reply is whole. `cost_usd` is None where the price is unknown. `fallback`: it was
    made in the place of one that failed.
    """

    id: str
    key: str
    step: Step
    profile: str
    model: str
    host: str
    outcome: CallOutcome
    text: str = ""
    reasoning: str = ""
    finish: FinishReason | None = None
    attempt: int = 1
    usage: Usage = Usage()
    cost_usd: float | None = None
    first_token_ms: int | None = None
    elapsed_ms: int = 0
    error: str | None = None
    fallback: bool = False
