"""`chatspace story` on the embedded engine."""

from __future__ import annotations

import json

from tests.conftest import ROOT, Run

BRIEF = str(ROOT / "profiles" / "samples" / "brief.md")


def test_openings_are_printed_as_markdown_and_stored_as_a_conversation(run_chatspace: Run) -> None:
    ended = run_chatspace("story", BRIEF, "--openings", "2", "--tone", "plain", "--tone", "warm")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("**1** · plain\n\n")
    assert "**2** · " in ended.stdout
    assert "this machine" in ended.stderr, "where it goes is said"
    listed = json.loads(run_chatspace("history", "list", "--format", "json").stdout)
    assert listed["message_count"] == 2


def test_the_json_has_the_tone_in_numbers(run_chatspace: Run) -> None:
    ended = run_chatspace("story", BRIEF, "--format", "json", "--openings", "2")
    story = json.loads(ended.stdout)
    assert story["schema"] == "chatspace.story/1"
    assert len(story["openings"]) == 2
    assert story["openings"][0]["counted"]["words"] > 5


def test_a_profile_for_another_step_is_refused(run_chatspace: Run) -> None:
    ended = run_chatspace("story", BRIEF, "--profile", "copy-fast")
    assert ended.returncode == 2
    assert "not for the step story" in ended.stderr
