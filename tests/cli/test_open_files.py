"""A process that runs many commands, as a program that embeds them does."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.model_server import ModelServer


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed by Linux alone")
def test_a_command_leaves_no_file_open(
    chatspace: Command, served: ModelServer, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = tmp_path / "brief.md"
    brief.write_text("# Launch\n\nThe Tern 4 costs $4,200.\n", encoding="utf-8")
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("CHATSPACE_HOME", str(shutil.copytree(home, tmp_path / "elsewhere")))
        chatspace("extract", brief)  # loads what stays
    before = databases()
    for _ in range(3):
        assert chatspace("extract", brief).code == 0
        assert chatspace("chat", "Hello").code == 0
    assert databases() == before


def databases() -> int:
    """The open files of histories, once what nobody holds any more is gone."""
    gc.collect()
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return sum(link.readlink().name == "chatspace.db" for link in links)
