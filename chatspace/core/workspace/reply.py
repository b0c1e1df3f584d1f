"""A reply while it grows: a row in the history from the first moment, its pieces stored as they come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import ParamSpec, TypeVar

from chatspace.core.calls.call import Call
from chatspace.core.calls.usage import Cost, Usage
from chatspace.core.chat.conversation import Message, MessageStatus, ReplyEnd
from chatspace.core.chat.stores import History
from chatspace.core.errors import ChatspaceError, StoreError
from chatspace.core.events import (
    CallFailed,
    CallFinished,
    CallStarted,
    DeltaReceived,
    Emit,
    Event,
    ReplyFinished,
    ReplyStarted,
)
from chatspace.core.profiles.profile import Target

FLUSH_SECONDS = 0.4
"""How much of a reply a killed process may lose: the design allows half a second."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def run_uncancelled(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result:
    """Run a store's method in a thread and see it through, also when the task is cancelled meanwhile."""
    work = asyncio.ensure_future(asyncio.to_thread(function, *arguments, **named))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise


@asynccontextmanager
async def reply_to(
    parent: Message,
    step: str,
    target: Target,
    history: History,
    emit: Emit,
    *,
    run: str | None = None,
    why: str = "",
    kept: Callable[[StreamingReply], str] = lambda reply: reply.text,
) -> AsyncIterator[StreamingReply]:
    """A reply to a stored message, with its row from the first moment, which is ended however the block ends.

    The block lets the reply `take` its events and ends it by `finish`. An error before that ends it as truncated, or
    failed where no text came; anything else, such as a cancellation, as stopped. `kept` is its text then. `why` says
    what led to this target, else how its tier came to its model.
    """
    started = await run_uncancelled(
        history.messages.start_reply,
        parent.conversation,
        parent.id,
        step=step,
        profile=target.profile.name,
        model=target.model,
        host=target.host,
        why=why or target.why,
        run=run,
        effort=target.profile.reasoning_effort,
    )
    emit(ReplyStarted(started))
    reply = StreamingReply(started, history, emit)
    try:
        yield reply
    except ChatspaceError as error:
        if not reply.ended:
            text = kept(reply)
            await reply.finish("truncated" if text.strip() else "failed", text, error.explained)
        raise
    except BaseException:  # cancelled, or a listener broke: what came is kept either way
        if not reply.ended:
            await reply.finish("stopped", kept(reply))
        raise
    assert reply.ended, "a block that ends well says how its reply ended"


class StreamingReply:
    """A reply while it grows: its text is stored in batches, and its calls are summed at the end.

    `message` is its row, as it was stored last.
    """

    def __init__(self, message: Message, history: History, emit: Emit) -> None:
        self.message = message
        self.calls: list[Call] = []
        self.ended = False
        self._history = history
        self._emit = emit
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._unstored: list[str] = []
        self._unstored_reasoning: list[str] = []
        self._flusher: asyncio.Task[None] | None = None
        self._began = time.monotonic()
        self._thought_from: float | None = None
        self._thought_until: float | None = None

    @property
    def text(self) -> str:
        """What was taken so far."""
        return "".join(self._text)

    def take(self, event: Event) -> None:
        """Keep what an event says of the reply, and pass it on; text is on disk within FLUSH_SECONDS."""
        match event:
            case CallFinished(call) | CallFailed(call, _):
                self.calls.append(call)
            case CallStarted(_, _, attempt) if attempt > 1:
                self._reasoning.clear()  # of an attempt that came to no text
            case DeltaReceived():
                self._take_delta(event)
        self._emit(event)

    def _take_delta(self, delta: DeltaReceived) -> None:
        (self._reasoning if delta.reasoning else self._text).append(delta.text)
        (self._unstored_reasoning if delta.reasoning else self._unstored).append(delta.text)
        now = time.monotonic()
        if delta.reasoning and self._thought_from is None:
            self._thought_from = now
        elif not delta.reasoning and self._thought_from is not None and self._thought_until is None:
            self._thought_until = now
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush_soon())

    async def _flush_soon(self) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        text, self._unstored = "".join(self._unstored), []
        reasoning, self._unstored_reasoning = "".join(self._unstored_reasoning), []
        if text or reasoning:
            try:
                await run_uncancelled(self._history.messages.append, self.message.id, text, reasoning)
            except StoreError:  # that may pass; where it doesn't, the reply can't be ended either, and says why
                self._unstored.insert(0, text)
                self._unstored_reasoning.insert(0, reasoning)

    @property
    def _reasoning_ms(self) -> int | None:
        """From the first piece of thinking to the first of the text, or till now."""
        if self._thought_from is None:
            return None
        return round(((self._thought_until or time.monotonic()) - self._thought_from) * 1000)

    async def finish(
        self,
        status: MessageStatus,
        text: str | None = None,
        error: str | None = None,
        calls: Sequence[Call] | None = None,
    ) -> Message:
        """The finished row, with the sum of the calls, by default of all that were taken.

        `text` replaces what was taken where the stage made something else of it.
        """
        if self._flusher:
            self._flusher.cancel()
            await asyncio.wait([self._flusher])
        call = summed(self.calls if calls is None else calls)
        end = ReplyEnd(
            status,
            self.text if text is None else text,
            reasoning="".join(self._reasoning),
            reasoning_ms=self._reasoning_ms,
            elapsed_ms=round((time.monotonic() - self._began) * 1000),
            error=error,
        )
        if call:
            end = replace(
                end,
                usage=call.usage,
                cost_usd=call.cost_usd,
                first_token_ms=call.first_token_ms,
                elapsed_ms=call.elapsed_ms,
                error=error or call.error,
                profile=call.profile,
                model=call.model,
                host=call.host,
            )
        self.ended = True
        self.message = await run_uncancelled(self._history.messages.finish_reply, self.message.id, end)
        self._emit(ReplyFinished(self.message))
        return self.message


def summed(calls: Sequence[Call]) -> Call | None:
    """The last call with the usage, cost and time of all."""
    if not calls:
        return None
    return replace(
        calls[-1],
        usage=sum((call.usage for call in calls), Usage(estimated=False)),
        cost_usd=Cost.total(call.cost_usd for call in calls).usd,
        elapsed_ms=sum(call.elapsed_ms for call in calls),
        reasoning="",
    )
