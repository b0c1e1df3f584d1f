"""Texts of others between two lines with a mark that occurs in none of them, so that none can end its fence."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from chatspace.core.text.safe import for_file

MARK_LENGTH = 8
OPENING = "-----BEGIN SOURCE"


def mark_for(texts: Sequence[str]) -> str:
    """The same for the same texts, so that the same request has the same key in the ledger."""
    digest = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
    while any(digest[:MARK_LENGTH] in text for text in texts):
        digest = hashlib.sha256(digest.encode()).hexdigest()
    return digest[:MARK_LENGTH]


def fenced(text: str, mark: str, name: str = "") -> str:
    """The text between its lines; the first has the name, if there is one."""
    label = f" {' '.join(for_file(name).split())}" if name else ""
    return f"{OPENING}{label} {mark}-----\n{text.rstrip()}\n-----END SOURCE {mark}-----"
