"""The import contracts hold what the documentation says: each forbidden import, added to a copy, breaks one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FORBIDDEN = [
    ("core/runs/pipeline.py", "import chatspace.adapters.exporters"),
    ("core/chat/turns.py", "import sqlite3"),
    ("core/calls/budget.py", "import litellm"),
    ("core/structure/parse.py", "import lxml.html"),
    ("core/workspace/models.py", "import chatspace.tui.app"),
    ("core/stages/draft.py", "import chatspace.core.stages.extract"),
    ("adapters/exporters/markdown.py", "import chatspace.adapters.history"),
    ("adapters/profiles/recipes.py", "import chatspace.adapters.litellm.wire"),
    ("adapters/offline/drafting.py", "import chatspace.adapters.readers"),
    ("adapters/clipboard.py", "import chatspace.wiring"),
    ("locations.py", "import chatspace.adapters.settings_file"),
    ("wiring.py", "import chatspace.cli.main"),
    ("cli/history.py", "import chatspace.tui.app"),
    ("cli/doctor.py", "import chatspace.adapters.diagnosis"),
    ("tui/yanking.py", "import chatspace.adapters.history.database"),
    ("tui/app.py", "import sqlite3"),
    ("http_policy/routes.py", "import chatspace.adapters.clipboard"),
    ("docs/__init__.py", "import chatspace.wiring"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "chatspace", folder / "chatspace", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


def test_the_package_breaks_no_contract(copy: Path) -> None:
    assert lint(copy).returncode == 0, lint(copy).stdout


@pytest.mark.parametrize(("module", "statement"), FORBIDDEN)
def test_a_forbidden_import_breaks_a_contract(copy: Path, module: str, statement: str) -> None:
    file = copy / "chatspace" / module
    kept = file.read_text(encoding="utf-8")
    file.write_text(f"{kept}\n{statement}\n", encoding="utf-8")
    try:
        ended = lint(copy)
    finally:
        file.write_text(kept, encoding="utf-8")
    assert ended.returncode == 1, ended.stdout
    assert statement.removeprefix("import ").split(".")[0] in ended.stdout
    assert "BROKEN" in ended.stdout
