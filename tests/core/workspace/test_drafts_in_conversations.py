"""A draft that grows as a reply: what was shown is what is stored, also when it is stopped in the middle."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chatspace.adapters.exporters import FileExporter
from chatspace.adapters.history import Store
from chatspace.adapters.readers import FileReader
from chatspace.core.calls.call import Request
from chatspace.core.events import CallFinished, Event
from chatspace.core.runs.run import RunResult
from chatspace.core.workspace.runs import Runs
from tests.core.runs.running import AnsweringProvider, Desk, Say, default_answer, draft_of, source

SECTIONS = "\n\n".join(f"## Site {each}\n\nThe crew of Site {each} wrote down {each} kWh." for each in range(200))


def answer(request: Request) -> Say:
    if request.step != "draft" or request.response_schema is None:
        return default_answer(request) if request.step != "draft" else f"Part {request.variables['section']}.\n"
    return "no plan"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path / "profiles", AnsweringProvider(answer))
    desk.profile("balanced-drafter", "draft", "Write.", context_window=3_000, max_output_tokens=300)
    return desk


def shown(step: str, result: RunResult) -> str:
    return draft_of(result).text if step in result.artifacts else ""


async def test_a_draft_by_sections_is_stored_as_it_grew(desk: Desk, store: Store) -> None:
    runs = Runs(desk.tools, store.runs, store, FileReader(), FileExporter())
    question = store.messages.add(store.conversations.create("t").id, None, "user", "/draft", step="draft")
    plan = runs.plan(desk.plan().options, "draft")
    reply = await runs.run_in_conversation(question, source(SECTIONS), plan, shown, desk.events.append)
    assert reply.status == "complete"
    assert reply.text == desk.streamed
    assert reply.text.count("\n## Site ") > 2


async def test_a_draft_that_is_stopped_keeps_the_sections_it_had(desk: Desk, store: Store) -> None:
    runs = Runs(desk.tools, store.runs, store, FileReader(), FileExporter())
    question = store.messages.add(store.conversations.create("t").id, None, "user", "/draft", step="draft")
    plan = runs.plan(desk.plan().options, "draft")
    sections = 0

    def emit(event: Event) -> None:
        nonlocal sections
        desk.events.append(event)
        sections += isinstance(event, CallFinished) and event.call.text.startswith("Part ")
        if sections == 2:
            task.cancel()

    work = runs.run_in_conversation(question, source(SECTIONS), plan, shown, emit)
    task = asyncio.ensure_future(work)
    with pytest.raises(asyncio.CancelledError):
        await task
    stored = store.messages.thread(question.conversation)[-1]
    assert stored.status == "stopped"
    assert stored.text == desk.streamed
    assert stored.text.count("Part ") == 2
