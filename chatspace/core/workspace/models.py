"""The models that can be had: what the endpoints offer, a test call, and a profile for an endpoint of one's own."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chatspace.core.calls.call import Call, Request, Turn
from chatspace.core.calls.model_client import ModelClient
from chatspace.core.calls.offers import AvailableModel, ProviderEndpoint
from chatspace.core.errors import ModelError, UsageError
from chatspace.core.events import Emit
from chatspace.core.ports import Tools
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.profile import TIERS, Profile, TierProvider
from chatspace.core.targets import Found

QUESTION = (Turn("system", "This is a test of the connection. Answer with one word."), Turn("user", "Are you there?"))
LOOPBACK = re.compile(r"(localhost|127\.|\[::1\]|0\.0\.0\.0)", re.IGNORECASE)
BELOW = re.compile(r"/(chat/completions|completions|models)/?$")


@dataclass(frozen=True, slots=True)
class Added:
    """A new profile, and the file that makes its model the one of all tiers, where it was written."""

    profile: Profile
    table: Path | None


class Models:
    """Asks suppliers and keeps what they said, so that a list can be shown at once the next time."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def suppliers(self, *, local: bool = False) -> Sequence[ProviderEndpoint]:
        """Where models can be asked for; nothing is asked of them. Reads files: to be called from a thread."""
        return self._tools.targets.suppliers(local=local)

    def known(self, supplier: ProviderEndpoint) -> Sequence[AvailableModel] | None:
        """What the supplier said when it was asked last."""
        return self._tools.targets.known(supplier)

    def all_known(self, *, local: bool = False) -> Sequence[Found]:
        """Every model that is known without asking, with its endpoint. Reads files: to be called from a thread."""
        return self._tools.targets.all_known(local=local)

    def offers(self, supplier: ProviderEndpoint) -> Sequence[AvailableModel]:
        """What the supplier lists. Waits for a network: to be called from a thread. Raises ModelError."""
        return self._tools.targets.offers(supplier)

    def ask_all(self, *, local: bool = False) -> None:
        """Let every endpoint that isn't known yet say what it offers. Waits for a network: for a thread."""
        self._tools.targets.ask_all(local=local)

    def ref(self, supplier: ProviderEndpoint, name: str, suppliers: Sequence[ProviderEndpoint]) -> str:
        """How a model of this endpoint is named among these, as in `openai/llama@127.0.0.1:8000`."""
        return self._tools.targets.ref(supplier, name, suppliers)

    def choose(self, name: str, options: Options) -> str:
        """The model of that name with its endpoint, where the next messages go with these options.

        Waits for a network: to be called from a thread. Raises UsageError where it isn't clear which is meant.
        """
        profile = self._tools.library.profile(options.profile or "chat")
        return self._tools.targets.find(name, profile, local=options.local, again=True).ref

    async def test(self, profile: str, emit: Emit, *, local: bool = False, seconds: float = 60.0) -> Call:
        """One short call to where the profile goes. Raises ChatspaceError with cause and remedy."""
        library, catalog = self._tools.library, self._tools.catalog
        found = await asyncio.to_thread(library.profile, profile)
        target = await asyncio.to_thread(catalog.resolve, found, "chat", local=local)
        request = Request("chat", target, QUESTION)
        try:
            async with asyncio.timeout(seconds):
                return await ModelClient(self._tools, emit).ask(request)
        except TimeoutError:
            remedy = "Check the server, or choose another model."
            raise ModelError(
                f"{target.host} timed out", f"no reply within {seconds:g} s", remedy, kind="timeout"
            ) from None

    def look(
        self, address: str, key_env: str = "", *, local: bool = False
    ) -> tuple[ProviderEndpoint, Sequence[AvailableModel]]:
        """The supplier at an address as a person writes it, and its models. Raises ChatspaceError.

        Where the address lacks the /v1 that its list of models stands below, the supplier has it.
        """
        supplier = self._supplier(address, key_env, local)
        try:
            return supplier, self.offers(supplier)
        except ModelError as error:
            if error.kind not in ("not_found", "bad_request") or supplier.address.endswith("/v1"):
                raise
            below = replace(supplier, address=f"{supplier.address}/v1")
            try:
                return below, self.offers(below)
            except ModelError:
                raise error from None

    def add(self, supplier: ProviderEndpoint, model: str) -> Added:
        """A profile for chatting with a model of this supplier, in the user's folder. Raises ChatspaceError.

        Where nothing but the embedded engine answers the tiers, they stand for this model from now on, so that drafts,
        copy and rewrites go there too.
        """
        name = model.strip().removeprefix(supplier.prefix)
        if not name:
            raise UsageError("The model name is empty", remedy="Choose a model that the endpoint lists.")
        head = ["---", "step: chat", f"model: {json.dumps(supplier.prefix + name, ensure_ascii=False)}"]
        head.append(f"api_base: {json.dumps(supplier.address)}")
        if supplier.key_env:
            head.append(f"api_key_env: {supplier.key_env}")
        recipe = self._tools.library.profile("chat").recipe.strip("\n")
        library, catalog = self._tools.library, self._tools.catalog
        profile = library.add_profile(name.rpartition("/")[2], "\n".join((*head, "---", recipe, "")))
        if not catalog.resolve(library.profile("chat"), "chat").offline:
            return Added(profile, None)
        models = dict.fromkeys(TIERS, supplier.prefix + name)
        return Added(
            profile, library.add_provider(TierProvider(supplier.host, models, supplier.key_env, supplier.address))
        )

    def _supplier(self, address: str, key_env: str, local: bool) -> ProviderEndpoint:
        """Raises UsageError for what can't be an address or the name of a variable."""
        text = BELOW.sub("", address.strip()).rstrip("/")
        if text and "://" not in text:
            text = ("http://" if LOOPBACK.match(text) else "https://") + text
        if not re.fullmatch(r"https?://[^\s/@\\?#]+(/[^\s@\\?#]*)?", text):
            raise UsageError(f"{address.strip()!r} is not an address", remedy="Example: http://127.0.0.1:8080/v1.")
        variable = key_env.strip().removeprefix("$") or None
        if variable and not re.fullmatch(r"[A-Z][A-Z0-9_]{0,63}", variable):
            raise UsageError(
                "Not a variable name",
                "keys are never stored",
                "Enter the NAME of the environment variable, for example OPENAI_API_KEY, or leave it empty.",
            )
        probe = Profile("", ("chat",), "openai/x", "", api_base=text, api_key_env=variable)
        found = self._tools.catalog.suppliers([probe], local=local)
        return next(each for each in found if each.address == text and each.key_env == variable)
