"""Asking for a step: the recipe, the fit, what an earlier try has paid for, fallbacks, and going on after a cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from chatspace.core.calls.call import Call, Request, Turn
from chatspace.core.calls.model_client import CUT_REASONS, ModelClient, OnText
from chatspace.core.calls.overlap import ContinuationJoiner
from chatspace.core.errors import ModelError
from chatspace.core.events import Warned
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


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A reply, in one call or continued over several, of which `call` is the last."""

    text: str
    call: Call

    @property
    def whole(self) -> bool:
        return self.call.outcome in ("complete", "from_ledger") and self.call.finish not in CUT_REASONS


@dataclass(frozen=True, slots=True)
class StepClient:
    """Puts turns to the profile of one step. `variables` are those of every recipe; a call may add to them.

    `continued` says how prose that was cut is continued: while that is possible by whoever can, or where it broke off
    once by each fallback, or not at all.
    """

    step: Step
    target: Target
    fallbacks: tuple[Target, ...]
    variables: Mapping[str, Any]
    client: ModelClient
    continued: Literal["always", "by fallbacks", "never"] = "always"

    async def room(self, *, system: str | None = None, **variables: Any) -> int | None:
        """How many tokens of user's turn fit beside the recipe; None where nothing bounds them."""
        recipe = system or await self._recipe(variables)
        room = fit(0, self.target.window, self.target.profile.max_output_tokens).room
        return None if room is None else max(0, room - estimate_tokens(recipe) - 2 * TURN_OVERHEAD)

    async def ask(
        self,
        turns: Sequence[Turn],
        *,
        on_text: OnText | None = None,
        schema: Mapping[str, Any] | None = None,
        system: str | None = None,
        **variables: Any,
    ) -> ModelReply:
        """The reply, continued where it was cut. `system` replaces the profile's recipe.

        Raises ModelError, before any call where nothing can take so much; and where nobody could continue a reply that
        somebody waits for.
        """
        filled = {**self.variables, **variables}
        opening = Turn("system", system or await self._recipe(variables))
        request = Request(self.step, self.target, (opening, *turns), filled, schema)
        fallbacks = self._fitting(request)
        call = await self.client.ask(request, fallbacks, on_text)
        if schema is not None:
            return await self._again_if_broken(request, call, on_text)
        if self.continued != "always":
            others = fallbacks if self.continued == "by fallbacks" else ()
            return await self._continued_by(others, request, call, on_text)
        text = call.text
        for _ in range(max(MAX_CONTINUATIONS, self.client.policy.attempts)):
            further = self._further(request, text)
            if further is None or not (call.finish == "length" or broken(call)):
                break
            continued, text = await self._continue(further, self._after(call, further), text, on_text)
            if isinstance(continued, ModelError):
                break  # what came stays what it is: a reply that was cut
            call = continued
        return ModelReply(text, call)

    async def _continued_by(
        self, fallbacks: Sequence[Target], request: Request, call: Call, on_text: OnText | None
    ) -> ModelReply:
        text = call.text
        for number, target in enumerate(fallbacks):
            further = self._further(replace(request, target=target), text)
            if further is None or not broken(call):
                break
            self.client.emit(Warned(f"{call.model} broke off; {target.model} continues"))
            continued, text = await self._continue(further, fallbacks[number:], text, on_text)
            if isinstance(continued, ModelError):
                raise continued
            call = continued
        return ModelReply(text, call)

    async def _continue(
        self, further: Request, targets: Sequence[Target], text: str, on_text: OnText | None
    ) -> tuple[Call | ModelError, str]:
        """The call that went on from `text`, or why there is none, and the text by then."""
        target, *others = targets
        joiner = ContinuationJoiner(text, on_text)
        continued: Call | ModelError
        try:
            continued = await self.client.ask(replace(further, target=target), others, joiner.take, self.target)
        except ModelError as error:
            continued = error
        finally:
            text = joiner.close()  # hands on what it still held
        return continued, text

    async def _again_if_broken(self, request: Request, call: Call, on_text: OnText | None) -> ModelReply:
        """A reply that only makes sense whole is asked for again where it broke."""
        for _ in range(max(MAX_CONTINUATIONS, self.client.policy.attempts)):
            if not broken(call):
                break
            first, *others = self._after(call, request)
            try:
                call = await self.client.ask(replace(request, target=first), others, on_text, self.target)
            except ModelError:
                break
        return ModelReply(call.text, call)

    def _after(self, call: Call, request: Request) -> tuple[Target, ...]:
        """Who is asked next: the same again, or where it broke the fallbacks first."""
        fallbacks = self._fitting(request)
        return (*fallbacks, self.target) if broken(call) and fallbacks else (self.target, *fallbacks)

    async def _recipe(self, variables: Mapping[str, Any]) -> str:
        tools, filled = self.client.tools, {**self.variables, **variables}
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
        target = request.target
        room = fit(asked, target.window, target.profile.max_output_tokens).room
        left = None if room is None else room - asked
        if left is not None and left < MIN_TAIL:
            return None
        seen = text if left is None or estimate_tokens(text) <= left else text[-left:]
        return replace(request, turns=(*request.turns, Turn("assistant", seen), Turn("user", GO_ON)))


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
