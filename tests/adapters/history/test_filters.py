"""Searching by more than the words: filters, titles, shelves, scripts without blanks; and all of it beside a model."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.history import Store
from chatspace.adapters.history.database import Database
from chatspace.adapters.history.query import parse
from chatspace.adapters.history.search import LISTED, NAMED_IN_INDEX, RANKED
from chatspace.core.chat.conversation import HIT_END, HIT_START, ReplyEnd
from chatspace.core.document import Source
from tests.adapters.history.conftest import check_index
from tests.properties import examples

NOW = datetime(2026, 3, 12, 15, 30).astimezone()


def marked(text: str) -> str:
    return text.replace(HIT_START, "[").replace(HIT_END, "]")


def reply(store: Store, conversation: int, parent: int, text: str, profile: str, model: str) -> int:
    id = store.messages.start_reply(conversation, parent, step="chat", profile=profile, model=model, host="h").id
    return store.messages.finish_reply(id, ReplyEnd("complete", text=text)).id


def texts(store: Store, query: str) -> list[str]:
    return [marked(hit.snippet).replace("[", "").replace("]", "") for hit in store.search.find(query)]


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A launch and a story in sight, a memo in the archive, a plan in the trash."""
    with Store(tmp_path_factory.mktemp("filed") / "chatspace.db") as store:
        launch = store.conversations.create("Launch of the Tern").id
        asked = store.messages.add(launch, None, "user", "noise of the pump", created=NOW - timedelta(days=400))
        reply(store, launch, asked.id, "noise: ```low```", "balanced-drafter", "openai/gpt-4.1")
        store.conversations.set_tags(launch, ["Spring Sale", "tern"])
        story = store.conversations.create("A story").id
        asked = store.messages.add(story, None, "user", "noise in the harbour")
        store.attachments.add(asked.id, Source("notes.md", "notes", "sha256:1"))
        reply(store, story, asked.id, "noise and gulls", "storyteller", "gemini/flash")
        memo = store.conversations.create("Memo").id
        store.messages.add(memo, None, "user", "noise in the archive")
        store.conversations.archive(memo)
        plan = store.conversations.create("Plan").id
        store.messages.add(plan, None, "user", "noise in the trash")
        store.conversations.archive(plan)
        store.conversations.delete(plan)
        yield store


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("noise", ["noise and gulls", "noise in the harbour", "noise: ```low```", "noise of the pump"]),
        ("profile:storyteller", ["noise and gulls"]),
        ("noise profile:drafter", ["noise: ```low```"]),
        ("profile:balanced-drafter noise", ["noise: ```low```"]),
        ("model:gpt-4.1", ["noise: ```low```"]),
        ("model:openai/gpt-4.1", ["noise: ```low```"]),
        ("model:gpt-5", []),
        ("tag:tern", ["noise: ```low```", "noise of the pump"]),
        ("TAG:TERN pump", ["noise of the pump"]),
        ('tag:"spring sale" pump', ["noise of the pump"]),
        ("tag:tern tag:spring", ["noise: ```low```", "noise of the pump"]),
        ("tag:harbour", []),
        ("role:user", ["noise in the harbour", "noise of the pump"]),
        ("role:assistant noise", ["noise and gulls", "noise: ```low```"]),
        ("has:source", ["noise in the harbour"]),
        ("has:code", ["noise: ```low```"]),
        ("in:archived", ["noise in the archive"]),
        ("in:archive noise", ["noise in the archive"]),
        ("in:trash", ["noise in the trash"]),
        ("archive trash in:all", []),
        ("title:tern", ["noise: ```low```", "noise of the pump"]),
        ('title:"the tern" role:user', ["noise of the pump"]),
        ("title:story gulls", ["noise and gulls"]),
        ("title:nothing noise", []),
        ("launch", ["noise of the pump"]),
        ("launch pump", ["noise of the pump"]),
        ("before:2025-06 noise", ["noise of the pump"]),
        ("after:2025-06 noise", ["noise and gulls", "noise in the harbour", "noise: ```low```"]),
        ("in:all before:2000", []),
        ("tag:", []),
        ("tag:tern has:", ["noise: ```low```", "noise of the pump"]),
        ("role:boss", []),
        ("before:soon", []),
        ("in:drawer noise", []),
        ("sla:fast", []),
        ('"tag:tern"', []),
        ("tag:ter", ["noise: ```low```", "noise of the pump"]),
        ("tag:ter ", []),
    ],
)
def test_a_filter_narrows_down(filed: Store, query: str, expected: list[str]) -> None:
    assert texts(filed, query) == expected


def test_all_shelves_are_looked_through_together(filed: Store) -> None:
    assert len(filed.search.find("noise in:all")) == 6


