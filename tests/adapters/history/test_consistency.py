"""Whatever is done, in whatever order: the index holds just the finished texts, and nothing is left over."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import ReplyEnd
from chatspace.core.errors import StoreError
from tests.adapters.history.conftest import check_index, start_reply
from tests.properties import examples

Thing = TypeVar("Thing")


class Life:
    """A store in use: each operation takes a number, which chooses what it works on, and a text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = Store(path)
        conversation = self.store.conversations.create().id
        message = self.store.messages.add(conversation, None, "user", "word").id
        self.conversations = [conversation]
        self.messages = [(conversation, message)]
        self.replies = [start_reply(self.store, conversation, message)]

    def create(self, number: int, text: str) -> None:
        self.conversations.append(self.store.conversations.create(text).id)

    def say(self, number: int, text: str) -> None:
        conversation = chosen(self.conversations, number)
        self.messages.append((conversation, self.store.messages.add(conversation, None, "user", f"word {text}").id))

    def answer(self, number: int, text: str) -> None:
        self.replies.append(start_reply(self.store, *chosen(self.messages, number)))

    def append(self, number: int, text: str) -> None:
        self.store.messages.append(chosen(self.replies, number), f"word {text}", text)

    def finish(self, number: int, text: str) -> None:
        self.store.messages.finish_reply(chosen(self.replies, number), ReplyEnd("stopped", text=f"word {text}"))

    def set_leaf(self, number: int, text: str) -> None:
        self.store.branches.set_leaf(*chosen(self.messages, number))

    def rename(self, number: int, text: str) -> None:
        self.store.conversations.rename(chosen(self.conversations, number), text)

    def tag(self, number: int, text: str) -> None:
        self.store.conversations.set_tags(chosen(self.conversations, number), text.split())

    def archive(self, number: int, text: str) -> None:
        self.store.conversations.archive(chosen(self.conversations, number), bool(number))

    def delete(self, number: int, text: str) -> None:
        self.store.conversations.delete(chosen(self.conversations, number))

    def restore(self, number: int, text: str) -> None:
        self.store.conversations.restore(chosen(self.conversations, number))

    def purge(self, number: int, text: str) -> None:
        self.store.purging.purge([chosen(self.conversations, number)])

    def crash(self, number: int, text: str) -> None:
        self.store.close()
        self.store = Store(self.path)
        self.store.recover()


def chosen(things: Sequence[Thing], number: int) -> Thing:
    return things[-1 - number % len(things)]


Step = tuple[Callable[[Life, int, str], None], int, str]
OPERATIONS = (
    Life.create,
    Life.say,
    Life.answer,
    Life.append,
    Life.finish,
    Life.set_leaf,
    Life.rename,
    Life.tag,
    Life.archive,
    Life.delete,
    Life.restore,
    Life.purge,
    Life.crash,
)
STEPS = st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 2), st.text(max_size=8)), max_size=30)
LEFT_OVER = """SELECT count(*) FROM message_chunks
               WHERE message NOT IN (SELECT id FROM messages WHERE status = 'streaming')"""
MISCOUNTED = """SELECT count(*) FROM conversations c
                WHERE message_count <> (SELECT count(*) FROM messages WHERE conversation = c.id)"""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "chatspace.db"
    with Store(path) as store:
        store.conversations.page()
    return path


@examples(60)
@given(steps=STEPS)
def test_the_index_is_sound_after_any_operations(empty: Path, steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chatspace.db"
        shutil.copy(empty, path)
        life = Life(path)
        for operation, number, text in steps:
            with contextlib.suppress(StoreError):  # what was deleted before can't be changed
                operation(life, number, text)
        life.store.close()
        check_index(path)
        with closing(sqlite3.connect(path)) as connection:
            for count in (LEFT_OVER, MISCOUNTED):
                assert connection.execute(count).fetchone() == (0,)
