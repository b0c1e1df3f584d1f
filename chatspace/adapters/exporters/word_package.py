"""The parts of a Word file that python-docx has no calls for: numbered lists, links, footnotes and properties."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part, XmlPart
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, Twips
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from chatspace.core.text.safe import for_file

LEVELS = 9
"""How many levels a list of Word has."""

INDENT = 360
"""How far a level stands in from the one above, in twentieths of a point."""

CODE, INLINE_CODE, TABLE_HEADING = "Source Code", "Verbatim Char", "Table Heading"
"""Styles of ours, by the names that other programs use for them."""

_RAISED = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
_MONOSPACE = "Consolas"
_BULLETS = ("•", "◦", "▪")
_NUMBERS = ("decimal", "lowerLetter", "lowerRoman")
_NOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_PROPERTIES = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_PROPERTIES_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_NO_XML = re.compile("[\ufffe\uffff]")


def harmless(text: str) -> str:
    """The text without what XML can't hold."""
    return _NO_XML.sub("", for_file(text))


class WordPackage:
    """A new document; paragraphs are added at its end."""

    def __init__(self, title: str, properties: Mapping[str, str]) -> None:
        self._document = Document()
        self._add_styles()
        self._style_ids = {style.name: style.style_id for style in self._document.styles}
        core = self._document.core_properties
        core.author, core.comments, core.title = "chatspace", "", harmless(title)[:255]
        self._add_properties(properties)
        self._numbering: Any = self._document.part.numbering_part.element
        self._bullets = self._add_look(ordered=False)
        self._numbers = self._add_look(ordered=True)
        self._bulleted = self._add_list(self._bullets)
        self._notes: XmlPart | None = None
        self._part: Any = self._document.part
        """What holds the links: the document, or the notes while one is written."""

    @property
    def data(self) -> bytes:
        written = io.BytesIO()
        self._document.save(written)
        return written.getvalue()

    def paragraph(self, style: str) -> Paragraph:
        paragraph = self._document.add_paragraph()
        self.style(paragraph._p, style)
        return paragraph

    def style(self, element: Any, name: str) -> None:
        """Give a paragraph's or a run's element a style; python-docx looks for its name among all of them each time."""
        element.style = self._style_ids[name]

    def table(self, rows: int, columns: int) -> Any:
        return self._document.add_table(rows, columns, "Table Grid")

    def list_number(self, level: int, start: int | None) -> int:
        """The numbering of a new list: bullets, or numbers that begin with `start`."""
        return self._bulleted if start is None else self._add_list(self._numbers, min(level, LEVELS - 1), start)

    def put_in_list(self, paragraph: Paragraph, level: int, number: int | None) -> None:
        """Make it an item's first paragraph, or, without a number, one of those behind it."""
        properties: Any = paragraph._p.get_or_add_pPr()  # its numbering has no types
        if number is not None:
            numbering = properties.get_or_add_numPr()
            numbering.get_or_add_ilvl().val = min(level, LEVELS - 1)
            numbering.get_or_add_numId().val = number
        if number is None or level >= LEVELS:
            paragraph.paragraph_format.left_indent = Twips(INDENT * (level + 1))

    def link(self, paragraph: Paragraph, run: Run, address: str) -> None:
        """Put the paragraph's last run into a link."""
        key = self._part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        before = run._r.getprevious()
        if before is not None and before.tag == qn("w:hyperlink") and before.get(qn("r:id")) == key:
            before.append(run._r)
            return
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), key)
        paragraph._p.append(link)
        link.append(run._r)

    def rule(self) -> None:
        """A line across the page."""
        border = f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>'
        properties = self.paragraph("Normal")._p.get_or_add_pPr()
        properties.insert_element_before(parse_xml(border), "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")

    def begin_note(self) -> int:
        """The place from which on paragraphs belong to a footnote."""
        if self._notes is None:
            self._notes = self._add_notes()
        self._part = self._notes
        return len(self._document.element.body)

    def end_note(self, mark: int, number: int) -> None:
        """Take what was added since the mark into a footnote of this number."""
        assert self._notes is not None, "a note is begun before it is ended"
        body = self._document.element.body
        added = [element for element in body[mark - 1 :] if element.tag != qn("w:sectPr")]
        note = OxmlElement("w:footnote")
        note.set(qn("w:id"), str(number))
        note.extend(added)
        first = next((each for each in added if each.tag == qn("w:p")), None)
        if first is not None:
            number_mark = parse_xml(f"<w:r {nsdecls('w')}>{_RAISED}<w:footnoteRef/></w:r>")
            first.insert(0 if first.pPr is None else 1, number_mark)
        self._notes.element.append(note)
        self._part = self._document.part

    @staticmethod
    def note_mark(run: Run, number: int) -> None:
        """Make the run the mark of a footnote."""
        run.font.superscript = True
        mark = OxmlElement("w:footnoteReference")
        mark.set(qn("w:id"), str(number))
        run._r.append(mark)

    def _add_styles(self) -> None:
        styles = self._document.styles
        code = styles.add_style(CODE, WD_STYLE_TYPE.PARAGRAPH)
        code.base_style = styles["Normal"]
        code.font.name, code.font.size = _MONOSPACE, Pt(9.5)
        styles.add_style(INLINE_CODE, WD_STYLE_TYPE.CHARACTER).font.name = _MONOSPACE
        heading = styles.add_style(TABLE_HEADING, WD_STYLE_TYPE.PARAGRAPH)
        heading.base_style = styles["Normal"]
        heading.font.bold = True

    def _add_look(self, *, ordered: bool) -> int:
        """What the levels of a list look like."""
        key = 1 + max((int(each.get(qn("w:abstractNumId"))) for each in self._abstracts()), default=-1)
        levels = []
        for level in range(LEVELS):
            shown = f"%{level + 1}." if ordered else _BULLETS[level % len(_BULLETS)]
            kind = _NUMBERS[level % len(_NUMBERS)] if ordered else "bullet"
            levels.append(
                f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{shown}"/>'
                f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{INDENT * (level + 1)}" w:hanging="{INDENT}"/></w:pPr>'
                "</w:lvl>"
            )
        kind = '<w:multiLevelType w:val="hybridMultilevel"/>'
        look = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{key}">{kind}{"".join(levels)}</w:abstractNum>'
        self._numbering.insert(len(self._abstracts()), parse_xml(look))
        return key

    def _abstracts(self) -> list[Any]:
        return [each for each in self._numbering if each.tag == qn("w:abstractNum")]

    def _add_list(self, look: int, level: int = 0, start: int | None = None) -> int:
        number = self._numbering.add_num(look)
        if start is not None:
            number.add_lvlOverride(ilvl=level).add_startOverride(start)
        return int(number.numId)

    def _add_notes(self) -> XmlPart:
        """The part of the notes, with the lines that Word draws above them."""
        lines = "".join(
            f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
            for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
        )
        root = parse_xml(f"<w:footnotes {nsdecls('w', 'r')}>{lines}</w:footnotes>")
        part = XmlPart(PackURI("/word/footnotes.xml"), _NOTES, root, self._document.part.package)
        self._document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
        return part

    def _add_properties(self, properties: Mapping[str, str]) -> None:
        """Where the text comes from, as Word shows it with the file's other properties."""
        root = parse_xml(
            '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
            'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
            f'<property fmtid="{_PROPERTIES_ID}"><vt:lpwstr/></property></Properties>'
        )
        blank = root[0]
        root.remove(blank)
        for number, (name, value) in enumerate(properties.items(), 2):
            added = deepcopy(blank)
            added.set("pid", str(number))
            added.set("name", name)
            added[0].text = harmless(value)
            root.append(added)
        package = self._document.part.package
        part: Part = XmlPart(PackURI("/docProps/custom.xml"), _PROPERTIES, root, package)
        package.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)
