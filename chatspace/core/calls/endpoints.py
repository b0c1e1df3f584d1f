"""The servers that calls go to: how many calls at once and a minute, pauses that they ask for, and whether they answer.

A call waits for its turn here instead of being refused. Times are seconds of a monotonic clock.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chatspace.core.errors import ModelError

WINDOW = 60.0
MAX_AT_ONCE = 64
"""Calls at once where the limits say nothing."""

BREAKER_THRESHOLD = 5
"""So many failures in a row, and a server is taken for down."""

FIRST_REST, MAX_REST = 0.5, 30.0
"""How long a server that is down is left alone before one call tries it; doubled each time that one fails."""

FIRST_PAUSE, MAX_PAUSE = 1.0, 20.0
"""How long nothing goes to a server that sent a 429 without saying how long; doubled while it goes on."""

CONCURRENCY_STEP = 10
"""So many calls in a row that went well, and one more may go out at once."""

Waits = Callable[[float, str], None]
"""Told how many seconds a call has to wait, and why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may go to one server; None where nothing is said."""

    concurrent: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


@dataclass
class Endpoint:
    """One server. `turn` lets a call in when it may go out, `answered` and `failed` say how it went."""

    host: str
    limits: Limits = Limits()
    clock: Callable[[], float] = time.monotonic
    _active: int = 0
    _width: int = 0
    _well: int = 0
    _sent: deque[tuple[float, int]] = field(default_factory=deque)
    _waiting: deque[asyncio.Future[None]] = field(default_factory=deque)
    _paused_until: float = 0.0
    _pauses: int = 0
    _failures: int = 0
    _down_until: float = 0.0
    _probing: bool = False

    def __post_init__(self) -> None:
        self._width = self._widest

    @property
    def _widest(self) -> int:
        return self.limits.concurrent or MAX_AT_ONCE

    @property
    def down(self) -> bool:
        """Whether it failed so often that it is left alone now."""
        return self._failures >= BREAKER_THRESHOLD and (self._probing or self.clock() < self._down_until)

    @asynccontextmanager
    async def turn(self, tokens: int, patience: float, waits: Waits) -> AsyncIterator[None]:
        """Wait until a call of so many tokens may go out.

        Raises ModelError where the server asks for a pause longer than `patience`.
        """
        probe = await self._enter(tokens, patience, waits)
        try:
            yield
        finally:
            self._active -= 1
            if probe:
                self._probing = False
            self._wake()

    async def _enter(self, tokens: int, patience: float, waits: Waits) -> bool:
        """Whether this call is the one that tries a server which was down."""
        told = False
        while True:
            seconds, why = self._delay(tokens)
            if seconds > patience:
                raise ModelError(
                    f"{self.host} asks to wait {seconds:.0f} s",
                    why,
                    "Wait and try again, or choose another model.",
                    kind="rate_limited",
                    retry_after=seconds,
                )
            if seconds > 0:
                if not told and seconds >= 1:
                    waits(seconds, why)
                    told = True
                await asyncio.sleep(seconds)
            elif self._active >= self._width or (self._failures >= BREAKER_THRESHOLD and self._probing):
                await self._for_another()
            else:
                break
        self._active += 1
        self._sent.append((self.clock(), tokens))
        probe = self._failures >= BREAKER_THRESHOLD
        self._probing |= probe
        return probe

    def _delay(self, tokens: int) -> tuple[float, str]:
        """How long nothing may go out, and why."""
        now = self.clock()
        while self._sent and self._sent[0][0] <= now - WINDOW:
            self._sent.popleft()
        reasons = [
            (self._paused_until - now, "it reported too many requests"),
            (
                self._down_until - now if self._failures >= BREAKER_THRESHOLD else 0.0,
                "it failed several times in a row",
            ),
            (self._until_rate(now, tokens), "its per-minute limit is reached"),
        ]
        return max(reasons)

    def _until_rate(self, now: float, tokens: int) -> float:
        requests, per_minute = len(self._sent), self.limits.requests_per_minute
        wait = 0.0
        if per_minute and requests >= per_minute:
            wait = self._sent[requests - per_minute][0] + WINDOW - now
        if most := self.limits.tokens_per_minute:
            left = sum(sent for _, sent in self._sent) + tokens - most
            for at, sent in self._sent:
                if left <= 0:
                    break
                wait = max(wait, at + WINDOW - now)
                left -= sent
        return wait

    async def _for_another(self) -> None:
        """Wait until another call is over."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._wake()  # the turn that came is somebody else's
            raise
        finally:
            if turn in self._waiting:
                self._waiting.remove(turn)

    def _wake(self) -> None:
        """Let as many look again as may go out."""
        free = self._width - self._active
        while self._waiting and free > 0:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1

    def answered(self) -> None:
        """A call got a reply, so that the server is well."""
        self._failures, self._pauses, self._down_until = 0, 0, 0.0
        self._well += 1
        if self._well >= CONCURRENCY_STEP and self._width < self._widest:
            self._width, self._well = self._width + 1, 0

    def failed(self, error: ModelError) -> None:
        """A call failed: what that says of the server."""
        now = self.clock()
        if error.kind == "rate_limited":
            pause = error.retry_after or min(MAX_PAUSE, FIRST_PAUSE * 2**self._pauses) * random.uniform(0.75, 1.25)
            self._paused_until = max(self._paused_until, now + pause)
            self._pauses += 1
            self._width, self._well = max(1, min(self._width, self._active) // 2), 0
        elif error.kind in ("unavailable", "timeout"):
            self._failures, self._well = self._failures + 1, 0
            over = self._failures - BREAKER_THRESHOLD
            if over >= 0:
                rest = error.retry_after or min(MAX_REST, FIRST_REST * 2 ** min(over, 10))
                self._down_until = max(self._down_until, now + rest * random.uniform(0.75, 1.25))
        elif error.status is not None:
            self.answered()  # it refused, so it is there


class Endpoints:
    """The servers by their hosts, shared by all calls of a process."""

    def __init__(self, limits: Callable[[], Mapping[str, Limits]] = dict) -> None:
        """`limits` gives those that are configured; it is asked once, at the first call."""
        self._configured = limits
        self._limits: Mapping[str, Limits] | None = None
        self._known: dict[str, Endpoint] = {}

    def known(self, host: str) -> Endpoint | None:
        """The server, where it was asked for before."""
        return self._known.get(host)

    def of(self, host: str) -> Endpoint:
        """Reads a file the first time. Raises ConfigurationError."""
        if self._limits is None:
            self._limits = self._configured()
        if host not in self._known:
            limits = self._limits.get(host) or self._limits.get(host.partition(":")[0]) or Limits()
            self._known.setdefault(host, Endpoint(host, limits))
        return self._known[host]
