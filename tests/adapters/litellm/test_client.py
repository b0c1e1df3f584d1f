from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from chatspace.adapters.litellm.client import HostedProvider
from chatspace.core.calls.call import Turn
from chatspace.core.errors import ModelError
from chatspace.core.profiles.profile import Timeouts
from tests.asking import closing, outcome, request_to
from tests.conftest import ROOT, Run
from tests.model_dialects import SentUsage
from tests.model_server import DEFAULT_TEXT, Cut, Hang, HttpError, ModelServer, Reply, SlowDrip
from tests.waiting import eventually_async

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def provider() -> AsyncIterator[HostedProvider]:
    hosted = HostedProvider()
    await hosted.start()
    yield hosted
    await hosted.aclose()


@pytest.fixture(scope="module")
def shared_server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def server(shared_server: ModelServer) -> AsyncIterator[ModelServer]:
    shared_server.requests.clear()
    yield shared_server
    await eventually_async(lambda: shared_server.open == 0)
    shared_server.answer(Reply())


async def test_a_reply_passes_through_whole(provider: HostedProvider, server: ModelServer) -> None:
    server.script(Reply(reasoning="First the facts.", usage=SentUsage(9, 8, cached=3, reasoning=2)))
    result = await outcome(provider, request_to(server.url, temperature=0.5))
    assert (result.text, result.reasoning, result.finish) == (DEFAULT_TEXT, "First the facts.", "stop")
    assert result.usage is not None
    assert (result.usage.input, result.usage.cached, result.usage.estimated) == (9, 3, False)
    assert server.bodies[0]["temperature"] == 0.5


async def test_text_comes_in_batches(provider: HostedProvider, server: ModelServer) -> None:
    server.script(Reply(DEFAULT_TEXT * 5, chunk=1))
    result = await outcome(provider, request_to(server.url))
    assert result.text == DEFAULT_TEXT * 5
    assert 1 < len(result.pieces) < len(DEFAULT_TEXT)


async def test_partial_replies_and_failures_pass_through(provider: HostedProvider, server: ModelServer) -> None:
    server.script(Cut(), HttpError(429, {"error": {"message": "slow down"}}, {"Retry-After": "7"}))
    assert (await outcome(provider, request_to(server.url))).finish == "cut"
    error = (await outcome(provider, request_to(server.url))).error
    assert error is not None
    assert (error.kind, error.status, error.retry_after) == ("rate_limited", 429, 7)
    assert "slow down" in str(error)


async def test_deadlines_hold_in_the_child(provider: HostedProvider, server: ModelServer) -> None:
    server.script(Hang(after_chunks=3))
    result = await outcome(provider, request_to(server.url, timeouts=Timeouts(60, 1, 60)))
    assert result.text == DEFAULT_TEXT[:36]
    assert result.error is not None
    assert result.error.kind == "timeout"


async def test_many_streams_run_at_a_time(provider: HostedProvider, server: ModelServer) -> None:
    def echo(body: Mapping[str, Any]) -> Reply:
        return Reply(body["messages"][0]["content"] * 20, delay=0.001)

    server.answer(echo)
    turns = [(Turn("user", f"number {number}. "),) for number in range(10)]
    results = await asyncio.gather(*(outcome(provider, request_to(server.url, turns=turn)) for turn in turns))
    assert [result.text for result in results] == [turn[0].content * 20 for turn in turns]


async def test_a_reader_who_stops_does_not_stop_the_others(provider: HostedProvider, server: ModelServer) -> None:
    server.script(SlowDrip(delay=0.0))
    async with closing(provider.stream(request_to(server.url))) as slow:
        await anext(slow)
        assert (await outcome(provider, request_to(server.url))).text == DEFAULT_TEXT
    await eventually_async(lambda: server.open == 0)


async def test_closing_the_iterator_ends_the_request(provider: HostedProvider, server: ModelServer) -> None:
    server.script(SlowDrip())
    closed = server.closed_by_client
    async with closing(provider.stream(request_to(server.url))) as events:
        await anext(events)
    await eventually_async(lambda: server.closed_by_client == closed + 1)


