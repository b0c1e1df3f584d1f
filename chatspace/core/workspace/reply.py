"""A reply while it grows: a row in the history from the first moment, its pieces stored as they come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ParamSpec, TypeVar

from chatspace.core.calls.call import Call
from chatspace.core.calls.usage import Cost, Usage
from chatspace.core.chat.conversation import Message, MessageStatus, ReplyEnd
from chatspace.core.chat.stores import History
from chatspace.core.errors import StoreError
from chatspace.core.events import DeltaReceived, Emit, ReplyFinished, ReplyStarted
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


class StreamingReply:
    """Stores the deltas of one reply in batches. Call `open` first and `close` at the end, whatever happens between."""

    def __init__(self, history: History, parent: Message, step: str, emit: Emit, run: str | None = None) -> None:
        self._history = history
        self._parent = parent
        self._step = step
        self._emit = emit
        self._run = run
        self._grown: list[str] = []
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._flusher: asyncio.Task[None] | None = None
        self._began = time.monotonic()
        self._thought_from: float | None = None
        self._thought_until: float | None = None
        self.message: Message | None = None

    async def open(self, target: Target, why: str = "") -> Message:
        """The row, of status `streaming`; `why` says what led to this target, else how its tier came to its model."""
        self.message = await run_uncancelled(
            self._history.messages.start_reply,
            self._parent.conversation,
            self._parent.id,
            step=self._step,
            profile=target.profile.name,
            model=target.model,
            host=target.host,
            why=why or target.why,
            run=self._run,
            effort=target.profile.reasoning_effort,
        )
        self._emit(ReplyStarted(self.message))
        return self.message

    def take(self, delta: DeltaReceived) -> None:
        """Another piece; it is on disk within FLUSH_SECONDS."""
        (self._reasoning if delta.reasoning else self._text).append(delta.text)
        if not delta.reasoning:
            self._grown.append(delta.text)
        now = time.monotonic()
        if delta.reasoning and self._thought_from is None:
            self._thought_from = now
        elif not delta.reasoning and self._thought_from is not None and self._thought_until is None:
            self._thought_until = now
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush_soon())

    @property
    def grown(self) -> str:
        """The text that was taken so far."""
        return "".join(self._grown)

    async def _flush_soon(self) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        text, self._text = "".join(self._text), []
        reasoning, self._reasoning = "".join(self._reasoning), []
        if self.message and (text or reasoning):
            try:
                await run_uncancelled(self._history.messages.append, self.message.id, text, reasoning)
            except StoreError:  # that may pass; where it doesn't, the reply can't be closed either, and says why
                self._text.insert(0, text)
                self._reasoning.insert(0, reasoning)

    @property
    def _reasoning_ms(self) -> int | None:
        """From the first piece of thinking to the first of the text, or till now."""
        if self._thought_from is None:
            return None
        return round(((self._thought_until or time.monotonic()) - self._thought_from) * 1000)

    async def close(
        self, status: MessageStatus, call: Call | None, text: str | None = None, error: str | None = None
    ) -> Message:
        """The finished row. `text` stands in for the call's own where the stage made something else of it."""
        assert self.message is not None, "a reply is opened before it is closed"
        if self._flusher:
            self._flusher.cancel()
            await asyncio.wait([self._flusher])
        started = self.message
        shown = text if text is not None else call.text if call else ""
        if call is None:
            elapsed = round((time.monotonic() - self._began) * 1000)
            end = ReplyEnd(status, shown, reasoning_ms=self._reasoning_ms, elapsed_ms=elapsed, error=error)
        else:
            end = ReplyEnd(
                status,
                shown,
                reasoning=call.reasoning,
                usage=call.usage,
                cost_usd=call.cost_usd,
                first_token_ms=call.first_token_ms,
                reasoning_ms=self._reasoning_ms,
                elapsed_ms=call.elapsed_ms,
                error=error or call.error,
                profile=call.profile,
                model=call.model,
                host=call.host,
            )
        self.message = await run_uncancelled(self._history.messages.finish_reply, started.id, end)
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
