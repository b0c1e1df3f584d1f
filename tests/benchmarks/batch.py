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
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from chatspace import locations
from chatspace.adapters.history import Store
from chatspace.core.calls.call import Finished, ProviderEvent, Request, TextDelta, Turn
from chatspace.core.calls.model_client import ModelClient
from chatspace.core.events import discard_events
from chatspace.core.ports import Provider
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.profile import Profile, Target
from chatspace.wiring import Workspace
from tests.benchmarks.answering import Newsroom
from tests.benchmarks.extraction import peak
from tests.benchmarks.homes import environment, fresh_home
from tests.benchmarks.report import Figure, Runs
from tests.doubles import tools_for
from tests.drills.newsroom import good_answer, write_documents, write_profiles

WARM, FEW, MANY = 10, 200, 1_000
JOBS = 50
CALL_SECONDS = 0.5
CALLS_EACH = 4
NOWHERE = "http://127.0.0.1:9/v1"

TWO_FIELDS = """channels:
  blog:
    title: Blog
    fields:
      headline: {limit: 70, count: 5, source: The benchmark, checked: 2026-11-21}
      teaser: {limit: 300, count: 2, source: The benchmark, checked: 2026-11-21}
"""
"""A channel for which a document takes four calls: extract, draft, and copy for each field."""

CALLS, CONCURRENCY = 512, 64
DRAFTER = "balanced-drafter"


def run(runs: Runs) -> Sequence[Figure]:
    quick = [_apart("documents", str(FEW), "0") for _ in range(runs)]
    few, many = _apart("documents", str(FEW), str(CALL_SECONDS)), _apart("documents", str(MANY), str(CALL_SECONDS))
    sleeping = _apart("sleeping", str(MANY), str(CALL_SECONDS))
    with Newsroom(CALL_SECONDS) as server:
        through = _apart("documents", str(MANY), "0", server.url)
    with Newsroom(0.05) as server:
        pairs = [(_apart("alone", server.url), _apart("ours", server.url)) for _ in range(runs)]
    alone, ours = (statistics.median(one["cpu"] for one in each) / CALLS * 1000 for each in zip(*pairs, strict=True))
    each = statistics.median(one["cpu"] for one in quick) / FEW * 1000
    asleep = sleeping["cpu"] / MANY * 1000
    beside = "asyncio.sleep in the place of the calls"
    return (
        Figure("batch: CPU a document of 4 calls", each, "ms", asleep, beside, above=15),
        Figure(
            "… of 1,000 documents, 50 calls of 0.5 s at once", many["cpu"] / MANY * 1000, "ms", asleep, beside, above=15
        ),
        Figure("… their time", many["wall"], "s", sleeping["wall"], beside, times=1.25),
        Figure("… their memory", many["memory"], "MB", few["memory"], "200 documents", times=1.1),
        Figure("… their time through litellm", through["wall"], "s", sleeping["wall"], beside),
        Figure("CPU of a call through litellm at concurrency 64", ours, "ms", alone, "litellm alone", times=1.2),
    )


def _apart(*arguments: str) -> dict[str, float]:
    with fresh_home() as home:
        env = {**os.environ, **environment(home)}
        command = [sys.executable, "-m", __name__, *arguments]
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


# Documents