@pytest.mark.parametrize(
    ("query", "after", "before"),
    [
        ("after:2026-03-12", NOW.replace(hour=0, minute=0), None),
        ("after:2026-03 after:2025", datetime(2026, 3, 1), None),
        ("before:2026", None, datetime(2026, 1, 1)),
        ("after:yesterday before:today", NOW.replace(day=11, hour=0, minute=0), NOW.replace(hour=0, minute=0)),
    ],
)
def test_a_date_is_the_start_of_the_users_own_day(query: str, after: datetime | None, before: datetime | None) -> None:
    parsed = parse(query, NOW)
    assert parsed is not None
    for bound, moment in ((parsed.after, after), (parsed.before, before)):
        if moment:
            assert bound >> 20 == round(moment.timestamp() * 1000)


TALK = "INSERT INTO conversations (id, title, created, updated) VALUES (?, ?, 0, 0)"
SAID = """INSERT INTO messages (id, conversation, parent, role, created, status, step, text)
          VALUES (?, ?, ?, 'user', 0, 'complete', 'chat', ?)"""


@pytest.fixture(scope="module")
def weekly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """More titles than are listed; of their two messages the second speaks of a harbour, and every tenth of gulls."""
    path = tmp_path_factory.mktemp("weekly") / "chatspace.db"
    with Store(path) as store:
        store.conversations.page()
        titles = ["Weekly notes", "Daily notes"] * (LISTED + 10)
        titles[: 4 * NAMED_IN_INDEX : 2] = ["Yearly notes"] * (2 * NAMED_IN_INDEX)
        with contextlib.closing(Database(path)) as database, database.write() as connection:
            for number, title in enumerate(titles, 1):
                id, gulls = number << 20, " gulls" * (number % 10 == 0 or number % 10 == 1)
                connection.execute(TALK, (id, title))
                connection.execute(SAID, (id + 1, id, None, f"part {number}"))
                connection.execute(SAID, (id + 2, id, id + 1, f"harbour{gulls}"))
        yield store


