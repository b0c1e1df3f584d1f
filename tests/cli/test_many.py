"""Many sources at once: one that can't be read stops none of the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.adapters.readers.docx_files import docx_of, p
from tests.cli.conftest import Command

MANY = 1_000
DOCX = docx_of(p("The Tern 4 costs $4,200."))
BROKEN: Mapping[str, Callable[[int], bytes]] = {
    "empty.md": lambda number: b"",
    "binary.bin": lambda number: bytes(range(256)) * (number % 5 + 1),
    "nul.md": lambda number: f"# Title {number}\n\nText\0 and more\0.\n".encode(),
    "cut.docx": lambda number: DOCX[: len(DOCX) // 2 + number % 7],
    "bad.pdf": lambda number: b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\n" + b"x" * number,
    "old.doc": lambda number: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * (600 + number),
}


def written(folder: Path) -> tuple[list[Path], list[Path]]:
    """All files, and those of them that can't be read: one in twenty."""
    files, broken = [], []
    kinds = list(BROKEN.items())
    for number in range(MANY):
        if number % 20 == 7:
            name, make = kinds[number // 20 % len(kinds)]
            path, data = folder / f"{number:04}-{name}", make(number)
            broken.append(path)
        elif number % 100 == 11:
            path, data = folder / f"{number:04}.docx", DOCX
        else:
            path, data = folder / f"{number:04}.md", f"# Note {number}\n\n- It costs ${number}.\n  - Net\n".encode()
        path.write_bytes(data)
        files.append(path)
    return files, broken


@pytest.mark.drill
def test_a_thousand_sources_go_on_after_each_that_cannot_be_read(chatspace: Command, tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    files, broken = written(folder)
    missing = folder / "missing.md"
    ended = chatspace("extract", "--local", "--quiet", *files[:500], missing, *files[500:])
    assert ended.code == 3
    extracted = [json.loads(line) for line in ended.out.splitlines()]
    assert [one["doc"]["name"] for one in extracted] == [path.name for path in files if path not in broken]
    assert {one["gate"]["status"] for one in extracted} == {"passed"}
    assert all(one["facts"] for one in extracted)
    for path in [*broken, missing]:
        assert str(path) in ended.err
