"""The database file: a connection for each thread that reads and one for all writes, failures in a user's words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatspace.adapters.history.failures import explain, is_busy
from chatspace.adapters.history.schema import is_current, transaction
from chatspace.adapters.history.spacing import spaced
from chatspace.core.errors import StoreError

BUSY_SECONDS = 10.0
PRAGMAS = (
    "foreign_keys = ON",
    # Deleted text is overwritten on every platform, whatever its SQLite was built with.
    "secure_delete = ON",
)


Work = Callable[[sqlite3.Connection], object]

WRITER = None
"""Stands for no thread: whoever writes does it by the one connection that knows what was written last."""


class Database:
    """Opened by its first use in each thread. Every method but `close` raises StoreError.

    An event loop never waits for it: `guard` is called before each use, in the thread that asks, and may refuse it.
    """

    def __init__(
        self, path: Path, busy_seconds: float = BUSY_SECONDS, guard: Callable[[], None] = lambda: None
    ) -> None:
        self.path = path.absolute()
        self._guard = guard
        self._busy_seconds = busy_seconds
        self._handles: dict[threading.Thread | None, _Handle] = {}
        self._opening = threading.Lock()
        self._searching: set[sqlite3.Connection] = set()
        self._searching_lock = threading.Lock()
        self._writing = threading.RLock()
        self._joint: deque[_BatchedWrite] = deque()
        self._closed = False

    def open(self) -> None:
        """See whether it can be read, and make it where it isn't there."""
        with self.read():
            pass

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One snapshot, whatever others write meanwhile."""
        self._guard()
        with self._use(threading.current_thread()) as connection, transaction(connection, "BEGIN"):
            yield connection

    @contextlib.contextmanager
    def write(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction, rolled back by any exception.

        Once committed it outlives a killed process; a `durable` one also a power failure.
        """
        self._guard()
        with self._writing, self._use(WRITER) as connection:
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            # A transaction that turns from reading to writing fails at once where another process writes.
            with transaction(connection, "BEGIN IMMEDIATE"):
                yield connection

    def group_commit(self, work: Work, *, durable: bool) -> None:
        """Do the work as in `write`, in one transaction with all other work that waits here.

        Calls that end at the same time so wait for the disk once. Work that raises spoils nobody else's.
        """
        self._guard()
        mine = _BatchedWrite(work, durable)
        self._joint.append(mine)
        with self._writing:
            if not mine.done and not self._written(waiting := list(self._joint)):
                for each in waiting:
                    self._written([each])
        if mine.error:
            raise mine.error

    def _written(self, works: Sequence[_BatchedWrite]) -> bool:
        """Whether the first of those that wait are done with, all at once; one alone always is."""
        try:
            with self.write(durable=any(each.durable for each in works)) as connection:
                for each in works:
                    each.work(connection)
        except Exception as error:  # noqa: BLE001  # told to the one whose work it was
            if len(works) > 1:
                return False
            works[0].error = error
        for each in works:
            each.done = True
            self._joint.popleft()
        return True

    def compact(self) -> None:
        """Write the file anew, without free pages, and empty the log beside it.

        Other threads wait for it with their writes; other programs as long as they wait for any. Raises StoreError
        where somebody still reads the old state.
        """
        self._guard()
        with self._writing, self._use(WRITER) as connection:
            connection.execute("VACUUM")
            emptied = self._empty_log(connection)
        if not emptied:
            raise StoreError(
                "The file still contains the deleted data",
                f"another program is reading {self.path}, so its log can't be cleared",
                "Close that program and run `chatspace history purge` again.",
            )

    def _empty_log(self, connection: sqlite3.Connection) -> bool:
        """SQLite waits for readers, and not where another program does the same at this moment."""
        deadline = time.monotonic() + self._busy_seconds
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    @contextlib.contextmanager
    def search(self) -> Iterator[sqlite3.Connection]:
        """Reading that `interrupt` may end, with a StoreError."""
        with self.read() as connection:
            with self._searching_lock:
                self._searching.add(connection)
            try:
                yield connection
            finally:
                with self._searching_lock:
                    self._searching.discard(connection)

    def interrupt(self) -> None:
        """End the searches that run now, in whatever thread; never a write."""
        with self._searching_lock:
            for connection in self._searching:
                connection.interrupt()

    def close(self) -> None:
        """Close every connection, waiting for what it is doing. There is no way back."""
        self._closed = True
        self.interrupt()
        with self._opening:
            for handle in self._handles.values():
                handle.close()
            self._handles.clear()

    @contextlib.contextmanager
    def _use(self, thread: threading.Thread | None) -> Iterator[sqlite3.Connection]:
        try:
            handle = self._handle(thread)
            with handle.lock:
                if self._closed:
                    raise StoreError("The history is closed")
                yield handle.connection
        except sqlite3.ProgrammingError:
            raise
        except (sqlite3.Error, OSError, OverflowError) as error:
            raise explain(error, self.path) from error

    def _handle(self, thread: threading.Thread | None) -> _Handle:
        handle = self._handles.get(thread)
        if handle is None:
            with self._opening:
                for ended in [other for other in self._handles if other and not other.is_alive()]:
                    self._handles.pop(ended).close()
                if self._closed:
                    raise StoreError("The history is closed")
                handle = self._handles[thread] = _Handle(self._connect())
        return handle

    def _connect(self) -> sqlite3.Connection:
        make_private(self.path)
        connection = sqlite3.connect(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            connection.row_factory = sqlite3.Row
            connection.create_function("spaced", 1, spaced, deterministic=True)
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            current = is_current(connection, self.path)
            self._use_wal(connection)
            if not current:
                from chatspace.adapters.history.migrations import migrate  # loads sqlite-utils

                migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _use_wal(self, connection: sqlite3.Connection) -> None:
        """SQLite doesn't wait by itself where two programs make the switch at once."""
        deadline = time.monotonic() + self._busy_seconds
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return


@dataclass(slots=True)
class _BatchedWrite:
    """Work that may share its transaction with others."""

    work: Work
    durable: bool
    done: bool = False
    error: Exception | None = None


class _Handle:
    """A connection, with the lock that keeps it open while it is in use."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.lock = threading.RLock()

    def close(self) -> None:
        with self.lock:
            self.connection.close()


def make_private(path: Path) -> None:
    """Make the file, readable by its owner alone; SQLite gives its companions the same mode. Raises OSError."""
    if path.exists():
        if path.stat().st_mode & 0o077:
            for part in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
                with contextlib.suppress(OSError):  # somebody else's file stays as it is
                    part.chmod(0o600)
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Only a file that wasn't there: closing any other descriptor of it would drop SQLite's locks in this process.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
