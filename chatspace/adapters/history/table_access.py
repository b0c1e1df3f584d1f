"""What the parts of the store share."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from chatspace.adapters.history.database import Database
from chatspace.adapters.history.failures import is_taken
from chatspace.adapters.history.ids import Ids
from chatspace.adapters.history.process_locks import ProcessLocks
from chatspace.core.calls.usage import Usage

ID_ATTEMPTS = 8


class TableAccess:
    """Some of the tables, with what it takes to read and write them."""

    def __init__(self, database: Database, ids: Ids, owners: ProcessLocks) -> None:
        self._database = database
        self._ids = ids
        self._owners = owners

    def _insert_at_id(
        self, connection: sqlite3.Connection, table: str, values: Mapping[str, Any], *, at: int | None, above: int = 0
    ) -> int:
        """Insert a row and give its id: of the moment `at` in milliseconds (by default now), and greater than `above`.

        Another process may have taken the very id, so it is drawn again.
        """
        for attempt in range(ID_ATTEMPTS):
            id = self._ids.draw(at=at, above=above)
            try:
                insert(connection, table, {"id": id, **values})
            except sqlite3.IntegrityError as error:
                if not is_taken(error) or attempt == ID_ATTEMPTS - 1:
                    raise
            else:
                break
        return id


def insert(connection: sqlite3.Connection, table: str, values: Mapping[str, Any], then: str = "") -> None:
    """Insert a row; `then` is what follows in the statement, such as a conflict clause."""
    columns, places = ", ".join(values), ", ".join("?" * len(values))
    connection.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({places}) {then}", list(map(storable, values.values()))
    )


def storable(value: Any) -> Any:
    """A text without lone surrogates, which UTF-8 can't hold; anything else as it is."""
    if not isinstance(value, str) or value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value


USAGE_COLUMNS = ("input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens", "estimated")


def usage_values(usage: Usage | None) -> dict[str, int | None]:
    if usage is None:
        return dict.fromkeys(USAGE_COLUMNS)
    counts = (usage.input, usage.output, usage.reasoning, usage.cached, int(usage.estimated))
    return dict(zip(USAGE_COLUMNS, counts, strict=True))


def usage_of(row: sqlite3.Row) -> Usage:
    return Usage(
        input=row["input_tokens"],
        output=row["output_tokens"],
        reasoning=row["reasoning_tokens"],
        cached=row["cached_tokens"],
        estimated=bool(row["estimated"]),
    )
