"""A store on a real file, and what tells whether its index is sound."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.adapters.history.spacing import spaced
from chatspace.core.document import Origin, Source


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "chatspace.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as store:
        yield store


@pytest.fixture
def source() -> Source:
    return Source("brief.md", "# Brief\n", "sha256:1", origins=(Origin(0, "page 1"),), warnings=("read as cp1252",))


def check_index(path: Path) -> None:
    """Raises sqlite3.DatabaseError where the database is damaged or the index doesn't hold just the finished texts."""
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function("spaced", 1, spaced)
        connection.execute("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)")
        connection.rollback()
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def start_reply(store: Store, conversation: int, parent: int) -> int:
    return store.messages.start_reply(
        conversation, parent, step="chat", profile="chat", model="auto", host="127.0.0.1"
    ).id
