"""What a command may load: proved in a process of its own."""

from __future__ import annotations

from pathlib import Path

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
    "tomlkit",
    "importlib.metadata",
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

LATER = (
    "chatspace.adapters.history.store",
    "chatspace.adapters.litellm.client",
    "chatspace.core.calls.call",
    "chatspace.core.chat.conversation",
    "chatspace.core.events",
    "chatspace.core.extraction",
    "chatspace.core.runs.plan",
    "chatspace.core.ports",
    "chatspace.core.profiles.profile",
    "chatspace.core.runs.run",
    "chatspace.tui.completion",
    "chatspace.tui.palette",
    "chatspace.tui.screens.tool_screen",
    "chatspace.tui.widgets.transcript",
    "tomllib",
)
"""What the first frame loaded once, a good part of its time each or together."""

FIRST_FRAME = """
import os, sys
from chatspace.tui.app import ChatspaceApp
from chatspace.wiring import Workspace, open_history

def load():
    print(*(name for name in {heavy!r} if name in sys.modules), file=sys.__stderr__, flush=True)
    os._exit(0)

ChatspaceApp(Workspace(database=open_history()), load=load).run(headless=True)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["history", "list"], ["history", "search", "word"]])
def test_light_commands_load_nothing_heavy(run_python: Run, run_chatspace: Run, arguments: list[str]) -> None:
    run_chatspace("history", "list")  # makes the database, which takes sqlite-utils once
    ended = run_python(COMMAND.format(arguments=arguments, heavy=HEAVY))
    assert ended.stderr.strip() == ""


def test_the_first_frame_loads_textual_and_nothing_else_that_is_heavy(
    home: Path, run_python: Run, run_chatspace: Run
) -> None:
    run_chatspace("history", "list")
    (home / "settings.toml").touch()  # nobody is welcomed
    ended = run_python(FIRST_FRAME.format(heavy=(*HEAVY, *LATER)))
    assert ended.stderr.split() == ["textual"]
