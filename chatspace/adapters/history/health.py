"""Looking whether the database is sound."""

from __future__ import annotations

import shutil
import sqlite3

from chatspace.adapters.history.table_access import TableAccess
from chatspace.core.reports.health import StoreHealth

OWNED = ("messages", "calls", "runs")
"""The tables whose rows belong to a process while it works on them."""

MAX_PROBLEMS = 5


class SqliteHealth(TableAccess):
    def check(self, *, full: bool = False) -> StoreHealth:
        check = "integrity_check" if full else "quick_check"
        with self._database.read() as connection:
            problems = [row[0] for row in connection.execute(f"PRAGMA {check}({MAX_PROBLEMS})")]
            named = " UNION ALL ".join(
                f"SELECT owner, count(*) AS rows FROM {table} WHERE owner IS NOT NULL GROUP BY owner" for table in OWNED
            )
            owned = connection.execute(named).fetchall()
        path = self._database.path
        return StoreHealth(
            damage=tuple(problem for problem in problems if problem != "ok"),
            index_sound=self._index_is_sound(),
            left_over=sum(row["rows"] for row in owned if self._owners.gone(row["owner"])),
            size=path.stat().st_size,
            free=shutil.disk_usage(path.parent).free,
        )

    def _index_is_sound(self) -> bool:
        """Whether the index of the search holds just the words of the messages."""
        with self._database.write() as connection:
            try:
                connection.execute("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)")
            except sqlite3.DatabaseError:
                return False
        return True
