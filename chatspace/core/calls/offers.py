"""What the endpoints offer: the suppliers of models, and the models that one has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from chatspace.core.calls.usage import Price

Dialect = Literal["openai", "anthropic", "gemini", "ollama"]

NO_KEY = "no-key"
"""What an endpoint that asks for no key is called beside one at the same address that does."""


@dataclass(frozen=True, slots=True)
class ProviderEndpoint:
    """An endpoint as one that can be asked which models it has.

    `prefix` is what the names of its models begin with for litellm ("openai/"); `key_env` names the environment
    variable that holds its key; `profiles` are those that go there, by the model of each; `models` are those that it is
    known for without being asked. `base` is the api_base that a call needs, None where litellm goes there by itself.
    `refused` says why it isn't asked.
    """

    address: str
    host: str
    local: bool
    prefix: str
    protocol: Dialect = "openai"
    key_env: str | None = None
    profiles: Mapping[str, str] = field(default_factory=dict, hash=False)
    refused: str = ""
    base: str | None = None
    models: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str | None, str]:
        """What tells it from another."""
        return self.address, self.key_env, self.prefix

    @property
    def places(self) -> tuple[str, str, str]:
        """What it can be called behind the @ of a model, from the shortest to the one that nothing else has."""
        address = self.address.partition("://")[2] or self.address
        return self.host, address, f"{self.key_env or NO_KEY}@{address}"

    def full_name(self, name: str) -> str:
        """The name of its model with the prefix that litellm wants; `ollama/` is another way to write one."""
        if self.protocol == "ollama":
            name = name.removeprefix("ollama/")
        return self.prefix + name.removeprefix(self.prefix)

    def can_have(self, name: str) -> bool:
        """Whether a model of that name may be one of its models."""
        return name.startswith(self.prefix) or (self.protocol == "ollama" and name.startswith("ollama/"))


@dataclass(frozen=True, slots=True)
class AvailableModel:
    """A model of a supplier under its full name; window in tokens and price are None where nobody says."""

    name: str
    window: int | None = None
    price: Price | None = None


def place_of(supplier: ProviderEndpoint, suppliers: Iterable[ProviderEndpoint]) -> str:
    """The shortest of its places that only it has among all; at one address the prefix of the name decides."""
    others = [each for each in suppliers if each.places[-1] != supplier.places[-1]]
    taken = {place for other in others for place in other.places}
    return next(place for place in supplier.places if place not in taken)


def at_place(place: str, suppliers: Sequence[ProviderEndpoint]) -> Sequence[ProviderEndpoint]:
    """Those that are called so."""
    return [supplier for supplier in suppliers if place in supplier.places]
