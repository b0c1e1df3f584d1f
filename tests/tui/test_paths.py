"""Paths in pastes, mentions and completions."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.tui.completion import complete, wanted
from chatspace.tui.paths import MAX_SEEN, dropped, going_on, mention, mentioned, readable

NAMES = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" '\"\\$&(%"), min_size=1, max_size=12)
PATHS = st.lists(
    NAMES.filter(str.strip).map(lambda name: f"/tmp/{name.strip()}.md"), min_size=1, max_size=4, unique=True
)


@given(PATHS, st.sampled_from([" ", "\n"]))
def test_dropped_files_are_found_however_the_terminal_writes_them(paths: list[str], between: str) -> None:
    there = set(paths).__contains__
    for written in (
        between.join(map(shlex.quote, paths)),
        between.join("".join(c if c.isalnum() or c in "/._-" else f"\\{c}" for c in path) for path in paths),
        between.join(f"file://{quote(path)}" for path in paths),
        "\n".join(paths),
    ):
        assert dropped(written, there) == paths
        assert dropped(f"  {written}\n", there) == paths


@given(st.text(max_size=300))
def test_a_text_is_never_taken_for_files_that_are_not_there(text: str) -> None:
    assert dropped(text, lambda path: False) == []


def test_a_paste_is_one_of_files_only_if_each_of_them_is_one() -> None:
    there = {"/tmp/a.md", "/tmp/b.md"}.__contains__
    assert dropped("/tmp/a.md /tmp/c.md", there) == []
    assert dropped("see /tmp/a.md", there) == []
    assert dropped("file://elsewhere.example/tmp/a.md", there) == []
    assert dropped("/tmp/a.md\n/tmp/b.md", there) == ["/tmp/a.md", "/tmp/b.md"]


def test_a_bare_word_stays_a_word_where_a_file_has_that_name() -> None:
    assert dropped("notes", lambda path: True) == []


@given(NAMES.filter(lambda name: '"' not in name and name.strip()))
def test_a_mention_as_it_is_written_is_found_again(name: str) -> None:
    path = f"{name.strip()}x"
    assert mentioned(f"Look at {mention(path)} please", lambda each: each == path) == [path]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("compare @a.md, @b.md.", ["a.md", "b.md"]),
        ("(see @a.md)", ["a.md"]),
        ("mail ann@a.md", []),
        ("@nobody said so", []),
        ("@a.md and @a.md", ["a.md"]),
        ('@"with blank.md" here', ["with blank.md"]),
    ],
)
def test_mentions_are_files_that_are_there(text: str, found: list[str]) -> None:
    assert mentioned(text, {"a.md", "b.md", "with blank.md"}.__contains__) == found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "brief.md",
        "notes/interview.md",
        "notes/deep/brief.txt",
        ".secret",
        ".git/config",
        "node_modules/x.md",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_paths_are_offered_from_the_folder_and_below_the_nearest_first(tree: Path) -> None:
    assert going_on("bri", tree).paths == ("brief.md", "notes/deep/brief.txt")
    assert going_on("VIEW", tree).paths == ("notes/interview.md",)
    assert going_on("notes/", tree).paths == ("notes/deep/", "notes/interview.md", "notes/deep/brief.txt")


def test_hidden_files_are_for_who_types_their_dot_and_noise_for_who_names_it(tree: Path) -> None:
    everything = going_on("", tree).paths
    assert not any(path.startswith(".") for path in everything)
    assert "node_modules/x.md" not in everything
    assert going_on(".se", tree).paths == (".secret",)
    assert going_on("node_modules/", tree).paths == ("node_modules/x.md",)


def test_absolute_and_home_paths_are_offered_one_folder_at_a_time(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tree))
    assert going_on(f"{tree}/n", Path("/")).paths[:1] == (f"{tree}/node_modules/",)
    assert going_on("~/bri", Path("/")).paths == ("~/brief.md",)
    assert going_on("~nobody-of-that-name/x", tree).paths == ()


def test_a_huge_tree_is_looked_at_in_part_and_that_is_said(tmp_path: Path) -> None:
    for number in range(MAX_SEEN + 10):
        (tmp_path / f"f{number:05}").touch()
    found = going_on("", tmp_path)
    assert len(found.paths) == 50
    assert not found.whole


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links and pipes")
def test_loops_pipes_and_odd_names_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a\x1b[2Jb.md").touch()
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    found = going_on("", tmp_path)
    assert "pipe" not in found.paths
    assert not any("\x1b" in path for path in found.paths)
    assert not readable(str(tmp_path / "pipe"))
    assert not readable("a\0b")


@pytest.mark.parametrize(
    ("before", "kind", "typed"),
    [
        ("/dr", "command", "dr"),
        ("/", "command", ""),
        ("/draft ", None, ""),
        ("/draft --wo", "option", "wo"),
        ("/draft bri", "path", "bri"),
        ("/model gpt", None, ""),
        ("text @bri", "mention", "bri"),
        ('text @"with bl', "mention", "with bl"),
        ("text ann@bri", None, ""),
        ("/draft\npasted --wo", None, ""),
        ("two words", None, ""),
    ],
)
def test_what_is_being_typed_is_known_from_what_stands_before_the_cursor(
    before: str, kind: str | None, typed: str
) -> None:
    found = wanted(before)
    assert (found.kind if found else None) == kind
    if found:
        assert found.typed == typed


def test_commands_are_offered_with_their_summary_and_options() -> None:
    found = wanted("/dra")
    assert found
    first = complete(found, Path.cwd()).candidates[0]
    assert first.text == "draft "
    assert "long-form" in first.detail
    assert "--words" in first.detail


def test_a_path_with_blanks_is_offered_quoted_as_where_it_stands_wants_it(tmp_path: Path) -> None:
    (tmp_path / "my brief.md").touch()
    for before, text in (("@my", '@"my brief.md" '), ("/draft my", "'my brief.md' ")):
        found = wanted(before)
        assert found
        assert complete(found, tmp_path).candidates[0].text == text
