"""The parts of a DOCX file: opened within bounds, with its styles, numberings and links looked up."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from dataclasses import dataclass, replace
from typing import TypeAlias

from lxml import etree

from chatspace.adapters.readers.decoding import MEGABYTE
from chatspace.core.errors import SourceError

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MAX_BYTES = 32 * MEGABYTE
_MAX_ENTRIES = 20_000
_MAX_ELEMENTS = 1_000_000
_MAX_CHAIN = 20
_MIN_MOVED = 4
"""Half points; less is only an adjustment of the line."""
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, lzma.LZMAError),
    *(EOFError, OSError, ValueError, OverflowError, RuntimeError),
)
"""What zipfile raises for archives that are cut, changed or made up."""

Element: TypeAlias = etree._Element


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """What a style says about its paragraphs.

    `names` are its own and those of the styles it is based on, in small letters; `indent` is in twentieths of a point,
    `script` as in `script_of`.
    """

    names: tuple[str, ...] = ()
    outline: int | None = None
    numbering: str | None = None
    level: int | None = None
    indent: int | None = None
    script: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    ordered: bool
    start: int
    indent: int | None


class Package:
    """A DOCX file's parts. Raises SourceError where it is damaged, too large, or something else in a zip."""

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN as error:
            raise self._damaged() from error
        if len(self._zip.namelist()) > _MAX_ENTRIES:
            raise self._too_large()
        self._left = _MAX_BYTES
        document = self._part("word/document.xml")
        body = None if document is None else document.find(f"{W}body")
        if body is None:
            if document is not None and document.tag.startswith(f"{{{_STRICT}"):
                reason, remedy = "it is a Strict Open XML document", "Save it as an ordinary DOCX (Word document)."
            else:
                reason, remedy = "it is an archive, not a DOCX", "Unpack it and use the files in it as sources."
            raise SourceError(f"{name} can't be read", reason, remedy)
        self.body: Element = body
        self.styles = _styles(self._part("word/styles.xml"))
        self.numbering = Numbering(self._part("word/numbering.xml"))
        self.links = _links(self._part("word/_rels/document.xml.rels"))
        self.footnotes = _notes(self._part("word/footnotes.xml"), "footnote")
        self.endnotes = _notes(self._part("word/endnotes.xml"), "endnote")

    def _part(self, path: str) -> Element | None:
        """A part's root, or None where there is none."""
        try:
            info = self._zip.getinfo(path)
        except KeyError:
            return None
        self._left -= info.file_size
        if self._left < 0:
            raise self._too_large()
        if info.flag_bits & 1:
            raise SourceError(f"{self._name} can't be read", "it is password-protected", "Save it without a password.")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            xml = self._zip.read(info)
            if xml.count(b"<") - xml.count(b"</") > _MAX_ELEMENTS:
                raise self._too_large()
            root = etree.fromstring(xml, parser)
        except (etree.XMLSyntaxError, *_BROKEN) as error:
            raise self._damaged() from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise SourceError(
                f"{self._name} can't be read",
                "it declares XML entities, which DOCX doesn't allow",
                "Save it again in Word.",
            )
        return root

    def _too_large(self) -> SourceError:
        return SourceError(
            f"{self._name} is too large",
            f"unpacked, it exceeds {_MAX_BYTES // MEGABYTE} MB or {_MAX_ELEMENTS:,} elements",
            "Split it and use each part as a separate source.",
        )

    def _damaged(self) -> SourceError:
        return SourceError(
            f"{self._name} is damaged", "it is not a complete DOCX file", "Open it in Word and save it again."
        )


class Numbering:
    """The lists of a file: what each level of each looks like."""

    def __init__(self, root: Element | None) -> None:
        self._levels: dict[str, dict[int, Level]] = {}
        self._by_style: dict[tuple[str, str], int] = {}
        if root is None:
            return
        abstracts = {attribute(e, "abstractNumId"): e for e in root.iterchildren(f"{W}abstractNum")}
        for number in root.iterchildren(f"{W}num"):
            key = attribute(number, "numId") or ""
            abstract = abstracts.get(value(number.find(f"{W}abstractNumId")))
            levels: dict[int, Level] = {}
            for element in () if abstract is None else abstract.iterchildren(f"{W}lvl"):
                index = _integer(attribute(element, "ilvl")) or 0
                levels[index] = _level(element)
                if style := value(element.find(f"{W}pStyle")):
                    self._by_style[key, style] = index
            for override in number.iterchildren(f"{W}lvlOverride"):
                _override(levels, override)
            self._levels[key] = levels

    def level(self, number: str, index: int) -> Level:
        return self._levels.get(number, {}).get(index) or Level(False, 1, None)

    def level_of_style(self, number: str, style: str) -> int | None:
        return self._by_style.get((number, style))


