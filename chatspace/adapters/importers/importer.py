"""The registry of formats, and the importer that finds out which one a file has.

Nothing is unpacked to the disk, and no file is written.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatspace.adapters.importers import chatgpt, chatspace, claude, llm
from chatspace.adapters.importers.stream import Broken, Readable, values
from chatspace.core.chat.imported import Found, ImportedConversation, LeftOut
from chatspace.core.errors import SourceError, UsageError

CONVERSATIONS = re.compile(r"conversations([-_ ]?\d+)?\.jsonl?", re.IGNORECASE)
"""The files of an archive or folder that hold conversations."""

MAGIC_ZIP = b"PK\x03\x04"
MAX_FILES = 100_000
LARGEST_BYTES = 8 << 30
"""Of one file within an archive."""

SUSPECT_BYTES, SUSPECT_RATIO = 50 << 20, 150
"""What is larger than this and packed better than this is no talk but a trap."""


@dataclass(frozen=True, slots=True)
class Format:
    """A JSON format: what its conversations look like, and what reads one by its file and number."""

    recognises: Callable[[Mapping[str, Any]], bool]
    read: Callable[[Mapping[str, Any], str, int], ImportedConversation]


FORMATS: Mapping[str, Format] = {
    module.ORIGIN: Format(module.recognises, module.read) for module in (chatgpt, claude, chatspace)
}


class FileImporter:
    """Fulfils ports.Importer."""

    def formats(self) -> Sequence[str]:
        return (*FORMATS, llm.ORIGIN)

    def read(self, path: Path, format_name: str | None = None) -> Iterator[Found]:
        """What a file, an archive as it was downloaded, or a folder holds, one conversation after the other."""
        if format_name is not None and format_name not in self.formats():
            raise UsageError(f"There is no format {format_name}", remedy=f"Known: {', '.join(self.formats())}.")
        try:
            if not path.is_dir():
                yield from _file(path, format_name)
                return
            files = sorted(each for each in path.iterdir() if CONVERSATIONS.fullmatch(each.name))
            for file in files:
                yield from _file(file, format_name)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SourceError(f"{path} can't be read", reason.lower(), "Name an export that is there.") from error
        if not files:
            raise SourceError(f"{path} holds no export", "there is no conversations.json in it")


def _file(path: Path, format_name: str | None) -> Iterator[Found]:
    with path.open("rb") as file:
        start = file.read(len(llm.MAGIC))
        if start == llm.MAGIC:
            if format_name in (None, llm.ORIGIN):
                yield from llm.read(path)
            else:
                yield LeftOut(path.name, f"it is a database, not an export of {format_name}")
            return
        if format_name == llm.ORIGIN:
            yield LeftOut(path.name, "it is no SQLite database, which llm's is")
            return
        file.seek(0)
        if start.startswith(MAGIC_ZIP):
            yield from _archive(path, format_name)
        else:
            yield from _conversations(file, path.name, format_name)


def _archive(path: Path, format_name: str | None) -> Iterator[Found]:
    """The conversations of an archive, read where they lie: a name within it never becomes a path."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MAX_FILES:
                yield LeftOut(path.name, f"an archive of {len(members):,} files is not opened")
                return
            wanted = [each for each in members if CONVERSATIONS.fullmatch(each.filename.rpartition("/")[2])]
            if not wanted:
                yield LeftOut(path.name, "the archive holds no conversations.json")
            for member in sorted(wanted, key=lambda each: each.filename):
                yield from _member(archive, member, f"{path.name}:{member.filename}", format_name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        yield LeftOut(path.name, f"the archive can't be unpacked further: {error}")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, format_name: str | None) -> Iterator[Found]:
    parts = member.filename.replace("\\", "/").split("/")
    suspect = member.file_size > SUSPECT_BYTES and member.file_size > SUSPECT_RATIO * max(1, member.compress_size)
    if ".." in parts or parts[0] in ("", "~") or ":" in parts[0]:
        yield LeftOut(name, "its name leads out of the archive, which an export's doesn't")
    elif suspect or member.file_size > LARGEST_BYTES:
        yield LeftOut(name, f"it would unpack to {member.file_size:,} bytes, from {member.compress_size:,}")
    else:
        with archive.open(member) as file:
            yield from _conversations(file, name, format_name)


def _conversations(file: Readable, name: str, format_name: str | None) -> Iterator[Found]:
    """Each value of a JSON file that one of the formats takes for a conversation."""
    formats = {format_name: FORMATS[format_name]} if format_name else FORMATS

    def whole(value: object) -> bool:
        return isinstance(value, dict) and any(each.recognises(value) for each in formats.values())

    number = 0
    for value in values(file, whole):
        if isinstance(value, Broken):
            yield LeftOut(name, value.why, f"conversation {value.number}")
            continue
        inner = value.get("conversations") if isinstance(value, dict) and not whole(value) else None
        for each in inner if isinstance(inner, list) else [value]:
            number += 1
            fitting = [one for one in formats.values() if isinstance(each, dict) and one.recognises(each)]
            if fitting:
                yield fitting[0].read(each, name, number)
            else:
                yield LeftOut(name, f"it is no conversation of {' or '.join(formats)}", f"conversation {number}")
    if not number:
        yield LeftOut(name, "it holds no conversation")
