"""A server gets no more than it may: calls at once and a minute, pauses that it asks for, one try while it is down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chatspace.core.calls.endpoints import BREAKER_THRESHOLD, Endpoint, Endpoints, Limits
from chatspace.core.errors import ModelError, ModelFailure


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Server:
    """Counts the calls that are out at once, each until it is told to end."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.out = self.most = self.sent = 0
        self.told: list[str] = []

    async def call(self, work: Callable[[], Awaitable[None]], *, tokens: int = 1, patience: float = 60.0) -> None:
        async with self.endpoint.turn(tokens, patience, lambda seconds, why: self.told.append(why)):
            self.out, self.sent = self.out + 1, self.sent + 1
            self.most = max(self.most, self.out)
            try:
                await work()
            finally:
                self.out -= 1


async def briefly() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def failure(kind: ModelFailure, retry_after: float | None = None, status: int | None = None) -> ModelError:
    return ModelError("The server failed", kind=kind, retry_after=retry_after, status=status)


async def test_no_more_calls_go_out_at_once_than_may_and_all_get_their_turn() -> None:
    server = Server(Endpoint("host", Limits(concurrent=3)))
    await asyncio.gather(*(server.call(briefly) for _ in range(40)))
    assert (server.most, server.sent) == (3, 40)


async def test_a_call_that_is_cancelled_while_it_waits_takes_nobodys_turn() -> None:
    server = Server(Endpoint("host", Limits(concurrent=1)))
    go_on = asyncio.Event()

    async def until_told() -> None:
        await go_on.wait()

    first, second, third = (asyncio.create_task(server.call(until_told)) for _ in range(3))
    await briefly()
    second.cancel()
    go_on.set()
    await asyncio.gather(first, third)
    assert (server.sent, server.out) == (2, 0)


async def test_a_429_halves_what_goes_out_at_once_until_calls_go_well_again() -> None:
    endpoint = Endpoint("host", Limits(concurrent=8))
    server = Server(endpoint)
    refused = asyncio.Event()

    async def refuse() -> None:
        await refused.wait()

    tasks = [asyncio.create_task(server.call(refuse)) for _ in range(8)]
    await briefly()
    endpoint.failed(failure("rate_limited", retry_after=0.01))
    refused.set()
    await asyncio.gather(*tasks)
    server.most = 0
    await asyncio.gather(*(server.call(briefly) for _ in range(20)))
    assert server.most == 4
    for _ in range(60):
        endpoint.answered()
    server.most = 0
    await asyncio.gather(*(server.call(briefly) for _ in range(20)))
    assert server.most == 8


async def test_nothing_goes_out_while_a_server_wants_a_pause_and_one_that_is_too_long_is_said() -> None:
    clock = Clock()
    server = Server(Endpoint("host", clock=clock))
    server.endpoint.failed(failure("rate_limited", retry_after=90))
    with pytest.raises(ModelError, match="asks to wait 90 s") as caught:
        await server.call(briefly, patience=20)
    assert (caught.value.kind, caught.value.retry_after) == ("rate_limited", 90)
    assert server.sent == 0
    clock.now += 91
    await server.call(briefly)
    assert server.sent == 1


@pytest.mark.parametrize("limits", [Limits(requests_per_minute=3), Limits(tokens_per_minute=30)])
async def test_a_limit_per_minute_holds_back_what_would_pass_it(limits: Limits) -> None:
    clock = Clock()
    server = Server(Endpoint("host", limits, clock))
    for _ in range(3):
        await server.call(briefly, tokens=10)
        clock.now += 10
    with pytest.raises(ModelError, match="30 s") as caught:
        await server.call(briefly, tokens=10, patience=5)
    assert "per-minute limit" in caught.value.reason
    clock.now += 30
    await server.call(briefly, tokens=10, patience=5)
    assert server.sent == 4


async def test_a_call_larger_than_the_limit_goes_out_alone_rather_than_never() -> None:
    server = Server(Endpoint("host", Limits(tokens_per_minute=30), Clock()))
    await server.call(briefly, tokens=500)
    assert server.sent == 1


async def test_a_server_that_keeps_failing_is_tried_by_one_call_and_comes_back_when_that_goes_well() -> None:
    clock = Clock()
    endpoint = Endpoint("host", clock=clock)
    server = Server(endpoint)
    for _ in range(BREAKER_THRESHOLD):
        assert not endpoint.down
        endpoint.failed(failure("unavailable"))
    assert endpoint.down
    clock.now += 60

    async def answer() -> None:
        await briefly()
        endpoint.answered()

    await asyncio.gather(*(server.call(answer if number == 0 else briefly) for number in range(10)))
    assert (server.sent, endpoint.down) == (10, False)


async def test_while_the_try_is_out_nobody_else_goes() -> None:
    clock = Clock()
    endpoint = Endpoint("host", clock=clock)
    server = Server(endpoint)
    for _ in range(BREAKER_THRESHOLD):
        endpoint.failed(failure("timeout"))
    clock.now += 60
    over = asyncio.Event()

    async def fail() -> None:
        await over.wait()
        endpoint.answered()

    tasks = [asyncio.create_task(server.call(fail)) for _ in range(4)]
    await briefly()
    assert server.out == 1
    over.set()
    await asyncio.gather(*tasks)
    assert server.sent == 4


@pytest.mark.parametrize("kind", ["unauthorized", "not_found", "context", "bad_request"])
def test_a_server_that_refuses_is_not_down(kind: ModelFailure) -> None:
    endpoint = Endpoint("host")
    for _ in range(3 * BREAKER_THRESHOLD):
        endpoint.failed(failure(kind, status=400))
    assert not endpoint.down


def test_limits_are_found_by_host_with_or_without_its_port() -> None:
    endpoints = Endpoints(lambda: {"api.x.com": Limits(2), "127.0.0.1:8080": Limits(1)})
    assert endpoints.of("api.x.com:443").limits == Limits(2)
    assert endpoints.of("127.0.0.1:8080").limits == Limits(1)
    assert endpoints.of("127.0.0.1:9").limits == Limits()
    assert endpoints.of("api.x.com:443") is endpoints.of("api.x.com:443")
