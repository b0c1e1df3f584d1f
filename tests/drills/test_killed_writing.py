"""Programs that are killed while they write outputs: no file that they left looks as if somebody had edited it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from tests.cli.conftest import Command, chatspace
from tests.conftest import ROOT

__all__ = ["chatspace"]

pytestmark = pytest.mark.drill  # some twenty programs, one after the other: the gate runs them

KILLED = """
import os, signal, sys
left, watched = int(sys.argv.pop(1)), sys.argv[-1]
def hook(event, arguments):
    global left
    if event in ("os.rename", "os.link", "os.remove") and str(arguments[0]).startswith(watched):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
from chatspace.__main__ import main
main()
"""
"""A program that is killed just before it names or removes its n-th file below the folder that it ends with."""


def write(source: Path, words: str) -> None:
    source.write_text(f"# A brief\n\nThe Tern 4 is {words}. It costs $4,200.\n", encoding="utf-8")


def test_a_batch_killed_at_any_file_that_it_writes_blocks_nothing(
    chatspace: Command, home: Path, tmp_path: Path
) -> None:
    source, out, left = tmp_path / "brief.md", tmp_path / "out", tmp_path / "left"
    for at in count(1):
        shutil.rmtree(out, ignore_errors=True)
        write(source, f"quiet {at}")
        assert chatspace("batch", source, "-o", out).code == 0
        write(source, f"calm {at}")
        killed = [sys.executable, "-c", KILLED, str(at), "batch", str(source), "-o", str(out)]
        environment = {**os.environ, "CHATSPACE_HOME": str(home), "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(killed, env=environment, capture_output=True, check=False, timeout=120)
        if ended.returncode != -signal.SIGKILL:
            break
        shutil.rmtree(left, ignore_errors=True)
        out.rename(left)
        for words in (f"calm {at}", f"warm {at}", f"quiet {at}"):
            shutil.copytree(left, out, dirs_exist_ok=False)
            write(source, words)
            goes_on = chatspace("batch", source, "-o", out)
            assert goes_on.code == 0, (at, words, goes_on.err)
            record = json.loads((out / "brief" / "run.json").read_bytes())
            assert record["source"]["id"] in (out / "brief" / "draft.md").read_text(encoding="utf-8")
            assert words in (out / "brief" / "extraction.json").read_text(encoding="utf-8")
            assert not (out / "brief" / ".chatspace.json").exists()
            shutil.rmtree(out)
    assert (ended.returncode, at > 10) == (0, True), ended.stderr
