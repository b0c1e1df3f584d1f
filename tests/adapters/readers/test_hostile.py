"""Files made to hang, fill the memory or crash: each gives a clear error or a result."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable

import pytest

from chatspace.adapters.readers import FileReader
from chatspace.core.document import MAX_TEXT_BYTES, Source
from chatspace.core.errors import SourceError
from tests.adapters.readers.docx_files import docx_of, p, zip_of
from tests.adapters.readers.outline import depths
from tests.adapters.readers.pdf_files import Placed, assembled, pdf_of

ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'


def tried(data: bytes, name: str) -> Source | SourceError:
    try:
        return FileReader().read_bytes(data, name)
    except SourceError as error:
        return error


def refused(data: bytes, name: str) -> str:
    outcome = tried(data, name)
    assert isinstance(outcome, SourceError)
    assert outcome.remedy
    return str(outcome)


def read(data: bytes, name: str) -> str:
    outcome = tried(data, name)
    assert isinstance(outcome, Source), outcome
    return outcome.text


def page_of(opening: str, count: int, closing: str = "") -> bytes:
    return f"<html><body>{opening * count}deep{closing * count}<p>after</p>".encode()


@pytest.mark.parametrize("tag", ["div", "b", "ul", "blockquote", "table"])
def test_html_nested_5000_deep_is_refused_rather_than_cut(tag: str) -> None:
    assert "nested too deeply" in refused(page_of(f"<{tag}>", 5_000, f"</{tag}>"), "a.html")


@pytest.mark.parametrize("opening", ["<div>", "<b>", "<ul><li>x", "<blockquote>", "<table><tr><td>"])
def test_html_nested_600_deep_keeps_its_text(opening: str) -> None:
    text = read(page_of(opening, 600), "a.html")
    assert "deep" in text
    assert "after" in text


def test_lists_of_60_levels_keep_every_level() -> None:
    page = "<html>" + "".join(f"<ul><li>{n}" for n in range(1, 61))
    assert depths(read(page.encode(), "a.html")) == [(n, str(n)) for n in range(1, 61)]


@pytest.mark.parametrize(
    "tag", ["<p>", "<li>", "<td colspan=999 rowspan=999>x<td>", "<br>", "<b>x</b>", "<!---->", "<"]
)
def test_html_of_10_mb_of_tags_is_refused_at_once(tag: str) -> None:
    assert "elements" in refused(f"<html>{tag * ((MAX_TEXT_BYTES - 9) // len(tag))}".encode(), "a.html")


@pytest.mark.parametrize("span", ["colspan=99999", "rowspan=99999", "colspan=999 rowspan=999"])
def test_spans_cannot_make_a_small_table_huge(span: str) -> None:
    page = "<html><table>" + f"<tr><td {span}>x<td>y" * 3_000
    assert len(read(page.encode(), "a.html")) < 20_000_000


def test_10_mb_in_one_line_are_read() -> None:
    line = "word " * (MAX_TEXT_BYTES // 5)
    assert len(read(line.encode(), "a.md")) == MAX_TEXT_BYTES
    assert len(read(f"<html><p>{line[:-10]}".encode(), "a.html")) > MAX_TEXT_BYTES - 20


def test_text_that_grows_beyond_10_mb_by_its_escapes_is_refused() -> None:
    assert "10 MB" in refused(b"<html><p>x" + b"*" * (MAX_TEXT_BYTES - 20), "a.html")


def test_html_entities_are_not_expanded() -> None:
    text = read(f"{ENTITIES}<html><p>&b; &f; end".encode(), "a.html")
    assert "end" in text
    assert "aaaaaaaaaa" not in text
    assert "root:" not in text


def test_docx_entities_are_refused() -> None:
    body = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>&f;&b;</w:body>'
    assert "entities" in refused(zip_of({"word/document.xml": f"{ENTITIES}{body}</w:document>"}), "a.docx")


def test_zip_bombs_are_refused_before_they_are_unpacked() -> None:
    assert "too large" in refused(zip_of({"word/document.xml": b" " * (40 * 1024 * 1024)}), "a.docx")
    assert "too large" in refused(docx_of("<w:p/>" * 1_100_000), "a.docx")


def test_other_archives_are_named_as_such() -> None:
    assert "not a DOCX" in refused(zip_of({"xl/workbook.xml": "<x/>"}), "a.xlsx")


@pytest.mark.parametrize("depth", [60, 5_000])
def test_docx_nested_deep_gives_an_error_or_the_text(depth: int) -> None:
    for opening, closing in [
        ("<w:ins>", "</w:ins>"),
        ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"),
        ("<w:p><w:r><w:pict><w:txbxContent>", "</w:txbxContent></w:pict></w:r></w:p>"),
    ]:
        outcome = tried(docx_of(opening * depth + p("deep") + closing * depth), "a.docx")
        assert isinstance(outcome, SourceError) or "deep" in outcome.text


def test_wide_cells_of_a_docx_cannot_make_a_small_table_huge() -> None:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="999"/></w:tcPr><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>'
    assert len(read(docx_of(f"<w:tbl>{f'<w:tr>{cell * 3}</w:tr>' * 2_000}</w:tbl>"), "a.docx")) < 20_000_000


def _deflated(content: bytes) -> bytes:
    packed = zlib.compress(content)
    return assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 3 0 R >>",
        ]
    )


def test_pdf_bombs_are_refused_before_they_are_unpacked() -> None:
    assert "too large" in refused(_deflated(b" " * (40 * 1024 * 1024)), "a.pdf")


def _docx() -> bytes:
    return docx_of("".join(p(f"paragraph {n}") for n in range(200)))


def _pdf() -> bytes:
    return pdf_of([[Placed(f"page {n}", 50, 700)] for n in range(20)])


@pytest.mark.parametrize("make", [_docx, _pdf])
def test_truncated_documents_are_refused(make: Callable[[], bytes]) -> None:
    data, name = make(), f"a.{make.__name__[1:]}"
    for share in (0.05, 0.5, 0.95):
        tried(data[: int(len(data) * share)], name)
    assert "damaged" in refused(data[: len(data) // 2], name)


@pytest.mark.parametrize("make", [_docx, _pdf])
def test_documents_with_changed_bytes_never_crash_the_reader(make: Callable[[], bytes]) -> None:
    whole, name = make(), f"a.{make.__name__[1:]}"
    chance = random.Random(7)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        tried(bytes(data), name)
