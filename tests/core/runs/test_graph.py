"""A pipeline as a graph: a step starts as soon as what it needs is there, and what doesn't need it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.history import Store
from chatspace.core.calls.budget import Allowance, Budget, Budgets, DailyBudgets
from chatspace.core.calls.call import ProviderEvent, Request, UsageReported
from chatspace.core.calls.endpoints import Endpoints, Limits
from chatspace.core.calls.usage import Usage
from chatspace.core.errors import ModelError
from chatspace.core.events import Made, StageFinished, StageStarted
from chatspace.core.profiles.options import Options
from chatspace.core.runs.pipeline import PipelineRun
from chatspace.core.runs.plan import narrowed
from chatspace.core.runs.run import RunResult
from chatspace.core.runs.run_record import RunState
from tests.core.runs.running import AnsweringProvider, Desk, Say, copy_of, default_answer, draft_of, source

BESIDE = """
steps:
  - {step: extract}
  - {step: draft, needs: [extract]}
  - {step: copy, needs: [extract]}
"""
MINE = Options(pipeline="mine")


class Slow(AnsweringProvider):
    """Counts the requests that are out at once, each for a while, and reports what each used."""

    def __init__(self) -> None:
        super().__init__()
        self.out = self.most = 0

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        self.out += 1
        self.most = max(self.most, self.out)
        await asyncio.sleep(0.02)
        try:
            yield UsageReported(Usage(input=600, output=20, estimated=False))
            async for event in super().stream(request):
                yield event
        finally:
            self.out -= 1


class Meeting(AnsweringProvider):
    """Answers a step's first request only once all the steps that are to meet have one out."""

    def __init__(self, *steps: str) -> None:
        super().__init__()
        self.waiting = {step: asyncio.Event() for step in steps}
        self.out = 0

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        self.out += 1
        try:
            if request.step in self.waiting:
                self.waiting[request.step].set()
                await asyncio.gather(*(each.wait() for each in self.waiting.values()))
            async for event in super().stream(request):
                yield event
        finally:
            self.out -= 1


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path / "profiles")
    pipeline(desk, BESIDE)
    return desk


def pipeline(desk: Desk, text: str) -> None:
    (desk.folder / "pipelines").mkdir(exist_ok=True)
    (desk.folder / "pipelines" / "mine.yaml").write_text(text)


async def run(desk: Desk) -> RunResult:
    return await asyncio.wait_for(desk.run(options=MINE), 30)


def steps(desk: Desk, kind: type[StageStarted] | type[StageFinished]) -> list[str]:
    return [event.stage for event in desk.events if isinstance(event, kind)]


async def test_steps_that_need_the_same_one_run_at_the_same_time(desk: Desk) -> None:
    desk.provider = Meeting("draft", "copy")
    result = await run(desk)
    assert result.record.status == "complete"
    assert steps(desk, StageStarted) == ["extract", "draft", "copy"]
    assert desk.events.index(StageStarted("draft")) > [type(event) for event in desk.events].index(StageFinished)
    assert {stage.stage for stage in result.record.stages} == {"extract", "draft", "copy"}
    assert result.record.needs == {"extract": (), "draft": ("extract",), "copy": ("extract",)}


async def test_copy_that_does_not_need_the_draft_is_not_shown_it(desk: Desk) -> None:
    await run(desk)
    assert all("Warm at last" not in request.turns[1].content for request in desk.provider.asked("copy"))


async def test_a_draft_that_needs_nothing_is_made_of_the_extraction_by_rule(desk: Desk) -> None:
    pipeline(desk, "steps:\n  - {step: extract}\n  - {step: draft, needs: []}\n")
    desk.provider = Meeting("extract", "draft")
    result = await run(desk)
    assert result.record.status == "complete"
    assert desk.provider.asked("draft")[0].turns[1].content == source().text.strip()


async def test_a_step_that_fails_lets_the_one_beside_it_end_and_is_what_the_run_failed_with(desk: Desk) -> None:
    def answer(request: Request) -> Say:
        if request.step == "draft":
            return [ModelError("The server said no", kind="unauthorized")]
        return default_answer(request)

    desk.provider = Meeting("draft", "copy")
    desk.provider.answer = answer
    result = await run(desk)
    assert (result.record.status, result.record.error) == ("failed", "The server said no")
    assert steps(desk, StageFinished) == ["extract", "copy"]
    assert copy_of(result).variants
    assert {stage.stage: stage.how for stage in result.record.stages} == {
        "extract": "made",
        "draft": "broken",
        "copy": "made",
    }


