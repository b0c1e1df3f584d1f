"""Owners: a process holds a lock on a file beside the database while it lives, and loses it however it dies."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


SUFFIX = ".lock"
HELD = (BlockingIOError, PermissionError)
"""What a lock that somebody else holds raises, by platform."""


class ProcessLocks:
    """The lock files in `folder`, one per living owner, each named after it. A name is never used twice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mutex = threading.Lock()
        self._own: tuple[str, int] | None = None

    def own(self) -> str:
        """The name of this owner, who is alive from now on. Raises OSError."""
        with self._mutex:
            while self._own is None:
                self._folder.mkdir(mode=0o700, exist_ok=True)
                self._own = self._take(f"{os.getpid()}-{os.urandom(8).hex()}")
            return self._own[0]

    def gone(self, name: str) -> bool:
        descriptor = self._try_lock(self._path(name))
        if descriptor is None:
            return not self._path(name).exists()
        os.close(descriptor)
        return True

    def remove_stale(self) -> None:
        """Remove the files of those who are gone."""
        for path in self._folder.glob(f"*{SUFFIX}"):
            descriptor = self._try_lock(path)
            if descriptor is not None:
                _remove(path, descriptor)

    def release(self) -> None:
        """Be gone. Calling `own` again makes another owner."""
        with self._mutex:
            if self._own is not None:
                name, descriptor = self._own
                self._own = None
                _remove(self._path(name), descriptor)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{SUFFIX}"

    def _take(self, name: str) -> tuple[str, int] | None:
        """None where a sweep came between making the file and locking it."""
        path = self._path(name)
        path.touch(mode=0o600)
        descriptor = self._try_lock(path)
        if descriptor is None:
            return None
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return name, descriptor
        os.close(descriptor)
        return None

    @staticmethod
    def _try_lock(path: Path) -> int | None:
        """The descriptor of the file, now locked by us; None where somebody holds it or it isn't there."""
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            _lock(descriptor)
        except HELD:
            os.close(descriptor)
            return None
        except OSError:
            os.close(descriptor)
            raise
        return descriptor


def _remove(path: Path, descriptor: int) -> None:
    """Unlink while the lock is held, so that nobody can take a file that is about to go; Windows wants it closed."""
    if sys.platform == "win32":
        os.close(descriptor)
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    if sys.platform != "win32":
        os.close(descriptor)
