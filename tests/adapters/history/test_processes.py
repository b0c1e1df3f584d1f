"""Several programs on one store, and what is left when one of them dies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from chatspace.adapters.history import Store
from chatspace.adapters.history.database import Database
from chatspace.adapters.history.ids import Ids
from chatspace.adapters.history.messages import SqliteMessages
from chatspace.adapters.history.process_locks import ProcessLocks
from chatspace.core.calls.call import Call
from chatspace.core.chat.conversation import ReplyEnd
from chatspace.core.document import Source
from tests.adapters.history.conftest import check_index, start_reply
from tests.conftest import ROOT

STREAM = """
import sys
from pathlib import Path
from chatspace.adapters.history import Store
from chatspace.core.calls.call import Call
from chatspace.core.document import Source
store = Store(Path(sys.argv[1]))
conversation = store.conversations.create("memo").id
user = store.messages.add(conversation, None, "user", "a question")
reply = store.messages.start_reply(conversation, user.id, step="chat", profile="chat", model="auto", host="h").id
store.runs.start("r1", Source("brief.md", "text", "sha256:1"))
store.ledger.start(Call("c1", "key", "chat", "chat", "auto", "h", "complete"), "r1")
for number in range(10_000_000):
    store.messages.append(reply, f"harbour{number} ", f"thought{number} ")
    print(number, flush=True)
"""

WRITE = """
import sys
from pathlib import Path
from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import ReplyEnd
sys.stdin.readline()
store = Store(Path(sys.argv[1]))
conversation = store.conversations.create(sys.argv[2]).id
for number in range(60):
    user = store.messages.add(conversation, None, "user", f"question {number}")
    reply = store.messages.start_reply(conversation, user.id, step="chat", profile="chat", model="auto", host="h").id
    store.messages.append(reply, "piece")
    store.messages.finish_reply(reply, ReplyEnd("complete", f"answer {number}"))
store.close()
"""


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_killed_programs_reply_is_recovered_with_all_its_pieces(path: Path) -> None:
    with start(STREAM, str(path)) as streaming:
        assert streaming.stdout is not None
        last = next(int(line) for line in streaming.stdout if int(line) == 25)
        with Store(path) as store:
            assert store.recover() == 0, "its owner is alive"
        streaming.kill()
    with Store(path) as store:
        assert store.recover() == 1
        assert store.recover() == 0
        [conversation] = store.conversations.page()
        question, reply = store.messages.thread(conversation.id)
        assert (question.text, question.status) == ("a question", "complete")
        assert (reply.status, bool(reply.error)) == ("interrupted", True)
        words = reply.text.split()
        assert words[: last + 1] == [f"harbour{number}" for number in range(last + 1)]
        assert len(reply.reasoning.split()) == len(words)
        assert [hit.message for hit in store.search.find(f"harbour{last} ")] == [reply.id]
        assert store.ledger.finished("key") is None
        run = store.runs.get("r1")
        assert run is not None
        assert (run.status, [call.outcome for call in run.calls]) == ("interrupted", ["interrupted"])
    check_index(path)
    assert list(path.parent.rglob("*.lock")) == []


def test_programs_that_start_at_once_make_one_database_and_write_side_by_side(path: Path) -> None:
    programs = [start(WRITE, str(path), str(number)) for number in range(3)]
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    outputs = [program.communicate(timeout=60) for program in programs]
    assert [errors for _, errors in outputs] == [""] * 3
    with Store(path) as store:
        assert store.recover() == 0
        conversations = store.conversations.page()
        assert [conversation.message_count for conversation in conversations] == [120] * 3
        for conversation in conversations:
            assert {message.status for message in store.messages.all(conversation.id)} == {"complete"}
    check_index(path)


def test_recovering_leaves_the_replies_of_a_living_program_alone(path: Path, source: Source) -> None:
    with Store(path) as one:
        conversation = one.conversations.create("memo").id
        user = one.messages.add(conversation, None, "user", "hello").id
        with Store(path) as two:
            of_two = start_reply(two, conversation, user)
            two.messages.append(of_two, "from two")
            of_one = start_reply(one, conversation, user)
            one.messages.append(of_one, "from one")
            assert one.recover() == two.recover() == 0
        assert one.recover() == 1
        statuses = {message.id: (message.status, message.text) for message in one.messages.all(conversation)}
        assert statuses[of_two] == ("interrupted", "from two")
        assert statuses[of_one] == ("streaming", "from one")
        one.messages.append(of_one, ", and on")
        assert one.messages.finish_reply(of_one, ReplyEnd("complete", text="from one, and on")).status == "complete"
    check_index(path)


def test_a_store_that_has_written_no_reply_owns_nothing(store: Store, path: Path) -> None:
    store.conversations.create("memo")
    assert not list(path.parent.rglob("*.lock"))


def test_the_file_of_an_owner_is_gone_when_the_store_is_closed(store: Store, path: Path) -> None:
    store.ledger.start(Call("c1", "key", "chat", "chat", "auto", "h", "complete"), None)
    assert len(list(path.parent.rglob("*.lock"))) == 1
    store.close()
    assert not list(path.parent.rglob("*.lock"))


class UnluckyIds(Ids):
    """Those of a process that draws each id three times."""

    def __init__(self) -> None:
        self.drawn = 0

    def draw(self, *, at: int | None = None, above: int = 0) -> int:
        self.drawn += 1
        return self.drawn // 3 + 1


def test_an_id_that_is_taken_is_drawn_again(store: Store, path: Path) -> None:
    conversation = store.conversations.create("memo").id
    database = Database(path)
    unlucky = SqliteMessages(database, UnluckyIds(), ProcessLocks(path.with_name("owners")))
    made = [unlucky.add(conversation, None, "user", str(number)).id for number in range(5)]
    database.close()
    assert made == [1, 2, 3, 4, 5]
    assert len(store.messages.all(conversation)) == 5
