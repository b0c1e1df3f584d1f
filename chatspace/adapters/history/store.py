"""The store: conversations, ledger and runs in one SQLite database, which several programs may share."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from chatspace.adapters.history.attachments import SqliteAttachments
from chatspace.adapters.history.branches import SqliteBranches
from chatspace.adapters.history.comparisons import SqliteComparisons
from chatspace.adapters.history.conversations import SqliteConversations
from chatspace.adapters.history.database import BUSY_SECONDS, Database
from chatspace.adapters.history.health import OWNED, SqliteHealth
from chatspace.adapters.history.ids import Ids
from chatspace.adapters.history.imports import SqliteImports
from chatspace.adapters.history.ledger import SqliteLedger
from chatspace.adapters.history.messages import SqliteMessages
from chatspace.adapters.history.openings import SqliteOpenings
from chatspace.adapters.history.process_locks import ProcessLocks
from chatspace.adapters.history.prompts import SqlitePrompts
from chatspace.adapters.history.purging import SqlitePurging
from chatspace.adapters.history.queue import SqliteQueue
from chatspace.adapters.history.reporting import SqliteReporting
from chatspace.adapters.history.rewrites import SqliteRewrites
from chatspace.adapters.history.runs import SqliteRuns
from chatspace.adapters.history.search import SqliteSearch
from chatspace.adapters.history.spending import abandoned, write_off
from chatspace.adapters.history.variants import SqliteVariants


class Store:
    """Every part of the store, for any number of threads.

    The file is opened by the first use, and made where it isn't there. Every method raises StoreError.
    """

    def __init__(self, file: Path | Database, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """`busy_seconds` is how long a write waits for another program's."""
        database = file if isinstance(file, Database) else Database(file, busy_seconds)
        path = database.path
        self._database, self._owners = database, ProcessLocks(path.with_name(f"{path.name}.owners"))
        tables = database, Ids(), self._owners
        self.conversations = SqliteConversations(*tables)
        self.messages = SqliteMessages(*tables)
        self.branches = SqliteBranches(*tables)
        self.queue = SqliteQueue(*tables)
        self.search = SqliteSearch(*tables)
        self.purging = SqlitePurging(*tables)
        self.ledger = SqliteLedger(*tables)
        self.runs = SqliteRuns(*tables)
        self.openings = SqliteOpenings(*tables)
        self.variants = SqliteVariants(*tables)
        self.comparisons = SqliteComparisons(*tables)
        self.rewrites = SqliteRewrites(*tables)
        self.attachments = SqliteAttachments(*tables)
        self.imports = SqliteImports(*tables)
        self.prompts = SqlitePrompts(*tables)
        self.reporting = SqliteReporting(*tables)
        self.health = SqliteHealth(*tables)

    def recover(self) -> int:
        """Mark what processes that are gone left unfinished as interrupted; gives how many replies.

        The text that had come is theirs, and is found by a search from now on. What was put aside for their calls is
        spent.
        """
        with self._database.read() as connection:
            named = " UNION ".join(f"SELECT owner FROM {table} WHERE owner IS NOT NULL" for table in OWNED)
            owners = [row["owner"] for row in connection.execute(named)]
            gone = [owner for owner in owners if self._owners.gone(owner)]
            dead = abandoned(connection, self._owners.gone)
            self._owners.remove_stale()
        replies = 0
        if gone or dead:
            with self._database.write() as connection:
                write_off(connection, dead)
                replies = self.messages.interrupt(connection, gone)
                places = ", ".join("?" * len(gone))
                for table in ("calls", "runs"):
                    connection.execute(f"UPDATE {table} SET owner = NULL WHERE owner IN ({places})", gone)
        return replies

    def close(self) -> None:
        """Let go of the file; what is still growing is then as good as left by a process that is gone."""
        self._database.close()
        self._owners.release()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
