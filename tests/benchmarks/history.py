"""The history at a million messages: searching, storing, listing and purging, beside the bare SQL in the same run.

Making the store takes minutes; `HISTORY_STORE=path` keeps it for the next run.
"""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from chatspace.adapters.history import Store
from chatspace.adapters.history.query import parse
from tests.benchmarks.conversations import MESSAGES_EACH, Speech, fill, vocabulary
from tests.benchmarks.report import Figure, p95

MESSAGES = 1_000_000
EACH = 20
"""How many different words of each kind are looked for."""

PAGE = 50
STORED = 200

BARE = """SELECT rowid FROM messages_fts WHERE messages_fts MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"""


def queries() -> Mapping[str, Sequence[str]]:
    """By kind; a blank at the end says that the last word is whole."""
    words, chances = vocabulary(), random.Random(3)

    def some(first: int, last: int) -> list[str]:
        return chances.sample(words[first:last], EACH)

    common, medium, rare = some(0, 60), some(500, 3_000), some(50_000, 150_000)
    pairs = list(zip(common, medium, strict=True))
    return {
        "common word": [f"{word} " for word in common],
        "medium word": [f"{word} " for word in medium],
        "rare word": [f"{word} " for word in rare],
        "two words": [f"{one} {two} " for one, two in pairs],
        "two common words": [f"{one} {two} " for one, two in zip(common, common[1:] + common[:1], strict=True)],
        "beginning of a word": [word[: chances.randint(1, 4)] for word in medium],
        "no such word": [f"{word}qx " for word in medium],
        "profile: and a word": [f"profile:storyteller {word} " for word in common],
        "model: and a word": [f"model:flash {word} " for word in medium],
        "tag: and a word": [f"tag:embargo {word} " for word in common],
        "title: and a word": [f"title:{two} {one} " for one, two in zip(common, rare, strict=True)],
        "title: of hundreds and a word": [f"title:{two} {one} " for one, two in zip(common, some(40, 90), strict=True)],
        "title: of thousands and a word": [f"title:{two} {one} " for one, two in zip(common, some(0, 30), strict=True)],
        "title: of thousands and two words": [f"title:{one} {one} {two} " for one, two in pairs],
        "role: and a word": [f"role:assistant {word} " for word in common],
        "role: and two words": [f"role:user {one} {two} " for one, two in pairs],
        "before: and a word": [f"before:2026-{1 + number % 12:02} {word} " for number, word in enumerate(common)],
        "after: and two words": [
            f"after:2025-{1 + number % 12:02} {one} {two} " for number, (one, two) in enumerate(pairs)
        ],
        "in:trash and a word": [f"in:trash {word} " for word in common],
        "in:all and two words": [f"in:all {one} {two} " for one, two in pairs],
        "three filters and two words": [f"role:user model:openai before:2026-06 {one} {two} " for one, two in pairs],
        "has:code, which none has": [f"has:code {word} " for word in common],
        "filter alone": ["tag:harbour", "profile:rewriter", "role:user", "in:archived", "before:2026", "has:source"],
    }


def run(runs: int) -> Sequence[Figure]:
    with _store() as path, Store(path) as store, closing(sqlite3.connect(path)) as bare:
        searched = [figure for kind, asked in queries().items() for figure in _searched(store, bare, kind, asked, runs)]
        return [*searched, *_stored(store, path), *_listed(store, path), _purged(store, path)]


@contextlib.contextmanager
def _store() -> Iterator[Path]:
    kept = os.environ.get("HISTORY_STORE")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(kept) if kept else Path(folder) / "history.db"
        if not path.exists():
            fill(path, MESSAGES)
        yield path


def _searched(store: Store, bare: sqlite3.Connection, kind: str, asked: Sequence[str], runs: int) -> Iterator[Figure]:
    """The first, cold round counts too."""

    def floor(query: str) -> object:
        parsed = parse(query)
        assert parsed is not None
        return bare.execute(BARE, (parsed.match, parsed.before, PAGE)).fetchall()

    found = [_milliseconds(store.search.find, query, limit=PAGE) for _ in range(runs) for query in asked]
    floors = [_milliseconds(floor, query) for _ in range(runs) for query in asked]
    for name, of, most in (("p50", statistics.median, 20.0), ("p95", p95, 100.0)):
        yield Figure(f"search, {kind}, {name}", of(found), floor=of(floors), beside="the bare SQL", most=most)
    ranked = [_milliseconds(store.search.find, query, limit=PAGE, by_rank=True) for _ in range(runs) for query in asked]
    yield Figure(f"search by rank, {kind}, p95", p95(ranked), most=300.0)


def _stored(store: Store, path: Path) -> Iterator[Figure]:
    """A whole message with its index, and the same text in a table without one."""
    speech = Speech(9)
    texts = [speech.text() for _ in range(STORED)]
    talk = store.conversations.create("measured").id
    stored = [_milliseconds(store.messages.add, talk, None, "user", text) for text in texts]
    with _beside(path) as beside, closing(sqlite3.connect(beside, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT)")
        insert = "INSERT INTO messages (text) VALUES (?)"
        floors = [_milliseconds(connection.execute, insert, (text,)) for text in texts]
    for name, of, most in (("p50", statistics.median, 5.0), ("p95", p95, None)):
        what = f"store a finished message with its index, {name}"
        yield Figure(what, of(stored), floor=of(floors), beside="a bare insert", most=most)


def _listed(store: Store, path: Path) -> Iterator[Figure]:
    conversations = store.conversations.page(limit=100)
    with _beside(path) as beside, Store(beside) as small:
        for conversation in conversations:
            small.conversations.create(conversation.title)
        for what, before in (("first", None), ("second", conversations[-1])):
            listed = [_milliseconds(store.conversations.page, limit=100, before=before) for _ in range(40)]
            floors = [_milliseconds(small.conversations.page, limit=100) for _ in range(40)]
            name = f"the {what} 100 of {MESSAGES // MESSAGES_EACH:,} conversations"
            yield Figure(name, statistics.median(listed), floor=statistics.median(floors), beside="of 100")


def _purged(store: Store, path: Path) -> Figure:
    """The whole file is written anew; the floor is that alone."""
    doomed = store.conversations.page(limit=1)[0].id
    purged = _milliseconds(store.purging.purge, [doomed]) / 1000
    with closing(sqlite3.connect(path)) as connection:
        vacuum = _milliseconds(connection.execute, "VACUUM") / 1000
    return Figure("purge a conversation", purged, "s", floor=vacuum, beside="VACUUM")


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file on the same disk."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        yield Path(folder) / "beside.db"


def _milliseconds(work: Callable[..., object], *arguments: object, **named: object) -> float:
    start = time.perf_counter()
    work(*arguments, **named)
    return (time.perf_counter() - start) * 1000
