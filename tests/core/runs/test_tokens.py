"""What a run of the shipped pipeline sends in all: the text is shown once to each stage that reads it, and no more."""

from __future__ import annotations

import json
from pathlib import Path

from chatspace.core.calls.call import Request
from chatspace.core.text.tokens import estimate_tokens, estimate_turns
from chatspace.locations import shipped_profiles
from tests.core.runs.running import Desk, Say, default_answer, source

SAMPLE = (shipped_profiles() / "samples" / "brief.md").read_text(encoding="utf-8")


def sent(request: Request) -> int:
    """Its messages, and the schema of its reply."""
    schema = request.response_schema
    return estimate_turns(turn.content for turn in request.turns) + (
        estimate_tokens(json.dumps(schema)) if schema else 0
    )


async def test_the_sample_brief_sends_at_most_4500_tokens_in_all(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    result = await desk.run(source(SAMPLE))
    by_step = {step: sum(map(sent, desk.provider.asked(step))) for step in ("extract", "draft", "copy")}
    assert all(by_step.values())
    assert sum(by_step.values()) <= 4_500, by_step
    assert [call.step for call in result.record.calls] == ["extract", "draft", "copy"]


async def test_the_shipped_pipeline_asks_no_model_for_what_the_rules_extract_from_the_sample(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (tmp_path / "pipelines" / "staged.yaml").unlink()
    result = await desk.run(source(SAMPLE))
    assert [call.step for call in result.record.calls] == ["draft", "copy"]
    assert [route.profile for route in result.record.routes] == ["rules", "balanced-drafter", "copy-fast"]
    assert sum(map(sent, desk.provider.requests)) <= 2_100


async def test_no_request_shows_the_same_line_of_the_source_twice(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.run(source(SAMPLE))
    lines = [line for line in SAMPLE.splitlines() if len(line) > 40]
    for step in ("extract", "draft"):
        (request,) = desk.provider.asked(step)
        assert all(request.turns[1].content.count(line) <= 1 for line in lines)


async def test_a_second_try_begins_with_the_messages_of_the_first(tmp_path: Path) -> None:
    def answer(request: Request) -> Say:
        return "no JSON" if request.step != "draft" else default_answer(request)

    desk = Desk(tmp_path)
    desk.provider.answer = answer
    await desk.run(source(SAMPLE))
    first, second = desk.provider.asked("extract")
    assert second.turns[: len(first.turns)] == first.turns
