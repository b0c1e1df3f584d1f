"""A text written back to its file: the encoding, the byte-order mark and the line ends stay what they were."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from chatspace.adapters.exporters import FileExporter
from chatspace.adapters.readers import FileReader

TEXT = "Größe: 5 €\n“quoted”\n\nand a last line"
FORMS = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16 le": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16 be": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "windows-1252": lambda text: text.encode("cp1252"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_what_is_read_and_written_back_is_the_same_file(tmp_path: Path, form: str, newline: str) -> None:
    path = tmp_path / "brief.txt"
    path.write_bytes(data := FORMS[form](TEXT.replace("\n", newline)))
    written = FileExporter().write_back(path, FileReader().read(path).text)
    assert path.read_bytes() == data
    assert not written.lost
    assert written.id == FileReader().read(path).id


@pytest.mark.parametrize("form", FORMS)
def test_a_change_is_written_in_the_form_of_the_file(tmp_path: Path, form: str) -> None:
    path = tmp_path / "brief.txt"
    path.write_bytes(FORMS[form](TEXT))
    FileExporter().write_back(path, f"{TEXT} – and more")
    assert path.read_bytes() == FORMS[form](f"{TEXT} – and more")


def test_what_windows_1252_does_not_have_is_written_as_utf_8_and_told(tmp_path: Path) -> None:
    path = tmp_path / "brief.txt"
    path.write_bytes("é\r\né\r\n".encode("cp1252"))
    written = FileExporter().write_back(path, "é → è\né\n")
    assert path.read_bytes() == "é → è\r\né\r\n".encode()
    assert written.lost == "brief.txt was saved as UTF-8: Windows-1252 has no →"


def test_another_name_takes_the_form_of_the_file_that_the_text_came_from(tmp_path: Path) -> None:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_bytes(FORMS["utf-16 le"](TEXT.replace("\n", "\r\n")))
    FileExporter().write_back(new, TEXT, old)
    assert new.read_bytes() == old.read_bytes()


def test_a_new_file_is_utf_8_with_lf(tmp_path: Path) -> None:
    FileExporter().write_back(tmp_path / "new.md", "é\n", tmp_path / "never.md")
    assert (tmp_path / "new.md").read_bytes() == "é\n".encode()
