"""What a path and its bytes are taken for, and what is said about those that can't be read."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.readers import FileReader
from chatspace.core.document import MAX_TEXT_BYTES
from chatspace.core.errors import SourceError
from tests.adapters.readers.docx_files import docx_of, p
from tests.adapters.readers.pdf_files import Placed, pdf_of

reader = FileReader()


def refused(data: bytes, name: str = "a.md") -> SourceError:
    with pytest.raises(SourceError) as caught:
        reader.read_bytes(data, name)
    error = caught.value
    assert error.title
    assert error.reason
    assert error.remedy.endswith(".")
    assert error.exit_code == 3
    return error


def refused_path(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        reader.read(path)
    assert caught.value.title
    assert caught.value.reason
    assert caught.value.remedy
    return caught.value


def test_markdown_stays_the_authors_own(tmp_path: Path) -> None:
    text = "---\ntitle: A\n---\n#  Odd  heading #\n\n3. three\n   * x\n\ttab \\* &amp; <b>\n\n\n"
    path = tmp_path / "brief.md"
    path.write_text(text, encoding="utf-8")
    source = reader.read(path)
    assert source.text == text
    assert (source.name, source.path, source.media_type, source.reader) == (
        "brief.md",
        str(path),
        "text/markdown",
        "markdown",
    )
    assert source.id == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    assert source.place_of(text.index("three")) == "line 6"
    assert source.warnings == ()


def test_plain_text_is_taken_as_markdown_as_it_stands() -> None:
    source = reader.read_bytes(b"- a\n  - b\n", "notes.txt")
    assert (source.text, source.media_type, source.reader) == ("- a\n  - b\n", "text/plain", "text")


def test_every_newline_becomes_lf() -> None:
    assert reader.read_bytes(b"a\r\nb\rc\nd\r\n", "a.md").text == "a\nb\nc\nd\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_encodings_are_read_without_a_warning(encoding: str) -> None:
    source = reader.read_bytes("naïve “Größe” 東京 🎉".encode(encoding), "a.md")
    assert source.text == "naïve “Größe” 東京 🎉"
    assert source.warnings == ()


def test_another_encoding_is_read_as_windows_1252_with_a_warning() -> None:
    source = reader.read_bytes("Größe – “x”".encode("cp1252"), "a.md")
    assert source.text == "Größe – “x”"
    assert "Windows-1252" in source.warnings[0]


def test_mixed_encodings_are_read_line_by_line() -> None:
    source = reader.read_bytes("naïve\n".encode() + "café\n".encode("cp1252"), "a.md")
    assert source.text == "naïve\ncafé\n"
    assert "partly UTF-8" in source.warnings[0]


def test_bytes_that_mean_nothing_are_counted() -> None:
    source = reader.read_bytes(b"caf\xe9 \x81\x8d", "a.md")
    assert source.text == "café \ufffd\ufffd"
    assert "2 invalid bytes" in source.warnings[0]


def test_html_names_its_own_encoding() -> None:
    page = '<html><meta charset="windows-1251"><p>Привет</p></html>'.encode("cp1251")
    assert reader.read_bytes(page, "a.html").text == "Привет\n"


@pytest.mark.parametrize("charset", ["iso-8859-1", "latin1", "windows-1252"])
def test_html_that_names_latin_1_means_windows_1252(charset: str) -> None:
    page = f"<html><meta charset={charset}><p>Größe – “x” für 5 €</p></html>".encode("cp1252")
    assert reader.read_bytes(page, "a.html").text == "Größe – “x” für 5 €\n"


def test_html_cannot_ask_for_a_codec_that_is_no_encoding() -> None:
    page = "<html><meta charset=punycode><p>caf\u00e9".encode("latin-1")
    assert reader.read_bytes(page, "a.html").text == "café\n"


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_source_is_refused(data: bytes) -> None:
    assert "empty" in refused(data).title


@pytest.mark.parametrize("data", [b"text\0more", b"\x01\x02\x03 text" * 9, b"\x89PNG\r\n\x1a\n\x01\x02\x03\x04\x05"])
def test_binary_is_refused(data: bytes) -> None:
    assert "not text" in refused(data).title


def test_a_few_control_characters_are_no_reason_to_refuse() -> None:
    text = "word " * 100 + "\x1b[31m"
    assert reader.read_bytes(text.encode(), "a.md").text == text


def test_text_of_10_mb_is_read_and_a_byte_more_is_refused() -> None:
    assert len(reader.read_bytes(b"x" * MAX_TEXT_BYTES, "a.md").text) == MAX_TEXT_BYTES
    assert "10 MB" in refused(b"x" * (MAX_TEXT_BYTES + 1)).reason


@pytest.mark.parametrize("megabytes", [11, 60])
def test_a_file_too_large_is_refused_without_reading_it(tmp_path: Path, megabytes: int) -> None:
    path = tmp_path / "huge.md"
    with path.open("wb") as file:
        file.truncate(megabytes * 1024 * 1024)
    assert "too large" in refused_path(path).title


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "is a folder" in refused_path(tmp_path).title


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "can't be read" in refused_path(tmp_path / "none.md").title


def test_a_broken_link_is_named_as_one(tmp_path: Path) -> None:
    link = tmp_path / "link.md"
    link.symlink_to(tmp_path / "gone.md")
    assert "link" in refused_path(link).reason


def test_a_link_in_a_circle_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link.md"
    link.symlink_to(link)
    refused_path(link)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert "pipe" in refused_path(path).reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.md"
    path.write_text("x")
    path.chmod(0)
    assert "permission" in refused_path(path).reason


@pytest.mark.parametrize("name", ["a\0b.md", "x" * 300 + ".md"])
def test_an_impossible_path_is_refused(name: str) -> None:
    refused_path(Path(name))


def test_the_content_decides_before_the_suffix() -> None:
    assert reader.read_bytes(docx_of(p("hello")), "a.md").reader == "docx"
    assert reader.read_bytes(pdf_of([[Placed("hello", 50, 700)]]), "a.docx").reader == "pdf"
    assert reader.read_bytes(b"<!-- x --><!DOCTYPE html><p>hi", "a.txt").reader == "html"
    assert reader.read_bytes(b"<p>hi <b>you</b>", "a.html").reader == "html"
    assert reader.read_bytes(b"A PDF begins with %PDF-1.4", "a.md").reader == "markdown"
    assert reader.read_bytes(b"just words", "a.html").reader == "markdown"
    assert reader.read_bytes(b"<div>Markdown may begin so</div>\n\n# H", "a.md").reader == "markdown"


def test_text_named_as_a_document_is_read_with_a_warning() -> None:
    source = reader.read_bytes(b"# Words", "a.docx")
    assert source.text == "# Words"
    assert "not DOCX" in source.warnings[0]


@pytest.mark.parametrize("data", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, rb"{\rtf1 words}"])
def test_known_formats_that_cannot_be_read_say_what_to_do(data: bytes) -> None:
    assert "DOCX" in refused(data, "a.doc").remedy


def test_reading_markdown_imports_no_parser_of_other_formats() -> None:
    script = (
        "import sys; from chatspace.adapters.readers import FileReader; FileReader().read_bytes(b'# x', 'a.md')\n"
        "sys.exit(any(name in sys.modules for name in ('lxml', 'pypdfium2', 'docx', 'markdown_it')))\n"
    )
    assert subprocess.run([sys.executable, "-B", "-c", script], check=False).returncode == 0


@given(st.binary(max_size=300), st.sampled_from(["a.md", "a.html", "a.docx", "a.pdf", "-"]))
def test_any_bytes_give_a_source_or_a_clear_error(data: bytes, name: str) -> None:
    try:
        answer = reader.read_bytes(data, name).text
    except SourceError as error:
        answer = error.remedy
    assert answer.strip()
