"""What a command may load: proved in a process of its own."""

from __future__ import annotations

import pytest

from tests.conftest import Run

HEAVY = (
    "litellm",
    "openai",
    "textual",
    "jinja2",
    "pydantic",
    "yaml",
    "markdown_it",
    "pyromark",
    "sqlite_utils",
    "lxml",
)

COMMAND = """
import sys
from chatspace.cli import command_line
try:
    command_line(lambda profiles, local: None, {arguments!r})
except SystemExit:
    pass
print(*(name for name in {heavy!r} if name in sys.modules), file=sys.stderr)
"""

FIRST_FRAME = """
import sys
import chatspace.tui
from chatspace.adapters.hosted_provider import HostedProvider
from chatspace.wiring import build
build(models=HostedProvider()).history.conversations(limit=1)
print(*(name for name in {heavy!r} if name in sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["history", "list"], ["history", "search", "word"]])
def test_light_commands_load_nothing_heavy(run_python: Run, run_chatspace: Run, arguments: list[str]) -> None:
    run_chatspace("history", "list")  # makes the database, which takes sqlite-utils once
    ended = run_python(COMMAND.format(arguments=arguments, heavy=HEAVY))
    assert ended.stderr.strip() == ""


def test_the_first_frame_loads_textual_and_nothing_else_that_is_heavy(run_python: Run, run_chatspace: Run) -> None:
    run_chatspace("history", "list")
    ended = run_python(FIRST_FRAME.format(heavy=HEAVY))
    assert ended.stderr.split() == ["textual"]
