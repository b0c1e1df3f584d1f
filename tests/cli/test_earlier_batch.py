"""A batch of a version that kept no hashes: its folder and its database, as they were left, in `earlier_batch`."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.drills.newsroom import Register, check_outputs
from tests.model_answers import ask_at_every_step
from tests.model_server import ModelServer

EARLIER = Path(__file__).parent / "earlier_batch"
EDITED = "Edited by Maria.\n"
COMMAND = ("batch", "in", "-o", "out")
READER_FAILED = 3
"""One of its three documents is no text."""


@pytest.fixture
def register(home: Path, tmp_path: Path, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Register:
    """The earlier home and folder, and the server that its profiles call."""
    shutil.copytree(EARLIER / "home" / "profiles", home / "profiles")
    ask_at_every_step(home / "profiles")
    (home / "chatspace.db").write_bytes(gzip.decompress((EARLIER / "home" / "chatspace.db.gz").read_bytes()))
    shutil.copytree(EARLIER / "in", tmp_path / "in")
    shutil.copytree(EARLIER / "made", tmp_path / "out")
    monkeypatch.setenv("OPENAI_API_BASE", model_server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "a key")
    monkeypatch.chdir(tmp_path)
    answers = Register()
    model_server.answer(answers)
    return answers


def change_source(number: int) -> None:
    source = Path("in") / f"story-{number:04}.md"
    source.write_text(source.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")


def check_made() -> None:
    Path("in/notes.md").rename("notes.md")
    check_outputs(Path("out"), Path("in"))


def test_it_is_gone_on_with_and_nothing_is_asked_again(chatspace: Command, register: Register) -> None:
    for _ in range(2):
        ended = chatspace(*COMMAND)
        assert ended.code == READER_FAILED, ended.err
        assert "0 documents finished, 2 already done, 1 failed" in ended.err
    assert register.asked.total() == 0


def test_what_nobody_edited_is_replaced_where_its_source_changed(chatspace: Command, register: Register) -> None:
    change_source(0)
    ended = chatspace(*COMMAND)
    assert "1 document finished, 1 already done, 1 failed" in ended.err
    assert register.asked.total() == 5
    change_source(0)
    assert "1 document finished, 1 already done, 1 failed" in chatspace(*COMMAND).err
    check_made()


def test_an_edited_draft_is_kept(chatspace: Command, register: Register) -> None:
    draft = Path("out/story-0001/draft.md")
    draft.write_text(EDITED, encoding="utf-8")
    for number in (0, 1):
        change_source(number)
    ended = chatspace(*COMMAND)
    assert "1 document finished, 0 already done, 2 failed" in ended.err
    assert (register.asked.total(), draft.read_text(encoding="utf-8")) == (5, EDITED)
    assert "1 document finished" in chatspace(*COMMAND, "--overwrite").err
    check_made()


def test_a_deleted_file_comes_from_the_store(chatspace: Command, register: Register) -> None:
    Path("out/story-0001/draft.md").unlink()
    assert "2 already done" in chatspace(*COMMAND).err
    assert register.asked.total() == 0
    check_made()


def test_without_its_database_its_files_count_as_edited(chatspace: Command, register: Register, home: Path) -> None:
    (home / "chatspace.db").unlink()
    change_source(0)
    before = {path: path.read_bytes() for path in Path("out/story-0000").iterdir()}
    ended = chatspace(*COMMAND)
    assert "0 documents finished, 1 already done, 2 failed" in ended.err
    assert {path: path.read_bytes() for path in Path("out/story-0000").iterdir()} == before
    assert register.asked.total() == 0
    assert "1 document finished" in chatspace(*COMMAND, "--overwrite").err


@pytest.mark.parametrize("name", ["report.md", "report.html", "report.json", "failures.jsonl"])
def test_an_edited_file_of_the_batch_is_named_before_anything_is_asked(
    chatspace: Command, register: Register, name: str
) -> None:
    change_source(0)
    path = Path("out") / name
    path.write_text(path.read_text(encoding="utf-8") + EDITED, encoding="utf-8")
    ended = chatspace(*COMMAND)
    assert (ended.code, register.asked.total()) == (2, 0)
    assert f"out/{name}" in ended.err
    assert path.read_text(encoding="utf-8").endswith(EDITED)
    assert chatspace(*COMMAND, "--overwrite").code == READER_FAILED
