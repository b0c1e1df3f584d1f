"""The folders with the files that people edit: which file counts, and each parsed when it changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from chatspace.adapters.profiles.marked import read_text, wrong
from chatspace.adapters.profiles.validation import did_you_mean
from chatspace.core.errors import ConfigurationError

T = TypeVar("T")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file of which there is one per name."""

    word: str
    folder: str
    suffix: str


PROFILES = Kind("profile", "", ".md")
POLICIES = Kind("policy", "policies", ".yaml")
PIPELINES = Kind("pipeline", "pipelines", ".yaml")


class EditedFiles:
    """The files of `folders`; of those that have a name, the one of the first folder counts."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self._parsed: dict[Path, tuple[str, Any]] = {}

    def known(self, path: Path) -> Any:
        """What was made of a file when it was read last; None where it wasn't."""
        return self._parsed[path][1] if path in self._parsed else None

    def strays(self) -> Iterator[ConfigurationError]:
        """Files that look as if they should count and don't."""
        for kind in (PROFILES, POLICIES, PIPELINES):
            for path in self.of(kind):
                if path.suffix == kind.suffix and not NAME.fullmatch(path.stem):
                    yield wrong(
                        path, None, "", "its name is not valid", "Use only letters, digits, and . _ - in file names."
                    )
                if path.suffix == ".yml":
                    yield wrong(path, None, "", "files ending in .yml are ignored", "Rename it to .yaml.")

    def of(self, kind: Kind) -> Iterator[Path]:
        """The files of a kind, those of the first folder first."""
        for folder in self.folders:
            place = folder / kind.folder
            try:
                yield from sorted(path for path in place.iterdir() if not path.name.startswith(".") and path.is_file())
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise wrong(place, None, "", f"the folder can't be read: {error.strerror}") from error

    def found(self, kind: Kind) -> Mapping[str, Path]:
        """Each name, sorted, with the file that counts."""
        found: dict[str, Path] = {}
        for path in self.of(kind):
            if path.suffix == kind.suffix and NAME.fullmatch(path.stem):
                found.setdefault(path.stem, path)
        return dict(sorted(found.items()))

    def path(self, kind: Kind, name: str, found: Mapping[str, Path] | None = None) -> Path:
        found = self.found(kind) if found is None else found
        if name not in found:
            raise self.unknown(kind.word, name, found)
        return found[name]

    def unknown(self, word: str, name: str, known: Mapping[str, Any]) -> ConfigurationError:
        folders = ", ".join(map(str, self.folders))
        listed = f"Available: {', '.join(known)}." if known else f"None found in {folders}."
        return ConfigurationError(f"Unknown {word} {name!r}{did_you_mean(name, known)}", "", listed, field=word)

    def everywhere(self, file_name: str, load: Callable[[Path, str], T]) -> Iterator[T]:
        for folder in self.folders:
            path = folder / file_name
            if path.is_file():
                yield self.loaded(path, load)

    def loaded(self, path: Path, load: Callable[[Path, str], T]) -> T:
        text = read_text(path)
        known = self._parsed.get(path)
        if known is None or known[0] != text:
            known = self._parsed[path] = (text, load(path, text))
        loaded: T = known[1]
        return loaded
