"""One way in for every source: checks what is there, finds out its format, and reads it."""

from __future__ import annotations

import codecs
import hashlib
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from chatspace.adapters.readers.blocks import Body
from chatspace.adapters.readers.decoding import MEGABYTE, decode, empty, too_large
from chatspace.adapters.readers.writing import write
from chatspace.core.document import MAX_TEXT_BYTES, Source
from chatspace.core.errors import SourceError
from chatspace.core.registry import Contents, Reader

MAX_FILE_BYTES = 50 * MEGABYTE

# Possessive, so that a thousand comments before no tag are tried in one way only.
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--(?>.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_TAG = re.compile(r"<[A-Za-z!/]")
_DECLARED = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
# Those that browsers know; others of Python's take time that grows with the square of the text.
_ENCODINGS = re.compile(r"iso8859-\d+|cp\d+|koi8-\w|shift_jis\w*|euc_\w+|gb\w+|big5\w*|mac-\w+")
_HEAD = 1024

_PDF = b"%PDF-"
_OLD_OFFICE, _RTF = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf"


def _text(text: str, name: str) -> Contents:
    return Contents(text)


def _html(text: str, name: str) -> Contents:
    from chatspace.adapters.readers.html import read_html  # most sources are text

    return _written(read_html(text, name), name)


def _docx(data: bytes, name: str) -> Contents:
    from chatspace.adapters.readers.docx import read_docx  # most sources are text

    return _written(read_docx(data, name), name)


def _pdf(data: bytes, name: str) -> Contents:
    from chatspace.adapters.readers.pdf import read_pdf  # most sources are text

    return _written(read_pdf(data, name), name)


def _written(body: Body, name: str) -> Contents:
    text, origins = write(body)
    return Contents(text, origins, tuple(body.warnings))


def _is_html(text: str, name: str) -> bool:
    return bool(_HTML_START.match(text) or (Path(name).suffix.lower() in HTML.suffixes and _TAG.search(text)))


def _is_pdf(head: bytes, name: str) -> bool:
    """Some programs write a few bytes before the mark; a text may speak of it."""
    return head.lstrip().startswith(_PDF) or (_PDF in head and name.lower().endswith(".pdf"))


MARKDOWN = Reader("markdown", (".md", ".markdown"), "text/markdown", _text)
"""What a text is read as that nothing else claims."""

PLAIN = Reader("text", (".txt", ".text"), "text/plain", _text)
HTML = Reader("html", (".html", ".htm", ".xhtml"), "text/html", _html, recognises=_is_html)
DOCX = Reader(
    "docx",
    (".docx",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    _docx,
    magic=(b"PK\x03\x04", b"PK\x05\x06"),
)
PDF = Reader("pdf", (".pdf",), "application/pdf", _pdf, magic=(_PDF,), recognises=_is_pdf)
READERS = (MARKDOWN, PLAIN, HTML, DOCX, PDF)
"""Those that come with the program."""


class FileReader:
    """Reads every kind of file that there is a reader for; the content decides before the suffix does."""

    def __init__(self, readers: Sequence[Reader] = READERS) -> None:
        self._binary = [each for each in readers if each.magic]
        self._textual = [each for each in readers if not each.magic]
        self._suffixes = frozenset(suffix for each in readers for suffix in each.suffixes)

    def suffixes(self) -> frozenset[str]:
        return self._suffixes

    def read(self, path: Path) -> Source:
        """Raises SourceError for what isn't there, can't be read, is binary, empty or too large."""
        try:
            data = self._bytes_of(path)
        except OSError as error:
            raise _unreadable(path, error) from error
        except ValueError as error:  # A NUL in the path.
            raise SourceError(f"{str(path)!r} is not a valid path", str(error), "Check the path.") from error
        return self._source(data, path.name, str(path))

    def read_bytes(self, data: bytes, name: str) -> Source:
        """The same for standard input or pasted text; `name` is what people see."""
        return self._source(data, name, None)

    def _source(self, data: bytes, name: str, path: str | None) -> Source:
        identity = f"sha256:{hashlib.sha256(data).hexdigest()}"
        text, warnings = "", tuple[str, ...]()
        reader = self._binary_reader(data[:_HEAD], name)
        if reader:
            if len(data) > MAX_FILE_BYTES:
                raise too_large(name, MAX_FILE_BYTES, "files")
            read = reader.read(data, name)
        else:
            text, warnings = decode(data, name, _declared_encoding(data))
            suffix = Path(name).suffix.lower()
            if any(suffix in each.suffixes for each in self._binary):
                warnings = (*warnings, f"{name} is a text file, not {suffix[1:].upper()}, and was read as text.")
            reader = self._text_reader(text, name)
            read = reader.read(text, name)
        if read.text is not text:  # decoding has checked the other
            _check_size(read.text, name)
        warnings = (*warnings, *read.warnings)
        return Source(name, read.text, identity, reader.media_type, reader.name, path, read.origins, warnings)

    def _binary_reader(self, head: bytes, name: str) -> Reader | None:
        """The reader of a file that isn't text. Raises SourceError for those we know and can't read."""
        fitting = [
            each
            for each in self._binary
            if head.startswith(each.magic) or (each.recognises and each.recognises(head, name))
        ]
        if fitting:
            suffix = Path(name).suffix.lower()
            return next((each for each in fitting if suffix in each.suffixes), fitting[0])
        if head.startswith(_OLD_OFFICE):
            raise SourceError(
                f"{name} can't be read",
                "it is an old Word file, or it is password-protected",
                "Save it as DOCX without a password.",
            )
        if head.startswith(_RTF):
            raise SourceError(f"{name} can't be read", "it is an RTF file", "Save it as DOCX.")
        return None

    def _text_reader(self, text: str, name: str) -> Reader:
        recognised = next((each for each in self._textual if each.recognises and each.recognises(text, name)), None)
        if recognised:
            return recognised
        suffix = Path(name).suffix.lower()
        return next((each for each in self._textual if not each.recognises and suffix in each.suffixes), MARKDOWN)

    def _bytes_of(self, path: Path) -> bytes:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise SourceError(f"{path} is a folder", "expected a file", "Choose a file in it.")
        if not stat.S_ISREG(found.st_mode):
            raise SourceError(
                f"{path} is not a regular file",
                "it is a pipe, a socket or a device",
                "Save its content to a file, or pipe it in and use `-` as the source.",
            )
        if found.st_size > MAX_FILE_BYTES:
            raise too_large(str(path), MAX_FILE_BYTES, "files")
        with path.open("rb") as file:
            head = file.read(_HEAD)
            binary = self._binary_reader(head, str(path))
            limit, what = (MAX_FILE_BYTES, "files") if binary else (MAX_TEXT_BYTES, "text")
            # The size is asked for again because a file can grow while it is read.
            if found.st_size > limit or len(rest := file.read(limit - len(head) + 1)) > limit - len(head):
                raise too_large(str(path), limit, what)
        return head + rest


def _check_size(text: str, name: str) -> None:
    if not text.strip():
        raise empty(name)
    if len(text.encode("utf-8")) > MAX_TEXT_BYTES:
        raise too_large(name, MAX_TEXT_BYTES, "the text of a file")


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


def _unreadable(path: Path, error: OSError) -> SourceError:
    if isinstance(error, FileNotFoundError):
        if path.is_symlink():
            return SourceError(f"{path} can't be read", "it is a broken link", "Use the path of the file itself.")
        return SourceError(f"{path} can't be read", "no such file", "Check the path.")
    if isinstance(error, PermissionError):
        return SourceError(f"{path} can't be read", "permission denied", f"Try `chmod u+r '{path}'`.")
    return SourceError(f"{path} can't be read", error.strerror or str(error), "Check the path and the disk.")