class _Sleeper:
    """A good model that takes `seconds` for each call."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        turns = [{"role": turn.role, "content": turn.content} for turn in request.turns]
        text = good_answer({"model": request.target.model, "messages": turns}).text
        await asyncio.sleep(self._seconds)
        yield TextDelta(text)
        yield Finished("stop")


async def _documents(count: int, models: Provider | None, url: str = NOWHERE) -> dict[str, float]:
    """So many documents, after a few with which everything is loaded; without `models` the calls go to the address."""
    home = locations.database().parent
    write_profiles(home, url)
    (home / "profiles" / "channels.yaml").write_text(TWO_FIELDS, encoding="utf-8")
    workspace = Workspace(models=models)
    options = Options()

    async def through(source: Path, output: Path) -> int:
        documents = workspace.documents.of([str(source)], options)
        result = await workspace.batches.run(documents, output, jobs=JOBS, tell=lambda ended: None)
        if result.made != len(documents):
            raise AssertionError(f"{result.made} of {len(documents)} documents, {result.failures[:1]}")
        return result.report.total.calls

    write_documents(home / "warm", WARM, first=count)
    write_documents(home / "in", count)
    await through(home / "warm", home / "out" / "warm")
    wall, cpu = time.monotonic(), time.process_time()
    calls = await through(home / "in", home / "out" / "all")
    measured = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu, "memory": peak()}
    workspace.history.close()
    if calls != count * CALLS_EACH:
        raise AssertionError(f"{calls} calls for {count} documents")
    return measured


async def _sleeping(count: int, seconds: float) -> dict[str, float]:
    """The least that the calls of so many documents take."""
    room = asyncio.Semaphore(JOBS)

    async def document() -> None:
        async with room:
            for _ in range(CALLS_EACH):
                await asyncio.sleep(seconds)

    wall, cpu = time.monotonic(), time.process_time()
    await asyncio.gather(*(document() for _ in range(count)))
    return {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}


# Calls

TURNS = (Turn("system", "You are measured."), Turn("user", "Story number 7: tell me everything. " * 20))


def _alone(url: str) -> Callable[[int], Awaitable[int]]:
    """litellm by itself, with what a streamed call with its usage needs."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or it asks the network for its prices
    import litellm  # noqa: TID251  # the floor

    messages = [{"role": turn.role, "content": turn.content} for turn in TURNS]
    more = {"stream_options": {"include_usage": True}, "max_retries": 0, "api_key": "no-key", "timeout": 300}

    async def call(number: int) -> int:
        stream = await litellm.acompletion(
            model=f"openai/{DRAFTER}", messages=messages, stream=True, api_base=url, **more
        )
        return sum([len(chunk.choices[0].delta.content or "") async for chunk in stream if chunk.choices])

    return call


def _ours(url: str) -> Callable[[int], Awaitable[int]]:
    """The same call through our provider, retries, limits of the server and ledger."""
    from chatspace.adapters.litellm.provider import LitellmProvider

    tools = tools_for(LitellmProvider(), Store(locations.database()).ledger)
    profile = Profile("measured", ("chat",), f"openai/{DRAFTER}", "", api_base=url)
    request = Request("chat", Target(profile, profile.model, "127.0.0.1", True), TURNS)

    async def call(number: int) -> int:
        one = replace(request, variables={"number": number})  # a ledger key of its own
        return len((await ModelClient(tools, discard_events).ask(one)).text)

    return call


async def _calls(call: Callable[[int], Awaitable[int]]) -> dict[str, float]:
    """So many, after as many at once as will be."""
    room = asyncio.Semaphore(CONCURRENCY)

    async def one(number: int) -> None:
        async with room:
            if not await call(number):
                raise AssertionError("an empty reply")

    await asyncio.gather(*map(one, range(CONCURRENCY)))
    cpu = time.process_time()
    await asyncio.gather(*map(one, range(CONCURRENCY, CONCURRENCY + CALLS)))
    return {"cpu": time.process_time() - cpu}


def _measure(what: str, *arguments: str) -> Mapping[str, float]:
    match what, arguments:
        case "documents", (count, seconds):
            return asyncio.run(_documents(int(count), _Sleeper(float(seconds))))
        case "documents", (count, _, url):
            return asyncio.run(_documents(int(count), None, url))
        case "sleeping", (count, seconds):
            return asyncio.run(_sleeping(int(count), float(seconds)))
        case "alone", (url,):
            return asyncio.run(_calls(_alone(url)))
        case _, (url,):
            return asyncio.run(_calls(_ours(url)))
    raise AssertionError(f"{what} {arguments}")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(*sys.argv[1:])))
