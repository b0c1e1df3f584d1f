"""Probes: whether each model that the profiles lead to answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from chatspace.core.calls.call import Call, Request, Turn
from chatspace.core.calls.model_client import ModelClient, RetryPolicy
from chatspace.core.errors import ChatspaceError, ModelError
from chatspace.core.events import discard_events
from chatspace.core.ports import Tools
from chatspace.core.profiles.profile import Target

QUESTION = (Turn("user", "Are you there?"),)
TOO_FEW = 400
"""The status of a server that finds one token too few to ask for."""
ENOUGH = 16


class EndpointChecks:
    """Calls of one token."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def targets(self) -> Sequence[Target]:
        """Each model that a profile leads to, once; those that can't be resolved and the embedded engine are left out.

        Reads files: to be called from a thread.
        """
        found: dict[tuple[str, str, str | None, str | None], Target] = {}
        for profile in self._tools.library.profiles():
            try:
                target = self._tools.catalog.resolve(profile, profile.steps[0])
            except ChatspaceError:
                continue
            if not target.offline:
                found.setdefault((target.model, target.host, profile.api_base, profile.api_key_env), target)
        return tuple(found.values())

    async def ping(self, target: Target, *, seconds: float = 30.0) -> Call | None:
        """Ask for one token, once; None where the model answered without a word. Raises ChatspaceError."""
        try:
            return await self._ping(target, 1, seconds)
        except ModelError as error:
            if error.status != TOO_FEW:
                raise
            return await self._ping(target, ENOUGH, seconds)

    async def _ping(self, target: Target, tokens: int, seconds: float) -> Call | None:
        few = replace(target, profile=replace(target.profile, max_output_tokens=tokens))
        client = ModelClient(self._tools, discard_events, policy=RetryPolicy(attempts=1))
        try:
            async with asyncio.timeout(seconds):
                return await client.ask(Request(target.profile.steps[0], few, QUESTION))
        except TimeoutError:
            remedy = "Check the server, or choose another model."
            raise ModelError(
                f"{target.host} timed out", f"no reply within {seconds:g} s", remedy, kind="timeout"
            ) from None
        except ModelError:
            if client.calls and client.calls[-1].finish == "length":
                return None  # it thought its one token away
            raise
