"""Where a model that the user chose by name is called: at which endpoint, with whose key, window and price."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chatspace.core.calls.offers import AvailableModel, ProviderEndpoint, at_place, place_of
from chatspace.core.errors import ChatspaceError, ModelError, UsageError
from chatspace.core.profiles.profile import OFFLINE_PREFIX, TIERS, Profile, Step, Target

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message
    from chatspace.core.ports import ModelCatalog, ProfileLibrary
    from chatspace.core.profiles.options import Options

HOST = re.compile(
    r"(localhost|\[[0-9a-f:]+\]|(\d{1,3}\.){3}\d{1,3}|([\w-]+\.)+[a-z]{2,})(:\d+)?(/\S*)?|[\w.-]+:\d+(/\S*)?",
    re.IGNORECASE,
)
"""What stands behind an @ to name an endpoint; other models have an @ in their names too (claude@20240620)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A model and the endpoint that has it; without one it is what litellm and the profile take its name for.

    `ref` names both, as in `openai/llama@127.0.0.1:8000`, and is found again without asking anybody.
    """

    name: str
    ref: str
    supplier: ProviderEndpoint | None = None


class Targets:
    """Turns the name of a model into a target. It may read files and ask endpoints: to be called from a thread.

    A model goes to the endpoint that offers it. Where several do, it goes to that of the profile that was named with
    it, else to none. One that nobody offers is litellm's: it stays at the endpoint of the profile where its name begins
    with the same provider, and goes to that provider's own host otherwise.
    """

    def __init__(self, library: ProfileLibrary, catalog: ModelCatalog) -> None:
        self._library = library
        self._catalog = catalog
        self._offers: dict[tuple[str, str | None, str], Sequence[AvailableModel] | ModelError] = {}

    def of(self, profile: Profile, step: Step, options: Options) -> Target:
        """Where a call goes with these options, by this profile. Raises UsageError and ModelError."""
        if options.model is None:
            return self._catalog.resolve(profile, step, local=options.local)
        return self.named(options.model, profile, step, local=options.local, chosen=options.profile is not None)

    def named(self, model: str, profile: Profile, step: Step, *, local: bool = False, chosen: bool = True) -> Target:
        """Where a model goes; `chosen` says that the user named the profile with it."""
        return self.reach(self.find(model, profile, local=local, chosen=chosen), profile, step, local=local)

    def reach(self, found: Found, profile: Profile, step: Step, *, local: bool = False) -> Target:
        """Where the call of a model that is found goes, by this profile."""
        if found.supplier is None:
            return self._as_litellm(found.name, profile, step, local)
        return self._at(found.supplier, found.name, profile, step, local)

    def find(
        self,
        model: str,
        profile: Profile | None = None,
        *,
        local: bool = False,
        chosen: bool = False,
        again: bool = False,
    ) -> Found:
        """The endpoint of a model. Raises UsageError where it isn't clear; `again` asks those that didn't answer."""
        name = model.strip()
        if name in TIERS or name.startswith(OFFLINE_PREFIX) or (chosen and profile and name == profile.model):
            return Found(name, name)
        suppliers = self.suppliers(local=local)
        if placed := self._placed(name, suppliers):
            return placed
        candidates = self._candidates(name, suppliers)
        if not candidates:
            return Found(name, name)
        own = next((each for each in candidates if chosen and profile and profile.name in each.profiles), None)
        if own and (len(candidates) == 1 or self._has(own, name)):
            return _found(own, name, suppliers)
        if len(candidates) == 1 and not candidates[0].base and "/" in name:
            return _found(candidates[0], name, suppliers)  # litellm goes nowhere else
        offering = self._offering(name, candidates, again)
        if len(offering) == 1:
            return _found(offering[0], name, suppliers)
        if offering:
            raise _several(f"{name} is offered by {len(offering)} endpoints", "", offering, name, suppliers)
        self._check_none_is_missed(name, profile, chosen, candidates, suppliers)
        return Found(name, name)

    def like(self, message: Message, step: Step, *, local: bool = False) -> tuple[str | None, str | None]:
        """The profile and the model that ask again whom a reply came from; None where there is no such profile.

        A model that can't be reached at its host any more is left to the profile.
        """
        known = {each.name: each for each in self._library.profiles() if step in (*each.steps, "chat")}
        profile, model = known.get(message.profile or ""), message.model
        if profile is None:
            return None, None
        if model is None or model.startswith(OFFLINE_PREFIX):
            return profile.name, None
        for ref in (None, f"{model}@{message.host}", model):
            with suppress(ChatspaceError):
                own = self._catalog.resolve(profile, step, local=local) if ref is None else None
                target = own or self.named(ref or model, profile, step, local=local)
                if (target.model, target.host) == (model, message.host):
                    return profile.name, ref
        return profile.name, None

    # The endpoints

    def ask_all(self, *, local: bool = False) -> None:
        """Let every endpoint that isn't known yet say what it offers, all at the same time."""
        unknown = [each for each in self.suppliers(local=local) if not each.refused and self.known(each) is None]
        with ThreadPoolExecutor(max(len(unknown), 1)) as pool:
            list(pool.map(self._listed, unknown))

    def suppliers(self, *, local: bool = False) -> Sequence[ProviderEndpoint]:
        """Where models can be asked for; nothing is asked of them."""
        return self._catalog.suppliers(self._library.profiles(), local=local)

    def known(self, supplier: ProviderEndpoint) -> Sequence[AvailableModel] | None:
        """What the supplier said when it was asked last."""
        known = self._offers.get(supplier.key)
        return None if isinstance(known, ModelError) else known

    def offers(self, supplier: ProviderEndpoint) -> Sequence[AvailableModel]:
        """What the supplier lists, asked now. Raises ModelError."""
        try:
            offers = self._catalog.offers(supplier)
        except ModelError as error:
            if not supplier.refused:
                self._offers[supplier.key] = error
            raise
        self._offers[supplier.key] = offers
        return offers

    def all_known(self, *, local: bool = False) -> Sequence[Found]:
        """Every model that is known without asking, at each of the endpoints that have it; the embedded engine last."""
        suppliers = [each for each in self.suppliers(local=local) if not each.refused]
        found = [
            _found(supplier, name, suppliers)
            for supplier in suppliers
            for name in (*_claimed(supplier), *(offer.name for offer in self.known(supplier) or ()))
        ]
        listed = {each.name for each in found}
        for name in self._catalog.models(local=local):
            if name not in listed:
                at = next((each for each in suppliers if each.can_have(name) and not each.base), None)
                found.append(_found(at, name, suppliers) if at else Found(name, name))
        return list({each.ref: each for each in found}.values())

    def ref(self, supplier: ProviderEndpoint, name: str, suppliers: Sequence[ProviderEndpoint]) -> str:
        """How a model of this endpoint is named among these."""
        return _found(supplier, name, suppliers).ref

    def _placed(self, name: str, suppliers: Sequence[ProviderEndpoint]) -> Found | None:
        """The model and the endpoint that is named behind an @."""
        for at, character in enumerate(name):
            if character != "@" or not at:
                continue
            bare, place = name[:at], name[at + 1 :]
            there = at_place(place, suppliers)
            fitting = [each for each in there if each.can_have(bare)] or there
            if len(fitting) > 1:
                raise _several(f"{place} matches {len(fitting)} endpoints", "", fitting, bare, suppliers)
            if fitting:
                return _found(fitting[0], fitting[0].full_name(bare), suppliers)
        place = name.rpartition("@")[2] if "@" in name else ""
        if HOST.fullmatch(place):
            known = ", ".join(dict.fromkeys(place_of(each, suppliers) for each in suppliers))
            raise UsageError(f"Unknown endpoint {place}", remedy=f"Available: {known}. /models adds an endpoint.")
        return None

    def _candidates(self, name: str, suppliers: Sequence[ProviderEndpoint]) -> Sequence[ProviderEndpoint]:
        """Those that may have the model. Of a name without its provider it is any, unless litellm knows it."""
        asked = [each for each in suppliers if not each.refused]
        if "/" in name:
            return [each for each in asked if each.can_have(name)]
        known = self._catalog.resolve(Profile("", (), "", ""), "chat", model=name)
        return [] if known.window else asked

    def _has(self, supplier: ProviderEndpoint, name: str) -> bool:
        """Whether the supplier offers it, by a profile or the table of models, else by what it lists."""
        full = supplier.full_name(name)
        if full in _claimed(supplier):
            return True
        return any(offer.name == full for offer in self._listed(supplier))

    def _listed(self, supplier: ProviderEndpoint) -> Sequence[AvailableModel]:
        """What it lists, asked once; nothing where it doesn't tell."""
        if supplier.key not in self._offers:
            with suppress(ModelError):
                return self.offers(supplier)
        return self.known(supplier) or ()

    def _offering(self, name: str, candidates: Sequence[ProviderEndpoint], again: bool) -> Sequence[ProviderEndpoint]:
        if again:
            for each in candidates:
                if self.known(each) is None:
                    self._offers.pop(each.key, None)
        with ThreadPoolExecutor(len(candidates)) as pool:
            having = pool.map(lambda each: self._has(each, name), candidates)
            return [each for each, has in zip(candidates, having, strict=True) if has]

    def _check_none_is_missed(
        self,
        name: str,
        profile: Profile | None,
        chosen: bool,
        candidates: Sequence[ProviderEndpoint],
        suppliers: Sequence[ProviderEndpoint],
    ) -> None:
        """An endpoint that couldn't be asked may be the one that is meant, beside that of the profile."""
        mute = [each for each in candidates if isinstance(self._offers.get(each.key), ModelError)]
        others = [each for each in mute if profile is None or profile.name not in each.profiles]
        if len(candidates) > 1 and others and not chosen and "/" in name:
            hosts = ", ".join(dict.fromkeys(each.host for each in others))
            why = f"no endpoint lists it, and {hosts} returned no list"
            raise _several(f"No endpoint is known for {name}", why, candidates, name, suppliers)

    # The target

    def _as_litellm(self, name: str, profile: Profile, step: Step, local: bool) -> Target:
        target = self._catalog.resolve(profile, step, model=name, local=local)
        if "/" not in name and name != profile.model and target.window is None:
            raise UsageError(
                f"Unknown model {name}",
                remedy="Include the provider, for example openai/gpt-4.1 or ollama_chat/llama3.2.",
            )
        return target

    def _at(self, supplier: ProviderEndpoint, name: str, profile: Profile, step: Step, local: bool) -> Target:
        """What the profiles of the endpoint say of the model holds here too: window, price and local_only."""
        there = [each for each in self._library.profiles() if each.name in supplier.profiles]
        if any(each.name == profile.name for each in there) and profile.model == name:
            return self._catalog.resolve(profile, step, local=local)
        same = [each for each in there if supplier.full_name(supplier.profiles[each.name]) == name]
        lent = replace(
            profile,
            context_window=next((each.context_window for each in same if each.context_window), None),
            price=next((each.price for each in same if each.price), None),
            local_only=profile.local_only or (bool(there) and all(each.local_only for each in there)),
        )
        target = self._catalog.resolve(lent, step, model=name, supplier=supplier, local=local)
        offer = next((each for each in self.known(supplier) or () if each.name == name), None)
        if offer is None:
            return target
        window = lent.context_window or offer.window or target.window
        return replace(target, window=window, price=lent.price or offer.price or target.price)


def _claimed(supplier: ProviderEndpoint) -> Sequence[str]:
    """The models that it is known for without being asked."""
    return [supplier.full_name(name) for name in dict.fromkeys((*supplier.profiles.values(), *supplier.models))]


def _found(supplier: ProviderEndpoint, name: str, suppliers: Sequence[ProviderEndpoint]) -> Found:
    full = supplier.full_name(name)
    return Found(full, f"{full}@{place_of(supplier, suppliers)}", supplier)


def _several(
    title: str, reason: str, choices: Sequence[ProviderEndpoint], name: str, suppliers: Sequence[ProviderEndpoint]
) -> UsageError:
    refs = dict.fromkeys(_found(each, name, suppliers).ref for each in choices)
    return UsageError(title, reason, f"Add the endpoint: {', or '.join(refs)}.")
