"""Import and export from the command line, and what was exported read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatspace.adapters.exporters import FileExporter
from chatspace.adapters.history import Store
from chatspace.adapters.importers import FileImporter
from chatspace.core.chat.conversation import Message, ReplyEnd
from chatspace.core.workspace.exporting import Exporting
from chatspace.core.workspace.importing import Importing
from tests.adapters.importers.exports import chatgpt, node
from tests.cli.conftest import Command
from tests.properties import examples


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Three conversations of ChatGPT, one of them broken, with a picture in another."""
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-1"}
    parts = {"content_type": "multimodal_text", "parts": ["The \x1b[2J pump", picture]}
    good = [
        chatgpt(node("q", "root", "user", content=parts), node("a", "q", "assistant", "Hums"), id="c1", title="Pump"),
        chatgpt(node("q", "root", "user", "Hello"), id="c2", title="Pump"),
    ]
    first, second = map(json.dumps, good)
    path = tmp_path / "conversations.json"
    path.write_text(f'[{first}, {{"title": "Odd", }}, {second}]')
    return path


def talk(store: Store, title: str, *texts: str) -> str:
    """A line of messages; gives the id."""
    conversation, parent = store.conversations.create(title).id, None
    for text in texts or (f"about {title}",):
        parent = store.messages.add(conversation, parent, "user", text).id
    return str(conversation)


def test_an_import_says_what_came_in_and_lists_what_did_not(chatspace: Command, export: Path, store: Store) -> None:
    ended = chatspace("history", "import", export)
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "2 new conversations, 3 new messages",
        "skipped: 2",
        "  conversations.json: Pump (c1): message q: a picture that is not text, file-1",
        "  conversations.json: conversation 2: broken JSON: Expecting property name enclosed in double quotes",
    ]
    assert len(store.conversations.page()) == 2
    again = chatspace("history", "import", export)
    assert again.out.startswith("0 new conversations, 0 new messages, 2 conversations already imported\n")
    assert "\x1b" not in chatspace("history", "show", str(store.conversations.page()[0].id)).out


def test_a_dry_run_only_says(chatspace: Command, export: Path, store: Store) -> None:
    ended = chatspace("history", "import", export, "--dry-run")
    assert ended.out.startswith("2 new conversations, 3 new messages\n")
    assert "Nothing was stored" in ended.err
    assert store.conversations.page() == []


def test_an_import_that_reads_nothing_ends_with_3_and_one_bad_path_stops_no_other(
    chatspace: Command, export: Path, tmp_path: Path
) -> None:
    ended = chatspace("history", "import", tmp_path / "none.zip")
    assert ended.code == 3
    assert "none.zip: no such file or directory" in ended.out
    ended = chatspace("history", "import", tmp_path / "none.zip", export)
    assert (ended.code, ended.out.splitlines()[0]) == (0, "2 new conversations, 3 new messages")


def test_one_conversation_goes_to_standard_output_or_into_a_file(
    chatspace: Command, store: Store, tmp_path: Path
) -> None:
    id = talk(store, "Pump", "loud?", "no")
    assert "loud?" in chatspace("history", "export", id).out
    ended = chatspace("history", "export", id, "-o", tmp_path / "pump.html")
    assert ended.out.strip() == str(tmp_path / "pump.html")
    assert "<!doctype html>" in (tmp_path / "pump.html").read_text()
    assert chatspace("history", "export", id, "-o", tmp_path / "pump.html").code == 2


def test_a_branch_is_exported_up_to_its_last_message(chatspace: Command, store: Store) -> None:
    id = talk(store, "Pump", "one", "two")
    first = store.messages.all(int(id))[0]
    other = store.messages.add(int(id), first.id, "user", "another two")
    assert store.messages.thread(int(id))[-1].id == other.id
    two = store.branches.siblings(other.id)[0]
    out = chatspace("history", "export", id, "--branch", str(two)).out
    assert "two" in out
    assert "another" not in out
    assert len(chatspace("history", "export", id, "--format", "json").json["messages"]) == 3
    assert len(chatspace("history", "export", id, "--format", "json", "--branch", str(two)).json["messages"]) == 2
    assert chatspace("history", "export", id, "--branch", "5").code == 2


