"""The prompt in a real terminal: what is typed outlives the process, and the user's own editor."""

from __future__ import annotations

import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from tests.conftest import ROOT
from tests.terminal import Terminal
from tests.waiting import eventually

pytestmark = pytest.mark.drill  # a whole workspace for each test: the gate runs them

CTRL_G, PASTE, PASTED = "\x07", "\x1b[200~", "\x1b[201~"


@pytest.fixture
def environment(home: Path, tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}


def editor(folder: Path, code: str) -> str:
    """A program that gets the name of the file, as an editor does."""
    path = folder / "editor"
    path.write_text(f"#!{sys.executable}\nimport sys, pathlib\nfile = pathlib.Path(sys.argv[1])\n{code}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def kept(home: Path) -> list[str]:
    """The unsent prompts of all programs."""
    import sqlite3
    from contextlib import closing

    if not (home / "chatspace.db").exists():
        return []
    with closing(sqlite3.connect(home / "chatspace.db")) as connection:
        try:
            return [row[0] for row in connection.execute("SELECT text FROM prompts ORDER BY saved")]
        except sqlite3.OperationalError:  # the tables aren't made yet
            return []


def test_a_killed_program_gives_the_text_back_with_the_cursor_at_its_end(
    environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    (tmp_path / "brief.md").write_text("# Brief\n\nIt costs $4,200.\n", encoding="utf-8")
    with Terminal(env=environment) as terminal:
        terminal.until("Write a message")
        terminal.type(f"{PASTE}{tmp_path}/brief.md{PASTED}")
        terminal.until("gate passed")
        terminal.type("Half a sentence\nand more of")
        terminal.until("and more of")
        eventually(lambda: kept(home) == ["Half a sentence\nand more of"])
        terminal.send_signal(signal.SIGKILL)
        terminal.wait()
    with Terminal(env=environment) as terminal:
        terminal.until("Half a sentence")
        terminal.until("brief.md")
        terminal.type(" it")
        terminal.until("and more of it")


def test_two_programs_at_once_keep_both_texts(environment: dict[str, str], home: Path) -> None:
    with Terminal(env=environment) as one, Terminal(env=environment) as other:
        for terminal, text in ((one, "from the first"), (other, "from the second")):
            terminal.until("Write a message")
            terminal.write(text)
        eventually(lambda: sorted(kept(home)) == ["from the first", "from the second"])
        for terminal in (one, other):
            terminal.send_signal(signal.SIGKILL)
            terminal.wait()
    with Store(home / "chatspace.db") as store, Store(home / "chatspace.db") as another:
        assert {store.prompts.saved(None), another.prompts.saved(None)} == {"from the first", "from the second"}


def test_the_users_editor_gets_the_text_and_the_prompt_gets_what_it_made_of_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    command = editor(
        tmp_path,
        "print('this is the editor'); input()\nfile.write_text(file.read_text() + ' edited\\nin an editor\\n')",
    )
    with Terminal(env={**environment, "EDITOR": command}) as terminal:
        terminal.until("Write a message")
        terminal.write("Begun here")
        terminal.type(CTRL_G)
        terminal.until("this is the editor")
        terminal.type("\r")
        terminal.until("Begun here edited")
        terminal.until("in an editor")
        terminal.type("\x1a")  # ctrl+z
        terminal.until(lambda text: "Begun here" in text and "edited" not in text)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("sys.exit(3)", "exited with code 3"),
        ("file.unlink()", "left no text"),
        ("file.write_text('half done'); sys.exit(1)", "What it wrote is in"),
    ],
)
def test_a_failing_editor_is_told_and_loses_nothing(
    environment: dict[str, str], tmp_path: Path, code: str, told: str
) -> None:
    with Terminal(env={**environment, "VISUAL": editor(tmp_path, code)}) as terminal:
        terminal.until("Write a message")
        terminal.write("Keep this")
        terminal.type(CTRL_G)
        terminal.until(told)
        assert "Keep this" in terminal.text
        if told.startswith("What it wrote"):
            assert [path.read_text() for path in tmp_path.glob("chatspace-*/prompt.md")] == ["half done"]
        else:
            assert not list(tmp_path.glob("chatspace-*"))


def test_an_editor_that_is_not_there_is_told(environment: dict[str, str]) -> None:
    with Terminal(env={**environment, "EDITOR": "no-such-editor --wait"}) as terminal:
        terminal.until("Write a message")
        terminal.write("Keep this")
        terminal.type(CTRL_G)
        terminal.until("no-such-editor can't be started")
        terminal.until("Keep this")
