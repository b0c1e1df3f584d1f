"""DOCX files of raw XML, for what python-docx can't write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SPACES = (
    f'xmlns:w="{W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def docx_of(body: str, *, links: str = "", **parts: str) -> bytes:
    """A DOCX whose body and other parts (`styles`, `numbering`, `footnotes`) hold this XML.

    `links` holds the relationships of links and images.
    """
    parts = {"document": f"<w:body>{body}</w:body>", **parts}
    files = {f"word/{name}.xml": f"<w:{name} {_SPACES}>{xml}</w:{name}>" for name, xml in parts.items()}
    types = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_MAIN}.{name}{".main" * (name == "document")}+xml"/>'
        for name in parts
    )
    related = "".join(relation(name, f"{name}.xml", name) for name in parts if name != "document")
    files["[Content_Types].xml"] = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{types}</Types>"
    )
    files["_rels/.rels"] = _relations(relation("r1", "word/document.xml", "officeDocument"))
    files["word/_rels/document.xml.rels"] = _relations(related + links)
    return zip_of(files)


def relation(key: str, target: str, kind: str = "hyperlink") -> str:
    mode = ' TargetMode="External"' if kind == "hyperlink" else ""
    return f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"{mode}/>'


def _relations(inner: str) -> str:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    )


def zip_of(files: Mapping[str, str | bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def p(text: str, properties: str = "") -> str:
    """A paragraph; `properties` goes into its w:pPr."""
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def item(text: str, level: int = 0, number: int = 1, more: str = "") -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>{more}')


def numbering(*formats: str, number: int = 1) -> str:
    """A numbering whose levels have these formats ("bullet", "decimal", "lowerLetter")."""
    levels = "".join(
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:pPr><w:ind w:left="{720 * (index + 1)}" w:hanging="360"/></w:pPr></w:lvl>'
        for index, kind in enumerate(formats)
    )
    return (
        f'<w:abstractNum w:abstractNumId="{number}">{levels}</w:abstractNum>'
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
    )
