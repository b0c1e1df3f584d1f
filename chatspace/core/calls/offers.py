"""What the endpoints offer: the suppliers of models, and the models that one has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from chatspace.core.calls.usage import Price

Dialect = Literal["openai", "anthropic", "gemini", "ollama"]


@dataclass(frozen=True, slots=True)
class ProviderEndpoint:
    """An endpoint as one that can be asked which models it has.

    `prefix` is what the names of its models begin with for litellm ("openai/"); `key_env` names the environment
    variable that holds its key; `profiles` are those that go there, by the model of each. `refused` says why it isn't
    asked.
    """

    address: str
    host: str
    local: bool
    prefix: str
    protocol: Dialect = "openai"
    key_env: str | None = None
    profiles: Mapping[str, str] = field(default_factory=dict, hash=False)
    refused: str = ""

    @property
    def key(self) -> tuple[str, str | None, str]:
        """What tells it from another."""
        return self.address, self.key_env, self.prefix


@dataclass(frozen=True, slots=True)
class AvailableModel:
    """A model of a supplier under its full name; window in tokens and price are None where nobody says."""

    name: str
    window: int | None = None
    price: Price | None = None
