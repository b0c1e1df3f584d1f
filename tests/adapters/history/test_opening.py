"""Opening the file: made privately, brought up to date, and every obstacle explained."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.adapters.history.failures import explain
from chatspace.adapters.history.migrations import migrations
from chatspace.adapters.history.schema import SCHEMA_VERSION
from chatspace.core.errors import StoreError
from tests.adapters.history.conftest import check_index, start_reply
from tests.conftest import Run

needs_modes = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")


def failure(path: Path, busy_seconds: float = 0.05) -> StoreError:
    with Store(path, busy_seconds=busy_seconds) as store, pytest.raises(StoreError) as caught:
        store.conversations.create("memo")
    assert all((caught.value.title, caught.value.reason, caught.value.remedy))
    return caught.value


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@needs_modes
def test_nobody_else_can_read_the_files(store: Store, path: Path) -> None:
    conversation = store.conversations.create("memo").id
    start_reply(store, conversation, store.messages.add(conversation, None, "user", "hello").id)
    assert mode(path.parent) == 0o700
    files = [file for file in path.parent.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} == {".db", ".db-wal", ".db-shm", ".lock"}
    assert {mode(file) for file in files} == {0o600}


@needs_modes
def test_a_file_that_others_could_read_is_closed_to_them(path: Path) -> None:
    with Store(path) as store:
        store.conversations.create("memo")
    path.chmod(0o644)
    with Store(path) as store:
        assert len(store.conversations.page()) == 1
        assert mode(path) == 0o600


def test_nothing_is_made_before_the_first_use(path: Path) -> None:
    Store(path).close()
    assert not path.parent.exists()


def test_the_version_counts_the_migrations(store: Store, path: Path) -> None:
    store.conversations.create("memo")
    assert len(migrations._migrations) == SCHEMA_VERSION
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_older_database_is_brought_up_to_date_with_all_it_holds(path: Path) -> None:
    with Store(path) as store:
        conversation = store.conversations.create("memo").id
        store.messages.add(conversation, None, "user", "harbour")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            DROP TABLE artifacts; DROP TABLE run_sources; DROP TABLE runs; DROP TABLE sources; DROP TABLE calls;
            DELETE FROM _sqlite_migrations WHERE name = 'runs';
            PRAGMA user_version = 2;
        """)
    with Store(path) as store:
        assert [hit.conversation for hit in store.search.find("harbour")] == [conversation]
        assert store.runs.page() == []
        assert store.ledger.finished("key") is None


def test_a_database_of_a_newer_version_is_left_alone(path: Path) -> None:
    with Store(path) as store:
        store.conversations.create("memo")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    error = failure(path)
    assert f"schema {SCHEMA_VERSION + 1}" in error.reason
    assert "newer version" in error.remedy


def test_another_programs_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE messages (a)")
    before = path.read_bytes()
    assert "belongs to another program" in failure(path).reason
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("Dear diary, " * 500)
    assert "CHATSPACE_HOME" in failure(path).remedy
    assert path.read_text() == "Dear diary, " * 500


def test_a_damaged_file_is_explained(path: Path) -> None:
    with Store(path) as store:
        conversation = store.conversations.create("memo").id
        for number in range(50):
            store.messages.add(conversation, None, "user", f"{number} " * 500)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    with Store(path) as store, pytest.raises(StoreError, match="damaged") as caught:
        store.messages.all(conversation)
    assert "CHATSPACE_HOME" in caught.value.remedy


def test_a_folder_in_the_place_of_the_file_is_explained(path: Path) -> None:
    path.mkdir(parents=True)
    assert str(path) in failure(path).reason