async def test_cancelling_the_reader_ends_the_request(provider: HostedProvider, server: ModelServer) -> None:
    server.script(Hang())
    closed = server.closed_by_client
    reading = asyncio.create_task(outcome(provider, request_to(server.url)))
    await eventually_async(lambda: server.open == 1)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await eventually_async(lambda: server.closed_by_client == closed + 1)


async def test_ctrl_c_in_the_terminal_is_not_for_the_child(provider: HostedProvider, server: ModelServer) -> None:
    await outcome(provider, request_to(server.url))
    before = provider.pid
    assert before is not None
    assert os.getsid(before) == before, "signals of the terminal don't reach it"
    os.kill(before, signal.SIGINT)
    assert (await outcome(provider, request_to(server.url))).finish == "stop"
    assert provider.pid == before


async def test_a_child_that_is_killed_keeps_the_text_and_is_started_anew(
    provider: HostedProvider, server: ModelServer
) -> None:
    server.script(SlowDrip())
    received = []

    async def read_and_kill() -> None:
        async for event in provider.stream(request_to(server.url)):
            received.append(event)
            if provider.pid is not None:
                os.kill(provider.pid, signal.SIGKILL)

    with pytest.raises(ModelError) as caught:
        await read_and_kill()
    assert received
    assert caught.value.kind == "crashed"
    assert "SIGKILL" in caught.value.reason
    assert caught.value.transient
    assert (await outcome(provider, request_to(server.url))).finish == "stop"


PARENT = """
import asyncio, sys
from chatspace.adapters.litellm.client import HostedProvider
from tests.asking import request_to

async def main():
    provider = HostedProvider()
    await provider.start()
    print(provider.pid, flush=True)
    if len(sys.argv) == 1:
        await asyncio.Event().wait()
    async for _ in provider.stream(request_to(sys.argv[1])):
        print("streaming", flush=True)

asyncio.run(main())
"""


def gone(pid: int) -> bool:
    """Whether a process that isn't our child has ended; a zombie has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


@pytest.mark.parametrize("doing", ["importing", "streaming"])
async def test_the_child_ends_with_a_parent_that_is_killed(server: ModelServer, doing: str) -> None:
    arguments = [server.url] if doing == "streaming" else []
    server.answer(SlowDrip())
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PARENT,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    if doing == "streaming":
        assert await parent.stdout.readline() == b"streaming\n"
    assert not gone(child)
    parent.kill()
    await parent.wait()
    await eventually_async(lambda: gone(child))


async def test_the_key_is_read_in_the_child_and_never_sent_to_it(
    provider: HostedProvider, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATE_KEY", "set after the child was started")
    error = (await outcome(provider, request_to(server.url, api_key_env="LATE_KEY"))).error
    assert error is not None
    assert error.kind == "unauthorized"


async def test_a_file_in_the_folder_is_not_taken_for_a_module(
    server: ModelServer, run_python: Run, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(3)")
    (tmp_path / "litellm.py").write_text("raise SystemExit(3)")
    program = """
import sys
sys.path.remove("")
import asyncio
from chatspace.adapters.litellm.client import HostedProvider
from tests.asking import outcome, request_to

async def main():
    provider = HostedProvider()
    print((await outcome(provider, request_to(sys.argv[1]))).finish)
    await provider.aclose()
    loaded = {"litellm", "openai", "pydantic", "httpx"} & set(sys.modules)
    print(sorted(loaded))

asyncio.run(main())
"""
    done = await asyncio.to_thread(run_python, program, server.url, cwd=tmp_path)
    assert (done.stdout.split("\n"), done.stderr) == (["stop", "[]", ""], "")


async def test_closing_ends_the_child_and_its_streams(server: ModelServer) -> None:
    hosted = HostedProvider()
    await hosted.start()
    reading = asyncio.create_task(outcome(hosted, request_to(server.url)))
    await asyncio.sleep(0)
    child = hosted.pid
    assert child is not None
    await hosted.aclose()
    assert (await reading).error is not None
    assert gone(child)
    assert hosted.pid is None
