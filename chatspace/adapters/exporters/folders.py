"""A folder that a command fills: what was written there, what somebody changed since, and what may be replaced.

The hash of each file as written stands in the folder's `run.json`. What that doesn't list (the files of a batch, files
that are just being written) stands in `.chatspace.json` beside them, before a file gets its name: a program that is
killed between two files leaves none that looks like somebody else's.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from chatspace.adapters.exporters.writing import read_file, write_file
from chatspace.core.errors import UsageError

RECORD = "run.json"
JOURNAL = ".chatspace.json"
JOURNAL_SCHEMA = "chatspace.files/1"
NO_HASH = f"sha256:{'0' * 64}"
"""What stands for the record's own hash while that is taken."""

_REMEDY = "Use --overwrite to replace the existing files, or choose another folder with -o."
_OWN_HASH = re.compile(rb'("run\.json": ")sha256:[0-9a-f]{64}(?=")')

Hashes = Mapping[str, Sequence[str]]
"""Of each file, by name, what it may hold: several hashes while it is being replaced."""


def hash_of(name: str, data: bytes) -> str:
    """The hash that is kept of a file; a record holds its own, which is left out of it."""
    if name == RECORD:
        data = _OWN_HASH.sub(rb"\g<1>" + NO_HASH.encode(), data)
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def with_own_hash(record: bytes) -> bytes:
    """A record with its hash in the place of NO_HASH."""
    return _OWN_HASH.sub(rb"\g<1>" + hash_of(RECORD, record).encode(), record)


class OutputFolder:
    """Fulfils ports.OutputFolder: `name` below `root`, which the user named and which may be a link itself.

    `originals` finds what was written there by other means, for folders of a version that kept no hashes.
    """

    def __init__(self, root: Path, name: str, originals: Callable[[], Mapping[str, bytes]]) -> None:
        self.path = root / name
        self._root = root
        self._find_originals = originals

    @cached_property
    def _originals(self) -> Mapping[str, bytes]:
        return {} if self._listed() else self._find_originals()

    def check(self, names: Iterable[str], *, overwrite: bool = False) -> None:
        listed = list(names)
        self._check_path()
        self._check_inside(self.path)
        for path in (self.path / name for name in (JOURNAL, *listed)):
            if path.is_symlink():
                self._check_inside(path)
        kept = [name for name in listed if not self._as_written(name)]
        if kept and not overwrite:
            raise self._kept(kept)

    def holds(self, names: Iterable[str]) -> bool:
        listed, pending = self._listed(), self._journal().get("pending")
        return all(
            (self.path / name).is_file() and (not pending or self._hash(name) in listed.get(name, ())) for name in names
        )

    def put(self, files: Mapping[str, bytes], *, overwrite: bool = False) -> None:
        if not files and not self._journal().get("pending"):
            return
        self.check(files, overwrite=overwrite)
        new = {name: hash_of(name, data) for name, data in files.items()}
        old = self._written(new)
        there = {**old, **new}
        either = {name: [*dict.fromkeys((old.get(name, each), each))] for name, each in there.items()}
        self._write_journal(either, pending=True)
        for name in sorted(files, key=RECORD.__eq__):
            self._put_one(name, files[name], overwrite=overwrite)
        listed = self._listed()
        self._write_journal({name: [each] for name, each in there.items() if each not in listed.get(name, ())})

    def _put_one(self, name: str, data: bytes, *, overwrite: bool) -> None:
        """Write one file, unless it stands there already; somebody may have changed it since all were checked."""
        path = self.path / name
        there = read_file(path)
        if there != data:
            self.check([name], overwrite=overwrite)
            write_file(path, data, overwrite=there is not None)

    def _written(self, names: Iterable[str]) -> Mapping[str, str]:
        """The hashes of what is there as it was written: these files, and others that earlier runs have left.

        A run without copy leaves the copy of the one before, which a later one may replace.
        """
        all_names = {*names, *self._known(), *self._originals}
        found = {name: self._hash(name) for name in all_names if self._as_written(name)}
        return {name: each for name, each in found.items() if each is not None}

    # Where it leads

    def _check_path(self) -> None:
        """Raises UsageError where a file stands in the place of the folder, or of one above it."""
        for folder in (self.path, *self.path.parents):
            if folder.exists() and not folder.is_dir():
                raise UsageError(
                    f"The folder {self.path} can't be created", f"{folder} is a file", "Choose another folder with -o."
                )
            if folder == self._root:
                return

    def _check_inside(self, path: Path) -> None:
        """Raises UsageError where a link leads out of the folder that the user named."""
        try:
            real, root = path.resolve(), self._root.resolve()
        except (OSError, RuntimeError) as error:  # links in a circle
            raise UsageError(f"{path} is a broken link", str(error), "Remove the link.") from error
        if not real.is_relative_to(root):
            raise UsageError(
                f"{path} points outside {self._root}",
                f"a link in the path points to {real}",
                "Remove the link, or use the folder it points to with -o.",
            )

    # What was written

    def _as_written(self, name: str) -> bool:
        """Whether nobody changed the file since; one that isn't there may be written."""
        data = read_file(self.path / name)
        if data is None:
            return True
        known = self._known().get(name)
        return hash_of(name, data) in known if known else self._originals.get(name) == data

    def _kept(self, names: Sequence[str]) -> UsageError:
        """Why files are left as they are."""
        known = {*self._known(), *(name for name, data in self._originals.items() if data)}
        edited = [name for name in names if name in known]
        listed = [str(self.path / name) for name in edited or names]
        verb = "were" if len(listed) > 1 else "was"
        what = "edited" if edited else "not written by chatspace"
        return UsageError(f"{', '.join(listed)} {verb} {what}", "nothing was replaced", _REMEDY)

    def _known(self) -> Hashes:
        journal, listed = self._journal()["files"], self._listed()
        return {name: [*listed.get(name, ()), *journal.get(name, ())] for name in {**listed, **journal}}

    def _listed(self) -> Hashes:
        """The hashes in the record."""
        files = _object(read_file(self.path / RECORD)).get("files")
        return {name: [each] for name, each in files.items()} if isinstance(files, dict) else {}

    def _journal(self) -> dict[str, Any]:
        found = _object(read_file(self.path / JOURNAL))
        return found if isinstance(found.get("files"), dict) else {"files": {}}

    def _write_journal(self, files: Hashes, *, pending: bool = False) -> None:
        path = self.path / JOURNAL
        if files:
            state = {"pending": True} if pending else {}
            data = json.dumps({"schema": JOURNAL_SCHEMA, **state, "files": files}, indent=2)
            write_file(path, f"{data}\n".encode(), overwrite=True)
        else:
            path.unlink(missing_ok=True)

    def _hash(self, name: str) -> str | None:
        data = read_file(self.path / name)
        return None if data is None else hash_of(name, data)


def _object(data: bytes | None) -> dict[str, Any]:
    """A JSON object; an empty one of what is none."""
    try:
        found = json.loads(data or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
