"""Files of every kind: several, zipped, broken, cut, hostile; what can't be read is told and loses nothing else."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chatspace.adapters.importers.stream import CHUNK, Broken, values
from chatspace.core.errors import SourceError
from tests.adapters.importers.exports import chatgpt, claude, node, read, said


def talk(id: str, text: str = "Hello") -> dict[str, Any]:
    return chatgpt(node("q", "root", "user", text), id=id, title=f"Talk {id}")


def ids(path: Path) -> list[str]:
    return [each.id for each in read(path)[0]]


def everything(data: bytes) -> list[Any]:
    return list(values(io.BytesIO(data), lambda value: isinstance(value, dict) and "mapping" in value))


def test_a_folder_with_several_files_and_formats_is_read(tmp_path: Path) -> None:
    (tmp_path / "conversations-000.json").write_text(json.dumps([talk("a"), talk("b")]))
    (tmp_path / "conversations-001.json").write_text(json.dumps([talk("c"), claude(said("m", "human", "Hi"))]))
    (tmp_path / "user.json").write_text("{}")
    assert ids(tmp_path) == ["a", "b", "c", "u1"]


def test_an_archive_is_read_as_it_was_downloaded(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export/conversations.json", json.dumps([talk("a")]))
        archive.writestr("export/chat.html", "<html>")
        archive.writestr("../../conversations.json", json.dumps([talk("evil")]))
    found, left = read(tmp_path / "export.zip")
    assert [each.id for each in found] == ["a"]
    assert left == ["export.zip:../../conversations.json: its name points outside the archive"]


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", b" " * (60 << 20))
    found, left = read(tmp_path / "bomb.zip")
    assert not found
    assert "it would unpack to 62,914,560 bytes" in left[0]


def test_a_damaged_archive_and_one_without_conversations_are_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as archive:
        archive.writestr("photo.png", b"x" * 1000)
    assert read(tmp_path / "whole.zip")[1] == ["whole.zip: the archive contains no conversations.json"]
    (tmp_path / "cut.zip").write_bytes((tmp_path / "whole.zip").read_bytes()[:500])
    assert "can't be unpacked" in read(tmp_path / "cut.zip")[1][0]


@pytest.mark.parametrize("fault", ["}]", '"x" "y"', "\\", '"open'])
def test_a_broken_conversation_loses_none_of_the_others(tmp_path: Path, fault: str) -> None:
    texts = [json.dumps(talk(id)) for id in "abc"]
    texts[1] = texts[1].replace('"Hello"', fault)
    (tmp_path / "conversations.json").write_text(f"[{', '.join(texts)}]")
    found, left = read(tmp_path / "conversations.json")
    assert [each.id for each in found] == ["a", "c"]
    assert left[0].startswith("conversations.json: conversation 2: broken JSON: ")


def test_a_file_that_ends_in_the_middle_gives_what_is_whole(tmp_path: Path) -> None:
    whole = json.dumps([talk("a"), talk("b")])
    (tmp_path / "conversations.json").write_text(whole[:-40])
    found, left = read(tmp_path / "conversations.json")
    assert [each.id for each in found] == ["a"]
    assert "conversation 2: broken JSON" in left[0]
    (tmp_path / "conversations.json").write_text(json.dumps([talk("a")])[:-1])
    found, left = read(tmp_path / "conversations.json")
    assert [each.id for each in found] == ["a"]
    assert "the file is incomplete" in left[0]


def test_conversations_longer_than_what_is_read_at_once_are_whole(tmp_path: Path) -> None:
    long = "é🚢" * CHUNK
    (tmp_path / "conversations.json").write_text(json.dumps([talk("a", long), talk("b")], ensure_ascii=False), "utf-8")
    found, left = read(tmp_path / "conversations.json")
    assert ([each.id for each in found], left) == (["a", "b"], [])
    assert found[0].messages[0].text == long


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("wrap", ["[%s]", "%s", '{"conversations": [%s]}', "%s\n"])
def test_arrays_single_objects_and_lines_are_read_in_any_utf(tmp_path: Path, encoding: str, wrap: str) -> None:
    (tmp_path / "x.json").write_bytes((wrap % json.dumps(talk("ä"), ensure_ascii=False)).encode(encoding))
    assert ids(tmp_path / "x.json") == ["ä"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it contains no conversation"),
        (b"[]", "it contains no conversation"),
        (b"hello", "broken JSON"),
        (b"[1, null]", "conversation 1: it is not a conversation of chatgpt or claude or chatspace"),
        (b'[{"mapping": 3}]', "it is not a conversation"),
        (b"\xff\xfe\x00", "broken JSON"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_export_is_told(tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "x.json").write_bytes(data)
    found, left = read(tmp_path / "x.json")
    assert not found
    assert why in "\n".join(left)


def test_a_format_that_is_asked_for_takes_no_other(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps([talk("a"), claude(said("m", "human", "Hi"))]))
    found, left = read(tmp_path / "x.json", "claude")
    assert [each.id for each in found] == ["u1"]
    assert left == ["x.json: conversation 1: it is not a conversation of claude"]
    assert read(tmp_path / "x.json", "llm")[1] == ["x.json: it is not a SQLite database, as llm uses"]


def test_a_path_where_nothing_is_and_a_folder_without_an_export_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.zip", tmp_path):
        with pytest.raises(SourceError):
            read(path)


def test_values_that_break_say_which_they_are() -> None:
    found = everything(b'[{"a": 1}, {"a": x}, {"mapping": {}, "a": }, {"a": {"a": 2}, "mapping": {}}]')
    assert found == [
        {"a": 1},
        Broken(2, "broken JSON: Expecting value"),
        {"a": {"a": 2}, "mapping": {}},
    ]
