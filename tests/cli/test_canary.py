"""`chatspace canary`: the same documents through both, paired, and nothing asked for twice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.drills.newsroom import Register, good_answer, open_newsroom, write_documents
from tests.model_server import HttpError, ModelServer

pytestmark = pytest.mark.drill  # many programs, one after the other: the gate runs them


@pytest.fixture
def newsroom(home: Path, tmp_path: Path, model_server: ModelServer) -> Register:
    """Eight stories below `in`, and the server that answers for all steps."""
    register = open_newsroom(home, model_server)
    write_documents(tmp_path / "in", 8)
    return register


def measures(canary: Any) -> dict[str, Any]:
    return {each["measure"]: each for each in canary["differences"]}


def test_both_sides_are_made_and_compared(chatspace: Command, newsroom: Register, tmp_path: Path) -> None:
    ended = chatspace("canary", tmp_path / "in", "-o", tmp_path / "out", "--format", "json")
    assert ended.code == 0, ended.err
    canary = ended.json
    assert canary["schema"] == "chatspace.canary/1"
    assert (canary["documents"], canary["baseline"]["made"], canary["candidate"]["made"]) == (8, 8, 8)
    found = measures(canary)
    assert found["tokens"]["verdict"] == "worse"
    assert found["failures"]["verdict"] == found["partial"]["verdict"] == "unclear"
    assert "inconclusive" in found["partial"]["sentence"]
    assert found["edited"]["documents"] == 0
    for side in ("baseline", "candidate"):
        assert (tmp_path / "out" / side / "story-0003" / "draft.md").exists()
    assert json.loads((tmp_path / "out" / "canary.json").read_bytes()) == canary
    assert "| Cost |" in (tmp_path / "out" / "canary.md").read_text(encoding="utf-8")


def test_a_second_start_asks_for_nothing_and_says_the_same(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    command = ("canary", tmp_path / "in", "-o", tmp_path / "out", "--format", "json")
    first, asked = chatspace(*command), newsroom.asked.total()
    assert chatspace(*command).json == first.json
    assert newsroom.asked.total() == asked


def test_runs_that_the_store_has_are_used_in_another_folder_too(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    chatspace("batch", tmp_path / "in", "-o", tmp_path / "batch")
    asked = newsroom.asked.total()
    first = chatspace("canary", tmp_path / "in", "-o", tmp_path / "one", "--format", "json")
    assert newsroom.asked.total() == asked + 8  # the monolith's alone
    shutil.rmtree(tmp_path / "one")
    again = chatspace("canary", tmp_path / "in", "-o", tmp_path / "two", "--format", "json")
    assert newsroom.asked.total() == asked + 8
    assert again.json == first.json


def test_answers_from_the_ledger_count_what_they_had_cost(
    chatspace: Command, newsroom: Register, tmp_path: Path, model_server: ModelServer
) -> None:
    def no_copy(body: Any) -> Any:
        return HttpError(401) if "copy" in str(body["model"]) else good_answer(body)

    command = ("canary", tmp_path / "in", "-o", tmp_path / "out", "--format", "json")
    model_server.answer(no_copy)
    failed = chatspace(*command)
    assert failed.code == 6
    assert sum(failed.json["candidate"]["failures"].values()) == 8
    assert failed.json["baseline"]["failures"] == {}
    assert measures(failed.json)["failures"]["verdict"] == "worse"
    model_server.answer(newsroom)
    resumed = measures(chatspace(*command).json)
    assert newsroom.asked.total() == 8 * 3  # the copy alone
    fresh = measures(
        chatspace("canary", tmp_path / "in", "-o", tmp_path / "new", "--words", "90", "--format", "json").json
    )
    assert resumed["tokens"]["documents"] == 8
    assert resumed["latency_p50"]["documents"] == 0  # a part of that time was spent in another run
    assert resumed["tokens"]["candidate"] == pytest.approx(fresh["tokens"]["candidate"], rel=0.1)


def test_a_larger_share_holds_the_documents_of_a_smaller_one(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    write_documents(tmp_path / "in", 12, first=8)
    chosen = []
    for share in ("30%", "0.7"):
        out = tmp_path / share.strip("%")
        ended = chatspace("canary", tmp_path / "in", "-o", out, "--share", share, "--format", "json")
        chosen.append({path.parent.name for path in (out / "candidate").glob("*/run.json")})
        assert ended.json["documents"] == len(chosen[-1])
        assert ended.json["documents_found"] == 20
    assert chosen[0] < chosen[1]


def test_words_that_editors_changed_in_the_drafts_are_counted(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    command = ("canary", tmp_path / "in", "-o", tmp_path / "out", "--format", "json")
    chatspace(*command)
    for number in range(7):
        for side, words in (("baseline", "whisper quiet and calm"), ("candidate", "silent")):
            draft = tmp_path / "out" / side / f"story-{number:04}" / "draft.md"
            text = draft.read_text(encoding="utf-8")
            draft.write_text(text.replace("Sentence 3 of", f"Sentence 3, {words}, of"), encoding="utf-8")
    edited = measures(chatspace(*command).json)["edited"]
    assert (edited["documents"], edited["verdict"]) == (7, "better")
    assert edited["baseline"] > edited["candidate"] > 0


def test_a_document_that_cannot_be_read_fails_on_both_sides_and_stops_nothing(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    (tmp_path / "in" / "broken.md").write_bytes(b"\x00\x01\x02" * 50)
    ended = chatspace("canary", tmp_path / "in", "-o", tmp_path / "out", "--share", "99%", "--format", "json")
    assert ended.code == 3
    assert sum(ended.json["baseline"]["failures"].values()) == 1
    assert sum(ended.json["candidate"]["failures"].values()) == 1


@pytest.mark.parametrize("wrong", [("--share", "0"), ("--share", "120%"), ("--candidate", "monolith")])
def test_what_makes_no_sense_is_said_before_anything_is_asked(
    chatspace: Command, newsroom: Register, tmp_path: Path, wrong: tuple[str, str]
) -> None:
    assert chatspace("canary", tmp_path / "in", "-o", tmp_path / "out", *wrong).code == 2
    assert newsroom.asked.total() == 0


def test_the_text_has_a_table_and_a_sentence_for_each_measure(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    ended = chatspace("canary", tmp_path / "in", "-o", tmp_path / "out")
    assert "Canary: monolith vs. staged" in ended.out
    assert "- Partial outputs: the same in all 8 documents" in ended.out
    assert "|" not in ended.out
