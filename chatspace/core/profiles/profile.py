"""Profiles and channels: what people write in the files under `profiles/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from chatspace.core.calls.usage import Price

Step = str
"""The name of a step: one of `stages.registry.step_names`."""

Effort = Literal["low", "medium", "high"]
EffortChoice = Literal["off", "low", "medium", "high"]
AfterBreak = Literal["continue", "restart"]
"""What a fallback does with a reply that broke off: go on from its end, or write another."""

Sla = Literal["fast", "standard", "best"]
Tier = Literal["auto/light", "auto/balanced", "auto/large"]

TIERS: tuple[Tier, ...] = ("auto/light", "auto/balanced", "auto/large")
OFFLINE_PREFIX = "offline/"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: until the first piece of content, between two pieces, and for the whole reply."""

    first_token: float = 30.0
    idle: float = 30.0
    total: float = 300.0


EFFORT_PATIENCE = 3
"""How much longer the first piece may take where a model thinks first."""


def first_token_seconds(effort: Effort | None) -> float:
    """How long the first piece of content may take where the profile doesn't say."""
    return Timeouts().first_token * (EFFORT_PATIENCE if effort in ("medium", "high") else 1)


@dataclass(frozen=True, slots=True)
class Profile:
    """A named model configuration with its recipe. `version` is a hash of its file, `origin` the file's path."""

    name: str
    steps: tuple[Step, ...]
    model: str
    recipe: str
    fallbacks: tuple[str, ...] = ()
    temperature: float | None = None
    max_output_tokens: int | None = None
    context_window: int | None = None
    timeouts: Timeouts = Timeouts()
    reasoning_effort: Effort | None = None
    api_base: str | None = None
    api_key_env: str | None = None
    price: Price | None = None
    local_only: bool = False
    keep_structure: bool = False
    after_break: AfterBreak = "continue"
    origin: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A profile's model, resolved on this machine: where a call will really go.

    `host` is what the user is shown ("api.openai.com", "127.0.0.1:11434", "this machine"); `local` is true for
    loopback and the embedded engine; `why` says how a tier came to this model ("OPENAI_API_KEY is set").
    `window` is in tokens and `price` in USD per million; None where nobody knows. `address` is the URL below which the
    calls go, "" for the embedded engine.
    """

    profile: Profile
    model: str
    host: str
    local: bool
    why: str = ""
    window: int | None = None
    price: Price | None = None
    address: str = ""

    @property
    def offline(self) -> bool:
        """Whether the embedded engine answers, which has no language model."""
        return self.model.startswith(OFFLINE_PREFIX)

    def thinking(self, effort: EffortChoice | None) -> Target:
        """The same with another effort in the place of the profile's; None leaves it. What is set by hand stays."""
        if effort is None or self.offline:
            return self
        profile, asked = self.profile, None if effort == "off" else effort
        timeouts = profile.timeouts
        if timeouts.first_token == first_token_seconds(profile.reasoning_effort):
            timeouts = replace(timeouts, first_token=first_token_seconds(asked))
        return replace(self, profile=replace(profile, reasoning_effort=asked, timeouts=timeouts))


@dataclass(frozen=True, slots=True)
class TierProvider:
    """A provider of the model table: the model it has for each tier, and where its key stands.

    `key_env` names an environment variable, and is None for an endpoint of one's own that asks for no key.
    """

    name: str
    models: Mapping[Tier, str]
    key_env: str | None = None
    api_base: str | None = None


CountRule = Literal["characters", "wide", "x-weighted"]


@dataclass(frozen=True, slots=True)
class ChannelField:
    """One field of a channel.

    Limits are counted by `rule`; `count` variants are wanted, between `least` and `most` of them go into one
    piece.
    """

    name: str
    limit: int
    rule: CountRule = "characters"
    display_limit: int | None = None
    count: int = 1
    least: int = 1
    most: int | None = None
    forbids: str = ""
    source: str = ""
    checked: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a text goes. A group ("ad") has no fields of its own: `default` names the channel that stands for it.

    `export` is the format in which it takes copy, `headings` whether its texts have any, and `words` how long they
    usually are. A file may leave them out: `settled` then looks at the group and at the shipped channel.
    """

    name: str
    title: str
    fields: tuple[ChannelField, ...] = ()
    group: str | None = None
    default: str | None = None
    export: str | None = None
    headings: bool | None = True
    words: int | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """Its name and its group's, by which policies know it."""
        return (self.name, self.group) if self.group else (self.name,)


def settled(channels: Mapping[str, Channel], usual: Mapping[str, Channel]) -> Mapping[str, Channel]:
    """The channels with what they don't say: as the usual channel of the name has it, else as the group does."""

    def headings(name: str) -> bool | None:
        told = (channels.get(name), usual.get(name))
        return next((each.headings for each in told if each and each.headings is not None), None)

    def complete(channel: Channel) -> Channel:
        own, group = headings(channel.name), headings(channel.group or "")
        shipped, above = usual.get(channel.name), channels.get(channel.group or "")
        return replace(
            channel,
            export=channel.export or (shipped.export if shipped else None),
            headings=group is not False if own is None else own,
            words=channel.words or (above.words if above else None),
        )

    return {name: complete(channel) for name, channel in channels.items()}


@dataclass(frozen=True, slots=True)
class DeskKey:
    """A single key of the desk, and the instruction that it stands for."""

    key: str
    name: str
    instruction: str


@dataclass(frozen=True, slots=True)
class MetadataField:
    """A field of a document's metadata and what people call it: "Word count:", "Länge" and "length" are one field."""

    name: str
    aliases: tuple[str, ...]
    type: Literal["text", "number", "date", "list"] = "text"
