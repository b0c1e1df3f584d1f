"""The database of llm, whose tables are others in each of its versions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote


def opened(path: Path) -> sqlite3.Connection:
    """The file, read as it stands and never written."""
    connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


class Database:
    """The tables that there are; a column or table that isn't there is as good as empty."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._by_response: dict[str, Mapping[str, Sequence[int]]] = {}
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'")
        self.columns: dict[str, set[str]] = {
            name: {row["name"] for row in connection.execute(f"PRAGMA table_info({quoted(name)})")}
            for name in [row["name"] for row in tables]
        }

    def has(self, table: str, *columns: str) -> bool:
        return table in self.columns and self.columns[table].issuperset(columns)

    def rows(self, sql: str, *values: object) -> Iterator[Mapping[str, Any]]:
        for row in self._connection.execute(sql, values):
            yield dict(row)

    def by_response(self, table: str) -> Mapping[str, Sequence[int]]:
        """The rows of each response: there is no index, so the table is gone through once."""
        if table not in self._by_response:
            found: dict[str, list[int]] = {}
            if self.has(table, "response_id"):
                for row in self.rows(f"SELECT rowid AS place, response_id FROM {table} ORDER BY rowid"):
                    found.setdefault(str(row["response_id"]), []).append(row["place"])
            self._by_response[table] = found
        return self._by_response[table]

    def count(self, table: str) -> int:
        return int(self._connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0])


def quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
