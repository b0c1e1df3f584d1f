"""Files that are there complete or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatspace.adapters.settings_file import SettingsFile
from chatspace.durable import write_durably


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The inodes that were synced, in their order; they are synced all the same."""
    inodes: list[int] = []
    sync = os.fsync

    def recording(descriptor: int) -> None:
        inodes.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", recording)
    return inodes


@pytest.mark.parametrize("overwrite", [True, False])
def test_the_file_is_synced_and_then_its_folder(tmp_path: Path, synced: list[int], overwrite: bool) -> None:
    path = tmp_path / "new" / "a.md"
    write_durably(path, b"text", overwrite=overwrite)
    assert synced == [path.stat().st_ino, path.parent.stat().st_ino]


def test_the_settings_are_written_in_the_same_way(tmp_path: Path, synced: list[int]) -> None:
    settings = SettingsFile(tmp_path / "settings.toml")
    settings.change("theme", "light")
    assert synced == [settings.path.stat().st_ino, tmp_path.stat().st_ino]


def test_what_fails_half_way_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    def parts() -> Iterator[bytes]:
        yield b"half"
        raise OSError("the disk is full")

    path = tmp_path / "a.md"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="full"):
        write_durably(path, parts())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_overwritten_file_keeps_its_mode_and_a_link_leads_to_it(tmp_path: Path) -> None:
    path, link = tmp_path / "a.md", tmp_path / "link.md"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_durably(link, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode), link.is_symlink()) == (b"new", 0o640, True)


def test_a_name_that_is_taken_is_kept_where_nothing_is_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        write_durably(path, b"ours", overwrite=False)
    assert path.read_bytes() == b"theirs"
