"""Where a call really goes on this machine: tiers resolved, hosts named, windows and prices looked up."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chatspace.adapters.catalog.listing import ask
from chatspace.adapters.catalog.ollama import PROBE_SECONDS, Installed, installed_models, ollama_address
from chatspace.adapters.catalog.suppliers import suppliers
from chatspace.core.calls.offers import AvailableModel, ProviderEndpoint
from chatspace.core.calls.usage import Price
from chatspace.core.errors import ModelError, UsageError
from chatspace.core.profiles.profile import OFFLINE_PREFIX, TIERS, Profile, Step, Target, Tier, TierProvider
from chatspace.core.registry import ModelProvider
from chatspace.core.stages.registry import step_names
from chatspace.http_policy import is_loopback

TIER_PREFIX = "auto/"
THIS_MACHINE = "this machine"
FREE = Price(0.0, 0.0)

HOSTS: Mapping[str, str] = {
    "openai": "api.openai.com",
    "anthropic": "api.anthropic.com",
    "gemini": "generativelanguage.googleapis.com",
    "mistral": "api.mistral.ai",
    "groq": "api.groq.com",
    "openrouter": "openrouter.ai",
    "deepseek": "api.deepseek.com",
    "xai": "api.x.ai",
    "cerebras": "api.cerebras.ai",
    "cohere": "api.cohere.com",
    "cohere_chat": "api.cohere.com",
    "deepinfra": "api.deepinfra.com",
    "fireworks_ai": "api.fireworks.ai",
    "nvidia_nim": "integrate.api.nvidia.com",
    "perplexity": "api.perplexity.ai",
    "together_ai": "api.together.ai",
}
"""Where litellm sends the calls of a provider, unless told otherwise."""

BASE_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    "anthropic": ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"),
}
"""The environment variables that tell litellm otherwise; elsewhere it is <PROVIDER>_API_BASE."""

OLLAMA = ("ollama", "ollama_chat")
TABLE = "model_prices_and_context_window_backup.json"


@dataclass(frozen=True, slots=True)
class _Known:
    """What litellm's table says of a model."""

    provider: str
    window: int | None
    price: Price | None


