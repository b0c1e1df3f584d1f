"""The history from the command line: listed, searched, filed, and removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from tests.cli.conftest import Command


def talk(store: Store, title: str, *texts: str) -> str:
    conversation = store.conversations.create(title).id
    for text in texts or (f"about {title}",):
        store.messages.add(conversation, None, "user", text)
    return str(conversation)


def titles(out: str) -> list[str]:
    return [json.loads(line)["title"] for line in out.splitlines()]


def test_a_search_takes_filters_and_says_in_which_conversation(chatspace: Command, store: Store) -> None:
    talk(store, "Story", "a quiet harbour")
    launch = talk(store, "Launch", "a quiet pump")
    chatspace("history", "tag", launch, "tern")
    ended = chatspace("history", "search", "quiet", "tag:tern", "--format", "json")
    assert (ended.json["title"], ended.json["conversation"]) == ("Launch", launch)
    assert ended.json["snippet"] == "a **quiet** pump"
    assert "a quiet pump" in chatspace("history", "search", "tag:tern").out


def test_a_conversation_is_renamed_tagged_and_pinned(chatspace: Command, store: Store) -> None:
    first, second = talk(store, "first"), talk(store, "second")
    assert chatspace("history", "rename", first, "The", "quiet", "one").code == 0
    assert chatspace("history", "tag", first, "tern", "spring sale").out == "tern\nspring sale\n"
    assert chatspace("history", "tag", first, "tern", "--remove").out == "spring sale\n"
    chatspace("history", "pin", first)
    listed = [json.loads(line) for line in chatspace("history", "list", "--format", "json").out.splitlines()]
    assert [(one["title"], one["tags"], one["pinned"]) for one in listed] == [
        ("The quiet one", ["spring sale"], True),
        ("second", [], False),
    ]
    assert "#spring sale" in chatspace("history", "list").out
    chatspace("history", "pin", first, "--off")
    assert titles(chatspace("history", "list", "--format", "json").out) == ["second", "The quiet one"]
    assert second


def test_what_is_archived_is_listed_apart_and_comes_back(chatspace: Command, store: Store) -> None:
    memo = talk(store, "memo")
    chatspace("history", "archive", memo)
    assert chatspace("history", "list").out == ""
    assert titles(chatspace("history", "list", "--archived", "--format", "json").out) == ["memo"]
    assert chatspace("history", "search", "memo").out == ""
    assert "memo" in chatspace("history", "search", "memo", "in:archived").out
    chatspace("history", "archive", memo, "--off")
    assert titles(chatspace("history", "list", "--format", "json").out) == ["memo"]


def test_delete_goes_to_the_trash_and_restore_brings_it_back(chatspace: Command, store: Store) -> None:
    memo = talk(store, "memo")
    assert chatspace("history", "delete", memo).code == 0
    assert chatspace("history", "list").out == ""
    [listed] = chatspace("history", "trash", "--format", "json").out.splitlines()
    assert json.loads(listed)["deleted"]
    chatspace("history", "restore", memo)
    assert titles(chatspace("history", "list", "--format", "json").out) == ["memo"]
    assert chatspace("history", "trash").out == ""


def test_purge_asks_first_and_then_leaves_nothing(chatspace: Command, store: Store, home: Path) -> None:
    memo = talk(store, "memo", "zyxembargo")
    refused = chatspace("history", "purge", memo, stdin="n\n")
    assert "memo" in refused.err
    assert store.conversations.get(int(memo)) is not None
    assert chatspace("history", "purge", memo, stdin="y\n").code == 0
    assert store.conversations.get(int(memo)) is None
    assert all(b"zyxembargo" not in file.read_bytes() for file in home.glob("chatspace.db*") if file.is_file())


def test_purge_empties_the_trash_and_nothing_else(chatspace: Command, store: Store) -> None:
    memo, kept = talk(store, "memo"), talk(store, "kept")
    chatspace("history", "delete", memo)
    assert chatspace("history", "purge", "--trash", "--yes").code == 0
    assert chatspace("history", "trash").out == ""
    assert titles(chatspace("history", "list", "--format", "json").out) == ["kept"]
    assert kept


@pytest.mark.parametrize("command", ["rename", "tag", "pin", "archive", "delete", "restore", "purge"])
def test_an_unknown_conversation_is_refused_before_anything_is_done(
    chatspace: Command, store: Store, command: str
) -> None:
    memo = talk(store, "memo")
    more = ["title"] if command == "rename" else [memo] if command != "tag" else []
    ended = chatspace("history", command, "123", *more, stdin="y\n")
    assert ended.code == 2
    assert "Conversation 123 not found" in ended.err
    assert titles(chatspace("history", "list", "--format", "json").out) == ["memo"]


def test_chat_goes_on_with_the_newest_even_where_another_is_pinned(chatspace: Command, store: Store) -> None:
    pinned = talk(store, "pinned")
    newest = talk(store, "newest")
    chatspace("history", "pin", pinned)
    chatspace("chat", "-c", "--model", "offline/chat", "Hello")
    assert len(store.messages.all(int(newest))) == 3
