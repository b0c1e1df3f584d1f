"""chat: one turn over real HTTP, stored like any other, and what a user reads when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command, messages
from tests.model_server import (
    Answer,
    ContextOverflow,
    Cut,
    Empty,
    Hang,
    Html,
    HttpError,
    LengthCut,
    ModelServer,
    NullContent,
    Reply,
    Reset,
)


def test_chat_prints_the_reply_and_sends_the_profiles_model_parameters_and_recipe(
    chatspace: Command, served: ModelServer
) -> None:
    served.script(Reply("Three titles, as asked."))
    ended = chatspace("chat", "Three titles, please")
    assert (ended.code, ended.out) == (0, "Three titles, as asked.\n")
    body = served.bodies[0]
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("chat-model", 0.3, 700)
    assert body["messages"] == [
        {"role": "system", "content": "You are chat for blog."},
        {"role": "user", "content": "Three titles, please"},
    ]


def test_the_host_is_said_before_the_call(chatspace: Command, served: ModelServer) -> None:
    served.script(HttpError(503))
    served.answer(HttpError(503))
    assert served.host in chatspace("chat", "Hello").err.splitlines()[0]


def test_what_is_piped_in_is_appended_to_the_prompt(chatspace: Command, served: ModelServer) -> None:
    chatspace("chat", "Shorten this:", stdin="A long text.\n")
    assert served.bodies[0]["messages"][-1]["content"] == "Shorten this:\n\nA long text."


def test_continue_sends_the_conversation_so_far(chatspace: Command, served: ModelServer) -> None:
    served.script(Reply("First reply"), Reply("Second reply"))
    chatspace("chat", "First")
    chatspace("chat", "-c", "Second")
    said = [turn["content"] for turn in served.bodies[1]["messages"][1:]]
    assert said == ["First", "First reply", "Second"]


def test_a_model_named_on_the_command_line_stands_in_for_the_profiles_own(
    chatspace: Command, served: ModelServer
) -> None:
    chatspace("chat", "Hello", "--model", "openai/another")
    assert served.bodies[0]["model"] == "another"


def test_chat_as_json_is_the_stored_message(chatspace: Command, served: ModelServer) -> None:
    served.script(Reply("Hello."))
    reply = chatspace("chat", "Hello", "--format", "json").json
    assert (reply["text"], reply["status"], reply["profile"]) == ("Hello.", "complete", "chat")
    assert reply["usage"]["estimated"] is False
    assert reply["cost_usd"] > 0


def test_thinking_is_stored_and_not_printed(chatspace: Command, served: ModelServer) -> None:
    served.script(Reply("Forty-two.", reasoning="Let me count."))
    assert chatspace("chat", "How many?").out == "Forty-two.\n"
    assert messages(chatspace)[-1]["reasoning"] == "Let me count."


@pytest.mark.parametrize(("level", "asked"), [("high", "high"), ("off", None)])
def test_think_replaces_the_effort_of_the_profile(
    chatspace: Command, home: Path, served: ModelServer, level: str, asked: str | None
) -> None:
    profile = home / "profiles" / "chat.md"
    profile.write_text(profile.read_text().replace("step:", "reasoning_effort: low\nstep:"))
    assert chatspace("chat", "--think", level, "Hello").code == 0
    assert served.bodies[0].get("reasoning_effort") == asked


def test_chunks_without_content_do_not_end_the_reply(chatspace: Command, served: ModelServer) -> None:
    served.script(NullContent())
    ended = chatspace("chat", "Hello")
    assert ended.code == 0
    assert ended.out.strip()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (HttpError(401), "key"),
        (HttpError(404), "chat-model"),
        (HttpError(429, headers={"Retry-After": "3600"}), "429"),
        (HttpError(502), "502"),
        (HttpError(500), "500"),
        (Html(), "HTML"),
        (Empty(), "empty"),
        (Hang(), "2 s"),
        (ContextOverflow(), "window"),
    ],
    ids=lambda value: type(value).__name__ + str(getattr(value, "status", "")) if not isinstance(value, str) else "",
)
def test_a_failure_is_told_in_words_with_what_to_do_and_the_message_is_kept(
    chatspace: Command, served: ModelServer, answer: Answer, says: str
) -> None:
    served.answer(answer)
    ended = chatspace("chat", "Do not lose me")
    assert ended.code == 6
    assert "Traceback" not in ended.err
    assert says.lower() in ended.err.lower()
    stored = messages(chatspace)
    assert stored[0]["text"] == "Do not lose me"
    assert stored[1]["status"] == "failed"
    assert stored[1]["error"]


@pytest.mark.parametrize("answer", [Cut(3), Reset(3), LengthCut()], ids=["cut", "reset", "length"])
def test_a_partial_reply_is_printed_stored_as_truncated_and_ends_with_6(
    chatspace: Command, served: ModelServer, answer: Answer
) -> None:
    served.answer(answer)
    ended = chatspace("chat", "Hello")
    assert ended.code == 6
    stored = messages(chatspace)[-1]
    assert stored["status"] == "truncated"
    assert stored["text"]
    assert ended.out.strip() == str(stored["text"]).strip()


def test_a_key_that_is_not_set_is_named(chatspace: Command, home: Path, served: ModelServer) -> None:
    profile = "---\nstep: chat\nmodel: openai/x\napi_key_env: TERN_KEY\n---\nHi.\n"
    (home / "profiles" / "keyed.md").write_text(profile, encoding="utf-8")
    ended = chatspace("chat", "Hello", "--profile", "keyed")
    assert ended.code == 6
    assert "TERN_KEY" in ended.err


def test_a_missing_profile_ends_with_4_and_says_which_there_are(chatspace: Command) -> None:
    ended = chatspace("chat", "Hello", "--profile", "chta")
    assert ended.code == 4
    assert "chat" in ended.err


def test_nothing_to_ask_is_wrong_usage(chatspace: Command) -> None:
    assert chatspace("chat").code == 2


def test_local_refuses_a_remote_model_before_anything_is_sent(chatspace: Command) -> None:
    ended = chatspace("chat", "Hello", "--local", "--model", "openai/gpt-4.1")
    assert ended.code == 6
    assert "api.openai.com" in ended.err


def test_escape_sequences_of_a_reply_reach_standard_output_as_harmless_text(
    chatspace: Command, served: ModelServer
) -> None:
    served.script(Reply("\x1b]0;owned\x07\x1b]52;c;aGk=\x07\x1b[2J\u202egnp.exe\u202c plain \x9b31m", chunk=1))
    out = chatspace("chat", "Hello").out
    assert not set(out) & {"\x1b", "\x07", "\x9b", "\u202e", "\u202c"}
    assert "plain" in out
