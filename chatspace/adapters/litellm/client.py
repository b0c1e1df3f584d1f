"""Models in a child process: typing and painting never wait for litellm, neither its import nor its work."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import site
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import chatspace
from chatspace.adapters.litellm import wire
from chatspace.core.calls.call import ProviderEvent, Request
from chatspace.core.errors import ModelError

HOST_MODULE = "chatspace.adapters.litellm.host"
PATIENCE = 2.0
"""Seconds that the child gets to end by itself."""


class HostedProvider:
    """Fulfils `Provider` by a child that is started early, by the first call, or anew after it died."""

    def __init__(self) -> None:
        self._child: _Child | None = None
        self._starting = asyncio.Lock()
        self._numbers = itertools.count(1)

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child and self._child.alive else None

    async def start(self) -> None:
        """Start the child without waiting until it is ready. Raises ModelError."""
        await self._running()

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        """See `Provider.stream`."""
        child = await self._running()
        number = next(self._numbers)
        arrivals = child.open(number, request)
        try:
            while True:
                message = await arrivals.get()
                for event in message.get("events", ()):
                    yield wire.event_in(event)
                if message.get("over"):
                    if message["error"]:
                        raise wire.error_in(message["error"])
                    return
                child.send({"id": number, "do": "taken", "size": message["size"]})
        finally:
            child.close(number)

    async def aclose(self) -> None:
        """End the child, and with it every stream."""
        if self._child:
            await self._child.end()

    async def _running(self) -> _Child:
        async with self._starting:
            if self._child is None or not self._child.alive:
                self._child = await _Child.start()
            return self._child


def _environment() -> dict[str, str]:
    """This program's environment; from a checkout, with the way to it."""
    folder = str(Path(chatspace.__file__).parent.parent)
    if folder in site.getsitepackages():
        return dict(os.environ)
    inherited = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([folder, inherited] if inherited else [folder])}


class _Child:
    """One run of the child process and the streams that go through it."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._stdin, self._stdout = process.stdin, process.stdout
        self._arrivals: dict[int, asyncio.Queue[wire.Message]] = {}
        self._ending = False
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls) -> _Child:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # or a json.py in the user's folder would be taken for Python's own
                "-m",
                HOST_MODULE,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env=_environment(),
                start_new_session=True,  # the terminal's signals are for the parent, who ends it in order
            )
        except OSError as error:
            raise ModelError(
                "The model process can't be started",
                str(error),
                "Try again.",
                kind="crashed",
                counted=False,
            ) from error
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return not self._listening.done() and not self._ending

    def open(self, number: int, request: Request) -> asyncio.Queue[wire.Message]:
        """Ask for a stream; what comes of it arrives in the queue, as batches that the child's window bounds."""
        arrivals: asyncio.Queue[wire.Message] = asyncio.Queue()
        if self.alive:
            self._arrivals[number] = arrivals
            self.send({"id": number, "do": "stream", "request": wire.request_out(request)})
        else:
            arrivals.put_nowait(self._last_message())
        return arrivals

    def close(self, number: int) -> None:
        """Forget a stream, and have it cancelled where it isn't over."""
        if self._arrivals.pop(number, None):
            self.send({"id": number, "do": "cancel"})

    def send(self, message: wire.Message) -> None:
        if self.alive:
            self._stdin.write(wire.frame(message))

    async def end(self) -> None:
        """Close its input, at which it ends by itself; kill it where it doesn't."""
        self._ending = True
        self._stdin.close()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
        await self._listening

    async def _listen(self) -> None:
        """Hand out what the child says; when it says no more, tell every open stream so."""
        try:
            while True:
                head = await self._stdout.readexactly(wire.LENGTH_BYTES)
                self._hand_out(wire.parse(await self._stdout.readexactly(wire.length(head))))
        except (asyncio.IncompleteReadError, ConnectionError):
            await self._process.wait()
        except ValueError:  # something in there wrote where only frames may be written
            self._process.kill()
            await self._process.wait()
        for arrivals in self._arrivals.values():
            arrivals.put_nowait(self._last_message())
        self._arrivals.clear()

    def _hand_out(self, message: wire.Message) -> None:
        number = message["id"]
        if arrivals := self._arrivals.get(number):
            arrivals.put_nowait(message)
            if message.get("over"):
                del self._arrivals[number]

    def _last_message(self) -> wire.Message:
        code = self._process.returncode
        how = "it is shutting down" if self._ending else f"it exited with code {code}"
        if code is not None and code < 0:
            how = f"it was killed by {signal.Signals(-code).name}"
        error = ModelError(
            "The model process exited",
            how,
            "Received text is kept. Send again to restart it.",
            kind="crashed",
        )
        return {"over": True, "error": wire.error_out(error)}
