"""One way in for every source: checks what is there, finds out its format, and reads it."""

from __future__ import annotations

import codecs
import hashlib
import re
import stat
from pathlib import Path
from typing import Literal

from chatspace.adapters.readers.blocks import Body
from chatspace.adapters.readers.decoding import MEGABYTE, decode, empty, too_large
from chatspace.adapters.readers.writing import write
from chatspace.core.document import MAX_TEXT_BYTES, Origin, Source
from chatspace.core.errors import SourceError

MAX_FILE_BYTES = 50 * MEGABYTE

# Possessive, so that a thousand comments before no tag are tried in one way only.
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--(?>.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_TAG = re.compile(r"<[A-Za-z!/]")
_DECLARED = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
# Those that browsers know; others of Python's take time that grows with the square of the text.
_ENCODINGS = re.compile(r"iso8859-\d+|cp\d+|koi8-\w|shift_jis\w*|euc_\w+|gb\w+|big5\w*|mac-\w+")
_HTML_SUFFIXES = (".html", ".htm", ".xhtml")
_TEXT_SUFFIXES = (".txt", ".text")
_DOCUMENT_SUFFIXES = (".docx", ".pdf")
_HEAD = 1024

_PDF, _ZIP = b"%PDF-", (b"PK\x03\x04", b"PK\x05\x06")
_OLD_OFFICE, _RTF = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf"


Kind = Literal["html", "docx", "pdf"]

_MEDIA_TYPES: dict[Kind, str] = {
    "html": "text/html",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


class FileReader:
    """Reads Markdown, plain text, HTML, DOCX and PDF; the content decides before the suffix does."""

    def read(self, path: Path) -> Source:
        """Raises SourceError for what isn't there, can't be read, is binary, empty or too large."""
        try:
            data = _bytes_of(path)
        except OSError as error:
            raise _unreadable(path, error) from error
        except ValueError as error:  # A NUL in the path.
            raise SourceError(f"{str(path)!r} is no path", str(error), "Check the path.") from error
        return self._source(data, path.name, str(path))

    def read_bytes(self, data: bytes, name: str) -> Source:
        """The same for standard input or pasted text; `name` is what people see."""
        return self._source(data, name, None)

    def _source(self, data: bytes, name: str, path: str | None) -> Source:
        identity = f"sha256:{hashlib.sha256(data).hexdigest()}"
        suffix = Path(name).suffix.lower()
        kind = _document_kind(data, name)
        warnings: tuple[str, ...] = ()
        text = ""
        if kind:
            if len(data) > MAX_FILE_BYTES:
                raise too_large(name, MAX_FILE_BYTES, "a file")
        else:
            text, warnings = decode(data, name, _declared_encoding(data))
            if suffix in _DOCUMENT_SUFFIXES:
                warnings = (*warnings, f"{name} is not a {suffix[1:].upper()} file but text, and was read as such.")
            if _HTML_START.match(text) or (suffix in _HTML_SUFFIXES and _TAG.search(text)):
                kind = "html"
        if kind:
            body = _body(kind, data, text, name)
            text, origins = _written(body, name)
            return Source(name, text, identity, _MEDIA_TYPES[kind], kind, path, origins, (*warnings, *body.warnings))
        media_type, reader = ("text/plain", "text") if suffix in _TEXT_SUFFIXES else ("text/markdown", "markdown")
        return Source(name, text, identity, media_type, reader, path, warnings=warnings)


def _body(kind: Kind, data: bytes, text: str, name: str) -> Body:
    """What the format's own reader makes of it; each is imported when such a file comes, as most sources are text."""
    if kind == "html":
        from chatspace.adapters.readers.html import read_html

        return read_html(text, name)
    if kind == "docx":
        from chatspace.adapters.readers.docx import read_docx

        return read_docx(data, name)
    from chatspace.adapters.readers.pdf import read_pdf

    return read_pdf(data, name)


def _written(body: Body, name: str) -> tuple[str, tuple[Origin, ...]]:
    text, origins = write(body)
    if not text.strip():
        raise empty(name)
    if len(text.encode("utf-8")) > MAX_TEXT_BYTES:
        raise too_large(name, MAX_TEXT_BYTES, "the text of a file")
    return text, origins


def _document_kind(data: bytes, name: str) -> Kind | None:
    """The kind of a file that isn't text. Raises SourceError for those we know and can't read."""
    if data.startswith(_ZIP):
        return "docx"
    head = data[:_HEAD]
    # Some programs write a few bytes before the mark; a text may speak of it.
    if head.lstrip().startswith(_PDF) or (_PDF in head and name.lower().endswith(".pdf")):
        return "pdf"
    if data.startswith(_OLD_OFFICE):
        raise SourceError(
            f"{name} can't be read",
            "it is an old Word file or one with a password",
            "Save it as DOCX without a password.",
        )
    if data.startswith(_RTF):
        raise SourceError(f"{name} can't be read", "it is an RTF file", "Save it as DOCX.")
    return None


def _declared_encoding(data: bytes) -> str | None:
    """The encoding that an HTML file names for itself."""
    match = _DECLARED.search(data[:_HEAD])
    if not match:
        return None
    try:
        encoding = codecs.lookup(match[1].decode("ascii")).name
    except (LookupError, ValueError):
        return None
    # Pages that say Latin-1 mean Windows-1252, as browsers have it.
    encoding = "cp1252" if encoding == "iso8859-1" else encoding
    return encoding if _ENCODINGS.fullmatch(encoding) else None


def _bytes_of(path: Path) -> bytes:
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise SourceError(f"{path} is a folder", "a file is wanted", "Name a file in it.")
    if not stat.S_ISREG(found.st_mode):
        raise SourceError(
            f"{path} is no ordinary file",
            "it is a pipe, a socket or a device",
            "Save its content to a file, or pipe it in and give `-` as the source.",
        )
    if found.st_size > MAX_FILE_BYTES:
        raise too_large(str(path), MAX_FILE_BYTES, "a file")
    with path.open("rb") as file:
        head = file.read(_HEAD)
        limit, what = (MAX_FILE_BYTES, "a file") if _document_kind(head, str(path)) else (MAX_TEXT_BYTES, "text")
        # The size is asked for again because a file can grow while it is read.
        if found.st_size > limit or len(rest := file.read(limit - len(head) + 1)) > limit - len(head):
            raise too_large(str(path), limit, what)
    return head + rest


def _unreadable(path: Path, error: OSError) -> SourceError:
    if isinstance(error, FileNotFoundError):
        if path.is_symlink():
            return SourceError(f"{path} leads nowhere", "it is a link whose target is gone", "Name the file itself.")
        return SourceError(f"{path} isn't there", "no file has that name", "Check the path.")
    if isinstance(error, PermissionError):
        return SourceError(f"{path} can't be read", "you have no permission to", f"Try `chmod u+r '{path}'`.")
    return SourceError(f"{path} can't be read", error.strerror or str(error), "Check the path and the disk.")
