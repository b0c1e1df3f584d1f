"""Markdown as a Word file: headings, lists with levels, tables, quotes, code, links and footnotes of Word's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Twips
from docx.text.paragraph import Paragraph
from markdown_it.tree import SyntaxTreeNode

from chatspace.adapters.exporters.html import is_safe_link
from chatspace.adapters.exporters.provenance import Provenance, shown
from chatspace.adapters.exporters.word_package import (
    CODE,
    INDENT,
    INLINE_CODE,
    TABLE_HEADING,
    WordPackage,
    harmless,
)
from chatspace.core.structure.markdown import BREAK_TAG, tokens_of

_BOXES = {"False": "☐ ", "True": "☑ "}
_SIDES = {
    "text-align:left": WD_ALIGN_PARAGRAPH.LEFT,
    "text-align:center": WD_ALIGN_PARAGRAPH.CENTER,
    "text-align:right": WD_ALIGN_PARAGRAPH.RIGHT,
}


def document(title: str, text: str, provenance: Provenance) -> bytes:
    """The Markdown `text` as a file, with its provenance among the file's properties."""
    package = WordPackage(title, {name: shown(value) for name, value in provenance.items()})
    _Writer(package, SyntaxTreeNode(tokens_of(text))).write()
    return package.data


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands: within so many quotes and lists.

    `number` makes it the first paragraph of an item of that list, with `box` before its text.
    """

    quotes: int = 0
    lists: int = 0
    number: int | None = None
    box: str = ""


@dataclass(frozen=True, slots=True)
class _Look:
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    address: str | None = None


class _Writer:
    def __init__(self, package: WordPackage, root: SyntaxTreeNode) -> None:
        self._package = package
        self._root = root
        notes = [each for each in root.children if each.type == "footnote_reference"]
        self._notes = {each.meta["label"]: (number, each) for number, each in enumerate(notes, 1)}

    def write(self) -> None:
        self._blocks(self._root.children, _Place())
        for number, note in self._notes.values():
            mark = self._package.begin_note()
            self._blocks(note.children, _Place())
            self._package.end_note(mark, number)

    def _blocks(self, nodes: Iterable[SyntaxTreeNode], place: _Place) -> None:
        for node in nodes:
            match node.type:
                case "heading":
                    self._inline(self._paragraph(f"Heading {node.tag[1]}", place), node)
                case "paragraph":
                    self._inline(self._paragraph(_style(place), place), node)
                case "bullet_list" | "ordered_list":
                    self._list(node, place)
                case "blockquote":
                    self._blocks(node.children, replace(place, quotes=place.quotes + 1, number=None))
                case "fence" | "code_block":
                    self._paragraph(CODE, place).add_run(harmless(node.content.removesuffix("\n")))
                case "html_block":
                    self._paragraph(_style(place), place).add_run(harmless(node.content.strip()))
                case "table":
                    self._table([row for part in node.children for row in part.children])
                case "hr":
                    self._package.rule()
            place = replace(place, number=None, box="")
            if node.type == "table" and node.next_sibling is not None and node.next_sibling.type == "table":
                self._package.paragraph("Normal")  # Word would make one table of the two

    def _paragraph(self, style: str, place: _Place) -> Paragraph:
        paragraph = self._package.paragraph(style)
        if place.lists:
            self._package.put_in_list(paragraph, place.lists - 1, place.number)
            if place.box:
                paragraph.add_run(place.box)
        elif place.quotes > 1:
            paragraph.paragraph_format.left_indent = Twips(INDENT * place.quotes)
        return paragraph

    def _list(self, node: SyntaxTreeNode, place: _Place) -> None:
        start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
        number = self._package.list_number(place.lists, start)
        inside = _Place(place.quotes, place.lists + 1, number)
        for item in node.children:
            first = item.children[0] if item.children else None
            if first is None or first.type not in ("paragraph", "heading"):
                self._paragraph(_style(inside), inside)
                self._blocks(item.children, replace(inside, number=None))
            else:
                self._blocks(item.children, replace(inside, box=_BOXES.get(str(item.meta.get("checked")), "")))

    def _table(self, rows: Sequence[SyntaxTreeNode]) -> None:
        table = self._package.table(len(rows), len(rows[0].children))
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for row, written in zip(rows, table.rows, strict=True):
            for cell, into in zip(row.children, written.cells, strict=False):
                paragraph = into.paragraphs[0]
                if cell.type == "th":
                    self._package.style(paragraph._p, TABLE_HEADING)
                if side := _SIDES.get(str(cell.attrGet("style"))):
                    paragraph.alignment = side
                self._inline(paragraph, cell)

    def _inline(self, paragraph: Paragraph, block: SyntaxTreeNode) -> None:
        for node in block.children:
            self._runs(paragraph, node.children, _Look())

    def _runs(self, paragraph: Paragraph, nodes: Iterable[SyntaxTreeNode], look: _Look) -> None:
        for node in nodes:
            match node.type:
                case "strong":
                    self._runs(paragraph, node.children, replace(look, bold=True))
                case "em":
                    self._runs(paragraph, node.children, replace(look, italic=True))
                case "s":
                    self._runs(paragraph, node.children, replace(look, strike=True))
                case "link":
                    self._runs(paragraph, node.children, replace(look, address=_address(node.attrGet("href"))))
                case "image":
                    linked = replace(look, address=look.address or _address(node.attrGet("src")))
                    self._run(paragraph, node.content or "picture", linked)
                case "code_inline":
                    self._run(paragraph, node.content, replace(look, code=True))
                case "softbreak":
                    self._run(paragraph, " ", look)
                case "hardbreak":
                    self._run(paragraph, "\n", look)
                case "footnote_ref":
                    if node.meta["label"] in self._notes:
                        self._package.note_mark(paragraph.add_run(), self._notes[node.meta["label"]][0])
                case "html_inline":
                    self._run(paragraph, "\n" if BREAK_TAG.fullmatch(node.content) else node.content, look)
                case _:
                    self._run(paragraph, node.content, look)

    def _run(self, paragraph: Paragraph, text: str, look: _Look) -> None:
        run = paragraph.add_run(harmless(text))
        if look.code:
            self._package.style(run._r, INLINE_CODE)
        if look.bold:
            run.bold = True
        if look.italic:
            run.italic = True
        if look.strike:
            run.font.strike = True
        if look.address:
            self._package.link(paragraph, run, look.address)


def _style(place: _Place) -> str:
    return "Quote" if place.quotes else "List Paragraph" if place.lists else "Normal"


def _address(href: object) -> str | None:
    """Links lead to the web and to mail alone."""
    address = harmless(str(href or ""))
    return address if is_safe_link(address) else None
