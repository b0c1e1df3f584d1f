"""Later versions of litellm end a cut stream in other ways: the provider's own tests must hold with them too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run

VERSION = "1.109.1"


@pytest.fixture
def newer_litellm(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with the newer litellm alone, kept in pytest's cache."""
    folder = request.config.cache.mkdir("litellm") / VERSION
    if not folder.exists():
        fresh = tmp_path / "litellm"
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--retries",
            "1",
            "--target",
            str(fresh),
        ]
        done = subprocess.run([*command, f"litellm=={VERSION}"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"litellm {VERSION} can't be installed here: {done.stderr.strip()[-200:]}")
        shutil.move(fresh, folder)
    return folder


@pytest.mark.drill
def test_the_provider_does_the_same_with_a_newer_litellm(
    newer_litellm: Path, run_python: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(newer_litellm))
    found = run_python("import importlib.util; print(importlib.util.find_spec('litellm').origin)")
    assert found.stdout.startswith(str(newer_litellm))
    tests = str(Path(__file__).with_name("test_provider.py"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", tests],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
