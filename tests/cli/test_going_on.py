"""The same command once more, after a budget or a failure ended it: what was paid for isn't asked for again."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.model_answers import NOTHING_FOUND
from tests.model_server import HttpError, ModelServer, Reply

TWO = ("-p", "chat", "-p", "balanced-drafter")
LONG = "".join(f"## Part {part}\n\n{'It is warm and quiet here. ' * 40}\n\n" for part in range(6))


@pytest.fixture
def all_served(served: ModelServer, home: Path) -> ModelServer:
    """The test server behind the desk and the stories too; it counts what it gets by `asked`."""
    template = (home / "profiles" / "chat.md").read_text(encoding="utf-8")
    for name, step in (("rewriter", "rewrite"), ("storyteller", "story")):
        profile = template.replace("step: chat", f"step: {step}").replace("chat-model", f"{name}-model")
        recipe = "{{ instruction }}" if step == "rewrite" else "{{ openings }} in {{ tone }}"
        profile = profile.replace("You are chat for {{ channel }}.", recipe)
        (home / "profiles" / f"{name}.md").write_text(profile, encoding="utf-8")
    return served


def asked(server: ModelServer) -> Counter[str]:
    return Counter(json.dumps(body["messages"], sort_keys=True) for body in server.bodies)


def test_a_comparison_asks_only_those_who_did_not_answer(chatspace: Command, all_served: ModelServer) -> None:
    all_served.answer(lambda body: HttpError(401) if "drafter" in body["model"] else Reply("First."))
    assert chatspace("compare", "Three titles", *TWO).code == 6
    all_served.answer(Reply("Second."))
    ended = chatspace("compare", "Three titles", *TWO, "--format", "json")
    assert ended.code == 0
    assert [answer["text"] for answer in ended.json["answers"]] == ["First.", "Second."]
    assert len(all_served.requests) == 3
    assert len(chatspace("history", "list", "--format", "json").out.splitlines()) == 1
    assert chatspace("compare", "Three titles", *TWO).code == 0
    assert len(all_served.requests) == 5, "one that was whole begins anew"


def test_a_comparison_begins_anew_where_that_is_asked_for(chatspace: Command, all_served: ModelServer) -> None:
    all_served.answer(lambda body: HttpError(401) if "drafter" in body["model"] else Reply("First."))
    chatspace("compare", "Three titles", *TWO)
    chatspace("compare", "Three titles", *TWO, "--fresh")
    chatspace("compare", "Four titles", *TWO)
    assert len(all_served.requests) == 6


def test_a_budget_ends_a_comparison_with_7_and_marks_who_has_no_answer(
    chatspace: Command, all_served: ModelServer
) -> None:
    all_served.answer(Reply("Whole."))
    ended = chatspace("compare", "Three titles", *TWO, "--token-budget", "800", "--format", "json")
    assert ended.code == 7
    assert sorted(answer["status"] for answer in ended.json["answers"]) == ["complete", "failed"]
    assert "The budget is reached" in ended.err
    assert len(all_served.requests) == 1
    ended = chatspace("compare", "Three titles", *TWO, "--token-budget", "9000")
    assert ended.code == 0
    assert ended.out.count("Whole.") == 2
    assert len(all_served.requests) == 2


def test_a_budget_ends_a_story_with_7_and_keeps_the_openings_that_came(
    chatspace: Command, all_served: ModelServer, brief: Path
) -> None:
    all_served.answer(
        lambda body: Reply(
            json.dumps({"openings": [{"tone": "", "text": f"It began {body['messages'][0]['content']}"}]})
        )
    )
    command = ("story", brief, "--openings", "2", "--tone", "warm", "--tone", "plain")
    ended = chatspace(*command, "--token-budget", "2400")
    assert ended.code == 7
    assert ended.out.count("It began") == 1
    ended = chatspace(*command, "--token-budget", "9000")
    assert ended.code == 0
    assert ended.out.count("It began") == 2
    assert set(asked(all_served).values()) == {1}
    assert chatspace(*command).code == 0
    assert set(asked(all_served).values()) == {2}, "one that was whole begins anew"


def test_a_budget_ends_a_rewrite_with_7_and_more_of_it_goes_on(
    chatspace: Command, all_served: ModelServer, tmp_path: Path
) -> None:
    text = tmp_path / "long.md"
    text.write_text(LONG, encoding="utf-8")
    all_served.answer(lambda body: Reply(str(body["messages"][-1]["content"]).replace("warm", "mild"), chunk=200))
    command = ("rewrite", text, "-i", "milder", "--apply")
    ended = chatspace(*command, "--token-budget", "2300")
    assert ended.code == 7
    assert ended.out == ""
    assert 0 < len(all_served.requests) < 6
    ended = chatspace(*command)
    assert ended.code == 0
    assert ended.out.count("mild") == 240
    assert set(asked(all_served).values()) == {1}


def test_a_run_that_a_budget_ended_goes_on_into_the_same_folder(
    chatspace: Command, all_served: ModelServer, brief: Path, tmp_path: Path
) -> None:
    found = Reply(NOTHING_FOUND)
    piece = Reply("# A piece\n\nOf one sentence.\n")
    all_served.answer(lambda body: found if "extractor" in body["model"] else piece)
    command = ("run", brief, "-o", tmp_path / "out")
    assert chatspace(*command, "--token-budget", "3000").code == 7
    before = [body for body in all_served.bodies if "extractor" in body["model"]]
    assert before
    assert chatspace(*command).code == 0
    assert [body for body in all_served.bodies if "extractor" in body["model"]] == before
    assert chatspace(*command).code == 2, "a run that is whole is not written over unasked"
