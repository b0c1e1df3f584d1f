"""Files are written whole or not at all, and none that exists is lost unasked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatspace.adapters.exporters import FileExporter
from chatspace.core.errors import UsageError

exporter = FileExporter()
AS_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


def refused(path: Path, *, overwrite: bool = False) -> UsageError:
    with pytest.raises(UsageError) as caught:
        exporter.write(path, b"new", overwrite=overwrite)
    assert caught.value.remedy
    assert caught.value.exit_code == 2
    return caught.value


def test_a_file_is_written_with_its_folder_and_an_ordinary_mode(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "draft.md"
    mask = os.umask(0o022)
    try:
        assert exporter.write(path, b"text") == path
    finally:
        os.umask(mask)
    assert path.read_bytes() == b"text"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_an_existing_file_is_kept_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    path.write_bytes(b"old")
    assert "--overwrite" in refused(path).remedy
    assert path.read_bytes() == b"old"
    path.chmod(0o600)
    exporter.write(path, b"new", overwrite=True)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.md", tmp_path / "link.md"
    target.write_bytes(b"old")
    link.symlink_to(target)
    refused(link)
    exporter.write(link, b"new", overwrite=True)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_link_to_nowhere_is_not_replaced_unasked(tmp_path: Path) -> None:
    link = tmp_path / "link.md"
    link.symlink_to(tmp_path / "gone.md")
    refused(link)
    assert link.is_symlink()


@pytest.mark.parametrize("overwrite", [False, True])
def test_folders_pipes_and_devices_are_never_replaced(tmp_path: Path, overwrite: bool) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe, Path("/dev/null")):
        refused(path, overwrite=overwrite)
    assert pipe.is_fifo()
    assert not Path("/dev/null").is_file()


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    refused(tmp_path / "file" / "draft.md")
    with pytest.raises(UsageError):
        exporter.run_folder(tmp_path / "file", "brief.md")


@pytest.mark.parametrize("name", ["x" * 300, "nul\0byte"])
def test_an_impossible_name_is_told(tmp_path: Path, name: str) -> None:
    refused(tmp_path / name)


@AS_ROOT
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    refused(tmp_path / "draft.md")
    refused(tmp_path / "new" / "draft.md")
    tmp_path.chmod(0o700)


def test_a_full_disk_leaves_the_old_file_and_no_part(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    path.write_bytes(b"old")
    # A limit on the size of files stands in for a disk without room; it holds for the whole process.
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from chatspace.adapters.exporters import FileExporter; from chatspace.core.errors import UsageError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: FileExporter().write(Path(sys.argv[1]), b'x' * 5000, overwrite=True)\n"
        "except UsageError as problem: sys.exit(problem.exit_code)\n"
    )
    ended = subprocess.run([sys.executable, "-B", "-c", script, str(path)], check=False, capture_output=True, text=True)
    assert ended.returncode == 2, ended.stderr
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_runs_folder_is_named_safely_and_never_reused_unasked(tmp_path: Path) -> None:
    folder = exporter.run_folder(tmp_path, "../../etc/\x1b[31mbrief.md")
    assert folder.parent == tmp_path
    exporter.write(folder / "run.json", b"{}")
    with pytest.raises(UsageError):
        exporter.run_folder(tmp_path, "../../etc/\x1b[31mbrief.md")
    assert exporter.run_folder(tmp_path, "../../etc/\x1b[31mbrief.md", overwrite=True) == folder


def test_file_names_tell_the_step_and_the_format() -> None:
    assert exporter.file_name("brief.md", "draft", "html") == "brief.draft.html"
    assert exporter.file_name("brief.md", "copy", "google-ads-csv") == "brief.copy.csv"
    assert exporter.file_name("../../x\0y", "chat", "md") == "x-y.md"


def test_a_runs_folder_is_gone_on_with_where_the_run_broke_off_and_nobody_worked_on_it(tmp_path: Path) -> None:
    folder = exporter.run_folder(tmp_path, "brief.md")
    exporter.write(folder / "draft.md", b"Half a draft")
    exporter.write(folder / "run.json", b'{"status": "over_budget"}')
    assert exporter.run_folder(tmp_path, "brief.md") == folder
    (folder / "draft.md").write_text("Half a draft, and the rest by hand")
    with pytest.raises(UsageError):
        exporter.run_folder(tmp_path, "brief.md")
