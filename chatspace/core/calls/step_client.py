"""Asking for a step: the recipe, the fit, what an earlier try has paid for, fallbacks, and going on after a cut."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from chatspace.core.calls.budget import Budget
from chatspace.core.calls.call import Call, Request, Turn
from chatspace.core.calls.model_client import CUT_REASONS, INTERACTIVE, ModelClient, RetryPolicy
from chatspace.core.calls.overlap import ContinuationJoiner
from chatspace.core.calls.usage import Usage
from chatspace.core.errors import ModelError
from chatspace.core.events import CallFinished, DeltaReceived, Emit, Event
from chatspace.core.ports import Tools
from chatspace.core.profiles.profile import Step, Target
from chatspace.core.text.tokens import TURN_OVERHEAD, estimate_tokens, estimate_turns, fit

MAX_CONTINUATIONS = 4
"""How often one reply that reached its length limit is gone on with."""

MIN_TAIL = 60
"""Tokens of a cut reply that the model must see again to go on from it."""

CONTINUATION_TOKENS = 200
"""What a request must leave free of its window so that its reply can be gone on with."""

GO_ON = (
    "Your reply was cut off; above is how it ends. Go on exactly where it stops. Begin with its last five"
    " words once more, so that the two can be joined, and say nothing about the interruption."
)

UNFINISHED = "Try again, choose another model (--model), or raise max_output_tokens in the profile."

OnText = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A reply, in one call or continued over several, of which `call` is the last."""

    text: str
    call: Call

    @property
    def whole(self) -> bool:
        return self.call.outcome in ("complete", "from_ledger") and self.call.finish not in CUT_REASONS


