"""A disk without room and a database that another program keeps locked: commands end clearly, and go on afterwards.

The disk is played by a limit to the size of the files that a program may write, the lock is a real one.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import Message
from tests.conftest import ROOT
from tests.drills.newsroom import Register, check_outputs, good_answer, write_documents, write_profiles
from tests.drills.test_kills import finished_twice
from tests.model_server import Answer, ModelServer, Reply

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit to a file's size"),
]

DOCUMENTS, JOBS = 8, 2
STORE_FAILS = OUTPUT_FAILS = 2
LONG = "A long answer. " * 4_000
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
from chatspace.__main__ import main
main()
"""
"""A program that can't make any file larger than its first argument says."""


class Newsroom:
    """A home, documents, a server that counts, and commands that are started as a user starts them."""

    def __init__(self, home: Path, folder: Path, server: ModelServer, documents: int = DOCUMENTS) -> None:
        self.home, self.documents, self.output = home, folder / "in", folder / "out"
        self.at_a_draft: Callable[[], object] = lambda: None
        self.register = Register(self._answer)
        server.answer(self.register)
        write_documents(self.documents, documents)
        write_profiles(home, server.url)
        (home / "profiles" / "chat.md").write_text(
            f"---\nstep: chat\nmodel: openai/chat\napi_base: {server.url}\n---\nYou answer.\n", encoding="utf-8"
        )
        with Store(self.database) as store:
            store.conversations.create("memo")

    @property
    def database(self) -> Path:
        return self.home / "chatspace.db"

    def _answer(self, number: int, body: Mapping[str, Any]) -> Answer:
        if "drafter" in body["model"]:
            self.at_a_draft()
        return Reply(LONG, chunk=600, delay=0.02) if body["model"] == "chat" else good_answer(body)

    def command(self, name: str) -> list[str]:
        return {
            "batch": ["batch", str(self.documents), "-o", str(self.output), "--jobs", str(JOBS)],
            "run": ["run", str(self.documents / "story-0000.md"), "-o", str(self.output)],
            "chat": ["chat", "A long answer, please"],
        }[name]

    def start(self, *arguments: str, limit: int | None = None, output: Any = subprocess.PIPE) -> subprocess.Popen[str]:
        program = ["-m", "chatspace"] if limit is None else ["-c", LIMITED, str(limit)]
        return subprocess.Popen(
            [sys.executable, *program, *arguments],
            env={**os.environ, "CHATSPACE_HOME": str(self.home), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
        )

    def asked_again(self) -> int:
        """How many answers that were whole the server has given once more."""
        return sum(times - 1 for times in self.register.whole.values())

    def goes_on(self, name: str) -> None:
        """The same command once more makes everything, and pays again for the calls that were in flight alone."""
        code, said = ended(self.start(*self.command(name)))
        assert code == 0, said
        if name != "chat":
            check_outputs(self.output, self.documents)
        assert finished_twice(self.home) == 0
        again = sum(times - 1 for times in self.register.whole.values())
        assert again <= (JOBS if name == "batch" else 1), "more than the calls in flight were repeated"

    def replies(self) -> list[Message]:
        """The replies that are in the history, after its recovery."""
        with Store(self.database) as store:
            store.recover()
            found = [each for one in store.conversations.page() for each in store.messages.all(one.id)]
        return [each for each in found if each.role == "assistant"]


@pytest.fixture
def newsroom(home: Path, tmp_path: Path, model_server: ModelServer, name: str) -> Newsroom:
    return Newsroom(home, tmp_path, model_server, DOCUMENTS if name == "batch" else 1)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another program that writes for as long as this lasts."""
    with closing(sqlite3.connect(database, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code and what stood on standard error, which is for people."""
    _, said = process.communicate(timeout=180)
    assert "Traceback" not in said, said
    assert "Exception ignored" not in said, said
    return process.returncode, said


@pytest.mark.parametrize(("name", "limit"), [("batch", 400_000), ("run", 120_000)])
def test_a_disk_that_fills_up_ends_a_command_which_then_goes_on(newsroom: Newsroom, name: str, limit: int) -> None:
    code, said = ended(newsroom.start(*newsroom.command(name), limit=limit))
    assert code == STORE_FAILS, said
    assert "chatspace.db" in said
    assert "Check the disk space" in said
    newsroom.goes_on(name)


@pytest.mark.parametrize("name", ["chat"])
def test_a_disk_that_fills_up_under_a_chat_keeps_what_was_stored_before(newsroom: Newsroom, name: str) -> None:
    code, said = ended(newsroom.start(*newsroom.command(name), limit=120_000))
    assert code == STORE_FAILS, said
    assert "Check the disk space" in said
    (broken,) = newsroom.replies()
    assert broken.status == "interrupted"
    assert broken.text
    assert LONG.startswith(broken.text)
    assert ended(newsroom.start("chat", "-c", "Once more"))[0] == 0
    assert [each.status for each in newsroom.replies()] == ["interrupted", "complete"]
    assert finished_twice(newsroom.home) == 0


@pytest.mark.parametrize("name", ["run"])
def test_a_database_that_is_locked_ends_every_command_before_anything_is_asked(newsroom: Newsroom, name: str) -> None:
    commands = [newsroom.command(each) for each in ("batch", "run", "chat")]
    with locked(newsroom.database):
        for code, said in map(ended, [newsroom.start(*command) for command in commands]):
            assert code == STORE_FAILS, said
            assert "another program has locked" in said
            assert "try again later" in said
    assert newsroom.register.asked.total() == 0
    newsroom.goes_on(name)


@pytest.mark.parametrize("name", ["batch"])
def test_a_database_that_is_locked_on_the_way_ends_a_batch_which_then_goes_on(newsroom: Newsroom, name: str) -> None:
    with ExitStack() as stack:
        first = iter([partial(stack.enter_context, locked(newsroom.database))])
        newsroom.at_a_draft = lambda: next(first, int)()
        code, said = ended(newsroom.start(*newsroom.command(name)))
    assert code == STORE_FAILS, said
    assert "another program has locked" in said
    newsroom.goes_on(name)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("name", ["chat", "draft"])
def test_an_output_without_room_is_told_and_what_came_is_kept(newsroom: Newsroom, name: str) -> None:
    document = str(newsroom.documents / "story-0000.md")
    with Path("/dev/full").open("w") as full:
        command = newsroom.command(name) if name == "chat" else [name, document]
        code, said = ended(newsroom.start(*command, output=full))
    assert code == OUTPUT_FAILS, said
    assert "no space left on device" in said
    assert "Free up disk space" in said
