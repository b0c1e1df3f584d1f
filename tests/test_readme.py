"""Every command that the README shows in a bash block is run as it stands; the installing ones by the gate."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from chatspace import docs
from tests.conftest import ROOT, Run

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = [docs.read(topic) for topic in docs.TOPICS]
COMMANDS = [
    line
    for text in (README, *DOCS)
    for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("chatspace ")
]


@pytest.mark.parametrize("line", dict.fromkeys(COMMANDS))
def test_the_commands_of_the_documentation_work_as_they_stand(run_chatspace: Run, tmp_path: Path, line: str) -> None:
    shutil.copytree(ROOT / "profiles", tmp_path / "desk" / "profiles")
    ended = run_chatspace(*shlex.split(line)[1:], cwd=tmp_path / "desk")
    assert ended.returncode == 0, ended.stderr


def test_the_headless_line_fills_its_folder(run_chatspace: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "profiles", tmp_path / "desk" / "profiles")
    run_chatspace("run", "profiles/samples/brief.md", "-o", "out/", cwd=tmp_path / "desk")
    files = {file.name for file in (tmp_path / "desk" / "out" / "brief").iterdir()}
    assert files == {"extraction.json", "draft.md", "copy.md", "copy.csv", "run.json"}


def test_every_picture_of_the_readme_is_there() -> None:
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file(), picture


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    assert len(README.split()) <= 1_200
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / link).is_file(), link
