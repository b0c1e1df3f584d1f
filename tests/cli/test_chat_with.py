"""chat --with: sources that go along with a prompt, as they do in the workspace."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Command
from tests.model_server import ModelServer


def said(served: ModelServer, call: int = -1) -> list[str]:
    return [turn["content"] for turn in served.bodies[call]["messages"][1:]]


def test_the_source_is_sent_below_the_prompt_and_said_on_standard_error(
    chatspace: Command, served: ModelServer, brief: Path
) -> None:
    ended = chatspace("chat", "What does it cost?", "--with", brief)
    assert ended.code == 0
    assert said(served)[0].startswith("What does it cost?\n\nSource 1 of 1: brief.md.")
    assert "$4,200" in said(served)[0]
    assert "with brief.md: " in ended.err
    assert "gate passed" in ended.err


def test_several_sources_and_standard_input_go_along(chatspace: Command, served: ModelServer, brief: Path) -> None:
    chatspace("chat", "Compare", "--with", brief, "--with", "-", stdin="From a pipe.")
    assert "Source 2 of 2: stdin." in said(served)[0]
    assert said(served)[0].count("From a pipe.") == 1


def test_later_turns_see_the_same_sources(chatspace: Command, served: ModelServer, brief: Path) -> None:
    chatspace("chat", "Read", "--with", brief)
    brief.unlink()
    chatspace("chat", "-c", "And?")
    assert "$4,200" in said(served)[0]
    assert said(served)[2] == "And?"


def test_a_source_that_does_not_fit_the_window_goes_as_an_extraction_and_that_is_said(
    chatspace: Command, served: ModelServer, home: Path, tmp_path: Path
) -> None:
    profile = home / "profiles" / "chat.md"
    profile.write_text(profile.read_text(encoding="utf-8").replace("100000", "4000"), encoding="utf-8")
    long = tmp_path / "long.md"
    long.write_text("\n\n".join(f"## Part {n}\n\nSite {n} used {n} kWh in 2025." for n in range(800)), encoding="utf-8")
    ended = chatspace("chat", "Sum it up", "--with", long)
    assert "long.md doesn't fit the context window" in ended.err
    assert "/draft" in ended.err
    assert "these are the sentences that say most" in said(served)[0]
    assert len(said(served)[0]) / 4 < 3_600


def test_a_source_that_cannot_be_read_ends_with_3_before_anything_is_sent_or_stored(
    chatspace: Command, served: ModelServer
) -> None:
    ended = chatspace("chat", "Read", "--with", "nowhere.md")
    assert ended.code == 3
    assert "nowhere.md" in ended.err
    assert not served.bodies
    assert chatspace("history", "list").out.strip() in ("", "[]") or "Read" not in chatspace("history", "list").out
