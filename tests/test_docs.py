"""The documentation on the command line and on the screen."""

from __future__ import annotations

import re

import pytest
from textual.widgets import OptionList

from chatspace import docs
from chatspace.cli.main import COMMANDS
from chatspace.tui.commands import COMMANDS as SLASH_COMMANDS
from chatspace.tui.screens.docs import DocsScreen
from chatspace.tui.screens.help import Help
from tests.conftest import Run
from tests.tui.conftest import Open, litellm, open_workspace  # noqa: F401  # fixtures


def test_without_a_topic_the_topics_are_listed(run_chatspace: Run) -> None:
    ended = run_chatspace("docs")
    assert [line.split()[0] for line in ended.stdout.splitlines()] == list(docs.TOPICS)


@pytest.mark.parametrize("topic", docs.TOPICS)
def test_a_topic_is_printed_as_it_is_shipped(run_chatspace: Run, topic: str) -> None:
    ended = run_chatspace("docs", topic)
    assert ended.returncode == 0
    assert ended.stdout == docs.read(topic)
    assert ended.stdout.startswith("# ")


def test_an_unknown_topic_is_wrong_usage_and_names_the_nearest(run_chatspace: Run) -> None:
    ended = run_chatspace("docs", "profile")
    assert ended.returncode == 2
    assert "Did you mean profiles?" in ended.stderr


def test_every_command_is_documented() -> None:
    written = docs.read("cli")
    assert [name for name in COMMANDS if not re.search(rf"`{name}[` ]", written)] == []


def test_every_slash_command_is_documented() -> None:
    written = docs.read("workspace") + docs.read("cli")
    assert [name for name in SLASH_COMMANDS if f"`/{name}" not in written] == []


async def test_help_leads_to_the_documentation(open_workspace: Open) -> None:  # noqa: F811
    async with open_workspace() as seat:
        await seat.pilot.press("f1")
        await seat.opened(Help)
        await seat.pilot.press("d")
        screen = await seat.opened(DocsScreen)
        await seat.until(lambda: "opens the workspace" in seat.shown)
        await seat.pilot.press("j")
        await seat.until(lambda: "progress and diagnostics" in seat.shown)
        assert screen.query_one(OptionList).highlighted == 1
        await seat.leave()


async def test_the_command_opens_the_topic_that_was_typed(open_workspace: Open) -> None:  # noqa: F811
    async with open_workspace((80, 24)) as seat:
        await seat.send("/docs batches")
        await seat.opened(DocsScreen)
        await seat.until(lambda: "many documents: resuming" in seat.shown and "globs, or a manifest" in seat.shown)
        await seat.leave()
