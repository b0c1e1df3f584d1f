"""The way from a command to the provider is short."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.frames import LIMIT, record_stacks

BRIEF = Path(__file__).parents[2] / "profiles" / "samples" / "brief.md"


def test_few_calls_lie_between_a_command_and_the_provider(
    chatspace: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stacks = record_stacks(monkeypatch)
    assert chatspace("run", BRIEF, "-o", f"{tmp_path}/out/").code == 0
    assert stacks
    assert max(map(len, stacks)) <= LIMIT, "\n".join(sorted(stacks, key=len)[-1])
