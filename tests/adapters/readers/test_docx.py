"""DOCX: the ways in which people and programs write structure, at the right place in Markdown."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml

from chatspace.adapters.readers import FileReader
from chatspace.core.document import Source
from tests.adapters.readers.docx_files import W, docx_of, item, numbering, p, relation
from tests.adapters.readers.outline import depths, links, outline

SIX_ITEMS = [(1, "a"), (2, "b"), (3, "c"), (3, "d"), (2, "e"), (1, "f")]


def read(data: bytes) -> Source:
    return FileReader().read_bytes(data, "brief.docx")


def bytes_of(document: Document) -> bytes:
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def by_style() -> bytes:
    document = docx.Document()
    for depth, text in SIX_ITEMS:
        document.add_paragraph(text, style="List Bullet" if depth == 1 else f"List Bullet {depth}")
    return bytes_of(document)


def by_level() -> bytes:
    body = "".join(item(text, depth - 1) for depth, text in SIX_ITEMS)
    return docx_of(body, numbering=numbering("bullet", "bullet", "bullet"))


def by_indent() -> bytes:
    body = "".join(item(text, more=f'<w:ind w:left="{720 * depth}" w:hanging="360"/>') for depth, text in SIX_ITEMS)
    return docx_of(body, numbering=numbering("bullet"))


def by_mixed_ordered_levels() -> bytes:
    body = "".join(item(text, depth - 1) for depth, text in SIX_ITEMS)
    return docx_of(body, numbering=numbering("decimal", "lowerLetter", "bullet"))


def by_a_style_that_is_linked_to_a_level() -> bytes:
    styles = "".join(
        f'<w:style w:styleId="L{n}"><w:name w:val="My list {n}"/><w:pPr><w:numPr><w:ilvl w:val="{n - 1}"/>'
        f'<w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        for n in (1, 2, 3)
    )
    body = "".join(p(text, f'<w:pStyle w:val="L{depth}"/>') for depth, text in SIX_ITEMS)
    return docx_of(body, styles=styles, numbering=numbering("bullet", "bullet", "bullet"))


def by_a_numbering_for_each_level() -> bytes:
    body = "".join(
        item(text, number=depth, more=f'<w:ind w:left="{720 * depth}" w:hanging="360"/>') for depth, text in SIX_ITEMS
    )
    numberings = [numbering("bullet", number=n) for n in (1, 2, 3)]
    return docx_of(body, numbering="".join(numberings))


LIST_WAYS: tuple[Callable[[], bytes], ...] = (
    by_style,
    by_level,
    by_indent,
    by_mixed_ordered_levels,
    by_a_style_that_is_linked_to_a_level,
    by_a_numbering_for_each_level,
)


@pytest.mark.parametrize("way", LIST_WAYS)
def test_nested_lists_come_out_at_the_right_depth(way: Callable[[], bytes]) -> None:
    assert depths(read(way()).text) == SIX_ITEMS


def test_ordered_levels_keep_their_kind() -> None:
    kinds = [(entry[1], entry[2]) for entry in outline(read(by_mixed_ordered_levels()).text)]
    assert kinds == [(1, True), (2, True), (3, False), (3, False), (2, True), (1, True)]


def test_a_numbered_list_goes_on_counting_after_a_paragraph() -> None:
    body = item("a") + item("b") + p("between") + item("c") + item("x", number=2)
    text = read(docx_of(body, numbering=numbering("decimal") + numbering("decimal", number=2))).text
    assert text == "1. a\n2. b\n\nbetween\n\n3. c\n\n1) x\n"


def test_a_paragraph_of_an_item_stays_in_it() -> None:
    body = item("a") + p("more", '<w:ind w:left="720"/>') + item("b") + p("outside")
    text = read(docx_of(body, numbering=numbering("bullet"))).text
    assert text == "- a\n\n  more\n\n- b\n\noutside\n"


def test_a_paragraph_can_be_taken_out_of_the_list_of_its_style() -> None:
    document = docx.Document()
    document.add_paragraph("a", style="List Bullet")
    document.add_paragraph("b", style="List Bullet")._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr xmlns:w="{W}"><w:numId w:val="0"/></w:numPr>')
    )
    assert outline(read(bytes_of(document)).text) == [("item", 1, False, "a"), ("paragraph", "b")]


def test_headings_quotes_emphasis_and_tables_survive() -> None:
    document = docx.Document()
    document.add_heading("Brief", 0)
    document.add_heading("Plan", 2)
    paragraph = document.add_paragraph("Costs ")
    paragraph.add_run("1,").bold = True
    paragraph.add_run("200").bold = True
    paragraph.add_run(" euros")
    document.add_paragraph("Said.", style="Quote")
    table = document.add_table(2, 3)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "left"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "a|b"
    table.cell(1, 1).text = "x"
    table.cell(1, 2).text = "y"
    text = read(bytes_of(document)).text
    assert "Costs **1,200** euros" in text
    assert outline(text) == [
        ("heading", 1, "Brief"),
        ("heading", 2, "Plan"),
        ("paragraph", "Costs 1,200 euros"),
        ("quote", 1, "Said."),
        ("row", "left", "a|b", ""),
        ("row", "", "x", "y"),
    ]


def test_a_style_keeps_what_the_style_it_is_based_on_means() -> None:
    styles = (
        '<w:style w:styleId="H"><w:name w:val="heading 3"/></w:style>'
        '<w:style w:styleId="Own"><w:name w:val="Chapter"/><w:basedOn w:val="H"/></w:style>'
        '<w:style w:styleId="Loop"><w:name w:val="Loop"/><w:basedOn w:val="Loop"/></w:style>'
        '<w:style w:styleId="Outline"><w:name w:val="X"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    )
    body = "".join(p(text, f'<w:pStyle w:val="{text}"/>') for text in ("Own", "Loop", "Outline"))
    assert outline(read(docx_of(body, styles=styles)).text) == [
        ("heading", 3, "Own"),
        ("paragraph", "Loop"),
        ("heading", 2, "Outline"),
    ]


def test_code_paragraphs_become_one_block() -> None:
    styles = '<w:style w:styleId="C"><w:name w:val="Source Code"/></w:style>'
    body = p("if x:", '<w:pStyle w:val="C"/>') + p("    *y*", '<w:pStyle w:val="C"/>') + p("after")
    body += '<w:p><w:r><w:rPr><w:rFonts w:ascii="Courier New"/></w:rPr><w:t>a_b()</w:t></w:r></w:p>'
    text = read(docx_of(body, styles=styles)).text
    assert text == "```\nif x:\n    *y*\n```\n\nafter\n\n`a_b()`\n"


def test_links_images_and_footnotes_survive() -> None:
    body = (
        "<w:p>"
        f'<w:hyperlink r:id="r1">{_run("the ")}{_run("report")}</w:hyperlink>{_run(" says")}'
        f'<w:r><w:footnoteReference w:id="7"/></w:r>{_run(": ")}'
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        '<w:r><w:instrText> HYPERLINK "https://b.example" </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{_run("b")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" descr="A chart"/>'
        '<a:blip r:embed="r2"/></wp:inline></w:drawing></w:r>'
        "</w:p>"
    )
    notes = (
        '<w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>'
        f'<w:footnote w:id="7">{p("First.")}{p("Second.")}</w:footnote>'
    )
    related = relation("r1", "https://a.example") + relation("r2", "media/image1.png", "image")
    text = read(docx_of(body, footnotes=notes, links=related)).text
    assert links(text) == [("link", "https://a.example"), ("link", "https://b.example"), ("image", "media/image1.png")]
    assert text == (
        "[the report](https://a.example) says[^1]: [b](https://b.example)![A chart](media/image1.png)\n\n"
        "[^1]: First.\n\n    Second.\n"
    )


def test_deleted_and_hidden_text_is_left_out_and_inserted_text_kept() -> None:
    body = (
        f"<w:p>{_run('a')}<w:del><w:r><w:delText>b</w:delText></w:r></w:del><w:ins>{_run('c')}</w:ins>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>d</w:t></w:r>"
        f"<w:sdt><w:sdtContent>{_run('e')}</w:sdtContent></w:sdt></w:p>"
        f"<w:sdt><w:sdtContent>{p('f')}</w:sdtContent></w:sdt>"
    )
    assert read(docx_of(body)).text == "ace\n\nf\n"


def test_the_table_of_contents_is_left_out() -> None:
    styles = '<w:style w:styleId="T"><w:name w:val="toc 1"/></w:style>'
    source = read(docx_of(p("Plan 3", '<w:pStyle w:val="T"/>') + p("Text"), styles=styles))
    assert source.text == "Text\n"
    assert "table of contents" in source.warnings[0]


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{p('boxed')}</w:txbxContent>"
    body = (
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing>" + box + "</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>around</w:t></w:r></w:p>"
    )
    assert read(docx_of(body)).text == "around\n\nboxed\n"


def test_each_paragraph_and_table_knows_its_place() -> None:
    cell = f"<w:tc>{p('cell')}</w:tc>"
    source = read(docx_of(f"{p('one')}{p('')}{p('two')}<w:tbl><w:tr>{cell}{cell}</w:tr></w:tbl>"))
    places = [source.place_of(source.text.index(word)) for word in ("one", "two", "cell")]
    assert places == ["paragraph 1", "paragraph 3", "table 1"]


def test_text_that_looks_like_markdown_stays_text() -> None:
    texts = ["# no heading", "1. no item", "a * b _c_ [d](e)", "| x |", "---"]
    assert outline(read(docx_of("".join(map(p, texts)))).text) == [("paragraph", text) for text in texts]


@pytest.mark.drill
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice isn't installed")
@pytest.mark.parametrize(
    ("way", "suffix"),
    [
        (by_style, "docx"),
        (by_level, "docx"),
        (by_indent, "docx"),
        (by_mixed_ordered_levels, "docx"),
        # Lists of one level with indents lose these in LibreOffice's HTML, so only real levels can come out of it.
        (by_level, "html"),
        (by_mixed_ordered_levels, "html"),
        (by_style, "pdf"),
    ],
)
def test_lists_that_libreoffice_wrote_keep_their_depth(way: Callable[[], bytes], suffix: str, tmp_path: Path) -> None:
    original = tmp_path / "in" / "list.docx"
    original.parent.mkdir()
    original.write_bytes(way())
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", suffix]
    subprocess.run([*command, "--outdir", str(tmp_path), str(original)], check=True, timeout=120, capture_output=True)
    assert depths(FileReader().read(tmp_path / f"list.{suffix}").text) == SIX_ITEMS
