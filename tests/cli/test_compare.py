"""compare: one prompt to several over real HTTP, each answer on its own, all of them stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.conftest import Command, messages
from tests.model_server import Answer, ErrorEvent, Hang, HttpError, ModelServer, Reply

THREE = ("-p", "chat", "-p", "balanced-drafter", "-p", "copy-fast")


def by_model(**answers: Answer) -> Callable[[Mapping[str, Any]], Answer]:
    """An answer for each profile, by the beginning of its model's name."""

    def choose(body: Mapping[str, Any]) -> Answer:
        return answers[str(body["model"]).split("-")[0]]

    return choose


def test_each_answer_stands_under_its_heading_and_all_are_siblings_of_one_stored_message(
    chatspace: Command, served: ModelServer
) -> None:
    served.answer(by_model(chat=Reply("First."), balanced=Reply("Second."), copy=Reply("Third.")))
    ended = chatspace("compare", "Three titles", *THREE)
    assert ended.code == 0
    for name, text in (("chat", "First."), ("balanced-drafter", "Second."), ("copy-fast", "Third.")):
        assert f"# {name} · openai/{name}-model\n\n{text}\n" in ended.out
    question, *answers = messages(chatspace)
    assert question["text"] == "Three titles"
    assert {answer["parent"] for answer in answers} == {question["id"]}
    assert sorted(answer["text"] for answer in answers) == ["First.", "Second.", "Third."]


def test_the_json_follows_its_schema_and_has_the_answers_in_the_order_asked_for(
    chatspace: Command, served: ModelServer
) -> None:
    served.answer(by_model(chat=Reply("First.", delay=0.05), balanced=Reply("Second."), copy=Reply("Third.")))
    ended = chatspace("compare", "Three titles", *THREE, "--format", "json")
    jsonschema.validate(ended.json, chatspace("schema", "compare").json)
    assert ended.json["schema"] == "chatspace.compare/1"
    assert ended.json["prompt"] == "Three titles"
    assert [answer["text"] for answer in ended.json["answers"]] == ["First.", "Second.", "Third."]
    for answer in ended.json["answers"]:
        assert answer["usage"]["output"] > 0
        assert answer["cost_usd"] > 0
        assert answer["elapsed_ms"] >= answer["first_token_ms"] >= 0


def test_markdown_has_every_answer_with_what_it_took(chatspace: Command, served: ModelServer) -> None:
    served.answer(Reply("Same."))
    out = chatspace("compare", "Hello", "-p", "chat", "--model", "openai/other", "--format", "md").out
    assert [line for line in out.splitlines() if line.startswith("#")] == [
        "# chat · openai/chat-model",
        "# chat · openai/other",
    ]
    assert out.count(" tokens · ") == 2


def test_nobody_waits_for_the_slowest(chatspace: Command, served: ModelServer) -> None:
    served.answer(by_model(chat=Reply("Slow. " * 20, delay=0.02), balanced=Reply("Quick."), copy=Reply("Quick too.")))
    out = chatspace("compare", "Hello", *THREE).out
    assert out.index("Quick.") < out.index("Slow.")
    assert out.index("Quick too.") < out.index("Slow.")


def test_one_that_breaks_one_that_hangs_and_one_that_is_slow_leave_each_other_alone(
    chatspace: Command, served: ModelServer
) -> None:
    served.answer(
        by_model(
            chat=ErrorEvent(after_chunks=3, message="The server had an error", code=500),
            balanced=Hang(after_chunks=3),
            copy=Reply("Slow but whole. " * 5, delay=0.01),
        )
    )
    ended = chatspace("compare", "Hello", *THREE, "--format", "json")
    assert ended.code == 6
    broken, hung, slow = ended.json["answers"]
    assert (broken["status"], hung["status"], slow["status"]) == ("truncated", "truncated", "complete")
    assert broken["text"]
    assert hung["text"]
    assert all((broken["error"], hung["error"], slow["error"] is None))
    assert {message["status"] for message in messages(chatspace)[1:]} == {"truncated", "complete"}


