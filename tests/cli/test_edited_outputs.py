"""Outputs that a person edited, or wrote: they are kept, the other documents are made, and the output says so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.drills.newsroom import Register, check_outputs, good_answer, open_newsroom, write_documents
from tests.model_server import ModelServer, Reply

EDITED = "Edited by Maria.\n"
JOURNAL = ".chatspace.json"


@pytest.fixture
def newsroom(home: Path, tmp_path: Path, model_server: ModelServer) -> Register:
    """Three stories below `in`, and the server that answers for all steps."""
    register = open_newsroom(home, model_server)
    write_documents(tmp_path / "in", 3)
    return register


class Desk:
    """A batch of three stories into `out`, whose sources and outputs are changed."""

    def __init__(self, chatspace: Command, register: Register, folder: Path) -> None:
        self.folder, self.out, self.register = folder, folder / "out", register
        self._chatspace = chatspace

    def batch(self, *options: str | Path, output: str = "out") -> Any:
        return self._chatspace("batch", self.folder / "in", "-o", self.folder / output, *options)

    def output(self, number: int, name: str = "draft.md") -> Path:
        return self.out / f"story-{number:04}" / name

    def change_source(self, number: int) -> None:
        source = self.folder / "in" / f"story-{number:04}.md"
        text = source.read_text(encoding="utf-8")
        source.write_text(f"{text}\nOne more line, for ${len(text)} in all.\n", encoding="utf-8")

    def failures(self, output: str = "out") -> list[dict[str, Any]]:
        lines = (self.folder / output / "failures.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    @property
    def asked(self) -> int:
        return self.register.asked.total()

    @property
    def asked_twice(self) -> int:
        return sum(times - 1 for times in self.register.asked.values())


@pytest.fixture
def desk(chatspace: Command, newsroom: Register, tmp_path: Path) -> Desk:
    """The batch as it was made first."""
    made = Desk(chatspace, newsroom, tmp_path)
    ended = made.batch()
    assert ended.code == 0, ended.err
    return made


def files_below(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["draft.md", "copy.csv", "extraction.json", "run.json"])
def test_an_edited_file_is_kept_before_anything_is_asked_and_the_others_go_on(desk: Desk, name: str) -> None:
    edited = desk.output(1, name)
    text = edited.read_text(encoding="utf-8").replace("}", '} , "note": 1', 1) + EDITED
    edited.write_text(text, encoding="utf-8")
    before = files_below(edited.parent)
    for number in (0, 1):
        desk.change_source(number)
    asked = desk.asked
    ended = desk.batch()
    assert ended.code == 2
    assert files_below(edited.parent) == before
    assert "1 document finished, 1 already done, 1 failed" in ended.err
    assert desk.asked == asked + 5, "nothing was asked for the document that is kept"
    for part in (f"story-0001/{name}", "edited", "--overwrite", "-o"):
        assert part in ended.err
    (failure,) = desk.failures()
    assert (failure["document"], failure["exit_code"], failure["lasting"]) == ("story-0001", 2, False)
    assert str(edited) in failure["error"]
    assert "--overwrite" in failure["remedy"]


def test_overwrite_replaces_what_was_edited_and_later_edits_are_kept_again(desk: Desk) -> None:
    desk.output(1).write_text(EDITED, encoding="utf-8")
    desk.change_source(1)
    assert desk.batch("--overwrite").code == 0
    check_outputs(desk.out, desk.folder / "in")
    assert desk.failures() == []
    desk.output(1).write_text(EDITED, encoding="utf-8")
    desk.change_source(1)
    assert desk.batch().code == 2
    assert desk.output(1).read_text(encoding="utf-8") == EDITED


def test_another_folder_gets_the_new_result_and_no_call_is_paid_for_twice(desk: Desk) -> None:
    desk.output(1).write_text(EDITED, encoding="utf-8")
    for number in range(3):
        desk.change_source(number)
    assert desk.batch().code == 2
    asked = desk.asked
    other = desk.batch(output="other")
    assert other.code == 0, other.err
    check_outputs(desk.folder / "other", desk.folder / "in")
    assert desk.asked == asked + 5, "only the document that was kept is new"
    assert desk.asked_twice == 0
    assert desk.output(1).read_text(encoding="utf-8") == EDITED


def test_an_edited_draft_of_an_unchanged_source_is_left_and_is_no_failure(desk: Desk) -> None:
    desk.output(1).write_text(EDITED, encoding="utf-8")
    for options in ((), ("--overwrite",)):
        ended = desk.batch(*options)
        assert (ended.code, "3 already done" in ended.err) == (0, True)
        assert desk.output(1).read_text(encoding="utf-8") == EDITED


@pytest.mark.parametrize("name", ["draft.md", "run.json", "copy.csv"])
@pytest.mark.parametrize("changed", [False, True])
def test_a_file_that_was_deleted_is_written_again(desk: Desk, changed: bool, name: str) -> None:
    before, asked = desk.output(1, name).read_bytes(), desk.asked
    desk.output(1, name).unlink()
    shutil.rmtree(desk.output(2).parent)
    if changed:
        desk.change_source(1)
    ended = desk.batch()
    assert ended.code == 0, ended.err
    check_outputs(desk.out, desk.folder / "in")
    assert desk.asked == asked + (5 if changed else 0)
    assert changed or desk.output(1, name).read_bytes() == before


def test_a_file_that_was_deleted_is_written_again_beside_one_that_was_edited(desk: Desk) -> None:
    desk.output(1).write_text(EDITED, encoding="utf-8")
    desk.output(1, "copy.csv").unlink()
    asked = desk.asked
    assert desk.batch().code == 0
    assert desk.output(1, "copy.csv").exists()
    assert desk.output(1).read_text(encoding="utf-8") == EDITED
    assert desk.asked == asked


def test_a_file_edited_while_the_batch_runs_is_kept_and_what_was_paid_for_is_used_elsewhere(desk: Desk) -> None:
    desk.change_source(1)

    def editing(number: int, body: Mapping[str, Any]) -> Reply:
        desk.output(1).write_text(EDITED, encoding="utf-8")
        return good_answer(body)

    desk.register._choose = editing
    ended = desk.batch()
    assert ended.code == 2
    assert desk.output(1).read_text(encoding="utf-8") == EDITED
    assert [failure["document"] for failure in desk.failures()] == ["story-0001"]
    report = json.loads((desk.out / "report.json").read_bytes())
    assert report["total"]["calls"] == 15, "what it cost is counted"
    assert desk.batch().code == 2
    asked = desk.asked
    assert desk.batch(output="other").code == 0
    check_outputs(desk.folder / "other", desk.folder / "in")
    assert (desk.asked, desk.asked_twice) == (asked, 0)
    assert desk.batch("--overwrite").code == 0
    assert (desk.asked, desk.asked_twice) == (asked, 0)
    check_outputs(desk.out, desk.folder / "in")


def test_a_file_made_while_the_batch_runs_is_kept(chatspace: Command, newsroom: Register, tmp_path: Path) -> None:
    foreign = tmp_path / "out" / "story-0001" / "draft.md"

    def making(number: int, body: Mapping[str, Any]) -> Reply:
        foreign.parent.mkdir(parents=True, exist_ok=True)
        foreign.write_text(EDITED, encoding="utf-8")
        return good_answer(body)

    newsroom._choose = making
    ended = chatspace("batch", tmp_path / "in", "-o", tmp_path / "out")
    assert (ended.code, foreign.read_text(encoding="utf-8")) == (2, EDITED)
    assert "2 documents finished" in ended.err


@pytest.mark.parametrize("name", ["report.md", "report.html", "report.json", "failures.jsonl"])
@pytest.mark.parametrize("first", [False, True])
def test_a_foreign_or_edited_file_of_the_batch_is_named_before_anything_is_asked(
    chatspace: Command, newsroom: Register, tmp_path: Path, name: str, first: bool
) -> None:
    made = Desk(chatspace, newsroom, tmp_path)
    if not first:
        made.batch()
        made.change_source(0)
    made.out.mkdir(exist_ok=True)
    (made.out / name).write_text(EDITED, encoding="utf-8")
    before, asked = files_below(made.out), made.asked
    ended = made.batch()
    assert (ended.code, made.asked) == (2, asked)
    assert files_below(made.out) == before
    for part in (str(made.out / name), "--overwrite", "-o", "not written by chatspace" if first else "edited"):
        assert part in ended.err
    assert made.batch("--overwrite").code == 0
    assert EDITED not in (made.out / name).read_text(encoding="utf-8")
    assert made.batch().code == 0


def test_a_report_edited_while_the_batch_runs_is_kept_and_the_documents_are_made(desk: Desk) -> None:
    desk.change_source(1)

    def editing(number: int, body: Mapping[str, Any]) -> Reply:
        (desk.out / "report.md").write_text(EDITED, encoding="utf-8")
        return good_answer(body)

    desk.register._choose = editing
    ended = desk.batch()
    assert (ended.code, (desk.out / "report.md").read_text(encoding="utf-8")) == (2, EDITED)
    assert "1 document finished" in ended.err
    assert "report.md was edited" in ended.err
    check_outputs(desk.out, desk.folder / "in")


@pytest.mark.parametrize("links", ["folder", "file", "dangling folder", "dangling file", "circle"])
@pytest.mark.parametrize("options", [(), ("--overwrite",)])
def test_a_link_out_of_the_output_folder_is_refused_for_its_document(
    chatspace: Command, newsroom: Register, tmp_path: Path, links: str, options: tuple[str, ...]
) -> None:
    made, outside = Desk(chatspace, newsroom, tmp_path), tmp_path / "outside"
    outside.mkdir()
    (outside / "draft.md").write_text(EDITED, encoding="utf-8")
    link = made.output(1) if "file" in links else made.output(1).parent
    link.parent.mkdir(parents=True)
    target = {"folder": outside, "file": outside / "draft.md", "circle": link}.get(links, outside / "gone")
    link.symlink_to(target)
    before = files_below(outside)
    ended = made.batch(*options)
    assert ended.code == 2
    assert files_below(outside) == before
    assert link.is_symlink()
    assert "2 documents finished, 0 already done, 1 failed" in ended.err
    assert made.asked == 10
    (failure,) = made.failures()
    assert str(link) in failure["error"]
    assert "Remove the link" in failure["remedy"]


@pytest.mark.parametrize("name", ["report.md", "failures.jsonl"])
def test_a_link_in_the_place_of_a_file_of_the_batch_is_refused(
    chatspace: Command, newsroom: Register, tmp_path: Path, name: str
) -> None:
    made = Desk(chatspace, newsroom, tmp_path)
    made.out.mkdir()
    (made.out / name).symlink_to(tmp_path / "elsewhere")
    assert made.batch("--overwrite").code == 2
    assert not (tmp_path / "elsewhere").exists()
    assert made.asked == 0


def test_the_output_folder_may_itself_be_a_link(chatspace: Command, newsroom: Register, tmp_path: Path) -> None:
    made = Desk(chatspace, newsroom, tmp_path)
    (tmp_path / "disk").mkdir()
    made.out.symlink_to(tmp_path / "disk")
    for code in (made.batch().code, made.batch().code):
        assert code == 0
    check_outputs(tmp_path / "disk", tmp_path / "in")


def test_a_folder_that_was_moved_is_known_without_the_store(desk: Desk, home: Path) -> None:
    moved = desk.folder / "moved"
    desk.out.rename(moved)
    for file in home.glob("chatspace.db*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    (moved / "story-0002" / "draft.md").write_text(EDITED, encoding="utf-8")
    for number in (1, 2):
        desk.change_source(number)
    ended = desk.batch(output="moved")
    assert ended.code == 2
    assert "1 document finished, 1 already done, 1 failed" in ended.err
    assert (moved / "story-0002" / "draft.md").read_text(encoding="utf-8") == EDITED


def test_what_a_shorter_pipeline_leaves_behind_may_be_replaced_later(desk: Desk, home: Path) -> None:
    pipelines = home / "profiles" / "pipelines"
    (pipelines / "short.yaml").write_text("steps:\n  - {step: extract}\n  - {step: draft}\n", encoding="utf-8")
    assert desk.batch("--pipeline", "short").code == 0
    desk.change_source(1)
    ended = desk.batch()
    assert ended.code == 0, ended.err
    assert not list(desk.out.glob(f"*/{JOURNAL}"))
    desk.batch("--pipeline", "short")
    desk.output(1, "copy.md").write_text(EDITED, encoding="utf-8")
    desk.change_source(1)
    assert desk.batch("--pipeline", "short").code == 0, "it does not write the copy"
    assert desk.batch().code == 2
    assert desk.output(1, "copy.md").read_text(encoding="utf-8") == EDITED


@pytest.mark.parametrize(("name", "text"), [("draft.md", EDITED), ("run.json", '{"status": "failed"}')])
def test_a_run_into_a_folder_that_holds_somebody_elses_files_is_refused_before_anything_is_asked(
    chatspace: Command, newsroom: Register, tmp_path: Path, name: str, text: str
) -> None:
    folder = tmp_path / "out" / "story-0000"
    folder.mkdir(parents=True)
    (folder / name).write_text(text, encoding="utf-8")
    before = files_below(folder)
    command = ("run", tmp_path / "in" / "story-0000.md", "-o", tmp_path / "out")
    ended = chatspace(*command)
    assert (ended.code, newsroom.asked.total(), files_below(folder)) == (2, 0, before)
    assert "--overwrite" in ended.err
    assert chatspace(*command, "--overwrite").code == 0
    assert json.loads((folder / "run.json").read_bytes())["status"] == "complete"


def test_a_run_whose_folder_is_a_link_out_of_the_output_folder_is_refused(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "story-0000").symlink_to(tmp_path / "outside")
    ended = chatspace("run", tmp_path / "in" / "story-0000.md", "-o", tmp_path / "out", "--overwrite")
    assert (ended.code, newsroom.asked.total(), list((tmp_path / "outside").iterdir())) == (2, 0, [])


def test_a_run_whose_folder_was_written_to_meanwhile_is_used_by_another_folder(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    draft = tmp_path / "out" / "story-0000" / "draft.md"

    def making(number: int, body: Mapping[str, Any]) -> Reply:
        draft.write_text(EDITED, encoding="utf-8")
        return good_answer(body)

    newsroom._choose = making
    source = tmp_path / "in" / "story-0000.md"
    ended = chatspace("run", source, "-o", tmp_path / "out")
    assert (ended.code, draft.read_text(encoding="utf-8")) == (2, EDITED)
    asked = newsroom.asked.total()
    assert chatspace("run", source, "-o", tmp_path / "other").code == 0
    assert newsroom.asked.total() == asked


def test_the_sources_of_a_run_get_folders_that_differ_in_more_than_their_case(
    chatspace: Command, newsroom: Register, tmp_path: Path
) -> None:
    sources = list[Path]()
    for name in ("Brief.md", "b/brief.md", "brief-2.md", "brief 2.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# Story number {len(sources)}\n\nA text of some length.\n", encoding="utf-8")
        sources.append(path)
    ended = chatspace("run", *sources, "-o", tmp_path / "out", "--overwrite")
    assert ended.code == 0, ended.err
    names = [folder.name for folder in (tmp_path / "out").iterdir()]
    assert len({name.casefold() for name in names}) == 4


def test_a_canary_keeps_what_was_edited_and_names_it(chatspace: Command, newsroom: Register, tmp_path: Path) -> None:
    command = ("canary", tmp_path / "in", "-o", tmp_path / "out", "--format", "json")
    assert chatspace(*command).code == 0
    (tmp_path / "out" / "canary.md").write_text(EDITED, encoding="utf-8")
    asked = newsroom.asked.total()
    source = tmp_path / "in" / "story-0001.md"
    source.write_text(source.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    ended = chatspace(*command)
    assert (ended.code, newsroom.asked.total()) == (2, asked)
    assert "canary.md" in ended.err
    assert "--overwrite" in ended.err
    assert chatspace(*command, "--overwrite").code == 0
    draft = tmp_path / "out" / "candidate" / "story-0001" / "draft.md"
    draft.write_text(EDITED, encoding="utf-8")
    source.write_text(source.read_text(encoding="utf-8") + "\nAnd one.\n", encoding="utf-8")
    ended = chatspace(*command)
    assert (ended.code, draft.read_text(encoding="utf-8")) == (2, EDITED)
    assert sum(ended.json["candidate"]["failures"].values()) == 1
    assert chatspace(*command, "--overwrite").code == 0
