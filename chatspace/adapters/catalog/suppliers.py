"""Where models can be asked for on this machine: the endpoints of the profiles, the providers with a key, Ollama."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from chatspace.core.calls.offers import Dialect, ProviderEndpoint
from chatspace.core.profiles.profile import Profile, TierProvider

BASES: Mapping[str, str] = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "gemini": "https://generativelanguage.googleapis.com/v1beta",
    "mistral": "https://api.mistral.ai/v1",
    "groq": "https://api.groq.com/openai/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "deepseek": "https://api.deepseek.com",
    "xai": "https://api.x.ai/v1",
    "cerebras": "https://api.cerebras.ai/v1",
    "deepinfra": "https://api.deepinfra.com/v1/openai",
    "fireworks_ai": "https://api.fireworks.ai/inference/v1",
    "nvidia_nim": "https://integrate.api.nvidia.com/v1",
    "together_ai": "https://api.together.ai/v1",
}
"""Where a provider lists its models, below which PATHS follow."""

OLLAMA_PREFIXES = ("ollama", "ollama_chat")
NOT_ASKED = "only this machine is allowed (--local)"

Place = Callable[[str], tuple[str, bool]]
BaseOf = Callable[[str], str]


def suppliers(
    profiles: Iterable[Profile],
    providers: Sequence[TierProvider],
    base_of: BaseOf,
    ollama: str,
    place: Place,
    *,
    local: bool,
) -> Sequence[ProviderEndpoint]:
    """One for each address and key. `base_of` gives the address that the environment names for a provider, or "".

    `profiles` come with their tiers resolved. With `local`, a supplier elsewhere is listed as one that isn't asked.
    """
    found: dict[tuple[str, str | None, str], ProviderEndpoint] = {}
    keys = {provider.name: provider.key_env for provider in providers}
    for supplier, profile in _places(profiles, providers, keys, base_of, ollama):
        host, here = place(supplier.address)
        known = found.get(supplier.key, replace(supplier, host=host, local=here))
        used = {**known.profiles, **({profile.name: profile.model} if profile else {})}
        models = tuple(dict.fromkeys((*known.models, *supplier.models)))
        refused = NOT_ASKED if local and not here else ""
        found[supplier.key] = replace(known, profiles=used, refused=refused, models=models)
    return tuple(found.values())


def _places(
    profiles: Iterable[Profile],
    providers: Sequence[TierProvider],
    keys: Mapping[str, str | None],
    base_of: BaseOf,
    ollama: str,
) -> Iterator[tuple[ProviderEndpoint, Profile | None]]:
    for profile in profiles:
        provider = profile.model.split("/")[0]
        base = profile.api_base or (ollama if provider in OLLAMA_PREFIXES else base_of(provider) or BASES.get(provider))
        if base and "/" in profile.model:
            # An endpoint of one's own gets the key that its profile names, and no other.
            key = profile.api_key_env or (None if profile.api_base else keys.get(provider))
            yield replace(_supplier(provider, base, key), base=profile.api_base), profile
    for listed in providers:
        prefix = next(iter(listed.models.values())).split("/")[0]
        base = listed.api_base or base_of(prefix) or BASES.get(prefix)
        if base:
            models = tuple(listed.models.values())
            yield replace(_supplier(prefix, base, listed.key_env), base=listed.api_base, models=models), None
    yield _supplier("ollama_chat", ollama, None), None


def _supplier(provider: str, base: str, key_env: str | None) -> ProviderEndpoint:
    protocols: dict[str, Dialect] = {"anthropic": "anthropic", "gemini": "gemini"}
    if provider in OLLAMA_PREFIXES:
        return ProviderEndpoint(base.rstrip("/"), "", False, "ollama_chat/", "ollama")
    protocol = protocols.get(provider, "openai")
    return ProviderEndpoint(base.rstrip("/"), "", False, f"{provider}/", protocol, key_env)
