"""What the paths of a batch stand for."""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chatspace.adapters.readers import FileReader
from chatspace.core.calls.budget import Allowance, Budget
from chatspace.core.errors import SourceError
from chatspace.core.profiles.options import Options
from chatspace.core.text.safe import portable_name
from chatspace.core.workspace.documents import Documents


@dataclass(frozen=True)
class Listed:
    path: Path
    values: dict[str, str | int] = field(default_factory=dict)


def rows(manifest: Path) -> Iterator[Listed]:
    yield Listed(manifest.parent / "a.md", {"priority": 2, "channel": "ad"})
    yield Listed(manifest.parent / "b" / "a.md")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("in/a.md", "in/b/c.txt", "in/b/d.jpg", "list.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# One", encoding="utf-8")
    return tmp_path


def test_folders_globs_and_manifests_are_found_with_the_budget_of_the_batch(folder: Path) -> None:
    budget = Budget("purse", Allowance(2.0))
    found = Documents(rows, FileReader()).of(["list.csv", "in", "in/*.md"], Options(budget=budget))
    own = hashlib.sha256(str((folder / "in" / "a.md").resolve()).encode()).hexdigest()[:8]
    assert [(each.path.as_posix(), each.name, each.priority) for each in found] == [
        ("a.md", "a", 2),
        ("b/a.md", "a-2", 0),
        ("in/a.md", f"a-{own}", 0),
        ("in/b/c.txt", "b/c", 0),
    ]
    assert {each.options.budget for each in found} == {budget}
    assert all(each.options.unattended for each in found)


def test_what_a_batch_wrote_below_its_sources_is_no_source_of_the_next_start(folder: Path) -> None:
    for name in ("draft.md", "copy.md", "run.json"):
        (folder / "in" / "b" / name).write_text("{}", encoding="utf-8")
    for name in ("report.md", "report.html", "failures.jsonl"):
        (folder / "in" / name).write_text("", encoding="utf-8")
    found = Documents(rows, FileReader()).of(["in"], Options())
    assert [each.name for each in found] == ["a", "b/c"]
    assert [each.name for each in Documents(rows, FileReader()).of(["in/b/draft.md"], Options())] == ["draft"]


def test_no_two_documents_share_a_folder_on_any_file_system(folder: Path) -> None:
    for name in ("A.txt", "Größe.md", "Gro\u0308ße.txt", "report.md.md", "FAILURES.jsonl.md"):
        (folder / "in" / name).write_text("# One", encoding="utf-8")
    found = Documents(rows, FileReader()).of(["list.csv", "in"], Options())
    names = [unicodedata.normalize("NFC", each.name).casefold() for each in found]
    assert len({*names, "report.md", "failures.jsonl"}) == len(names) + 2 == 11
    assert [each.name for each in Documents(rows, FileReader()).of(["list.csv", "in"], Options())] == [
        each.name for each in found
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="such names can't be made there")
def test_a_folder_takes_nothing_from_the_name_of_its_source_that_a_system_or_a_terminal_can_not_take(
    folder: Path,
) -> None:
    hostile = ("\x1b]0;x\x07.md", "a\nb.md", "-o.md", "con.md", "tr..md", "x\u202etxt.md", "x/aux /a:b.md", "o.md")
    for name in hostile:
        path = folder / "strange" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# One", encoding="utf-8")
    found = Documents(rows, FileReader()).of(["strange"], Options())
    names = [each.name for each in found]
    assert all(portable_name(part) == part for name in names for part in name.split("/"))
    assert len({name.casefold() for name in names}) == len(hostile)
    assert {"a b", "con_", "tr", "x/aux_/a-b", "]0;x", "xtxt"} < set(names)


def test_rows_of_a_manifest_get_numbers_that_no_other_row_has(folder: Path) -> None:
    def same(manifest: Path) -> Iterator[Listed]:
        yield from map(Listed, map(Path, ("brief.md", "b/brief.md", "brief-2.md", "BRIEF.md")))

    found = Documents(same, FileReader()).of(["list.csv"], Options())
    assert [each.name for each in found] == ["brief", "brief-2", "brief-2-2", "BRIEF-3"]


@pytest.mark.parametrize("path", ["nowhere", "*.odt", "x" * 5000, "a\0b"])
def test_paths_that_lead_nowhere_are_said(folder: Path, path: str) -> None:
    with pytest.raises(SourceError):
        Documents(rows, FileReader()).of([path], Options())
