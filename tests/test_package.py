"""The package as pip installs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.drill  # pip fetches the build backend
def test_the_installed_package_has_all_files_that_it_reads(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, timeout=300)
    for source, installed in (("chatspace/data", "data"), ("chatspace/docs", "docs"), ("profiles", "profiles")):
        assert names(ROOT / source)
        assert names(ROOT / source) == names(tmp_path / "chatspace" / installed)


def names(folder: Path) -> set[Path]:
    data = {file for kind in ("*.txt", "*.md", "*.yaml") for file in folder.rglob(kind)}
    return {file.relative_to(folder) for file in data}
