"""Whose a database is and which schema it has, by two numbers in its header."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from chatspace.adapters.history.failures import ELSEWHERE
from chatspace.core.errors import StoreError

APPLICATION_ID = 0x43535043
SCHEMA_VERSION = 15
"""How many migrations there are; a database that has them all is opened without loading them."""


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def is_current(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the schema is the one this program knows; False where it has still to be made or brought up to date.

    Raises StoreError for a newer one and for another program's database.
    """
    with transaction(connection, "BEGIN"):  # one snapshot for the three questions
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        empty = connection.execute("SELECT NOT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]
    ours = application == APPLICATION_ID
    if not ours and not empty:
        raise StoreError(
            "Not a chatspace database",
            f"{path} belongs to another program",
            f"Move the file, or {ELSEWHERE}.",
        )
    if ours and version > SCHEMA_VERSION:
        raise StoreError(
            "The database is from a newer version of chatspace",
            f"{path} has schema {version}, this version supports {SCHEMA_VERSION}",
            f"Install the newer version, or {ELSEWHERE}.",
        )
    return bool(ours and version == SCHEMA_VERSION)