class LocalCatalog:
    """Fulfils ports.ModelCatalog. `table` gives the providers that a tier may take, in order, when one is needed.

    `providers` are those that plugins add, by the prefix of their models' names. The table of litellm and a local
    Ollama are asked at most once, when a call needs them.
    """

    def __init__(
        self,
        table: Callable[[], Sequence[TierProvider]],
        environment: Mapping[str, str] | None = None,
        probe_seconds: float = PROBE_SECONDS,
        providers: Callable[[], Mapping[str, ModelProvider]] = dict,
    ) -> None:
        self._table = table
        self._probe_seconds = probe_seconds
        self._providers = providers
        self._environment = os.environ if environment is None else environment

    def resolve(
        self,
        profile: Profile,
        step: Step,
        *,
        model: str | None = None,
        supplier: ProviderEndpoint | None = None,
        local: bool = False,
    ) -> Target:
        """Raises ModelError(kind="refused") for a host that `local` or `local_only` forbids.

        A `model` is reached at its `supplier`, with the supplier's key. Without one, a model from another provider than
        the profile's leaves the profile's endpoint, key, window and price aside.
        Raises UsageError for a tier or a step of the embedded engine that doesn't exist.
        """
        only_here = local or profile.local_only
        name = profile.model if model is None else model.strip()
        if name in TIERS:
            return self._for_tier(_tier(name), profile, step, only_here)
        _check_name(name)
        if name.startswith(OFFLINE_PREFIX):
            return _offline(profile, step, "requested")
        if supplier:
            profile = replace(profile, api_base=supplier.base, api_key_env=supplier.key_env)
        elif name != profile.model:
            profile = self._lent(profile, name)
        target = self._for_model(profile, name, "")
        if only_here and not target.local:
            allows = "--local" if local else f"local_only in the profile {profile.name}"
            raise ModelError(
                f"{name} is not on this machine",
                f"it runs on {target.host}, and {allows} allows only loopback and the built-in engine",
                f"Choose a model on a local server or --model {OFFLINE_PREFIX}{step}, or remove the restriction.",
                kind="refused",
            )
        return target

    def models(self, *, local: bool = False) -> Sequence[str]:
        """Those of the providers with a key, then those that Ollama has, then the embedded engine."""
        names = [name for provider in self._available() for name in provider.models.values()]
        names += [f"ollama_chat/{model.name}" for model in self._reachable(local)]
        here = Profile("", (), "", "")
        callable_ = (name for name in names if not local or self._for_model(self._lent(here, name), name, "").local)
        return (*dict.fromkeys(callable_), f"{OFFLINE_PREFIX}chat")

    def suppliers(self, profiles: Sequence[Profile], *, local: bool = False) -> Sequence[ProviderEndpoint]:
        """Where the profiles go, then the providers with a key, then Ollama; nothing is asked."""
        reached = [target.profile for profile in profiles if (target := self._reached(profile, local))]
        return suppliers(reached, list(self._available()), self._base, self._ollama, _place, local=local)

    def offers(self, supplier: ProviderEndpoint) -> Sequence[AvailableModel]:
        """What a supplier lists, windows and prices completed from litellm's table."""
        offers = []
        for offer in ask(supplier, self._environment):
            known = self._known(offer.name)
            window = offer.window or (known.window if known else None)
            price = offer.price or (known.price if known else None)
            if supplier.protocol == "ollama" and supplier.local:
                price = price or FREE
            offers.append(AvailableModel(offer.name, window, price))
        return offers

    def _reached(self, profile: Profile, local: bool) -> Target | None:
        """Where a profile goes on this machine, or would, were other hosts allowed; None for the embedded engine."""
        try:
            target = self.resolve(profile, profile.steps[0], local=local)
        except ModelError:
            target = self._for_model(profile, profile.model, "")
        except UsageError:
            return None
        return None if target.offline else replace(target, profile=replace(target.profile, model=target.model))

    def _available(self) -> Iterator[TierProvider]:
        for provider in self._table():
            if provider.key_env is None or self._environment.get(provider.key_env, "").strip():
                yield provider

    def _lent(self, profile: Profile, name: str) -> Profile:
        """The profile for a model that isn't its own: window, price and another provider's endpoint don't belong to it.

        A model of the table is reached as the table says.
        """
        stripped = replace(profile, price=None, context_window=None)
        if name.split("/")[0] == profile.model.split("/")[0] and (profile.api_base or profile.api_key_env):
            return stripped
        listing = next((provider for provider in self._available() if name in provider.models.values()), None)
        return replace(
            stripped,
            api_base=listing.api_base if listing else None,
            api_key_env=listing.key_env if listing else None,
        )

    def _for_tier(self, tier: Tier, profile: Profile, step: Step, only_here: bool) -> Target:
        for provider in self._available():
            why = f"{provider.key_env} is set" if provider.key_env else f"{provider.name} needs no key"
            own = replace(profile, api_base=provider.api_base, api_key_env=provider.key_env)
            target = self._for_model(own, provider.models[tier], why)
            if target.local or not only_here:
                return target
        reason = "only this machine is allowed" if only_here else "no key is set"
        installed = self._reachable(only_here)
        if installed:
            chosen = installed[{"auto/light": 0, "auto/balanced": len(installed) // 2, "auto/large": -1}[tier]]
            own = replace(profile, api_base=None, api_key_env=None)
            return self._for_model(own, f"ollama_chat/{chosen.name}", f"{reason}, and Ollama has {chosen.name}")
        return _offline(profile, step, f"{reason}, and no Ollama server responds at {_place(self._ollama)[0]}")

    def _for_model(self, profile: Profile, name: str, why: str) -> Target:
        known = self._known(name)
        provider = name.split("/")[0] if "/" in name else known.provider if known else ""
        if added := self._providers().get(f"{provider}/"):
            free = FREE if added.local else None
            return Target(profile, name, added.host, added.local, why, profile.context_window, profile.price or free)
        if provider in OLLAMA:
            return self._for_ollama(profile, name, known, why)
        base = profile.api_base or self._base(provider)
        host, local = _place(base) if base else (HOSTS.get(provider, provider or "an unknown host"), False)
        return Target(
            profile,
            name,
            host,
            local,
            why,
            profile.context_window or (known.window if known else None),
            profile.price or (known.price if known else None),
            _url(base or host),
        )

    def _for_ollama(self, profile: Profile, name: str, known: _Known | None, why: str) -> Target:
        """The address is pinned, for OLLAMA_HOST is Ollama's own variable. A cloud model is only passed through."""
        base = profile.api_base or self._ollama
        host, local = _place(base)
        if name.endswith(("-cloud", ":cloud")):
            host, local = f"ollama.com through {host}", False
        window = profile.context_window or (known.window if known else None)
        price = profile.price or (FREE if local else None)
        return Target(replace(profile, api_base=base), name, host, local, why, window, price, _url(base))

    def _base(self, provider: str) -> str:
        variables = BASE_VARIABLES.get(provider, (f"{provider.upper()}_API_BASE",))
        return next((base for name in variables if (base := self._environment.get(name, "").strip())), "")

    @property
    def _ollama(self) -> str:
        return self._base("ollama") or ollama_address(self._environment.get("OLLAMA_HOST", ""))

    def _reachable(self, only_here: bool) -> Sequence[Installed]:
        """Where only this machine is allowed, an Ollama elsewhere isn't even asked."""
        return self._installed if not only_here or _place(self._ollama)[1] else ()

    @cached_property
    def _installed(self) -> Sequence[Installed]:
        return installed_models(self._ollama, self._probe_seconds)

    def _known(self, name: str) -> _Known | None:
        """The entry of a model, which the table names with or without its provider."""
        provider, _, bare = name.partition("/")
        found = self._models.get(name)
        if found is None and provider == "ollama_chat":
            found = self._models.get(f"ollama/{bare}")
        if found is None and (without := self._models.get(bare)) and without.provider == provider:
            found = without
        return found

    @cached_property
    def _models(self) -> Mapping[str, _Known]:
        spec = importlib.util.find_spec("litellm")
        if spec is None or spec.origin is None:
            return {}
        try:
            listed = json.loads((Path(spec.origin).parent / TABLE).read_bytes())
        except (OSError, ValueError):
            return {}
        return {name: _read(entry) for name, entry in listed.items() if isinstance(entry, dict)}


def _read(entry: Mapping[str, Any]) -> _Known:
    """Zero stands for an unknown price in the table."""
    window = entry.get("max_input_tokens") or entry.get("max_tokens")
    costs = [entry.get(f"{side}_cost_per_token") for side in ("input", "output")]
    prices = [round(cost * 1_000_000, 6) for cost in costs if isinstance(cost, int | float)]
    price = Price(*prices) if len(prices) == 2 and any(prices) else None
    return _Known(str(entry.get("litellm_provider", "")), window if isinstance(window, int) else None, price)


def _tier(name: str) -> Tier:
    return next(tier for tier in TIERS if tier == name)


def _check_name(name: str) -> None:
    if name.startswith(TIER_PREFIX):
        raise UsageError(f"Unknown tier {name}", remedy=f"Choose one of {', '.join(TIERS)}.")
    if name.startswith(OFFLINE_PREFIX) and name.removeprefix(OFFLINE_PREFIX) not in step_names():
        steps = ", ".join(OFFLINE_PREFIX + step for step in step_names())
        raise UsageError(f"The built-in engine has no {name}", remedy=f"Choose one of {steps}.")
    if not name:
        raise UsageError("The model name is empty", remedy="Use a name such as openai/gpt-4.1.")


def _offline(profile: Profile, step: Step, why: str) -> Target:
    """The embedded engine does the step that is asked of it, whatever step its name was written with."""
    own = replace(profile, api_base=None, api_key_env=None)
    return Target(own, f"{OFFLINE_PREFIX}{step}", THIS_MACHINE, True, why, None, FREE)


def _url(base: str) -> str:
    """An address with its scheme, which is https where only a host is known."""
    return base if "://" in base else f"https://{base}"


def _place(base: str) -> tuple[str, bool]:
    """The host of an address with its port, and whether it is loopback."""
    try:
        parts = urlsplit(base if "://" in base else f"http://{base}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "an unreadable address", False
    shown = f"[{host}]" if ":" in host else host
    return (f"{shown}:{port}" if port else shown), is_loopback(host)
