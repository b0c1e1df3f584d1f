"""What a batch wrote, read again."""

from __future__ import annotations

import json
from pathlib import Path

from chatspace.core.errors import UsageError
from chatspace.core.reports.formats import from_plain
from chatspace.core.reports.report import Report

FENCE = "---\n"
REPORT = "report.json"
TEXTS = ("draft.md", "copy.md")
"""What is read of a finished document: the first that is there."""


def text_in(folder: Path) -> Path:
    """The text that a document came to."""
    paths = [folder / name for name in TEXTS]
    return next((path for path in paths if path.is_file()), paths[0])


def read_text(path: Path) -> str:
    """What stands behind the front matter. Raises UsageError."""
    text = _read(path)
    head, fence, body = text.partition(f"\n{FENCE}")
    return body.lstrip("\n") if fence and head.startswith(FENCE) else text


def read_report(path: Path) -> Report:
    """Raises UsageError."""
    try:
        return from_plain(Report, json.loads(_read(path)))
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{path} is not a report", str(error), "Run the batch again.") from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path} can't be read", (error.strerror or "").lower(), "Run the batch again.") from error