@dataclass(frozen=True, slots=True)
class CallCache:
    """The calls of one run in `made`; `pieces` are those of an earlier try, by key, that needn't be paid again.

    `message` is the reply that they are made for, where that is not a run's.
    """

    run: str | None
    tools: Tools
    emit: Emit
    pieces: Mapping[str, Call] = field(default_factory=dict)
    patience: RetryPolicy = INTERACTIVE
    budget: Budget | None = None
    made: list[Call] = field(default_factory=list)
    message: int | None = None

    async def put(self, request: Request, fallbacks: Sequence[Target], hear: OnText | None) -> Call:
        """One reply. Its text goes to `hear` while it comes, where there is one. Raises ModelError."""
        for target in (request.target, *fallbacks):
            key = replace(request, target=target).key
            if piece := self.pieces.get(key) or self._made(key):
                return await self._again(piece, hear)

        def pass_on(event: Event) -> None:
            if hear and isinstance(event, DeltaReceived) and not event.reasoning:
                hear(event.text)
            else:
                self.emit(event)

        caller = ModelClient(
            self.tools.provider,
            self.tools.ledger,
            pass_on,
            run=self.run,
            message=self.message,
            endpoints=self.tools.endpoints,
            budgets=self.tools.budgets,
            budget=self.budget,
            patience=self.patience,
        )
        try:
            return await caller.ask(request, fallbacks)
        finally:
            self.made.extend(caller.calls)

    def _made(self, key: str) -> Call | None:
        """What this very run was answered to the same request."""
        return next((call for call in self.made if call.key == key and call.outcome == "complete"), None)

    async def _again(self, piece: Call, hear: OnText | None) -> Call:
        call = replace(
            piece,
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
        self.made.append(call)
        if hear:
            hear(call.text)
        self.emit(CallFinished(call))
        return call


@dataclass(frozen=True, slots=True)
class StepClient:
    """Puts turns to the profile of one step. `variables` are those of every recipe; a call may add to them."""

    step: Step
    target: Target
    fallbacks: tuple[Target, ...]
    variables: Mapping[str, Any]
    calls: CallCache

    async def room(self, *, system: str | None = None, **variables: Any) -> int | None:
        """How many tokens of user's turn fit beside the recipe; None where nothing bounds them."""
        recipe = system or await self._recipe(variables)
        room = fit(0, self.target.window, self.target.profile.max_output_tokens).room
        return None if room is None else max(0, room - estimate_tokens(recipe) - 2 * TURN_OVERHEAD)

    async def ask(
        self,
        turns: Sequence[Turn],
        *,
        hear: OnText | None = None,
        schema: Mapping[str, Any] | None = None,
        system: str | None = None,
        **variables: Any,
    ) -> ModelReply:
        """The reply; prose that reached its length limit or broke off is gone on with while that is possible.

        `system` stands in for the profile's recipe. Raises ModelError, before any call where nothing can take so much.
        """
        filled = {**self.variables, **variables}
        opening = Turn("system", system or await self._recipe(variables))
        request = Request(self.step, self.target, (opening, *turns), filled, schema)
        call = await self.calls.put(request, self._fitting(request), hear)
        if schema is not None:
            return await self._again_if_broken(request, call, hear)
        text = call.text
        for _ in range(max(MAX_CONTINUATIONS, self.calls.patience.attempts)):
            further = self._further(request, text)
            if further is None or not (call.finish == "length" or broken(call)):
                break
            first, *others = self._after(call, further)
            seam = ContinuationJoiner(text, hear)
            try:
                call = await self.calls.put(replace(further, target=first), others, seam.take)
            except ModelError:
                break  # what came stays what it is: a reply that was cut
            finally:
                text = seam.close()
        return ModelReply(text, call)

    async def _again_if_broken(self, request: Request, call: Call, hear: OnText | None) -> ModelReply:
        """A reply that only makes sense whole is asked for anew where it broke."""
        for _ in range(max(MAX_CONTINUATIONS, self.calls.patience.attempts)):
            if not broken(call):
                break
            first, *others = self._after(call, request)
            try:
                call = await self.calls.put(replace(request, target=first), others, hear)
            except ModelError:
                break
        return ModelReply(call.text, call)

    def _after(self, call: Call, request: Request) -> tuple[Target, ...]:
        """Who is asked next: the same again, or where it broke the fallbacks first."""
        fallbacks = self._fitting(request)
        return (*fallbacks, self.target) if broken(call) and fallbacks else (self.target, *fallbacks)

    async def _recipe(self, variables: Mapping[str, Any]) -> str:
        tools, filled = self.calls.tools, {**self.variables, **variables}
        return await tools.recipes.rendered(tools.library.render, self.target.profile, filled)

    def _fitting(self, request: Request) -> tuple[Target, ...]:
        """The fallbacks that can take the request. Raises ModelError where the target itself can't."""
        needed = estimate_turns(turn.content for turn in request.turns)
        own = fit(needed, self.target.window, self.target.profile.max_output_tokens)
        if not own.fits:
            raise too_large(self.target, own.needed, own.room or 0)
        return tuple(
            target for target in self.fallbacks if fit(needed, target.window, target.profile.max_output_tokens).fits
        )

    def _further(self, request: Request, text: str) -> Request | None:
        """The request that goes on from `text`, of which the model sees again as much as fits."""
        asked = estimate_turns((*(turn.content for turn in request.turns), GO_ON)) + TURN_OVERHEAD
        room = fit(asked, self.target.window, self.target.profile.max_output_tokens).room
        left = None if room is None else room - asked
        if left is not None and left < MIN_TAIL:
            return None
        seen = text if left is None or estimate_tokens(text) <= left else text[-left:]
        return replace(request, turns=(*request.turns, Turn("assistant", seen), Turn("user", GO_ON)))


def going_on(request: Request, text: str, target: Target) -> Request:
    """The request that has another target go on from the end of what came."""
    return replace(request, target=target, turns=(*request.turns, Turn("assistant", text), Turn("user", GO_ON)))


def broken(call: Call) -> bool:
    """Whether a reply ended because something failed, and not by its length or the provider's filter."""
    return call.outcome == "truncated" and call.finish not in ("length", "filtered")


def second_try(turns: Sequence[Turn], reply: str, complaint: str, most: int = 1_000) -> list[Turn]:
    """The turns that ask once more, with at most about `most` tokens of the reply that couldn't be used."""
    seen = reply if estimate_tokens(reply) <= most else reply[: max(0, most)]
    return [turns[0], *([Turn("assistant", seen)] if seen else []), Turn("user", complaint)]


def unfinished(said: ModelReply, remedy: str = UNFINISHED) -> ModelError:
    """The error for a reply that isn't whole, by default for one that only makes sense whole."""
    return ModelError(
        f"{said.call.model} didn't finish its reply",
        said.call.error or CUT_REASONS.get(said.call.finish or "cut", ""),
        remedy,
        kind="cut",
    )


def too_large(target: Target, needed: int, room: int) -> ModelError:
    """The error for what a window can't take."""
    return ModelError(
        f"{target.model} can't take so much at once",
        f"about {needed:,} tokens, and its window of {target.window or 0:,} leaves room for {room:,}",
        "Choose a model with a longer window (--model), or lower max_output_tokens in the profile.",
        kind="context",
    )
