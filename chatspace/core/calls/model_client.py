"""Asking a model: the ledger before and after, retries for what can pass, then the profile's fallbacks."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from uuid import uuid4

from chatspace.core.calls.budget import Budget, bounded, reservation_for
from chatspace.core.calls.call import (
    Call,
    CallOutcome,
    Finished,
    FinishReason,
    ReasoningDelta,
    Request,
    TextDelta,
    UsageReported,
)
from chatspace.core.calls.endpoints import Endpoint
from chatspace.core.calls.usage import Usage
from chatspace.core.errors import BudgetReached, ChatspaceError, ModelError, ModelFailure
from chatspace.core.events import CallDelayed, CallFailed, CallFinished, CallStarted, DeltaReceived, Emit, Warned
from chatspace.core.ports import Tools
from chatspace.core.profiles.profile import Target
from chatspace.core.text.tokens import DEFAULT_OUTPUT_RESERVE, estimate_tokens, estimate_turns

OnText = Callable[[str], None]
"""Takes the pieces of a reply's text."""

FIRST_PAUSE = 0.5
"""Seconds; tripled with each attempt."""


BUDGET_POLL = 0.2
"""Seconds between two looks at a budget of which calls that are out hold a part."""

NOTHING = Usage(estimated=False)
"""What a call took that no model saw."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often one model is asked, and how many seconds a call waits for a server that wants a pause."""

    attempts: int = 3
    pause: float = 20.0
    after_timeout: bool = False


INTERACTIVE = RetryPolicy()
"""Somebody is waiting: a server that wants longer is left to the user."""

BATCH = RetryPolicy(attempts=8, pause=300.0, after_timeout=True)
"""Nobody is waiting, and what fails has to be asked for again tomorrow."""

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
    "cut": (
        "cut",
        CUT_REASONS["cut"],
        "Try again. If it happens often, check the server and any proxy in front of it.",
    ),
    "length": (
        "bad_request",
        CUT_REASONS["length"],
        "Raise max_output_tokens in the profile, or lower its reasoning_effort.",
    ),
    "filtered": ("refused", CUT_REASONS["filtered"], "Change the text, or choose another model."),
}


