"""The documents of a batch: what the paths stand for that somebody wrote."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from chatspace.core.errors import SourceError
from chatspace.core.ports import Reader
from chatspace.core.profiles.options import Options
from chatspace.core.text.safe import portable_name
from chatspace.core.workspace.batch_documents import FAILURES, RECORD, Document
from chatspace.core.workspace.outputs import REPORTS

MANIFESTS = (".csv", ".jsonl")
"""The endings of files that list documents instead of being one."""


class ManifestRow(Protocol):
    """A document as a manifest has it: its path, and what is said of it."""

    @property
    def path(self) -> Path: ...

    @property
    def values(self) -> Mapping[str, str | int]: ...


ReadManifest = Callable[[Path], Iterable[ManifestRow]]
"""The rows in their order. Raises ConfigurationError with the line."""


class Documents:
    """Finds the documents of a batch; a folder stands for the files in it that the reader knows by their suffix."""

    def __init__(self, read_manifest: ReadManifest, reader: Reader) -> None:
        self._read_manifest = read_manifest
        self._reader = reader

    def of(self, paths: Sequence[str], options: Options) -> list[Document]:
        """What files, folders, globs and manifests stand for, with the patience and the budget of a batch.

        Looks at a disk: to be called from a thread. Raises SourceError where nothing is, ConfigurationError for a
        manifest that is wrong.
        """
        try:
            return with_budget(list(self._found(paths, options)), options)
        except (OSError, ValueError) as error:  # a name that is too long, a pattern that is none
            raise SourceError(
                "The documents can't be listed", str(error), "Specify files, folders or globs."
            ) from error

    def _found(self, paths: Sequence[str], options: Options) -> Iterator[Document]:
        """A pattern that no shell has resolved is one here too."""
        plain: list[Path] = []
        names = _Names()
        for given in paths:
            path = Path(given).expanduser()
            if path.suffix.lower() in MANIFESTS and path.is_file():
                yield from self._listed(path, options, names)
            elif any(sign in given for sign in "*?[") and not path.exists():
                root = Path(path.anchor)
                found = sorted(root.glob(str(path.relative_to(root))))
                if not found:
                    raise SourceError(f"No files match {given}", remedy="Check the pattern and the folder.")
                plain += found
            else:
                plain.append(path)
        named = set(plain)
        for document in documents_in(plain, options, self._reader.suffixes(), names):
            if document.path in named or not _is_output(document.path):
                yield document

    def _listed(self, manifest: Path, options: Options, names: _Names) -> Iterator[Document]:
        """The rows of a manifest. A file that isn't there is that document's failure, and not the batch's."""
        for row in self._read_manifest(manifest):
            values: dict[str, Any] = dict(row.values)
            priority = values.pop("priority", 0)
            name = names.numbered(portable_name(row.path.stem or "document"))
            yield Document(row.path, name, replace(options, **values), priority)


class _Names:
    """Gives each document of a batch a folder of its own, the same at every start, on any file system."""

    def __init__(self) -> None:
        self._taken = {self._key(name) for name in (FAILURES, *REPORTS)}

    def numbered(self, name: str) -> str:
        """The name, with a number where another document has it."""
        number, found = 1, name
        while not self._take(found):
            number += 1
            found = f"{name}-{number}"
        return found

    def of(self, relative: Path, real: Path) -> str:
        """The name of a file below a folder, with a hash of its place where another document has it."""
        name = "/".join(map(portable_name, relative.with_suffix("").parts))
        if self._take(name):
            return name
        place = hashlib.sha256(str(real).encode("utf-8", "surrogateescape")).hexdigest()[:8]
        return self.numbered(f"{name}-{place}")

    def _take(self, name: str) -> bool:
        free = self._key(name) not in self._taken
        self._taken.add(self._key(name))
        return free

    @staticmethod
    def _key(name: str) -> str:
        """Equal for two names that some file systems take for one."""
        return unicodedata.normalize("NFC", name).casefold()


def documents_in(
    paths: Sequence[Path], options: Options, suffixes: Collection[str], names: _Names | None = None
) -> Iterator[Document]:
    """The documents that paths and folders stand for, each once; hidden files and folders are left out.

    Raises SourceError for a path that isn't there.
    """
    seen: set[Path] = set()
    names = names or _Names()
    for path in paths:
        if not path.exists():
            raise SourceError(f"{path}: no such file or folder", remedy="Specify files, folders, globs or a manifest.")
        root = path if path.is_dir() else path.parent
        for file in sorted(_files_below(path, suffixes)) if path.is_dir() else [path]:
            real = file.resolve()
            if real not in seen:
                seen.add(real)
                yield Document(file, names.of(file.relative_to(root), real), options)


def _files_below(folder: Path, suffixes: Collection[str]) -> Iterator[Path]:
    for file in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if not hidden and file.suffix.lower() in suffixes and file.is_file():
            yield file


def with_budget(documents: Sequence[Document], options: Options) -> list[Document]:
    """The documents with what the command says for all of them: patience and the budget."""
    return [replace(each, options=replace(each.options, unattended=True, budget=options.budget)) for each in documents]


MADE = {"draft.md": RECORD, "copy.md": RECORD, "report.md": FAILURES, "report.html": FAILURES}
"""The texts that a run or a batch writes, and what then stands beside them."""


def _is_output(path: Path) -> bool:
    """Whether a batch wrote it: where its folder is below that of the sources, it is no source at the next start."""
    beside = MADE.get(path.name)
    return beside is not None and (path.parent / beside).is_file()


def purse_of(output: Path) -> str:
    """The name of a batch's budget in the ledger: one for each folder, whoever goes on with it."""
    return f"batch {output.absolute()}"
