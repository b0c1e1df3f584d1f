"""A stage is one object: what is registered runs, is stored, read back, exported and shown; few others know it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pytest

from chatspace.adapters.exporters import FileExporter
from chatspace.adapters.history import Store
from chatspace.adapters.readers import FileReader
from chatspace.core.calls.call import Request, Turn
from chatspace.core.errors import ConfigurationError
from chatspace.core.live.run import LiveRun
from chatspace.core.profiles.options import Options
from chatspace.core.runs.run import Draft
from chatspace.core.runs.step_context import StepContext
from chatspace.core.stages.registry import STAGES, Stage, register, stage_making, stage_names, step_names, steps_for
from chatspace.core.workspace.runs import Runs
from chatspace.tui.widgets.run_views import view_of
from tests.conftest import ROOT
from tests.core.runs.running import Desk, Say, default_answer, source

MOST_KNOWING = 4
FACES = ("cli/main.py", "cli/produce.py", "tui/commands.py")
"""Where a command of the same name is described to people."""


@dataclass(frozen=True, slots=True)
class Translation:
    text: str
    language: str
    schema: Literal["mine.translation/1"] = "mine.translation/1"


async def translate(context: StepContext) -> Translation:
    draft = context.get(Draft)
    assert draft is not None
    asker = await context.asker()
    said = await asker.ask([Turn("user", draft.text)])
    return Translation(said.text, context.options.lang or "de")


TRANSLATE = Stage(
    name="translate",
    artifact=Translation,
    run=translate,
    summary=lambda made: f"{len(made.text.split())} words in {made.language}",
    needs=(Draft,),
    markdown=lambda made: made.text,
    variables=("glossary",),
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk with a stage that the package doesn't know, with its profile and a pipeline."""
    register(TRANSLATE)
    desk = Desk(tmp_path / "profiles")
    desk.profile("translator", "translate", "Translate.{{ glossary }}")
    (desk.folder / "pipelines").mkdir(exist_ok=True)
    (desk.folder / "pipelines" / "abroad.yaml").write_text(
        "steps:\n  - step: extract\n  - step: draft\n  - {step: translate, profile: translator}\n"
    )
    desk.provider.answer = answer
    yield desk
    del STAGES["translate"]


def answer(request: Request) -> Say:
    return "# Endlich warm\n" if request.step == "translate" else default_answer(request)


@pytest.fixture
def runs(desk: Desk, store: Store) -> Runs:
    return Runs(replace(desk.tools, ledger=store.ledger), store.runs, store, FileReader(), FileExporter())


async def test_a_stage_of_ones_own_runs_and_comes_back_from_the_store(desk: Desk, runs: Runs) -> None:
    result = await runs.run(source(), runs.plan(Options(pipeline="abroad")), desk.events.append)
    assert result.record.steps == ("extract", "draft", "translate")
    assert [(stage.stage, stage.summary) for stage in result.record.stages][2] == ("translate", "3 words in de")
    assert desk.provider.asked("translate")[0].turns[1].content == "# Warm at last\n\nThe Tern 4 costs $4,200.\n"
    stored = runs.stored(result.record.id)
    assert stored.artifacts == result.artifacts
    assert stored.artifacts["translate"] == Translation("# Endlich warm\n", "de")


async def test_its_artifact_is_exported_and_shown(desk: Desk, runs: Runs) -> None:
    result = await runs.run(source(), runs.plan(Options(pipeline="abroad")), desk.events.append)
    files = runs.files(result.record.id)
    assert list(files) == ["extraction.json", "draft.md", "translate.json", "translate.md", "run.json"]
    assert json.loads(files["translate.json"])["language"] == "de"
    progress = LiveRun.of(runs.stored(result.record.id))
    assert view_of(progress, "translate").plain == "# Endlich warm\n"
    assert progress.state("translate") == "done"


async def test_in_a_conversation_it_is_a_reply_behind_the_draft(desk: Desk, runs: Runs, store: Store) -> None:
    question = store.messages.add(store.conversations.create("t").id, None, "user", "/run brief.md", step="draft")
    plan = runs.plan(Options(pipeline="abroad"))
    await runs.run_in_conversation(
        question, source(), plan, lambda step, result: f"shown {step}" if step in result.artifacts else "", print
    )
    assert [(each.step, each.text) for each in store.messages.thread(question.conversation)[1:]] == [
        ("draft", "shown draft"),
        ("translate", "shown translate"),
    ]


def test_a_name_is_registered_once(desk: Desk) -> None:
    with pytest.raises(ValueError, match="translate"):
        register(TRANSLATE)
    with pytest.raises(ValueError, match="chat"):
        register(replace(TRANSLATE, name="chat"))


def test_a_step_that_is_made_of_what_no_step_makes_is_named(desk: Desk) -> None:
    (desk.folder / "pipelines" / "wrong.yaml").write_text("steps:\n  - step: extract\n  - step: translate\n")
    with pytest.raises(ConfigurationError) as caught:
        desk.library.pipeline("wrong")
    assert (caught.value.line, caught.value.field) == (3, "steps.1.step")
    assert "draft" in caught.value.remedy


def test_a_command_for_one_stage_goes_through_what_it_needs() -> None:
    assert [steps_for(name) for name in stage_names()] == [("extract",), ("extract", "draft"), ("extract", "copy")]
    assert step_names() == ("chat", "extract", "draft", "copy", "rewrite", "story")
    assert stage_making(Draft).name == "draft"


@pytest.mark.parametrize("name", stage_names())
def test_few_modules_know_a_stage(name: str) -> None:
    package = ROOT / "chatspace"
    own = (package / "core" / "stages", package / "adapters" / "offline")
    knowing = [
        str(path.relative_to(package))
        for path in sorted(package.rglob("*.py"))
        if not any(path.is_relative_to(folder) for folder in own) and knows(path, name)
    ]
    assert len(knowing) <= MOST_KNOWING, knowing
    assert set(FACES) <= set(knowing)


def knows(path: Path, name: str) -> bool:
    """Whether a module names a stage, or imports its module."""
    module = f"chatspace.core.stages.{name}"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and node.value == name:
            return True
        if isinstance(node, ast.ImportFrom) and (
            node.module == module
            or (node.module == "chatspace.core.stages" and any(each.name == name for each in node.names))
        ):
            return True
    return False