@pytest.mark.parametrize("by_rank", [False, True])
@pytest.mark.parametrize("limit", [50, 100_000])
@pytest.mark.parametrize(
    ("query", "titles", "every"),
    [
        ("title:daily harbour ", LISTED + 10, 1),
        ("title:daily gulls ", LISTED + 10, 5),
        ("title:notes gulls ", 2 * LISTED + 20, 5),
        ("title:yearly gulls ", 2 * NAMED_IN_INDEX, 5),
        ("title:yearly part ", 2 * NAMED_IN_INDEX, 1),
    ],
)
def test_a_title_that_many_conversations_have_is_found_in_each(
    weekly: Store, query: str, titles: int, every: int, limit: int, by_rank: bool
) -> None:
    hits = weekly.search.find(query, limit=limit, by_rank=by_rank)
    word = query.split(":")[1].split()[0]
    assert len(hits) == len({hit.message for hit in hits}) == min(limit, titles // every, RANKED if by_rank else limit)
    assert all(word in hit.title.lower() for hit in hits)
    assert by_rank or [hit.message for hit in hits] == sorted((hit.message for hit in hits), reverse=True)


def test_a_title_looks_through_the_whole_of_each_conversation_page_by_page(weekly: Store) -> None:
    seen: list[int] = []
    while page := weekly.search.find("title:yearly", limit=300, before=seen[-1] if seen else None):
        seen += [hit.message for hit in page]
    assert len(seen) == len(set(seen)) == 4 * NAMED_IN_INDEX


def test_without_words_the_best_are_the_newest(filed: Store) -> None:
    assert filed.search.find("role:user in:all", by_rank=True) == filed.search.find("role:user in:all")


def test_a_renamed_conversation_is_found_by_its_new_title_alone(store: Store, path: Path) -> None:
    talk = store.conversations.create("Harbour").id
    store.messages.add(talk, None, "user", "hello")
    store.conversations.rename(talk, "The quiet winter")
    [hit] = store.search.find("quiet")
    assert marked(hit.marked_title) == "The [quiet] winter"
    assert store.search.find("harbour") == []
    check_index(path)


@pytest.mark.parametrize(
    ("text", "query", "snippet"),
    [
        ("我喜欢安静的热泵", "安静", "我喜欢[安静]的热泵"),
        ("我喜欢安静的热泵", "静安", None),
        ("我喜欢安静的热泵", "热泵 喜欢", "我[喜欢]安静的[热泵]"),
        ("GPT模型很安静", "gpt", "[GPT]模型很安静"),
        ("GPT模型很安静", "gpt模型", "[GPT模型]很安静"),
        ("静かな冬のヒートポンプ", "ヒート", "静かな冬の[ヒート]ポンプ"),
        ("静かな冬のヒートポンプ", "冬", "静かな[冬]のヒートポンプ"),
        ("조용한 겨울", "겨울", "조용한 [겨울]"),
        ("조용한 겨울", "조용", "[조용한] 겨울"),
    ],
)
def test_words_of_scripts_without_blanks_are_found(store: Store, text: str, query: str, snippet: str | None) -> None:
    talk = store.conversations.create("memo").id
    store.messages.add(talk, None, "user", text)
    assert [marked(hit.snippet) for hit in store.search.find(query)] == ([snippet] if snippet else [])


def test_an_excerpt_keeps_its_lines_and_marks_every_hit(store: Store) -> None:
    talk = store.conversations.create("memo").id
    message = store.messages.add(talk, None, "user", "# Tern\n\n- a tern\n- a gull").id
    assert marked(store.search.excerpt("tern", message)) == "# [Tern]\n\n- a [tern]\n- a gull"
    assert store.search.excerpt("tern", 1) == ""


# Beside a model: whatever is done, a search finds what a plain look through everything finds.

WORDS = ("tern", "gull", "harbour")
TAGS = ("north", "south")


@dataclass
class Talk:
    id: int
    title: str
    tags: tuple[str, ...] = ()
    archived: bool = False
    deleted: bool = False
    messages: list[tuple[int, int | None, str, str | None]] = field(default_factory=list)
    """Each with its id, its parent, its text, and its profile where it is a reply."""


Move = tuple[str, int, int, str]
MOVES = st.lists(
    st.tuples(
        st.sampled_from(("begin", "say", "answer", "rename", "tag", "archive", "delete", "restore", "purge")),
        st.integers(0, 5),
        st.integers(0, 5),
        st.sampled_from(WORDS),
    ),
    min_size=1,
    max_size=25,
)
QUERIES = st.tuples(
    st.sampled_from(("", *WORDS)),
    st.sampled_from(("", *(f"tag:{tag} " for tag in TAGS))),
    st.sampled_from(("", "profile:quick ", "role:user ", "title:gull ")),
    st.sampled_from(("", "in:all ", "in:trash ", "in:archived ")),
)


def play(store: Store, talks: list[Talk], move: Move) -> None:
    kind, one, two, word = move
    if kind == "begin" or not talks:
        talks.append(Talk(store.conversations.create(word).id, word))
        return
    talk = talks[one % len(talks)]
    asked = [message for message in talk.messages if message[3] is None]
    match kind:
        case "say":
            parent = talk.messages[two % len(talk.messages)][0] if talk.messages and two else None
            talk.messages.append((store.messages.add(talk.id, parent, "user", word).id, parent, word, None))
            talk.deleted = False
        case "answer" if asked:
            parent, profile = asked[two % len(asked)][0], ("quick", "slow")[two % 2]
            talk.messages.append((reply(store, talk.id, parent, word, profile, "m"), parent, word, profile))
        case "rename":
            store.conversations.rename(talk.id, word)
            talk.title = word
        case "tag":
            talk.tags = TAGS[: two % 3]
            store.conversations.set_tags(talk.id, talk.tags)
        case "archive":
            talk.archived = bool(two % 2)
            store.conversations.archive(talk.id, talk.archived)
        case "delete":
            store.conversations.delete(talk.id)
            talk.deleted = True
        case "restore":
            store.conversations.restore(talk.id)
            talk.deleted = False
        case "purge":
            store.purging.purge([talk.id])
            talks.remove(talk)


def expected(talks: list[Talk], word: str, tag: str, other: str, where: str) -> list[int]:
    found = []
    for talk in talks:
        shelf = "trash" if talk.deleted else "archived" if talk.archived else "current"
        if where != "in:all " and shelf != (where[3:].strip() or "current"):
            continue
        if (tag and tag[4:].strip() not in talk.tags) or (other == "title:gull " and talk.title != "gull"):
            continue
        for id, parent, text, profile in talk.messages:
            fits = not word or word == text or (parent is None and word == talk.title)
            fits = fits and (other != "profile:quick " or profile == "quick")
            if fits and (other != "role:user " or profile is None):
                found.append(id)
    return sorted(found, reverse=True)


@examples(40)
@given(moves=MOVES, queries=st.lists(QUERIES, min_size=3, max_size=6))
def test_a_search_finds_what_a_look_through_everything_finds(
    moves: list[Move], queries: list[tuple[str, str, str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "chatspace.db") as store:
        talks: list[Talk] = []
        for move in moves:
            play(store, talks, move)
        for word, tag, other, where in queries:
            query = f"{tag}{other}{where}{word} "
            if query.strip():
                found = [hit.message for hit in store.search.find(query, limit=1_000)]
                assert found == expected(talks, word, tag, other, where)
                ranked = store.search.find(query, limit=1_000, by_rank=True)
                assert [(hit.score, hit.message) for hit in ranked] == sorted(
                    ((hit.score, hit.message) for hit in ranked), reverse=True
                )
                assert sorted((hit.message for hit in ranked), reverse=True) == found
