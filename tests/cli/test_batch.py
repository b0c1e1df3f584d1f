"""`chatspace batch`: many documents, none of which stops the others, and nothing done twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.drills.newsroom import NUMBER, Register, check_outputs, good_answer, open_newsroom, write_documents
from tests.model_server import HttpError, ModelServer, Reply


@pytest.fixture
def newsroom(home: Path, tmp_path: Path, model_server: ModelServer) -> Register:
    """Three stories below `in`, and the server that answers for all steps."""
    register = open_newsroom(home, model_server)
    write_documents(tmp_path / "in", 3)
    return register


def failures(output: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (output / "failures.jsonl").read_text(encoding="utf-8").splitlines()]


def test_every_document_gets_its_folder_and_the_batch_its_report(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    ended = chatspace("batch", tmp_path / "in", "-o", tmp_path / "out")
    assert ended.code == 0, ended.err
    check_outputs(tmp_path / "out", tmp_path / "in")
    report = json.loads((tmp_path / "out" / "report.json").read_bytes())
    assert report["schema"] == "chatspace.report/1"
    assert (report["total"]["calls"], report["runs"]["statuses"]) == (15, {"complete": 3})
    assert "balanced-drafter" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "<table>" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert failures(tmp_path / "out") == []


def test_the_same_command_again_asks_nothing_and_a_changed_document_alone_is_made_anew(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    command = ("batch", tmp_path / "in", "-o", tmp_path / "out")
    chatspace(*command)
    asked = newsroom.asked.total()
    again = chatspace(*command)
    assert (again.code, newsroom.asked.total()) == (0, asked)
    assert "3 already done" in again.err
    changed = tmp_path / "in" / "story-0001.md"
    changed.write_text(changed.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    assert "1 document finished, 2 already done" in chatspace(*command).err
    assert newsroom.asked.total() == asked + 5


def test_other_options_make_the_documents_anew(chatspace: Command, newsroom: Register, tmp_path: Path) -> None:
    chatspace("batch", tmp_path / "in", "-o", tmp_path / "out")
    assert "3 documents finished" in chatspace("batch", tmp_path / "in", "-o", tmp_path / "out", "--channel", "ad").err


def test_a_bad_document_is_a_line_of_the_failures_and_the_others_are_made(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    (tmp_path / "in" / "broken.md").write_bytes(b"\x00\x01\x02" * 50)
    ended = chatspace("batch", tmp_path / "in", "-o", tmp_path / "out")
    assert ended.code == 3
    (tmp_path / "in" / "broken.md").rename(tmp_path / "broken.md")
    check_outputs(tmp_path / "out", tmp_path / "in")
    (failure,) = failures(tmp_path / "out")
    assert failure["document"] == "broken"
    assert failure["error"]
    assert failure["exit_code"] == 3


def test_what_failed_for_good_is_only_tried_again_when_asked_for(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    broken = tmp_path / "in" / "story-0009.md"
    broken.write_bytes(b"\x00\x01\x02" * 50)
    command = ("batch", tmp_path / "in", "-o", tmp_path / "out")
    chatspace(*command)
    write_documents(tmp_path / "in", 1, first=9)
    assert chatspace(*command).code == 3
    assert chatspace(*command, "--retry-failed").code == 0
    check_outputs(tmp_path / "out", tmp_path / "in")
    assert failures(tmp_path / "out") == []


def test_a_document_whose_model_failed_is_tried_again_and_pays_only_for_what_is_missing(
    chatspace: Command, newsroom: Register, tmp_path: Path, model_server: ModelServer
) -> None:
    def no_copy(body: dict[str, object]) -> Reply | HttpError:
        return HttpError(401) if "copy" in str(body["model"]) else newsroom(body)  # type: ignore[return-value]

    model_server.answer(no_copy)  # type: ignore[arg-type]  # of what the server can answer, these two
    ended = chatspace("batch", tmp_path / "in", "-o", tmp_path / "out")
    assert ended.code == 6
    assert len(failures(tmp_path / "out")) == 3
    drafted = newsroom.asked.total()
    model_server.answer(newsroom)
    assert chatspace("batch", tmp_path / "in", "-o", tmp_path / "out").code == 0
    assert newsroom.asked.total() == drafted + 9


def test_a_manifest_says_channel_and_priority_and_the_urgent_come_first(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text(
        "path,channel,priority\nin/story-0000.md,blog,\nin/story-0001.md,ad,5\nin/story-0002.md,,9\n", encoding="utf-8"
    )
    seen: list[str] = []

    def noting(body: dict[str, object]) -> Reply:
        found = NUMBER.search(str(body["messages"]))
        seen.append(found[1] if found else "")
        return good_answer(body)

    newsroom._choose = lambda number, body: noting(dict(body))
    ended = chatspace("batch", tmp_path / "list.csv", "-o", tmp_path / "out", "--jobs", "1")
    assert ended.code == 0, ended.err
    assert list(dict.fromkeys(seen)) == ["2", "1", "0"]
    assert json.loads((tmp_path / "out" / "story-0001" / "run.json").read_bytes())["channel"] == "google-ads"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "path,chanel\nx.md,blog\n", "a.csv:1: chanel: unknown column 'chanel'; did you mean 'channel'?"),
        ("a.csv", "path,priority\nx.md,soon\n", "a.csv:2: priority: 'soon' is not a whole number"),
        ("a.csv", "channel\nblog\n", "a.csv:2: path: it is missing"),
        ("a.jsonl", '{"path": "x.md"}\n{"path": 7}\n', "a.jsonl:2: path: it is missing"),
        ("a.jsonl", "{path}\n", "a.jsonl:1: it is not valid JSON"),
    ],
)
def test_a_wrong_manifest_is_told_by_its_line_before_anything_is_asked(
    chatspace: Command, newsroom: Register, tmp_path: Path, name: str, text: str, says: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    ended = chatspace("batch", tmp_path / name, "-o", tmp_path / "out")
    assert ended.code == 4
    assert says in ended.err
    assert newsroom.asked.total() == 0


def test_folders_globs_and_files_name_each_document_once_and_leave_hidden_ones_out(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    (tmp_path / "in" / ".hidden").mkdir()
    write_documents(tmp_path / "in" / ".hidden", 1, first=7)
    (tmp_path / "in" / "picture.png").write_bytes(b"\x89PNG")
    file = tmp_path / "in" / "story-0000.md"
    ended = chatspace("batch", tmp_path / "in", file, f"{tmp_path}/in/*1.md", "-o", tmp_path / "out")
    assert "3 documents finished" in ended.err
    nothing = chatspace("batch", f"{tmp_path}/in/*.nothing", "-o", tmp_path / "out")
    assert (nothing.code, "No files match" in nothing.err) == (3, True)


def test_a_budget_ends_a_batch_in_order_and_more_of_it_goes_on(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    command = ("batch", tmp_path / "in", "-o", tmp_path / "out", "--jobs", "1")
    ended = chatspace(*command, "--token-budget", "2200")
    assert ended.code == 7
    assert "The budget is reached" in ended.err
    assert "run the same command again" in ended.err
    made = len(list((tmp_path / "out").glob("*/run.json")))
    assert made < 3
    asked = newsroom.asked.total()
    assert chatspace(*command, "--token-budget", "90000").code == 0
    check_outputs(tmp_path / "out", tmp_path / "in")
    assert newsroom.asked.total() == 15
    assert asked < 15
