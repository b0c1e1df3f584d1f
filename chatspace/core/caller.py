"""Asking a model: the ledger before and after, retries for what can pass, then the profile's fallbacks."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from uuid import uuid4

from chatspace.core.call import (
    Call,
    CallOutcome,
    Finished,
    FinishReason,
    ReasoningDelta,
    Request,
    TextDelta,
    UsageReported,
)
from chatspace.core.errors import ModelError, ModelFailure
from chatspace.core.events import CallFailed, CallFinished, CallStarted, DeltaReceived, Emit
from chatspace.core.ports import Ledger, Provider
from chatspace.core.profile import Target
from chatspace.core.text.tokens import estimate_tokens, estimate_turns
from chatspace.core.usage import Usage

ATTEMPTS = 3
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 20.0
"""Seconds. A server that wants a longer pause than this is left to the user."""

CUT_REASONS: dict[FinishReason, str] = {
    "length": "the reply reached its length limit",
    "cut": "the stream ended before the reply was finished",
    "filtered": "the provider's content filter ended the reply",
}

WITHOUT_TEXT: dict[FinishReason, tuple[ModelFailure, str, str]] = {
    "stop": (
        "empty",
        "the server reported success, but the reply was empty",
        "Try again, or choose another model with --model (ctrl+o in the workspace).",
    ),
    "cut": ("cut", CUT_REASONS["cut"], "Try again; if it happens often, look at the server or the proxy before it."),
    "length": (
        "bad_request",
        CUT_REASONS["length"],
        "Raise max_output_tokens in the profile, or lower its reasoning_effort.",
    ),
    "filtered": ("refused", CUT_REASONS["filtered"], "Change the text, or choose another model."),
}


class Caller:
    """Makes the calls of one run or one reply.

    A call whose reply is whole is `complete`; one that broke after text came is `truncated` and given back with that
    text; one that gave no text is tried again while that makes sense, then raised as ModelError.
    """

    def __init__(
        self, provider: Provider, ledger: Ledger, emit: Emit, *, run: str | None = None, message: int | None = None
    ) -> None:
        self._provider = provider
        self._ledger = ledger
        self._emit = emit
        self._run = run
        self._message = message
        self.calls: list[Call] = []

    async def ask(self, request: Request, fallbacks: Sequence[Target] = ()) -> Call:
        """The reply of the first target that gives one. Raises ModelError."""
        targets = (request.target, *fallbacks)
        for target in targets:
            try:
                return await self._ask_patiently(replace(request, target=target))
            except ModelError as error:
                if target is targets[-1] or not (error.passing or error.kind == "context"):
                    raise
        raise AssertionError("unreachable: the last target returns or raises")

    async def _ask_patiently(self, request: Request) -> Call:
        attempt = 1
        while True:
            try:
                return await self._ask_once(request, attempt)
            except ModelError as error:
                pause = error.retry_after or FIRST_PAUSE * 3 ** (attempt - 1) * random.uniform(0.75, 1.25)
                worth_it = error.passing and error.kind != "timeout" and pause <= LONGEST_PAUSE
                if attempt == ATTEMPTS or not worth_it:
                    raise
                await asyncio.sleep(pause)
                attempt += 1

    async def _ask_once(self, request: Request, attempt: int) -> Call:
        reply = _Reply(request, attempt)
        self._emit(CallStarted(request.step, request.target, attempt))
        opened = reply.call("interrupted")
        await asyncio.to_thread(self._ledger.start, opened, self._run, message=self._message)
        try:
            async with aclosing(self._provider.stream(request)) as events:  # type: ignore[type-var]  # a protocol can't promise aclose
                async for event in events:
                    if delta := reply.take(event):
                        self._emit(delta)
        except ModelError as error:
            return await self._broken(reply, error)
        except BaseException:  # cancelled, or a listener broke: what came is kept either way
            call = reply.call("stopped")
            await self._store(call)
            self._emit(CallFinished(call))
            raise
        reason = reply.finish or "cut"
        if not reply.text.strip():
            return await self._broken(reply, _without_text(request.target.model, reason))
        cut = CUT_REASONS.get(reason)
        call = reply.call("truncated" if cut else "complete", cut)
        await self._store(call)
        self._emit(CallFinished(call))
        return call

    async def _broken(self, reply: _Reply, error: ModelError) -> Call:
        """A reply that broke keeps its text; without any text the error goes on."""
        call = reply.call("truncated" if reply.text.strip() else "failed", str(error))
        await self._store(call)
        if call.outcome == "failed":
            self._emit(CallFailed(call, error))
            raise error
        self._emit(CallFinished(call))
        return call

    async def _store(self, call: Call) -> None:
        # Not to be interrupted by a cancellation: what was received is on disk before anything else happens.
        await asyncio.shield(asyncio.to_thread(self._ledger.finish, call))
        self.calls.append(call)


@dataclass
class _Reply:
    """What has come of a reply so far."""

    request: Request
    attempt: int
    id: str = field(default_factory=lambda: uuid4().hex)
    began: float = field(default_factory=time.monotonic)
    pieces: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    usage: Usage | None = None
    finish: FinishReason | None = None
    first_token: float | None = None

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def take(self, event: object) -> DeltaReceived | None:
        if isinstance(event, TextDelta | ReasoningDelta):
            if self.first_token is None:
                self.first_token = time.monotonic()
            thinking = isinstance(event, ReasoningDelta)
            (self.thoughts if thinking else self.pieces).append(event.text)
            return DeltaReceived(self.request.step, event.text, thinking)
        if isinstance(event, UsageReported):
            self.usage = event.usage
        elif isinstance(event, Finished):
            self.finish = event.reason
        return None

    def call(self, outcome: CallOutcome, error: str | None = None) -> Call:
        target = self.request.target
        text, reasoning = self.text, "".join(self.thoughts)
        usage = self.usage or Usage(
            input=estimate_turns(turn.content for turn in self.request.turns),
            output=estimate_tokens(text) + estimate_tokens(reasoning),
            reasoning=estimate_tokens(reasoning),
        )
        return Call(
            id=self.id,
            key=self.request.key,
            step=self.request.step,
            profile=target.profile.name,
            model=target.model,
            host=target.host,
            outcome=outcome,
            text=text,
            reasoning=reasoning,
            finish=self.finish,
            attempt=self.attempt,
            usage=usage,
            cost_usd=target.price.cost(usage) if target.price else None,
            first_token_ms=_milliseconds(self.began, self.first_token) if self.first_token else None,
            elapsed_ms=_milliseconds(self.began, time.monotonic()),
            error=error,
        )


def _milliseconds(start: float, end: float) -> int:
    return round((end - start) * 1000)


def _without_text(model: str, reason: FinishReason) -> ModelError:
    kind, why, remedy = WITHOUT_TEXT.get(reason, WITHOUT_TEXT["stop"])
    return ModelError(f"{model} gave no text", why, remedy, kind=kind)
