"""Deleting for good: what is left of a conversation in the store, and in the bytes of its files."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.calls.call import Call
from chatspace.core.chat.conversation import ReplyEnd
from chatspace.core.document import Source
from chatspace.core.errors import StoreError
from chatspace.core.runs.run import StoredArtifact
from tests.adapters.history.conftest import check_index, start_reply
from tests.adapters.history.test_runs import record
from tests.conftest import ROOT
from tests.waiting import eventually

MARKER = "zyxembargo"
"""A word that stands in every text that has to go, and nowhere else."""

LETTER = "\ua641"
"""A letter that begins words of what has to go."""


def call(id: str) -> Call:
    return Call(id, f"key {MARKER}", "chat", "chat", "auto", "127.0.0.1", "complete", text=f"paid {MARKER}")


def left(path: Path, word: str = MARKER) -> set[str]:
    """The files of the store that still hold the word, in whatever case or piece of the index."""
    files = (path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm"))
    return {file.name for file in files if file.exists() and word.encode() in file.read_bytes().lower()}


def fill(path: Path) -> tuple[int, int]:
    """A conversation to keep and one to purge, with all that a conversation can have, by a program that has ended."""
    with Store(path) as store:
        kept, doomed = store.conversations.create("kept").id, store.conversations.create(f"On {MARKER}").id
        for number in range(40):
            store.messages.add(kept, None, "user", f"a long talk of the harbour, part {number} " * 30)
        store.conversations.set_tags(doomed, [MARKER])
        parent = None
        for number in range(40):
            parent = store.messages.add(doomed, parent, "user", f"{MARKER}{number} {MARKER} " * 50).id
        assert parent is not None
        reply = start_reply(store, doomed, parent)
        store.messages.append(reply, f"{MARKER} piece", f"{MARKER} thought")
        store.ledger.start(call("c1"), None, message=reply)
        store.ledger.finish(call("c1"))
        store.messages.finish_reply(reply, ReplyEnd("failed", text=f"{MARKER} cut", reasoning=MARKER, error=MARKER))
        store.prompts.save(doomed, f"unsent {MARKER}")
        store.runs.start("r1", Source("brief.md", f"# {MARKER}\n", f"sha256:{MARKER}"))
        store.runs.finish(record("r1"), [StoredArtifact("draft", f"{MARKER}.md", f"made of {MARKER}")])
        run = store.messages.start_reply(doomed, parent, step="draft", profile="p", model="m", host="h", run="r1")
        store.ledger.start(call("c2"), "r1")
        store.ledger.finish(call("c2"))
        store.messages.finish_reply(run.id, ReplyEnd("complete", text=f"draft of {MARKER}"))
        store.attachments.add(parent, Source("notes.md", f"notes on {MARKER}", f"sha256:notes-{MARKER}"))
        store.conversations.rename(doomed, f"Still on {MARKER}")
    return kept, doomed


def test_purging_takes_all_that_belongs_to_it_and_keeps_what_it_cost(store: Store, path: Path) -> None:
    kept, doomed = fill(path)
    store.purging.purge([doomed])
    assert store.conversations.get(doomed) is None
    assert store.messages.all(doomed) == []
    assert store.prompts.saved(doomed) == ""
    assert store.search.find(f"{MARKER} in:all") == []
    assert store.runs.get("r1") is None
    assert store.runs.artifacts("r1") == []
    assert len(store.search.find("harbour")) == 40
    assert store.conversations.get(kept) is not None
    check_index(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM calls").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM sources").fetchone() == (0,)


def test_no_byte_of_a_purged_text_is_left_in_the_files(store: Store, path: Path) -> None:
    _, doomed = fill(path)
    assert store.search.find(MARKER)
    assert left(path)
    store.purging.purge([doomed])
    assert left(path) == set()


def test_no_byte_is_left_while_another_program_has_the_file_open(store: Store, path: Path) -> None:
    _, doomed = fill(path)
    with Store(path) as other, closing(sqlite3.connect(path)) as third:
        assert other.search.find(MARKER)
        assert third.execute("SELECT count(*) FROM messages").fetchone()
        store.purging.purge([doomed])
        assert left(path) == set()
        assert other.search.find(MARKER) == []


def test_what_was_purged_before_is_not_in_what_is_written_later(store: Store, path: Path) -> None:
    kept, doomed = fill(path)
    store.conversations.delete(doomed)
    store.purging.purge([doomed])
    for number in range(20):
        store.messages.add(kept, None, "user", f"later {number}")
    assert left(path) == set()
    check_index(path)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Somebody who looks at the state before the purge."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM messages").fetchone()
        yield


def test_a_reader_of_the_old_state_is_told_of_and_a_later_purge_cleans_up(path: Path) -> None:
    _, doomed = fill(path)
    with Store(path, busy_seconds=0.2) as store:
        with reading(path), pytest.raises(StoreError, match="still contains") as failure:
            store.purging.purge([doomed])
        assert "history purge" in failure.value.remedy
        assert store.conversations.get(doomed) is None
        store.purging.purge([])
        assert left(path) == set()


def test_a_purge_while_a_reply_still_grows_is_refused_and_removes_nothing(store: Store, path: Path) -> None:
    kept, doomed = fill(path)
    question = store.messages.add(doomed, None, "user", "and now?")
    reply = start_reply(store, doomed, question.id)
    with pytest.raises(StoreError, match="still streaming"):
        store.purging.purge([kept, doomed])
    assert store.conversations.get(kept) is not None
    store.messages.append(reply, "the rest")
    store.messages.finish_reply(reply, ReplyEnd("complete", text="the rest"))
    store.purging.purge([kept, doomed])
    assert store.conversations.page() == []
    assert left(path) == set()


def test_what_a_program_that_is_gone_left_growing_can_be_purged(store: Store, path: Path) -> None:
    _, doomed = fill(path)
    with Store(path) as other:
        question = other.messages.add(doomed, None, "user", f"{MARKER}?")
        other.messages.append(start_reply(other, doomed, question.id), f"half {MARKER}")
    store.purging.purge([doomed])
    assert left(path) == set()


def test_of_words_that_others_share_nothing_is_left_that_was_only_in_what_went(store: Store, path: Path) -> None:
    """Neither an ending behind a shared beginning, nor a beginning, nor who else had the shared words."""
    kept, doomed = fill(path)
    for number in range(300):
        talk = doomed if number % 10 == 0 else kept
        own = f"harbour{number}qxqvj {LETTER}erm{number} {LETTER}" if talk == doomed else f"harbour{number}ly"
        store.messages.add(talk, None, "user", f"harbour winter {own} the noise of the pump " * (1 + number % 7))
        if number == 100:
            store.conversations.delete(doomed)
    assert left(path, "qxqvj")
    assert left(path, LETTER)
    store.purging.purge([doomed])
    assert not any(left(path, word) for word in (MARKER, "qxqvj", LETTER))
    assert pieces(path) == 1  # made after the deletes, it has no entry of what went
    assert len(store.search.find("harbour winter", limit=1_000)) == 270
    check_index(path)


def pieces(path: Path) -> int:
    """How many the index consists of."""
    with closing(sqlite3.connect(path)) as connection:
        [structure] = connection.execute("SELECT block FROM messages_fts_data WHERE id = 10").fetchone()
    return int(structure[5])


def test_nothing_is_left_in_a_large_index_that_others_write_to_meanwhile(store: Store, path: Path) -> None:
    """It is merged in several transactions, of which new pieces must not keep any."""
    kept, doomed = store.conversations.create("kept").id, store.conversations.create(MARKER).id
    chances = random.Random(1)
    store.messages.add(kept, None, "user", " ".join(chances.randbytes(32).hex() for _ in range(100_000)))
    store.messages.add(kept, None, "user", "a second piece, and one is made of both")
    store.purging.purge([])
    store.messages.add(doomed, None, "user", f"{MARKER} harbour")
    stop = threading.Event()

    def write() -> None:
        eventually(lambda: pieces(path) > 3 or stop.is_set())  # those that are merged, and what is made of them
        for number in range(3):
            store.messages.add(kept, None, "user", f"meanwhile {number}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        store.purging.purge([doomed])
    finally:
        stop.set()
        writer.join()
    assert left(path) == set()
    check_index(path)


def test_a_source_that_others_use_stays(store: Store, path: Path) -> None:
    shared = Source("brief.md", "# Brief\n", "sha256:shared")
    with Store(path) as other:
        talks = [other.conversations.create(name).id for name in ("one", "two")]
        for number, talk in enumerate(talks):
            user = other.messages.add(talk, None, "user", "/draft")
            other.runs.start(f"r{number}", shared)
            other.messages.start_reply(talk, user.id, step="draft", profile="p", model="m", host="h", run=f"r{number}")
    store.purging.purge(talks[:1])
    assert store.runs.source(shared.id) == shared
    assert [run.id for run in store.runs.page()] == ["r1"]
    store.purging.purge(talks[1:])
    assert store.runs.source(shared.id) is None


def test_purging_what_is_not_there_says_so(store: Store) -> None:
    store.conversations.create("memo")
    with pytest.raises(StoreError, match="entry not found"):
        store.purging.purge([1])


def test_other_threads_write_while_the_file_is_cleaned(store: Store, path: Path) -> None:
    kept, doomed = fill(path)
    failures: list[StoreError] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            try:
                store.messages.add(kept, None, "user", "meanwhile")
            except StoreError as failure:
                failures.append(failure)

    writer = threading.Thread(target=write)
    writer.start()
    store.purging.purge([doomed])
    stop.set()
    writer.join()
    assert failures == []
    store.purging.purge([])
    assert left(path) == set()
    check_index(path)


TWO = """
import sys
from pathlib import Path
from chatspace.adapters.history import Store
store = Store(Path(sys.argv[1]))
for number in range(12):
    talk = store.conversations.create(f"{sys.argv[2]} {number}").id
    for part in range(5):
        store.messages.add(talk, None, "user", f"word {sys.argv[2]} {part}")
    if number % 3 == 0:
        store.purging.purge([talk])
    elif number % 3 == 1:
        store.conversations.delete(talk)
        store.conversations.set_tags(talk, ["kept"])
store.close()
"""


def test_two_programs_delete_and_purge_side_by_side(path: Path) -> None:
    with Store(path) as store:
        store.conversations.page()
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", TWO, str(path), name],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    assert [program.communicate(timeout=120)[1] for program in programs] == ["", ""]
    with Store(path) as store:
        assert len(store.conversations.page()) == 8
        assert len(store.conversations.page(shelf="trash")) == 8
        assert len(store.search.find("word tag:kept in:trash", limit=100)) == 40
    check_index(path)


def test_the_source_of_a_purged_message_is_kept_for_one_that_waits(store: Store, path: Path) -> None:
    note = Source("notes.md", "notes", "sha256:notes")
    one, two = store.conversations.create("one").id, store.conversations.create("two").id
    for talk in (one, two):
        store.attachments.add(store.messages.add(talk, None, "user", "look").id, note)
    store.purging.purge([one])
    assert store.runs.source(note.id) == note
    assert [hit.conversation for hit in store.search.find("has:source")] == [two]
    check_index(path)