async def test_of_two_steps_that_fail_side_by_side_both_errors_are_told(desk: Desk) -> None:
    def answer(request: Request) -> Say:
        if request.step == "extract":
            return default_answer(request)
        return [ModelError(f"No {request.step} today", kind="unauthorized")]

    desk.provider = Meeting("draft", "copy")
    desk.provider.answer = answer
    result = await run(desk)
    assert {result.record.error, *desk.warnings} == {"No draft today", "No copy today"}
    assert desk.provider.out == 0


async def test_what_needs_a_draft_that_the_gate_rejects_does_not_start(desk: Desk) -> None:
    pipeline(desk, BESIDE.replace("copy, needs: [extract]", "copy, needs: [draft]"))
    desk.provider.answer = lambda request: (
        "# Open\n\n```\nfor ever\n" if request.step == "draft" else default_answer(request)
    )
    result = await run(desk)
    assert result.record.status == "rejected"
    assert steps(desk, StageStarted) == ["extract", "draft"]
    assert desk.provider.asked("copy") == []


async def test_a_step_whose_need_stands_behind_it_in_the_file_starts_after_it(desk: Desk) -> None:
    pipeline(
        desk, "steps:\n  - {step: copy, needs: [draft]}\n  - {step: draft, needs: [extract]}\n  - {step: extract}\n"
    )
    result = await run(desk)
    assert result.record.steps == ("extract", "draft", "copy")
    assert steps(desk, StageFinished) == ["extract", "draft", "copy"]
    assert "Warm at last" in desk.provider.asked("copy")[0].turns[1].content


async def test_a_run_that_is_stopped_ends_every_step_and_keeps_what_came(desk: Desk, store: Store) -> None:
    class Hanging(Meeting):
        async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
            async for event in super().stream(request):
                yield event
                if request.step == "draft":
                    await asyncio.Event().wait()

    desk.provider = Hanging("draft", "copy")

    def emit(event: object) -> None:
        if isinstance(event, Made) and event.stage == "copy":
            task.cancel()

    passage = PipelineRun(RunState("run-1", (source(),), desk.plan(MINE)), desk.tools, emit)
    task = asyncio.ensure_future(passage.complete())
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 30)
    result = passage.result("stopped")
    assert desk.provider.out == 0
    assert (draft_of(result).status, copy_of(result).channel) == ("truncated", "blog")
    assert "# Warm at last".startswith(draft_of(result).text[:10])


async def test_steps_that_run_at_once_keep_to_the_limit_of_a_server(desk: Desk) -> None:
    desk.provider = Slow()
    tools = replace(desk.tools, endpoints=Endpoints(lambda: {"127.0.0.1:9": Limits(concurrent=1)}))
    passage = PipelineRun(RunState("run-1", (source(),), desk.plan(MINE)), tools, desk.events.append)
    result = await asyncio.wait_for(passage.complete(), 30)
    assert result.record.status == "complete"
    assert desk.provider.most == 1


async def test_steps_that_run_at_once_share_one_budget(desk: Desk, store: Store) -> None:
    for name, step in (("light-extractor", "extract"), ("balanced-drafter", "draft"), ("copy-fast", "[copy, draft]")):
        desk.profile(name, step, max_output_tokens=5_000)
    desk.profile("longform-drafter", "draft", max_output_tokens=5_000)

    desk.provider = Slow()
    spent = Budget("b1", Allowance(tokens=13_000))  # enough for each of them, and not for both at once
    state = RunState("run-1", (source(),), desk.plan(replace(MINE, budget=spent)))
    store.runs.start("run-1", source())
    tools = replace(desk.tools, ledger=store.ledger, budgets=Budgets(lambda: DailyBudgets()))
    result = await asyncio.wait_for(PipelineRun(state, tools, desk.events.append).complete(), 30)
    assert result.record.status == "complete"
    assert desk.provider.most == 1


NAMES = ("a", "b", "c", "d", "e", "f")


@given(st.data())
def test_narrowing_a_graph_keeps_who_waits_for_whom(data: st.DataObject) -> None:
    needs = {
        name: tuple(data.draw(st.lists(st.sampled_from(NAMES[:place]), unique=True))) if place else ()
        for place, name in enumerate(NAMES)
    }
    kept = data.draw(st.sets(st.sampled_from(NAMES)))
    fewer = narrowed(needs, kept)
    assert list(fewer) == [name for name in NAMES if name in kept]
    for name in fewer:
        assert waits(fewer, name) == waits(needs, name) & kept


def waits(needs: dict[str, tuple[str, ...]], name: str) -> set[str]:
    found: set[str] = set()
    left: Sequence[str] = needs[name]
    while left:
        found.update(left)
        left = [each for step in left for each in needs[step] if each not in found]
    return found
