"""A thousand documents through the pipeline beside calls that only sleep, and calls beside litellm alone.

Each measurement has a process of its own, which prints its figures: memory that was taken is never given back.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from chatspace.core.call import Finished, ProviderEvent, Request, TextDelta, Turn
from chatspace.core.plan import Options
from chatspace.core.profile import Profile, Target
from chatspace.core.workspace.batches import documents_in, with_budget
from chatspace.wiring import build
from tests.benchmarks.extraction import peak
from tests.benchmarks.homes import environment, fresh_home
from tests.benchmarks.report import Figure, Runs
from tests.benchmarks.serving import Server
from tests.drills.newsroom import good_answer, write_documents, write_profiles

FEW, MANY = 100, 1_000
JOBS = 50
CALL_SECONDS = 0.5
CALLS_EACH = 5

CALLS, CONCURRENCY = 512, 64
MODEL = "mixed-1-0"


def run(runs: Runs) -> Sequence[Figure]:
    quick = [_apart("documents", str(FEW), "0") for _ in range(runs)]
    few, many = _apart("documents", str(FEW), str(CALL_SECONDS)), _apart("documents", str(MANY), str(CALL_SECONDS))
    sleeping = _apart("sleeping", str(MANY), str(CALL_SECONDS))
    with Server() as server:
        pairs = [(_apart("litellm", server.url), _apart("provider", server.url)) for _ in range(runs)]
    alone, through = (statistics.median(one["cpu"] for one in each) for each in zip(*pairs, strict=True))
    each = statistics.median(one["cpu"] for one in quick) / FEW * 1000
    asleep = sleeping["cpu"] / MANY * 1000
    beside = "asyncio.sleep in the place of the calls"
    return (
        Figure("batch: CPU a document of 5 calls, 100 documents", each, "ms", asleep, beside, above=15),
        Figure("… 1,000 documents", many["cpu"] / MANY * 1000, "ms", asleep, beside, above=15),
        Figure("… their time at 50 calls of 0.5 s at once", many["wall"], "s", sleeping["wall"], beside, times=1.25),
        Figure("… their memory", many["memory"], "MB", few["memory"], "100 documents", times=1.2),
        Figure("CPU of 512 calls through litellm at concurrency 64", through, "s", alone, "litellm alone", times=1.2),
    )


def _apart(*arguments: str) -> dict[str, float]:
    with fresh_home() as home:
        env = {**os.environ, **environment(home)}
        command = [sys.executable, "-m", __name__, *arguments]
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


class _Sleeper:
    """A good model that takes `seconds` for each call."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.calls = 0

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        self.calls += 1
        turns = [{"role": turn.role, "content": turn.content} for turn in request.turns]
        text = good_answer({"model": request.target.model, "messages": turns}).text
        await asyncio.sleep(self._seconds)
        yield TextDelta(text)
        yield Finished("stop")


def _documents(count: int, seconds: float) -> dict[str, float]:
    home = Path(os.environ["CHATSPACE_HOME"])
    write_profiles(home, "http://127.0.0.1:9/v1")
    write_documents(home / "in", count)
    models = _Sleeper(seconds)
    workspace = build(models=models)
    options = Options()
    documents = with_budget(list(documents_in([home / "in"], options)), options)
    wall, cpu = time.monotonic(), time.process_time()
    result = asyncio.run(workspace.batches.run(documents, home / "out", jobs=JOBS, tell=lambda ended: None))
    measured = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu, "memory": peak()}
    workspace.history.close()
    if result.made != count or models.calls != count * CALLS_EACH:
        raise AssertionError(f"{result.made} of {count} documents, {models.calls} calls, {result.failures[:1]}")
    return measured


def _sleeping(count: int, seconds: float) -> dict[str, float]:
    """The least that the calls of so many documents take."""
    room = asyncio.Semaphore(JOBS)

    async def document() -> None:
        async with room:
            for _ in range(CALLS_EACH):
                await asyncio.sleep(seconds)

    async def every() -> None:
        await asyncio.gather(*(document() for _ in range(count)))

    wall, cpu = time.monotonic(), time.process_time()
    asyncio.run(every())
    return {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}


async def _calls(url: str, own: bool) -> dict[str, float]:
    """So many calls through our provider, or through litellm alone as it makes them."""
    from chatspace.adapters.litellm_provider import LitellmProvider

    provider = LitellmProvider()  # which also brings litellm into the state in which it is quiet and offline
    profile = Profile("measured", ("chat",), f"openai/{MODEL}", "", api_base=url)
    turns = (Turn("system", "You are measured."), Turn("user", "Tell me everything."))
    request = Request("chat", Target(profile, profile.model, "127.0.0.1", True), turns)
    room = asyncio.Semaphore(CONCURRENCY)

    async def ours() -> int:
        return sum([len(event.text) async for event in provider.stream(request) if isinstance(event, TextDelta)])

    async def theirs() -> int:
        import litellm  # noqa: TID251  # the floor

        messages = [{"role": turn.role, "content": turn.content} for turn in turns]
        more = {"stream_options": {"include_usage": True}, "max_retries": 0, "api_key": "no-key"}
        stream = await litellm.acompletion(
            model=profile.model, messages=messages, stream=True, api_base=url, timeout=300, **more
        )
        return sum([len(chunk.choices[0].delta.content or "") async for chunk in stream if chunk.choices])

    async def one() -> None:
        async with room:
            if not await (ours() if own else theirs()):
                raise AssertionError("an empty reply")

    await one()
    cpu = time.process_time()
    await asyncio.gather(*(one() for _ in range(CALLS)))
    return {"cpu": time.process_time() - cpu}


def _measure(what: str, *arguments: str) -> dict[str, float]:
    match what:
        case "documents":
            return _documents(int(arguments[0]), float(arguments[1]))
        case "sleeping":
            return _sleeping(int(arguments[0]), float(arguments[1]))
        case _:
            return asyncio.run(_calls(arguments[0], own=what == "provider"))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(*sys.argv[1:])))