@dataclass
class ModelClient:
    """Makes the calls of one run or one reply, and keeps them in `calls`.

    A call whose reply is whole is `complete`; one that broke after text came is `truncated` and given back with that
    text; one that gave no text is tried again while that makes sense, then raised as ModelError. `cached` are calls of
    an earlier try, by key, that needn't be paid for again. `message` is the reply that the calls are made for, where
    that is not a run's.
    """

    tools: Tools
    emit: Emit
    run: str | None = None
    message: int | None = None
    cached: Mapping[str, Call] = field(default_factory=dict)
    policy: RetryPolicy = INTERACTIVE
    budget: Budget | None = None
    calls: list[Call] = field(default_factory=list)

    async def ask(
        self,
        request: Request,
        fallbacks: Sequence[Target] = (),
        on_text: OnText | None = None,
        first: Target | None = None,
    ) -> Call:
        """The reply of the first target that gives one. Raises ModelError.

        Its text goes to `on_text` while it comes, where there is one, else out as events. Any other target than
        `first`, by default the request's, counts as a fallback.
        """
        targets = (request.target, *fallbacks)
        for target in targets:
            if cached := self._cached(replace(request, target=target).key):
                return await self._again(cached, on_text)
        for target in targets:
            last = target is targets[-1]
            endpoint = await self._endpoint(target)
            if endpoint and endpoint.down and not last:
                self.emit(Warned(f"{target.host} failed several times in a row; trying the next fallback"))
                continue
            try:
                once = _Attempt(replace(request, target=target), endpoint, on_text, target != (first or request.target))
                return await self._ask_patiently(once)
            except ModelError as error:
                if last or not (error.transient or error.kind == "context"):
                    raise
        raise AssertionError("unreachable: the last target returns or raises")

    def _cached(self, key: str) -> Call | None:
        """What an earlier try, or this very run, was answered to the same request."""
        own = (call for call in self.calls if call.key == key and call.outcome == "complete")
        return self.cached.get(key) or next(own, None)

    async def _again(self, cached: Call, on_text: OnText | None) -> Call:
        call = replace(
            cached,
            id=uuid4().hex,
            outcome="from_ledger",
            attempt=1,
            usage=Usage(estimated=False),
            cost_usd=0.0,
            first_token_ms=None,
            elapsed_ms=0,
            error=None,
        )
        await asyncio.to_thread(self.tools.ledger.start, call, self.run, message=self.message)
        await asyncio.to_thread(self.tools.ledger.finish, call)
        self.calls.append(call)
        if on_text:
            on_text(call.text)
        self.emit(CallFinished(call))
        return call

    async def _endpoint(self, target: Target) -> Endpoint | None:
        if target.offline:
            return None
        return self.tools.endpoints.known(target.host) or await asyncio.to_thread(self.tools.endpoints.of, target.host)

    async def _ask_patiently(self, asked: _Attempt) -> Call:
        attempt = 1
        while True:
            try:
                return await self._ask_in_turn(replace(asked, number=attempt))
            except ModelError as error:
                pause = error.retry_after or FIRST_PAUSE * 3 ** (attempt - 1) * random.uniform(0.75, 1.25)
                if attempt == self.policy.attempts or not self._worth_it(error, pause):
                    raise
                if error.kind != "rate_limited":  # that pause is the endpoint's, for all of its calls
                    await asyncio.sleep(min(pause, self.policy.pause))
                attempt += 1

    def _worth_it(self, error: ModelError, pause: float) -> bool:
        if error.retry_after is not None and pause > self.policy.pause:
            return False
        return error.transient and (error.kind != "timeout" or self.policy.after_timeout)

    async def _ask_in_turn(self, asked: _Attempt) -> Call:
        endpoint, request = asked.endpoint, asked.request
        if endpoint is None:
            return await self._ask_once(asked)
        tokens = estimate_turns(turn.content for turn in request.turns)
        tokens += request.target.profile.max_output_tokens or DEFAULT_OUTPUT_RESERVE

        def waits(seconds: float, why: str) -> None:
            self.emit(CallDelayed(endpoint.host, seconds, why))

        async with endpoint.turn(tokens, self.policy.pause, waits):
            try:
                call = await self._ask_once(asked)
            except ModelError as error:
                endpoint.failed(error)
                raise
            endpoint.answered()  # a reply that broke off came from a server that is there
            return call

    async def _ask_once(self, asked: _Attempt) -> Call:
        reply = await self._open(asked)
        request = reply.request
        try:
            self.emit(CallStarted(request.step, request.target, asked.number))
            async with aclosing(self.tools.provider.stream(request)) as events:  # type: ignore[type-var]  # a protocol can't promise aclose
                async for event in events:
                    if delta := reply.take(event):
                        self._pass_on(delta, asked.on_text)
        except ModelError as error:
            return await self._broken(reply, error)
        except BaseException:  # cancelled, or a listener broke: what came is kept either way
            call = reply.call("stopped")
            await self._store(call)
            self.emit(CallFinished(call))
            raise
        reason = reply.finish or "cut"
        if not reply.text.strip():
            return await self._broken(reply, _without_text(request.target.model, reason))
        cut = CUT_REASONS.get(reason)
        call = reply.call("truncated" if cut else "complete", cut)
        await self._store(call)
        self.emit(CallFinished(call))
        return call

    def _pass_on(self, delta: DeltaReceived, on_text: OnText | None) -> None:
        if on_text and not delta.reasoning:
            on_text(delta.text)
        else:
            self.emit(delta)

    async def _open(self, asked: _Attempt) -> _Reply:
        """The call's row, and its worst case put aside; waits while calls that are out may leave something."""
        waiting = False
        while True:
            opening = asyncio.create_task(asyncio.to_thread(self._opened, asked))
            try:
                return await asyncio.shield(opening)
            except BudgetReached as error:
                if not error.calls_out:
                    raise
                if not waiting:
                    self.emit(CallDelayed(error.budget, None, _left_by(error.calls_out)))
                    waiting = True
                await asyncio.sleep(BUDGET_POLL)
            except asyncio.CancelledError:
                await self._give_back(opening)
                raise

    async def _give_back(self, opening: asyncio.Task[_Reply]) -> None:
        """The thread that opens a call can't be stopped: what it puts aside is let go of."""
        try:
            reply = await asyncio.shield(opening)
        except ChatspaceError:
            return
        reply.usage = NOTHING
        await self._store(reply.call("stopped"))

    def _opened(self, asked: _Attempt) -> _Reply:
        """Reads and writes files: for a thread. A budget puts an end to the reply, but is no part of its key."""
        request, target = asked.request, asked.request.target
        caps = self.tools.budgets.caps(target.profile.name, self.budget)
        sent = bounded(request) if caps and not target.offline else request
        reply = _Reply(sent, request.key, asked.number, asked.fallback)
        hold = None if target.offline else reservation_for(sent, caps)
        self.tools.ledger.start(reply.call("interrupted"), self.run, message=self.message, hold=hold)
        return reply

    async def _broken(self, reply: _Reply, error: ModelError) -> Call:
        """A reply that broke keeps its text; without any text the error goes on."""
        if not error.counted:
            reply.usage = NOTHING
        call = reply.call("truncated" if reply.text.strip() else "failed", str(error))
        await self._store(call)
        if call.outcome == "failed":
            self.emit(CallFailed(call, error))
            raise error
        self.emit(CallFinished(call))
        return call

    async def _store(self, call: Call) -> None:
        # Not to be interrupted by a cancellation: what was received is on disk before anything else happens.
        await asyncio.shield(asyncio.to_thread(self.tools.ledger.finish, call))
        self.calls.append(call)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One request to one target."""

    request: Request
    endpoint: Endpoint | None
    on_text: OnText | None
    fallback: bool
    number: int = 1


@dataclass
class _Reply:
    """What has come of a reply so far."""

    request: Request
    key: str
    attempt: int
    fallback: bool
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
            key=self.key,
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
            fallback=self.fallback,
        )


def _left_by(calls: int) -> str:
    who = "an unfinished call" if calls == 1 else f"{calls:,} unfinished calls"
    return f"{who} may still leave enough of it"


def _milliseconds(start: float, end: float) -> int:
    return round((end - start) * 1000)


def _without_text(model: str, reason: FinishReason) -> ModelError:
    kind, why, remedy = WITHOUT_TEXT.get(reason, WITHOUT_TEXT["stop"])
    return ModelError(f"{model} returned no text", why, remedy, kind=kind)
