"""The runs of a DOCX paragraph: text with its look, links, images and the marks of notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from chatspace.adapters.readers.blocks import PLAIN, Script, Style, StyledText
from chatspace.adapters.readers.docx_math import MATH, formula_of
from chatspace.adapters.readers.docx_package import Element, Package, W, attribute, is_on, script_of, value
from chatspace.adapters.readers.inline import address

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PLACED = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_CHOICES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_VML = "{urn:schemas-microsoft-com:vml}"

_GONE = frozenset(W + name for name in ("del", "moveFrom", "pPr", "rPr"))
_LINK_FIELD = re.compile(r'\s*HYPERLINK\s+"([^"]+)"')
_CODE_FONTS = re.compile(r"courier|consolas|menlo|monaco|mono\b|monospace", re.IGNORECASE)
_CODE_STYLES = re.compile(r"verbatim char|html code|source text|inline code|code char|code$")
_CHARACTERS = {"tab": "\t", "cr": "\n", "noBreakHyphen": "\N{NON-BREAKING HYPHEN}"}


class Runs:
    """Reads paragraphs; `notes` collects the footnotes and endnotes in the order of their references."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self.notes: list[Element] = []
        self._labels: dict[tuple[str, str], str] = {}

    def of(self, paragraph: Element) -> tuple[list[StyledText], list[Element]]:
        """The runs of a paragraph, and the text boxes that are anchored in it."""
        reading = _Paragraph(self)
        named = self._package.styles.get(value(paragraph.find(f"{W}pPr/{W}pStyle")) or "")
        reading.walk(paragraph, replace(PLAIN, scripts=_scripts(named.script if named else None, None, PLAIN)))
        return reading.runs, reading.boxes

    def link(self, key: str | None) -> str | None:
        return address(self._package.links.get(key or ""))

    def label(self, kind: str, key: str) -> str | None:
        """The label of a note, from 1, or None where the file has no such note."""
        notes = self._package.footnotes if kind == "footnote" else self._package.endnotes
        element = notes.get(key)
        if element is None:
            return None
        if (kind, key) not in self._labels:
            self.notes.append(element)
            self._labels[kind, key] = str(len(self.notes))
        return self._labels[kind, key]

    def style(self, properties: Element | None, around: Style) -> Style | None:
        """How a run looks, or None where it is hidden."""
        if properties is None:
            return around
        if is_on(properties, "vanish"):
            return None
        named = self._package.styles.get(value(properties.find(f"{W}rStyle")) or "")
        names = named.names if named else ()
        fonts = attribute(properties.find(f"{W}rFonts"), "ascii") or ""
        return replace(
            around,
            strong=is_on(properties, "b") or "strong" in names,
            emphasis=is_on(properties, "i") or "emphasis" in names,
            struck=is_on(properties, "strike") or is_on(properties, "dstrike"),
            code=bool(_CODE_FONTS.search(fonts)) or any(_CODE_STYLES.match(name) for name in names),
            scripts=_scripts(script_of(properties), named.script if named else None, around),
        )


def _scripts(own: str | None, styled: str | None, around: Style) -> tuple[Script, ...]:
    """A run's own look goes before its style's, and that before the paragraph's."""
    script = own if own is not None else styled
    if script is None:
        return around.scripts
    return ("sup",) if script == "sup" else ("sub",) if script == "sub" else ()


