"""Taking over the conversations of other programs: each is stored whole or not at all, and none twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from chatspace.core.chat.imported import Filed, FiledImport, ImportedConversation, ImportReport, LeftOut
from chatspace.core.errors import SourceError
from chatspace.core.ports import Importer
from chatspace.core.registry import AnyImporter

Told = Callable[[str], None]
"""Gets a line on how far an import has come."""


def _nothing(line: str) -> None:
    """For those who don't listen."""


class ImportStore(Protocol):
    """Takes over conversations, none of them twice. Raises StoreError."""

    def add(self, found: ImportedConversation, *, dry_run: bool = False) -> FiledImport:
        """Store what isn't here yet of a conversation, all or nothing; with `dry_run` only say what that is."""
        ...


class Importing:
    """Every method blocks while it reads and stores: to be called from a thread where that matters."""

    def __init__(self, store: ImportStore, importer: Importer) -> None:
        self._store = store
        self._importer = importer

    def formats(self) -> Mapping[str, AnyImporter]:
        return self._importer.formats()

    def run(
        self,
        paths: Sequence[Path],
        format_name: str | None = None,
        *,
        dry_run: bool = False,
        tell: Told = _nothing,
        stop: Callable[[], bool] = bool,
    ) -> ImportReport:
        """Read every path and store what is new; with `dry_run` it is only counted.

        What can't be read is in the report. `stop` is asked before each conversation; what was stored by then stays,
        and the next import goes on from it. Raises StoreError.
        """
        filed: Counter[Filed] = Counter()
        omitted: Counter[str] = Counter()
        left_out: list[LeftOut] = []
        messages = 0
        for path in paths:
            try:
                for found in self._importer.read(path, format_name):
                    if stop():
                        return ImportReport(filed, messages, left_out, omitted, stopped=True)
                    if isinstance(found, LeftOut):
                        left_out.append(found)
                        continue
                    left_out += found.left_out
                    omitted.update(found.omitted)
                    done = self._file(found, path, left_out, dry_run)
                    if done:
                        filed[done.filed] += 1
                        messages += done.messages
                        tell(f"{path.name}: {sum(filed.values()):,} conversations, {messages:,} new messages")
            except SourceError as error:
                left_out.append(LeftOut(str(path), error.reason or error.title))
        return ImportReport(filed, messages, left_out, omitted)

    def _file(
        self, found: ImportedConversation, path: Path, left_out: list[LeftOut], dry_run: bool
    ) -> FiledImport | None:
        name = f"{found.title or 'untitled'} ({found.id})"
        if not found.messages:
            left_out.append(LeftOut(path.name, "it contains no messages", name))
            return None
        done = self._store.add(found, dry_run=dry_run)
        if done.filed == "trash":
            left_out.append(LeftOut(path.name, "it is in the trash and was not changed", name))
        return done
