"""The importers that come with the program, and what finds out whose export a file is.

Nothing is unpacked to the disk, and no file is written.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from chatspace.adapters.importers import chatgpt, chatspace, claude, llm
from chatspace.adapters.importers.stream import Broken, Readable, values
from chatspace.core.chat.imported import Found, LeftOut
from chatspace.core.errors import SourceError, UsageError
from chatspace.core.registry import AnyImporter, DatabaseImporter, Importer

CONVERSATIONS = re.compile(r"conversations([-_ ]?\d+)?\.jsonl?", re.IGNORECASE)
"""The files of an archive or folder that hold conversations."""

MAGIC_ZIP = b"PK\x03\x04"
MAX_FILES = 100_000
LARGEST_BYTES = 8 << 30
"""Of one file within an archive."""

SUSPECT_BYTES, SUSPECT_RATIO = 50 << 20, 150
"""What is larger than this and packed better than this is no talk but a trap."""


DOWNLOAD = "the downloaded zip, its folder, or a conversations.json"
IMPORTERS: tuple[AnyImporter, ...] = (
    Importer(chatgpt.ORIGIN, f"ChatGPT: {DOWNLOAD}", chatgpt.recognises, chatgpt.read),
    Importer(claude.ORIGIN, f"Claude: {DOWNLOAD}", claude.recognises, claude.read),
    DatabaseImporter(llm.ORIGIN, "llm: its logs.db", llm.read),
    Importer(chatspace.ORIGIN, "chatspace: exported JSON", chatspace.recognises, chatspace.read),
)
"""Those that come with the program."""


class FileImporter:
    """Fulfils ports.Importer."""

    def __init__(self, importers: Sequence[AnyImporter] = IMPORTERS) -> None:
        self._importers = {each.name: each for each in importers}

    def formats(self) -> Mapping[str, AnyImporter]:
        return self._importers

    def read(self, path: Path, format_name: str | None = None) -> Iterator[Found]:
        """What a file, an archive as it was downloaded, or a folder holds, one conversation after the other."""
        if format_name is not None and format_name not in self._importers:
            raise UsageError(f"Unknown format {format_name}", remedy=f"Available: {', '.join(self._importers)}.")
        wanted = [each for each in self._importers.values() if format_name in (None, each.name)]
        try:
            if not path.is_dir():
                yield from _file(path, wanted)
                return
            files = sorted(each for each in path.iterdir() if CONVERSATIONS.fullmatch(each.name))
            for file in files:
                yield from _file(file, wanted)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SourceError(f"{path} can't be read", reason.lower(), "Check the path of the export.") from error
        if not files:
            raise SourceError(f"{path} contains no export", "no conversations.json found")


def _file(path: Path, wanted: Sequence[AnyImporter]) -> Iterator[Found]:
    database = next((each for each in wanted if isinstance(each, DatabaseImporter)), None)
    formats = [each for each in wanted if isinstance(each, Importer)]
    with path.open("rb") as file:
        start = file.read(len(llm.MAGIC))
        if start == llm.MAGIC:
            if database:
                yield from database.read(path)
            else:
                yield LeftOut(path.name, f"it is a database, not an export of {formats[0].name}")
            return
        if database and not formats:
            yield LeftOut(path.name, f"it is not a SQLite database, as {database.name} uses")
            return
        file.seek(0)
        if start.startswith(MAGIC_ZIP):
            yield from _archive(path, formats)
        else:
            yield from _conversations(file, path.name, formats)


def _archive(path: Path, formats: Sequence[Importer]) -> Iterator[Found]:
    """The conversations of an archive, read where they lie: a name within it never becomes a path."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MAX_FILES:
                yield LeftOut(path.name, f"the archive has too many files ({len(members):,})")
                return
            wanted = [each for each in members if CONVERSATIONS.fullmatch(each.filename.rpartition("/")[2])]
            if not wanted:
                yield LeftOut(path.name, "the archive contains no conversations.json")
            for member in sorted(wanted, key=lambda each: each.filename):
                yield from _member(archive, member, f"{path.name}:{member.filename}", formats)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        yield LeftOut(path.name, f"the archive can't be unpacked: {error}")


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, formats: Sequence[Importer]
) -> Iterator[Found]:
    parts = member.filename.replace("\\", "/").split("/")
    suspect = member.file_size > SUSPECT_BYTES and member.file_size > SUSPECT_RATIO * max(1, member.compress_size)
    if ".." in parts or parts[0] in ("", "~") or ":" in parts[0]:
        yield LeftOut(name, "its name points outside the archive")
    elif suspect or member.file_size > LARGEST_BYTES:
        yield LeftOut(name, f"it would unpack to {member.file_size:,} bytes, from {member.compress_size:,}")
    else:
        with archive.open(member) as file:
            yield from _conversations(file, name, formats)


def _conversations(file: Readable, name: str, formats: Sequence[Importer]) -> Iterator[Found]:
    """Each value of a JSON file that one of the formats takes for a conversation."""

    def whole(value: object) -> bool:
        return isinstance(value, dict) and any(each.recognises(value) for each in formats)

    number = 0
    for value in values(file, whole):
        if isinstance(value, Broken):
            yield LeftOut(name, value.why, f"conversation {value.number}")
            continue
        inner = value.get("conversations") if isinstance(value, dict) and not whole(value) else None
        for each in inner if isinstance(inner, list) else [value]:
            number += 1
            fitting = [one for one in formats if isinstance(each, dict) and one.recognises(each)]
            if fitting:
                yield fitting[0].read(each, name, number)
            else:
                yield LeftOut(
                    name,
                    f"it is not a conversation of {' or '.join(one.name for one in formats)}",
                    f"conversation {number}",
                )
    if not number:
        yield LeftOut(name, "it contains no conversation")