class _Paragraph:
    """One passage over a paragraph's elements. A field's result is its text; a link's field links it."""

    def __init__(self, context: Runs) -> None:
        self._context = context
        self._fields: list[str] = []
        self._in_result: list[bool] = []
        self.runs: list[StyledText] = []
        self.boxes: list[Element] = []

    def walk(self, parent: Element, style: Style) -> None:
        # The parser refuses what is nested deeper than 256, so the recursion is bounded.
        for child in parent:
            if child.tag in _GONE:
                continue
            if child.tag == f"{W}r":
                self._run(child, style)
            elif child.tag == f"{W}hyperlink":
                href = self._context.link(child.get(f"{_R}id"))
                self.walk(child, replace(style, href=href) if href else style)
            elif child.tag == f"{W}fldSimple":
                link = _LINK_FIELD.match(attribute(child, "instr") or "")
                self.walk(child, replace(style, href=address(link[1])) if link else style)
            elif child.tag == f"{_CHOICES}AlternateContent":
                self.walk(_chosen(child), style)
            elif child.tag == f"{MATH}oMath":
                if text := formula_of(child):
                    self.runs.append(StyledText(text, replace(style, scripts=()), "formula"))
            else:
                self.walk(child, style)

    def _run(self, run: Element, around: Style) -> None:
        style = self._context.style(run.find(f"{W}rPr"), around)
        if style is None:
            return
        if href := self._field_link():
            style = replace(style, href=href)
        for child in run:
            if child.tag == f"{_CHOICES}AlternateContent":
                for part in _chosen(child):
                    self._piece(part, style)
            else:
                self._piece(child, style)

    def _piece(self, element: Element, style: Style) -> None:
        name = element.tag.removeprefix(W) if isinstance(element.tag, str) else ""
        if name == "fldChar":
            self._field(attribute(element, "fldCharType"))
        elif name == "instrText":
            if self._fields:
                self._fields[-1] += element.text or ""
        elif self._fields and not all(self._in_result):
            return
        elif name == "t":
            self._text((element.text or "").replace("\n", " "), style)
        elif name == "br":
            self.runs.append(StyledText(" " if attribute(element, "type") in ("page", "column") else "\n", style))
        elif name in _CHARACTERS:
            self.runs.append(StyledText(_CHARACTERS[name], style))
        elif name in ("footnoteReference", "endnoteReference"):
            if label := self._context.label(name.removesuffix("Reference"), attribute(element, "id") or ""):
                self.runs.append(StyledText("", replace(PLAIN, href=style.href), "note", label))
        elif name == "sym":
            code = attribute(element, "char") or ""
            # Symbol fonts put their glyphs where Unicode has none.
            if re.fullmatch(r"[0-9A-Fa-f]{4}", code) and not "E000" <= code.upper() <= "F8FF" and code[0] not in "dD":
                self.runs.append(StyledText(chr(int(code, 16)), style))
        elif name in ("drawing", "pict", "object"):
            self._drawing(element, style)

    def _text(self, text: str, style: Style) -> None:
        """Append text; Word divides one raised figure among runs as it likes."""
        last = self.runs[-1] if self.runs else None
        if last is not None and style.scripts and (last.kind, last.style) == ("text", style):
            self.runs[-1] = replace(last, text=last.text + text)
        else:
            self.runs.append(StyledText(text, style))

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append("")
            self._in_result.append(False)
        elif kind == "separate" and self._fields:
            self._in_result[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()
            self._in_result.pop()

    def _field_link(self) -> str | None:
        for instruction in reversed(self._fields):
            if link := _LINK_FIELD.match(instruction):
                return address(link[1])
        return None

    def _drawing(self, element: Element, style: Style) -> None:
        boxes = list(_outermost(element, f"{W}txbxContent"))
        self.boxes += boxes
        if boxes:
            return
        described = next(element.iter(f"{_PLACED}docPr"), None)
        alt = "" if described is None else described.get("descr") or described.get("title") or ""
        for picture in element.iter(f"{_DRAWING}blip", f"{_VML}imagedata"):
            key = picture.get(f"{_R}embed") or picture.get(f"{_R}link") or picture.get(f"{_R}id")
            target = self._context.link(key) or "embedded"
            self.runs.append(
                StyledText(alt or picture.get("title") or "", replace(PLAIN, href=style.href), "image", target)
            )


def _outermost(element: Element, tag: str) -> Iterator[Element]:
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag == f"{_CHOICES}AlternateContent":
            yield from _outermost(_chosen(child), tag)
        else:
            yield from _outermost(child, tag)


def _chosen(alternatives: Element) -> Element:
    """The newest way in which something is written; the others say the same once more."""
    choice = alternatives.find(f"{_CHOICES}Choice")
    return alternatives if choice is None else choice
