"""The process that talks to the models: `python -m chatspace.adapters.litellm.host`, started by HostedProvider.

It reads requests from standard input and writes what the models answer to standard output, in batches. It ends with
its parent, however that ends: a thread waits for the end of standard input, also while litellm is being imported.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from itertools import groupby
from queue import SimpleQueue
from typing import BinaryIO

from chatspace.adapters.litellm import wire
from chatspace.core.calls.call import ProviderEvent, ReasoningDelta, Request, TextDelta
from chatspace.core.errors import ModelError
from chatspace.core.ports import Provider

BATCH_SECONDS = 1 / 30
"""The shortest time between two batches of one stream; the first piece doesn't wait."""

WINDOW = 256 * 1024
"""How many characters of a stream may be on their way; more are fetched once the reader has caught up."""

Send = Callable[[wire.Message], None]


class ProviderHost:
    """Serves the requests of one parent, many at a time, in the running event loop. `send` mustn't block."""

    def __init__(self, provider: Provider, send: Send) -> None:
        self._provider = provider
        self._send = send
        self._streams: dict[int, tuple[_FlowControl, asyncio.Task[None]]] = {}

    def receive(self, message: wire.Message) -> None:
        """Start, cancel or let go on a stream; what is said of one that has ended is too late and means nothing."""
        number = message["id"]
        if message["do"] == "stream":
            out = _FlowControl(number, self._send)
            task = asyncio.get_running_loop().create_task(self._serve(out, message["request"]))
            self._streams[number] = out, task
            task.add_done_callback(lambda _: self._streams.pop(number))
        elif number in self._streams:
            out, task = self._streams[number]
            if message["do"] == "taken":
                out.taken(message["size"])
            else:
                task.cancel()

    async def _serve(self, out: _FlowControl, request: wire.Message) -> None:
        try:
            async with aclosing(self._provider.stream(wire.request_in(request))) as events:  # type: ignore[type-var]  # a protocol can't promise aclose
                async for event in events:
                    await out.add(event)
        except asyncio.CancelledError:
            out.drop()
            raise
        except ModelError as error:
            out.end(error)
        except Exception as error:  # noqa: BLE001  # a defect of ours ends this stream and not the others
            out.end(ModelError("Internal error while receiving the reply", repr(error), "Try again.", kind="crashed"))
        else:
            out.end()


class _FlowControl:
    """What one stream has received, on its way to the parent."""

    def __init__(self, number: int, send: Send) -> None:
        self._number = number
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._waiting: list[ProviderEvent] = []
        self._not_before = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._on_the_way = 0
        self._room = asyncio.Event()
        self._room.set()

    async def add(self, event: ProviderEvent) -> None:
        """Returns when there is room for the next one."""
        self._waiting.append(event)
        self._on_the_way += _size(event)
        if self._on_the_way > WINDOW:
            self._room.clear()
        if self._loop.time() >= self._not_before:
            self._flush()
        elif self._timer is None:
            self._timer = self._loop.call_at(self._not_before, self._flush)
        await self._room.wait()

    def taken(self, size: int) -> None:
        self._on_the_way -= size
        if self._on_the_way <= WINDOW:
            self._room.set()

    def end(self, error: ModelError | None = None) -> None:
        self._flush()
        self._send({"id": self._number, "over": True, "error": wire.error_out(error) if error else None})

    def drop(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _flush(self) -> None:
        self.drop()
        self._timer = None
        if not self._waiting:
            return
        events, self._waiting = _joined(self._waiting), []
        size = sum(map(_size, events))
        self._send({"id": self._number, "size": size, "events": [wire.event_out(event) for event in events]})
        self._not_before = self._loop.time() + BATCH_SECONDS


def _size(event: ProviderEvent) -> int:
    return len(event.text) if isinstance(event, TextDelta | ReasoningDelta) else 0


def _joined(events: list[ProviderEvent]) -> list[ProviderEvent]:
    """The same events with neighbouring pieces of text put together."""
    joined: list[ProviderEvent] = []
    for kind, group in groupby(events, type):
        members = list(group)
        text = "".join(event.text for event in members if isinstance(event, TextDelta | ReasoningDelta))
        if text:
            joined.append(TextDelta(text) if kind is TextDelta else ReasoningDelta(text))
        else:
            joined += members
    return joined


class _Unusable:
    """Stands in for a provider that can't be made, so that every call is told why."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        raise ModelError(
            "The model process can't load its libraries",
            repr(self._error),
            "Reinstall chatspace.",
            kind="crashed",
            counted=False,
        )
        yield  # which makes this an iterator


def _provider(loop: asyncio.AbstractEventLoop) -> tuple[Provider, asyncio.Task[None] | None]:
    """What talks to the models, and the task that warms it up as soon as the loop runs."""
    try:
        from chatspace.adapters.litellm.provider import LitellmProvider  # takes seconds: the pipes are served before

        models = LitellmProvider()
    except Exception as error:  # noqa: BLE001  # a broken installation fails in its own ways
        return _Unusable(error), None
    return models, loop.create_task(models.warm_up())


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output, taken away from everything else that might read or print."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return incoming, outgoing


def _read(incoming: BinaryIO, deliver: Send) -> None:
    """Hand on what the parent says until it goes; then this process has no reason to be."""
    try:
        while len(head := incoming.read(wire.LENGTH_BYTES)) == wire.LENGTH_BYTES:
            deliver(wire.parse(incoming.read(wire.length(head))))
    finally:
        os._exit(0)


def _write(outgoing: BinaryIO, messages: SimpleQueue[wire.Message]) -> None:
    try:
        while True:
            outgoing.write(wire.frame(messages.get()))
            outgoing.flush()
    finally:
        os._exit(0)


def main() -> None:
    """Serve until the parent goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl+c is the parent's
    incoming, outgoing = _own_pipes()
    loop = asyncio.new_event_loop()
    messages: SimpleQueue[wire.Message] = SimpleQueue()

    def deliver(message: wire.Message) -> None:
        loop.call_soon_threadsafe(lambda: host.receive(message))  # waits until the loop runs

    threading.Thread(target=_write, args=(outgoing, messages), daemon=True).start()
    threading.Thread(target=_read, args=(incoming, deliver), daemon=True).start()
    provider, _warming = _provider(loop)  # a task that nobody holds may vanish
    host = ProviderHost(provider, messages.put)
    loop.run_forever()


if __name__ == "__main__":
    main()
