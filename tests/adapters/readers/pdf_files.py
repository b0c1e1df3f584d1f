"""A writer of small PDFs: lines of text at places, in one font, parts of them raised or lowered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Placed:
    """A line of text; `left` and `up` are its distance from the page's lower left corner in points."""

    text: str
    left: float
    up: float
    size: float = 11


@dataclass(frozen=True)
class Raised:
    """A part of a line, `rise` times its size above or below it; what is off the line is smaller."""

    text: str
    rise: float = 0


def pdf_of(pages: Sequence[Sequence[Placed | Sequence[Raised]]]) -> bytes:
    """A PDF with these pages; lines of parts stand below each other."""
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    kids = []
    for page in pages:
        content = b"\n".join(
            _shown(line) if isinstance(line, Placed) else _in_parts(line, 750 - 14 * number)
            for number, line in enumerate(page)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return assembled(objects)


def _shown(line: Placed) -> bytes:
    return b"BT /F1 %g Tf %g %g Td (%s) Tj ET" % (line.size, line.left, line.up, _escaped(line.text))


def _in_parts(parts: Sequence[Raised], up: float, size: float = 11) -> bytes:
    shown = (
        b"/F1 %g Tf %g Ts (%s) Tj" % (size * (0.6 if part.rise else 1), part.rise * size, _escaped(part.text))
        for part in parts
    )
    return b"BT 50 %g Td %s ET" % (up, b" ".join(shown))


def _escaped(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")


def assembled(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalog."""
    data = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"<< /Size %d /Root 1 0 R >>" % (len(objects) + 1)
    data += b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (trailer, start)
    return bytes(data)