def attribute(element: Element | None, name: str) -> str | None:
    return None if element is None else element.get(W + name)


def value(element: Element | None) -> str | None:
    return attribute(element, "val")


def is_on(properties: Element | None, name: str) -> bool:
    """Whether a switch like bold is set; written without a value it is."""
    element = None if properties is None else properties.find(W + name)
    return element is not None and value(element) not in ("0", "false", "off", "none")


def indent_of(properties: Element | None) -> int | None:
    """How far the text of a paragraph stands from the margin, in twentieths of a point."""
    element = None if properties is None else properties.find(f"{W}ind")
    left = attribute(element, "left")
    return _integer(left if left is not None else attribute(element, "start"))


def script_of(properties: Element | None) -> str | None:
    """`sup` or `sub` for raised and lowered runs, an empty text for runs on the line, None where nothing is said."""
    align = None if properties is None else value(properties.find(f"{W}vertAlign"))
    if align is not None:
        return {"superscript": "sup", "subscript": "sub"}.get(align, "")
    moved = None if properties is None else _integer(value(properties.find(f"{W}position")))
    if not moved:
        return None
    return ("sup" if moved > 0 else "sub") if abs(moved) >= _MIN_MOVED else ""


def _integer(text: str | None) -> int | None:
    try:
        return None if text is None else max(-(10**6), min(int(float(text)), 10**6))
    except (ValueError, OverflowError):
        return None


def _level(element: Element) -> Level:
    ordered = value(element.find(f"{W}numFmt")) not in ("bullet", "none", None)
    start = _integer(value(element.find(f"{W}start")))
    return Level(ordered, 1 if start is None else start, indent_of(element.find(f"{W}pPr")))


def _override(levels: dict[int, Level], override: Element) -> None:
    index = _integer(attribute(override, "ilvl")) or 0
    element, start = override.find(f"{W}lvl"), _integer(value(override.find(f"{W}startOverride")))
    if element is not None:
        levels[index] = _level(element)
    if start is not None:
        levels[index] = replace(levels.get(index, Level(False, 1, None)), start=start)


def _styles(root: Element | None) -> dict[str, ParagraphStyle]:
    """All styles by id, each with what it takes from those it is based on. Character styles have a name alone."""
    elements = {} if root is None else {attribute(e, "styleId") or "": e for e in root.iterchildren(f"{W}style")}
    styles: dict[str, ParagraphStyle] = {}
    for key, element in elements.items():
        chain = [element]
        while (
            len(chain) < _MAX_CHAIN and (base := elements.get(value(chain[-1].find(f"{W}basedOn")) or "")) is not None
        ):
            chain.append(base)
        style = ParagraphStyle()
        for link in reversed(chain):
            style = _with(style, link)
        styles[key] = style
    return styles


def _with(style: ParagraphStyle, element: Element) -> ParagraphStyle:
    properties = element.find(f"{W}pPr")
    # A style of one's own that is based on a built-in one keeps what the built-in one means.
    names = ((value(element.find(f"{W}name")) or "").lower(), *style.names)
    own = script_of(element.find(f"{W}rPr"))
    script = style.script if own is None else own
    if properties is None:
        return replace(style, names=names, script=script)
    outline = _integer(value(properties.find(f"{W}outlineLvl")))
    number = value(properties.find(f"{W}numPr/{W}numId"))
    level = _integer(value(properties.find(f"{W}numPr/{W}ilvl")))
    indent = indent_of(properties)
    return ParagraphStyle(
        names,
        style.outline if outline is None else outline,
        style.numbering if number is None else number,
        style.level if level is None else level,
        style.indent if indent is None else indent,
        script,
    )


def _links(root: Element | None) -> dict[str, str]:
    if root is None:
        return {}
    return {e.get("Id", ""): e.get("Target", "") for e in root.iter(etree.Element) if e.get("Target")}


def _notes(root: Element | None, kind: str) -> dict[str, Element]:
    if root is None:
        return {}
    return {attribute(e, "id") or "": e for e in root.iterchildren(W + kind) if attribute(e, "type") is None}
