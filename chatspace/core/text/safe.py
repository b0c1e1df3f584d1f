"""Text from models and files, made harmless for a terminal, for a file and as the name of a file.

A screen shows each control character as its own glyph (ESC as ␛) and leaves what follows it standing: an editor sees
that the text held a command, and nothing readable is swallowed with it. Because every character is judged alone, text
may come in pieces cut anywhere: the pieces made safe are the whole made safe.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # All of C0 and C1 but \t and \n.
_OVERRIDES = r"\u202a-\u202e"  # Embeddings, overrides and their end; isolates (U+2066 to U+2069) do no harm.
_SURROGATES = r"\ud800-\udfff"  # They can't be encoded.
_UNSAFE = re.compile(f"[{_CONTROLS}{_OVERRIDES}{_SURROGATES}]")

_IN_FILES = {
    **dict.fromkeys((*range(0x00, 0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F)), ""),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}
_ON_SCREEN = {
    **_IN_FILES,
    **{code: chr(0x2400 + code) for code in range(0x20) if code not in b"\t\n\r"},
    0x7F: "␡",
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
}

_MAX_BYTES, _MAX_TITLE_BYTES = 200, 100
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*]')
_JOINERS = "\u200c\u200d"  # Invisible, but some scripts and emoji are spelled with them.
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in "0123456789¹²³")}


def for_screen(text: str) -> str:
    """`text` with nothing left that a terminal takes for a command or that reverses what is read.

    \\n and \\t stay and \\r goes, so CRLF ends a line once. A harmless text is returned itself.
    """
    return text.translate(_ON_SCREEN) if _UNSAFE.search(text) else text


def for_file(text: str) -> str:
    """`text` without control characters (\\n and \\t stay) and bidirectional overrides, encodable as UTF-8."""
    return text.translate(_IN_FILES) if _UNSAFE.search(text) else text


def portable_name(name: str, suffix: str = "", *, most: int = _MAX_BYTES) -> str:
    """A name of at most so many bytes that every file system takes, as much like `name` as can be.

    Never empty, hidden, an option (`-x`), a path, or a device of Windows; nothing in it moves a cursor or is invisible.
    Names that differ by the case or the composition of letters alone are left to the caller. `suffix` (".md") is kept.
    """
    composed = unicodedata.normalize("NFC", name[: 4 * most])  # megabytes needn't be looked at
    visible = "".join(c for c in composed if c.isprintable() or c.isspace() or c in _JOINERS)
    stem = re.sub(r"\.{2,}", ".", " ".join(_NOT_IN_NAMES.sub("-", visible).split()))
    room = most - len(suffix.encode())
    stem = stem.lstrip(" -.").encode()[:room].decode(errors="ignore").rstrip(" -.")
    device = stem.split(".")[0].rstrip()
    if device.upper() in _RESERVED:
        stem = f"{device}_{stem[len(device) :]}"
    return (stem or "untitled") + suffix


def file_name(title: str, suffix: str = "") -> str:
    """A portable name of the title's letters, digits, `-`, `_` and `.` alone, of at most 100 bytes."""
    composed = unicodedata.normalize("NFC", title[: 4 * _MAX_TITLE_BYTES])
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c in "-_." else " " for c in composed)
    return portable_name("-".join(kept.split()).strip("-_."), suffix, most=_MAX_TITLE_BYTES)