@pytest.mark.parametrize("format_name", ["md", "html", "json"])
def test_all_go_into_a_folder_with_names_of_their_own_and_an_index(
    chatspace: Command, store: Store, tmp_path: Path, format_name: str
) -> None:
    for title in ("Pump", "pump", "../../etc/passwd", "[x](javascript:y) | z", "index"):
        talk(store, title)
    store.conversations.archive(int(talk(store, "put away")))
    store.conversations.delete(int(talk(store, "thrown away")))
    folder = tmp_path / "out"
    ended = chatspace("history", "export", "--all", "-o", folder, "--format", format_name)
    assert (ended.code, ended.out) == (0, f"{folder}: 6 written\n")
    names = [each.name for each in folder.iterdir()]
    assert len({name.casefold() for name in names}) == 7
    index = (folder / f"index.{format_name}").read_text()
    assert all(name in index for name in names if not name.startswith("index."))
    assert "thrown away" not in index
    assert 'href="javascript' not in index


def test_a_selection_is_by_ids_by_tag_or_by_day(chatspace: Command, store: Store, export: Path) -> None:
    chatspace("history", "import", export)
    first, second = talk(store, "first"), talk(store, "second")
    chatspace("history", "tag", first, "tern")

    def titles(*arguments: str) -> list[str]:
        out = chatspace("history", "export", *arguments, "--format", "json").out
        return sorted(json.loads(line)["title"] for line in out.splitlines())

    assert titles(first, second) == ["first", "second"]
    assert titles("--tag", "tern") == ["first"]
    assert titles("--since", "2025") == ["first", "second"]
    assert titles("--all") == ["Pump", "Pump", "first", "second"]
    assert chatspace("history", "export", "--tag", "none").code == 2
    assert chatspace("history", "export", "--since", "soon").code == 2
    assert chatspace("history", "export").code == 2
    assert chatspace("history", "export", first, "--all").code == 2
    assert chatspace("history", "export", first, second).code == 2


def test_what_was_exported_here_is_known_here(chatspace: Command, store: Store, tmp_path: Path) -> None:
    talk(store, "one")
    talk(store, "two", "a", "b")
    chatspace("history", "export", "--all", "-o", tmp_path / "all.jsonl")
    ended = chatspace("history", "import", tmp_path / "all.jsonl")
    assert ended.out == "0 new conversations, 0 new messages, 2 conversations already imported\n"


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
Turn = tuple[int, str, str, str]
TURNS = st.lists(
    st.tuples(st.integers(-1, 6), st.sampled_from(["user", "assistant"]), TEXT, TEXT), min_size=1, max_size=8
)


def grow(store: Store, turns: list[Turn]) -> int:
    """A tree: each turn names the place of its parent."""
    conversation, ids = store.conversations.create("Tree").id, list[int]()
    for place, role, text, reasoning in turns:
        parent = ids[place] if 0 <= place < len(ids) else None
        if role == "assistant" and parent is not None:
            reply = store.messages.start_reply(conversation, parent, step="chat", profile="p", model="m", host="h")
            store.messages.finish_reply(
                reply.id, ReplyEnd("stopped", text=text, reasoning=reasoning, elapsed_ms=5, cost_usd=0.5)
            )
            ids.append(reply.id)
        else:
            ids.append(store.messages.add(conversation, parent, "user", text).id)
    store.branches.set_leaf(conversation, ids[len(ids) // 2])
    return conversation


def told(store: Store, conversation: int) -> list[Any]:
    """All of a tree but the ids, which are another store's own."""
    messages = store.messages.all(conversation)
    places = {message.id: place for place, message in enumerate(messages)}

    def facts(each: Message) -> Any:
        parent = None if each.parent is None else places[each.parent]
        values = (each.text, each.reasoning, each.status, each.profile, each.model, each.cost_usd, each.elapsed_ms)
        return (parent, each.role, each.created, each.sibling, each.siblings, *values)

    stored = store.conversations.get(conversation)
    assert stored is not None
    assert stored.leaf is not None
    return [*map(facts, messages), places[stored.leaf], stored.title, stored.created]


@settings(examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=TURNS)
def test_exported_json_read_back_gives_the_same_tree(
    tmp_path_factory: pytest.TempPathFactory, turns: list[Turn]
) -> None:
    folder = tmp_path_factory.mktemp("trees")
    with Store(folder / "one.db") as one, Store(folder / "other.db") as other:
        conversation = grow(one, turns)
        Exporting(one, FileExporter()).lines(one.conversations.page(), folder / "all.jsonl")
        report = Importing(other.imports, FileImporter()).run([folder / "all.jsonl"])
        assert (report.messages, report.left_out) == (len(turns), [])
        assert told(other, other.conversations.page()[0].id) == told(one, conversation)
