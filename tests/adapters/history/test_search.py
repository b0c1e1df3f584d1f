"""Full-text search: what is found, in which order, and how it is shown."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatspace.adapters.history import Store
from chatspace.adapters.history.database import Database
from chatspace.adapters.history.snippets import WINDOW
from chatspace.core.chat.conversation import HIT_END, HIT_START
from chatspace.core.errors import StoreError
from tests.properties import examples
from tests.waiting import eventually

TEXTS = (
    "The Tern 4 heat pump takes the noise out of heating",
    "A café in the harbour, open in winter",
    "state-of-the-art heating for the harbour café",
)

WORDS = re.findall(r"\w+", " ".join(TEXTS))


def found(store: Store, query: str) -> list[str]:
    by_id = {message.id: message.text for message in store.messages.all(store.conversations.page()[0].id)}
    return [by_id[hit.message] for hit in store.search.find(query)]


def marked(text: str) -> str:
    return text.replace(HIT_START, "[").replace(HIT_END, "]")


def add(store: Store, *texts: str) -> list[int]:
    conversation = store.conversations.create("Launch").id
    return [store.messages.add(conversation, None, "user", text).id for text in texts]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("pump", [0]),
        ("PUMP noise", [0]),
        ("noise pump", [0]),
        ("harbour", [2, 1]),
        ("harb", [2, 1]),
        ("harb ", []),
        ("cafe", [2, 1]),
        ("CAFÉ", [2, 1]),
        ("cafe\u0301", [2, 1]),
        ("hea pump", []),
        ("pump hea", [0]),
        ('"heat pump"', [0]),
        ('"pump heat"', []),
        ('"heat pu"', []),
        ('"heat pump', [0]),
        ("state-of-the", [2]),
        ("of-state", []),
        ("harbour NOT winter", []),
        ("tern OR winter", []),
        ("text:pump", []),
        ("(pump)", [0]),
        ("pump !?", [0]),
        ("-- * ^ ()", []),
        ("", []),
        ('""', []),
    ],
)
def test_a_query_finds(store: Store, query: str, expected: list[int]) -> None:
    add(store, *TEXTS)
    assert found(store, query) == [TEXTS[index] for index in expected]


def test_a_hit_says_where_it_stands(store: Store) -> None:
    [id] = add(store, TEXTS[0])
    [hit] = store.search.find("pump")
    [conversation] = store.conversations.page()
    assert (hit.conversation, hit.message, hit.role, hit.title) == (conversation.id, id, "user", "Launch")
    assert marked(hit.snippet) == "The Tern 4 heat [pump] takes the noise out of heating"


def test_pages_hold_every_hit_once_newest_first(store: Store) -> None:
    ids = add(store, *(f"harbour {number}" for number in range(7)))
    seen: list[int] = []
    while page := store.search.find("harbour", limit=3, before=seen[-1] if seen else None):
        seen += [hit.message for hit in page]
    assert seen == ids[::-1]


def test_an_imported_message_stands_at_its_own_time(store: Store) -> None:
    conversation = store.conversations.create().id
    new = store.messages.add(conversation, None, "user", "harbour").id
    old = store.messages.add(conversation, None, "user", "harbour", created=datetime.now(UTC) - timedelta(days=9)).id
    assert [hit.message for hit in store.search.find("harbour")] == [new, old]


def test_by_rank_the_best_comes_first_page_by_page(store: Store) -> None:
    best, worst, middle = add(store, "tern tern tern", "tern " + "and something else " * 50, "a tern and a gull")
    hits = store.search.find("tern", by_rank=True)
    assert [hit.message for hit in hits] == [best, middle, worst]
    assert hits[0].score > hits[1].score > hits[2].score
    assert [hit.message for hit in store.search.find("tern", by_rank=True, limit=1, before=best)] == [middle]
    assert store.search.find("tern", by_rank=True, before=worst) == []


def test_the_snippet_of_a_long_text_stands_round_its_first_hit(store: Store) -> None:
    add(store, "word " * 300 + "the Café\n\n  by the sea " + "word " * 300)
    [hit] = store.search.find("cafe")
    assert "word the [Café] by the sea word" in marked(hit.snippet)
    assert hit.snippet.startswith("…word ")
    assert hit.snippet.endswith("…")
    assert len(hit.snippet) < 200


@pytest.mark.parametrize("position", [0, WINDOW - 3, WINDOW, 3 * WINDOW + 11, 1_000_000])
def test_the_hit_of_a_very_long_text_is_shown_wherever_it_is(store: Store, position: int) -> None:
    add(store, "x" * position + " harbour " + "y" * (1_000_100 - position))
    [hit] = store.search.find("harb")
    assert "[harbour]" in marked(hit.snippet)


def test_a_page_of_very_long_texts_still_gives_every_hit(store: Store) -> None:
    add(store, *["lorem ipsum " * 40_000 + "harbour"] * 6)
    assert len(store.search.find("harbour")) == 6


def test_the_marks_in_a_snippet_are_only_ours(store: Store) -> None:
    add(store, f"{HIT_START}tern{HIT_END} and {HIT_END} harbour")
    [hit] = store.search.find("harbour")
    assert (hit.snippet.count(HIT_START), hit.snippet.count(HIT_END)) == (1, 1)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("searched") / "chatspace.db") as store:
        add(store, *TEXTS)
        yield store


@examples(300)
@given(
    query=st.text(max_size=40) | st.text("\"*^:(){}+-,.\\/'& \0\ud800aANDORTNEéहि我", max_size=40),
    by_rank=st.booleans(),
)
@example('"' * 9, False)
@example("a" * 100_000, False)
@example("harbour " * 5_000, True)
@example("NEAR(harbour café, 2)", False)
@example("- col : *", False)
def test_no_query_fails(searched: Store, query: str, by_rank: bool) -> None:
    for hit in searched.search.find(query, by_rank=by_rank):
        assert hit.snippet.replace(HIT_START, "").replace(HIT_END, "").strip("…") in TEXTS


@examples(100)
@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
def test_what_is_found_holds_all_the_words(searched: Store, words: list[str]) -> None:
    expected = {text for text in TEXTS if all(word.lower() in text.lower() for word in words)}
    snippets = {
        hit.snippet.replace(HIT_START, "").replace(HIT_END, "") for hit in searched.search.find(" ".join(words) + " ")
    }
    assert snippets <= expected


def test_a_running_search_can_be_ended_from_another_thread(path: Path) -> None:
    database = Database(path)
    failures: list[StoreError] = []

    def search() -> None:
        try:
            with database.search() as connection:
                connection.execute(
                    "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
                )
        except StoreError as failure:
            failures.append(failure)

    def ended() -> bool:
        database.interrupt()
        return not searching.is_alive()

    searching = threading.Thread(target=search)
    searching.start()
    eventually(ended)
    assert "The search was stopped" in str(failures[0])
    database.close()


def test_an_interrupt_ends_no_write(store: Store) -> None:
    conversation = store.conversations.create().id
    stop = threading.Event()

    def interrupt() -> None:
        while not stop.is_set():
            store.search.interrupt()

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    try:
        for number in range(100):
            store.messages.add(conversation, None, "user", f"message {number}")
    finally:
        stop.set()
        interrupting.join()
    assert len(store.messages.all(conversation)) == 100
