"""route: the rule that decided, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command


def words(path: Path, number: int) -> Path:
    path.write_text("word " * number, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("number", "options", "profile"),
    [
        (3501, (), "longform-drafter"),
        (3500, (), "balanced-drafter"),
        (3500, ("--channel", "ad"), "copy-fast"),
        (9000, ("--channel", "ad"), "longform-drafter"),
        (100, ("--channel", "google-ads"), "copy-fast"),
        (100, ("--channel", "x"), "balanced-drafter"),
    ],
)
def test_route_follows_the_default_policy(
    chatspace: Command, tmp_path: Path, number: int, options: tuple[str, ...], profile: str
) -> None:
    ended = chatspace("route", words(tmp_path / "text.md", number), *options)
    assert ended.code == 0
    assert ended.out.startswith(f"draft: {profile}\n")
    assert "rule " in ended.out


def test_route_says_the_rule_and_the_alternatives_as_json(chatspace: Command, tmp_path: Path) -> None:
    route = chatspace("route", words(tmp_path / "text.md", 3501), "--format", "json").json
    assert route["schema"] == "chatspace.route/1"
    assert route["reasons"] == ["words 3501 >= 3501"]
    assert {alternative["profile"] for alternative in route["alternatives"]} == {"copy-fast", "balanced-drafter"}


def test_route_prints_one_line_of_json_for_each_source(chatspace: Command, tmp_path: Path) -> None:
    names = [words(tmp_path / f"{name}.md", 10) for name in "ab"]
    assert len(chatspace("route", *names, "--format", "json").out.splitlines()) == 2


def test_route_stores_nothing_and_works_where_nothing_can_be_stored(
    chatspace: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("CHATSPACE_HOME", str(blocked / "home"))
    assert chatspace("route", words(tmp_path / "text.md", 10)).code == 0
