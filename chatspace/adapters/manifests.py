"""The manifest of a batch: a CSV or JSONL file with a row for each document."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from chatspace.core.errors import ConfigurationError

COLUMNS = ("path", "channel", "sla", "priority", "lang", "words", "tone", "audience")
NUMBERS = ("priority", "words")
MAX_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """A document as the manifest has it: its path, and what is said of it."""

    path: Path
    values: Mapping[str, str | int]


def read_manifest(path: Path) -> Iterator[ManifestRow]:
    """The rows in their order; a path is relative to the manifest. Raises ConfigurationError with the line."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _wrong(path, None, "", f"it is larger than {MAX_BYTES:,} bytes", "Split the manifest.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _wrong(path, None, "", f"it can't be read: {error.strerror}", "") from error
    except UnicodeDecodeError as error:
        raise _wrong(path, None, "", "it is not UTF-8", "Save it as UTF-8.") from error
    rows = _csv(path, text) if path.suffix.lower() == ".csv" else _jsonl(path, text)
    for line, row in rows:
        yield _row(path, line, row)


def _csv(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        _check_columns(path, 1, reader.fieldnames or ())
        for row in reader:
            if None in row:
                raise _wrong(
                    path, reader.line_num, "", "it has more cells than the header", "Quote cells that contain commas."
                )
            yield reader.line_num, {name: value for name, value in row.items() if value}
    except csv.Error as error:
        raise _wrong(path, None, "", f"it is not valid CSV: {error}", "") from error


def _jsonl(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise _wrong(
                    path, number, "", f"it is not valid JSON: {error}", "Write one object per line."
                ) from error
            if not isinstance(row, dict):
                raise _wrong(
                    path, number, "", "it is not an object", 'Example: {"path": "brief.md", "channel": "blog"}.'
                )
            _check_columns(path, number, row)
            yield number, {name: value for name, value in row.items() if value is not None}


def _check_columns(path: Path, line: int, names: Any) -> None:
    for name in names:
        if name not in COLUMNS:
            near = get_close_matches(str(name), COLUMNS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise _wrong(path, line, str(name), f"unknown column {name!r}{hint}", f"Available: {', '.join(COLUMNS)}.")


def _row(path: Path, line: int, row: Mapping[str, Any]) -> ManifestRow:
    if not isinstance(row.get("path"), str) or not row["path"].strip():
        raise _wrong(path, line, "path", "it is missing", "Give a path relative to the manifest.")
    values: dict[str, str | int] = {}
    for name, value in row.items():
        if name in NUMBERS:
            values[name] = _number(path, line, name, value)
        elif not isinstance(value, str):
            raise _wrong(path, line, name, f"{value!r} is not text", "")
        elif name != "path":
            values[name] = value.strip()
    return ManifestRow(path.parent / row["path"].strip(), values)


def _number(path: Path, line: int, name: str, value: Any) -> int:
    try:
        if isinstance(value, bool | float):
            raise ValueError
        number = int(value)
    except (TypeError, ValueError):
        raise _wrong(path, line, name, f"{value!r} is not a whole number", "") from None
    if name == "words" and number < 1:
        raise _wrong(path, line, name, f"{number} is not a valid length", "Use 1 or more.")
    return number


def _wrong(path: Path, line: int | None, field: str, reason: str, remedy: str) -> ConfigurationError:
    where = f"{path}:{line}" if line else str(path)
    title = f"{where}: {field}" if field else where
    return ConfigurationError(title, reason, remedy, path=str(path), line=line, field=field)