def test_a_file_in_the_place_of_the_folder_is_explained(path: Path) -> None:
    path.parent.write_text("")
    error = failure(path)
    assert str(path) in error.reason
    assert "CHATSPACE_HOME" in error.remedy


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="needs file modes")
@pytest.mark.parametrize("there", [False, True])
def test_a_read_only_folder_is_explained_and_keeps_what_it_holds(run_python: Run, there: bool) -> None:
    folder = Path(tempfile.mkdtemp())  # pytest's own folders can't be entered by the user that root becomes
    try:
        path = folder / "chatspace.db"
        if there:
            with Store(path) as store:
                store.conversations.create("memo")
            path.chmod(0o444)
        folder.chmod(0o555)
        done = run_python(
            """
import os, sys
from pathlib import Path
from chatspace.adapters.history import Store
import chatspace.adapters.history.migrations
from chatspace.core.errors import StoreError
if os.geteuid() == 0:
    os.setuid(65534)
try:
    Store(Path(sys.argv[1])).conversations.create("memo")
except StoreError as error:
    print(error.explained)
""",
            str(path),
        )
        assert done.stderr == ""
        assert str(path) in done.stdout
        assert "CHATSPACE_HOME" in done.stdout
        folder.chmod(0o700)
        if there:
            with Store(path) as store:
                assert [conversation.title for conversation in store.conversations.page()] == ["memo"]
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit to a file's size")
def test_a_full_disk_is_explained_and_loses_nothing(run_python: Run, path: Path) -> None:
    done = run_python(
        """
import resource, sys
from pathlib import Path
from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import ReplyEnd
from chatspace.core.errors import StoreError
store = Store(Path(sys.argv[1]))
conversation = store.conversations.create("memo").id
user = store.messages.add(conversation, None, "user", "hello")
reply = store.messages.start_reply(conversation, user.id, step="chat", profile="p", model="m", host="h").id
store.messages.append(reply, "so far")
largest = max(file.stat().st_size for file in Path(sys.argv[1]).parent.iterdir())
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
for write in (
    lambda: store.messages.append(reply, "x" * 100_000),
    lambda: store.messages.add(conversation, None, "user", "x" * 100_000),
    lambda: store.messages.finish_reply(reply, ReplyEnd("complete", "so far and " + "x" * 100_000)),
):
    try:
        write()
    except StoreError as error:
        print(error.explained)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
store.messages.append(reply, ", and on")
print(store.messages.thread(conversation)[-1].text)
""",
        str(path),
    )
    assert done.stderr == ""
    assert done.stdout.count("CHATSPACE_HOME") == 3
    assert done.stdout.endswith("so far, and on\n")
    check_index(path)


def test_no_space_is_told_apart(path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as full:
            connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    assert "no space left" in str(explain(full.value, path))


def test_a_lock_that_another_program_holds_for_long_is_explained(store: Store, path: Path) -> None:
    conversation = store.conversations.create("memo")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "busy" in failure(path).title
        assert store.conversations.page() == [conversation]
        other.execute("ROLLBACK")
    store.conversations.rename(conversation.id, "later")


def test_a_closed_store_says_so(store: Store) -> None:
    store.conversations.create("memo")
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.conversations.page()


def test_every_thread_writes_through_a_connection_of_its_own(store: Store, path: Path) -> None:
    conversation = store.conversations.create("memo").id
    failures: list[StoreError] = []

    def write(name: int) -> None:
        try:
            for number in range(20):
                store.messages.add(conversation, None, "user", f"{name} {number}")
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len({message.text for message in store.messages.all(conversation)}) == 120
    check_index(path)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files as Linux lists them")
def test_the_connections_of_ended_threads_are_closed(store: Store) -> None:
    def opened_by_another_thread() -> int:
        thread = threading.Thread(target=store.conversations.page)
        thread.start()
        thread.join()
        return len(list(Path("/proc/self/fd").iterdir()))

    store.conversations.page()
    first = opened_by_another_thread()
    assert max(opened_by_another_thread() for _ in range(10)) <= first


def test_opening_a_current_database_loads_nothing_heavy(run_python: Run, path: Path) -> None:
    with Store(path) as store:
        conversation = store.conversations.create("memo").id
        store.messages.add(conversation, None, "user", "hello")
    done = run_python(
        """
import sys
from pathlib import Path
from chatspace.adapters.history import Store
with Store(Path(sys.argv[1])) as store:
    store.recover()
    conversation = store.conversations.page()[0].id
    store.messages.add(conversation, None, "user", "again")
    assert len(store.search.find("hello")) == len(store.messages.thread(conversation)) == 1
    assert store.runs.page() == []
print(*sorted({name.partition(".")[0] for name in sys.modules}))
""",
        str(path),
    )
    heavy = "sqlite_utils pydantic click pluggy yaml jinja2 textual rich litellm openai markdown_it httpx asyncio"
    assert done.stderr == ""
    assert "sqlite3" in done.stdout.split()
    assert not set(heavy.split()) & set(done.stdout.split())