def test_where_nobody_answers_the_message_is_kept_and_each_says_why(chatspace: Command, served: ModelServer) -> None:
    served.answer(HttpError(401))
    ended = chatspace("compare", "Do not lose me", "-p", "chat", "-p", "copy-fast")
    assert ended.code == 6
    assert ended.out == ""
    assert ended.err.count("401") >= 2
    assert [message["status"] for message in messages(chatspace)] == ["complete", "failed", "failed"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-p", "chat"), "2 to 6"),
        (("-p", "chat", *(part for number in range(6) for part in ("-m", f"openai/{number}"))), "2 to 6"),
        (("-p", "chat", "-p", "chta"), "Did you mean chat?"),
        (("-p", "chat", "-p", "chat"), "twice"),
        (("-p", "chat", "-m", "no-such-model"), "no-such-model"),
        (("-p", "chat", "-m", "auto/huge"), "auto/huge"),
    ],
)
def test_a_wrong_choice_is_said_before_anything_is_stored_or_sent(
    chatspace: Command, served: ModelServer, arguments: tuple[str, ...], says: str
) -> None:
    ended = chatspace("compare", "Hello", *arguments)
    assert ended.code == 2
    assert says in ended.err
    assert served.requests == []
    assert chatspace("history", "list", "--format", "json").out == ""


def test_a_profile_file_that_is_wrong_ends_with_4(chatspace: Command, served: ModelServer, home: Path) -> None:
    (home / "profiles" / "wrong.md").write_text("---\nstep: chat\nmodel: x/y\ntemperature: hot\n---\nHi.\n")
    assert chatspace("compare", "Hello", "-p", "chat", "-p", "wrong").code == 4


def test_a_blind_comparison_says_who_was_who_at_the_end_and_nowhere_else(
    chatspace: Command, served: ModelServer
) -> None:
    served.answer(by_model(chat=Reply("First."), balanced=HttpError(404), copy=Reply("Third.")))
    ended = chatspace("compare", "Hello", *THREE, "--blind")
    assert sorted(line for line in ended.out.splitlines() if line.startswith("#")) in (
        ["# A", "# B"],
        ["# A", "# C"],
        ["# B", "# C"],
    )
    assert "model" not in ended.out
    during, _, key = ended.err.partition("A was ")
    assert all(f"\n{letter} was " in f"\nA was {key}" for letter in "ABC")
    failure = next(line for line in during.splitlines() if not line.startswith(" ") and ":" in line and "404" in line)
    assert "balanced" not in failure


def test_a_blind_comparison_as_json_gives_nothing_away(chatspace: Command, served: ModelServer) -> None:
    ended = chatspace("compare", "Hello", *THREE, "--blind", "--format", "json")
    assert [answer["profile"] for answer in ended.json["answers"]] == ["A", "B", "C"]
    assert all(answer["model"] is answer["cost_usd"] is answer["usage"] is None for answer in ended.json["answers"])


def test_what_is_piped_in_is_appended_and_goes_to_everybody(chatspace: Command, served: ModelServer) -> None:
    chatspace("compare", "Shorten this:", "-p", "chat", "-p", "copy-fast", stdin="A long text.\n")
    assert [body["messages"][-1]["content"] for body in served.bodies] == ["Shorten this:\n\nA long text."] * 2


def test_a_comparison_in_a_conversation_sends_what_was_said(chatspace: Command, served: ModelServer) -> None:
    served.answer(Reply("Reply."))
    chatspace("chat", "First")
    newest = json.loads(chatspace("history", "list", "--format", "json").out)["id"]
    chatspace("compare", "Second", "-p", "chat", "-p", "copy-fast", "--conversation", newest)
    assert [turn["content"] for turn in served.bodies[-1]["messages"][1:]] == ["First", "Reply.", "Second"]
    assert len(messages(chatspace)) == 5


def test_local_refuses_a_remote_model_before_anything_is_sent(chatspace: Command, served: ModelServer) -> None:
    ended = chatspace("compare", "Hello", "-p", "chat", "-m", "anthropic/claude-sonnet-4-5", "--local")
    assert ended.code == 6
    assert served.requests == []


def test_escape_sequences_of_an_answer_reach_standard_output_as_harmless_text(
    chatspace: Command, served: ModelServer
) -> None:
    served.answer(Reply("\x1b]0;owned\x07 plain \x9b31m", chunk=1))
    out = chatspace("compare", "Hello", "-p", "chat", "-p", "copy-fast").out
    assert not set(out) & {"\x1b", "\x07", "\x9b"}


def test_two_profiles_of_a_fresh_home_are_answered_by_the_embedded_engine(chatspace: Command) -> None:
    ended = chatspace("compare", "Hello", "-p", "chat", "-p", "storyteller")
    assert ended.code == 0
    assert ended.out.count("# ") >= 2
