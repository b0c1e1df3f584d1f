"""Sources that go along with messages, and prompts: unsent ones by program, and those that were sent."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import Attached, ReplyEnd, UnsentPrompt
from chatspace.core.document import Source
from tests.adapters.history.conftest import start_reply

OTHER = Source("other.md", "three words here\n", "sha256:2")


def ask(store: Store, text: str = "Read this", *sources: Source, conversation: int | None = None) -> int:
    conversation = conversation or store.conversations.create("memo").id
    return store.messages.add(conversation, None, "user", text, sources=sources).id


def test_sources_are_stored_with_their_message_in_order(store: Store, source: Source) -> None:
    conversation = store.conversations.create("memo").id
    message = store.messages.add(conversation, None, "user", "Read", sources=[OTHER, source])
    assert message.sources == (Attached(OTHER.id, "other.md", 3), Attached(source.id, "brief.md", 2))
    assert store.messages.thread(conversation)[0] == message
    assert store.attachments.of_messages([message.id, 1]) == {message.id: [OTHER, source]}


def test_a_source_can_be_attached_to_a_stored_message(store: Store, source: Source) -> None:
    message = ask(store, "Read", OTHER)
    store.attachments.add(message, source)
    assert store.attachments.of_messages([message]) == {message: [OTHER, source]}


def test_a_source_of_an_earlier_run_is_kept_once_and_counted(store: Store, source: Source) -> None:
    store.runs.start("r1", source)
    message = ask(store, "Read", source)
    assert store.attachments.of_messages([message]) == {message: [source]}


def test_purging_takes_the_sources_along(store: Store, path: Path, source: Source) -> None:
    secret = Source("secret.md", "the embargoed harbour", "sha256:3")
    doomed = store.conversations.create("doomed").id
    message = store.messages.add(doomed, None, "user", "Read", sources=[secret, source])
    ask(store, "Read", source)
    reply = start_reply(store, doomed, message.id)
    store.queue.add(reply, "later", profile=None, model=None, effort=None, sources=[OTHER])
    store.messages.finish_reply(reply, ReplyEnd("complete", text="Yes."))
    store.purging.purge([doomed])
    assert store.runs.source(secret.id) is None
    assert store.runs.source(OTHER.id) is None
    assert store.runs.source(source.id) == source, "another conversation has it too"
    store.close()
    assert b"embargoed" not in path.read_bytes()


def test_what_waits_keeps_its_sources_until_it_is_sent_or_taken_back(store: Store, source: Source) -> None:
    message = ask(store)
    conversation = store.conversations.page()[0].id
    reply = start_reply(store, conversation, message)
    queued = store.queue.add(reply, "And this", profile=None, model=None, effort=None, sources=[source])
    assert store.attachments.of_queued(queued.id) == [source]
    store.queue.remove(queued.id)
    assert store.attachments.of_queued(queued.id) == []
    assert store.runs.source(source.id) is None, "nothing refers to it"


def test_two_programs_keep_their_own_unsent_prompts(path: Path) -> None:
    with Store(path) as one, Store(path) as other:
        conversation = one.conversations.create("memo").id
        for where in (None, conversation):
            one.prompts.save(where, "mine")
            assert other.prompts.unsent(where) == UnsentPrompt()
            other.prompts.save(where, "yours")
            other.prompts.save(where, "")
            other.prompts.save(where, "yours again")
            assert (one.prompts.saved(where), other.prompts.saved(where)) == ("mine", "yours again")


def test_what_a_program_left_behind_goes_to_the_next_and_to_that_alone(path: Path) -> None:
    with Store(path) as gone:
        gone.prompts.save(None, "half a sentence", ["/tmp/brief.md"])
    with Store(path) as heir, Store(path) as third:
        assert heir.prompts.unsent(None) == UnsentPrompt("half a sentence", ("/tmp/brief.md",))
        assert third.prompts.unsent(None) == UnsentPrompt()
        heir.prompts.save(None, "")
        assert heir.prompts.unsent(None) == UnsentPrompt()


def test_none_of_several_left_behind_is_lost(path: Path) -> None:
    with Store(path) as one, Store(path) as two:
        one.prompts.save(None, "first")
        two.prompts.save(None, "second")
    seen = set()
    for _ in range(2):
        with Store(path) as heir:
            seen.add(heir.prompts.saved(None))
            heir.prompts.save(None, "")
    assert seen == {"first", "second"}


def test_former_prompts_come_by_the_page_newest_first(store: Store) -> None:
    here = store.conversations.create("here").id
    for number in range(7):
        ask(store, f"prompt {number}", conversation=here if number % 2 else None)
    first = store.prompts.sent(limit=3)
    assert [each.text for each in first] == ["prompt 6", "prompt 5", "prompt 4"]
    assert [each.text for each in store.prompts.sent(limit=9, before=first[-1].message)] == [
        "prompt 3",
        "prompt 2",
        "prompt 1",
        "prompt 0",
    ]
    assert [each.text for each in store.prompts.sent(here=here, limit=2)] == ["prompt 5", "prompt 3"]
    assert [each.text for each in store.prompts.sent(elsewhere=here)] == [
        "prompt 6",
        "prompt 4",
        "prompt 2",
        "prompt 0",
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [("ÜBER", 1), ("harb quiet", 1), ("nothing", 0), ("%", 0), ("c++", 1), ("", 4)],
)
def test_former_prompts_are_found_by_parts_of_words(store: Store, words: str, found: int) -> None:
    for text in ("Über die Brücke", "A quiet harbour", "What is C++?", "Three titles"):
        ask(store, text)
    assert len(store.prompts.sent(containing=words)) == found


def test_former_prompts_are_neither_replies_nor_what_screens_ask_nor_in_the_trash(store: Store) -> None:
    conversation = store.conversations.create("memo").id
    message = store.messages.add(conversation, None, "user", "typed")
    store.messages.add(conversation, message.id, "assistant", "answered")
    store.messages.add(conversation, message.id, "user", "a passage to rewrite", step="rewrite")
    ask(store, "put away")
    store.conversations.delete(
        store.conversations.page(limit=1)[0].id if store.conversations.page()[0].id != conversation else conversation
    )
    assert [each.text for each in store.prompts.sent()] == ["typed"]


def test_looking_through_all_prompts_reads_while_others_write(store: Store) -> None:
    """The search holds a snapshot, not a lock."""
    ask(store, "one")
    writer = threading.Thread(target=ask, args=(store, "two"))
    writer.start()
    assert store.prompts.sent(containing="one")
    writer.join()
    assert len(store.prompts.sent()) == 2
