"""A stage is one object: to build another one in takes few files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.model_server import ModelServer, Reply

TRANSLATE = '''
"""The translate stage: the draft in another language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatspace.core.calls.call import Turn
from chatspace.core.runs.run import Draft
from chatspace.core.runs.step_context import StepContext
from chatspace.core.stages.registry import Stage


@dataclass(frozen=True, slots=True)
class Translation:
    text: str
    language: str
    schema: Literal["chatspace.translation/1"] = "chatspace.translation/1"


async def run(context: StepContext) -> Translation:
    draft = context.get(Draft)
    assert draft is not None
    asker = await context.asker()
    said = await asker.ask([Turn("user", draft.text)])
    return Translation(said.text, context.options.lang or "en")


STAGE = Stage(
    "translate", Translation, run, lambda made: f"in {made.language}", needs=(Draft,), prose=lambda made: made.text
)
'''
PROFILE = "---\nstep: translate\nmodel: openai/any\napi_base: {url}\n---\nTranslate this.\n"
PIPELINE = "steps:\n  - {step: extract}\n  - {step: draft}\n  - {step: translate, profile: translator}\n"


def test_a_stage_that_is_built_in_touches_at_most_five_files(
    tmp_path: Path, home: Path, model_server: ModelServer
) -> None:
    tree = tmp_path / "tree"
    for folder in ("chatspace", "profiles"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    registry = tree / "chatspace" / "core" / "stages" / "registry.py"
    listed = 'BUILT_IN = ("extract", "draft", "copy"'
    text = registry.read_text(encoding="utf-8")
    assert listed in text
    changed = {
        registry: text.replace(listed, f'{listed}, "translate"'),
        registry.with_name("translate.py"): TRANSLATE.lstrip(),
        tree / "profiles" / "translator.md": PROFILE.format(url=model_server.url),
        tree / "profiles" / "pipelines" / "abroad.yaml": PIPELINE,
    }
    assert len(changed) < 5, "and its tests"
    for path, content in changed.items():
        path.write_text(content, encoding="utf-8")
    model_server.answer(Reply("Wärme für jedes Haus."))
    (tmp_path / "brief.md").write_text("# Tern 4\n\nThe Tern 4 costs $4,200.\n", encoding="utf-8")
    command = ("run", "brief.md", "-o", "out", "--pipeline", "abroad", "--lang", "de")
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "chatspace", *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    made = tmp_path / "out" / "brief"
    assert json.loads((made / "translate.json").read_text(encoding="utf-8"))["text"] == "Wärme für jedes Haus."
    assert json.loads((made / "run.json").read_text(encoding="utf-8"))["steps"] == ["extract", "draft", "translate"]
    assert "translate done: in de" in ended.stderr
