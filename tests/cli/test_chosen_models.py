"""A model chosen by name on the command line goes to the endpoint that offers it, with that endpoint's key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.conftest import TwoEndpoints
from tests.model_server import Cut, HttpError, Reply


def test_chat_sends_a_model_to_the_endpoint_that_offers_it(chatspace: Command, two_endpoints: TwoEndpoints) -> None:
    ended = chatspace("chat", "Hello", "--model", "openai/gamma")
    assert ended.code == 0
    assert two_endpoints.received() == [("second", "gamma", "the-second-key")]
    assert f"openai/gamma on {two_endpoints.second.host}" in ended.err
    assert two_endpoints.first.host not in ended.err


@pytest.mark.parametrize("profile", [(), ("-p", "chat")], ids=["by default", "named"])
def test_a_profile_lends_its_recipe_to_a_model_that_its_endpoint_does_not_offer(
    chatspace: Command, two_endpoints: TwoEndpoints, profile: tuple[str, ...]
) -> None:
    assert chatspace("chat", "Hello", *profile, "--model", "openai/beta").code == 0
    assert two_endpoints.received() == [("second", "beta", "the-second-key")]
    assert two_endpoints.second.bodies[0]["messages"][0]["content"] == "You are chat."


def test_every_model_that_is_compared_goes_to_its_own_endpoint(chatspace: Command, two_endpoints: TwoEndpoints) -> None:
    ended = chatspace("compare", "Hello", "-m", "openai/alpha", "-m", "openai/gamma")
    assert ended.code == 0
    assert two_endpoints.received() == [("first", "alpha", "the-first-key"), ("second", "gamma", "the-second-key")]
    assert f"openai/alpha on {two_endpoints.first.host}" in ended.err
    assert f"openai/gamma on {two_endpoints.second.host}" in ended.err


@pytest.mark.parametrize("command", ["chat", "compare", "draft", "rewrite"])
def test_a_name_that_two_endpoints_offer_is_refused_with_both_named_before_anything_is_sent_or_stored(
    chatspace: Command, two_endpoints: TwoEndpoints, brief: Path, command: str
) -> None:
    arguments: dict[str, tuple[str | Path, ...]] = {
        "chat": ("Hello",),
        "compare": ("Hello", "-p", "chat"),
        "draft": (brief,),
        "rewrite": (brief, "--instruction", "Shorter"),
    }
    ended = chatspace(command, *arguments[command], "-m", "openai/shared")
    assert ended.code == 2
    assert "openai/shared is offered by 2 endpoints" in ended.err
    assert f"{two_endpoints.at_first('shared')}, or {two_endpoints.at_second('shared')}" in ended.err
    assert two_endpoints.received() == []
    assert chatspace("history", "list").out == ""


@pytest.mark.parametrize("which", ["first", "second"])
def test_a_name_with_its_endpoint_goes_there(chatspace: Command, two_endpoints: TwoEndpoints, which: str) -> None:
    server = getattr(two_endpoints, which)
    for name in (f"openai/shared@{server.host}", f"shared@{server.host}", f"openai/shared@{server.host}/v1"):
        ended = chatspace("chat", "Hello", "--model", name)
        assert ended.code == 0
        assert f"openai/shared on {server.host}" in ended.err
    assert two_endpoints.received() == [(which, "shared", f"the-{which}-key")] * 3


def test_a_profile_that_is_named_too_says_which_endpoint_is_meant(
    chatspace: Command, two_endpoints: TwoEndpoints
) -> None:
    assert chatspace("chat", "Hello", "-p", "other", "-m", "openai/shared").code == 0
    assert two_endpoints.received() == [("second", "shared", "the-second-key")]


def test_the_same_model_of_two_endpoints_can_be_compared_and_told_apart(
    chatspace: Command, two_endpoints: TwoEndpoints
) -> None:
    two_endpoints.first.answer(Reply("One."))
    two_endpoints.second.answer(Reply("Two."))
    both = ("-m", two_endpoints.at_first("shared"), "-m", two_endpoints.at_second("shared"))
    ended = chatspace("compare", "Hello", *both, "--format", "md")
    for server, text in ((two_endpoints.first, "One."), (two_endpoints.second, "Two.")):
        assert f"# chat · openai/shared on {server.host}\n\n{text}" in ended.out
    assert [each[0] for each in two_endpoints.received()] == ["first", "second"]


def test_of_two_that_have_a_model_only_the_one_that_failed_is_asked_again(
    chatspace: Command, two_endpoints: TwoEndpoints
) -> None:
    two_endpoints.second.script(HttpError(401))
    both = ("-m", two_endpoints.at_first("shared"), "-m", two_endpoints.at_second("shared"))
    assert chatspace("compare", "Hello", *both).code == 6
    assert chatspace("compare", "Hello", *both).code == 0
    assert [each[0] for each in two_endpoints.received()] == ["first", "second", "second"]


@pytest.mark.parametrize("arguments", [("draft",), ("rewrite", "--instruction", "Shorter"), ("story",)])
def test_the_other_commands_send_a_model_to_its_endpoint_too(
    chatspace: Command, two_endpoints: TwoEndpoints, brief: Path, arguments: tuple[str, ...]
) -> None:
    ended = chatspace(arguments[0], brief, *arguments[1:], "--model", "openai/gamma")
    calls = [(where, key) for where, model, key in two_endpoints.received() if model == "gamma"]
    assert calls
    assert set(calls) == {("second", "the-second-key")}
    assert f"openai/gamma on {two_endpoints.second.host}" in ended.err


def test_a_fallback_goes_to_the_endpoint_that_offers_it(
    chatspace: Command, two_endpoints: TwoEndpoints, home: Path
) -> None:
    chat = home / "profiles" / "chat.md"
    text = chat.read_text(encoding="utf-8").replace("price:", "fallbacks: [openai/gamma]\nprice:")
    chat.write_text(text, encoding="utf-8")
    two_endpoints.first.script(Cut(3))
    ended = chatspace("chat", "Hello")
    assert ended.code == 0
    assert two_endpoints.received() == [("first", "alpha", "the-first-key"), ("second", "gamma", "the-second-key")]
    assert f"openai/gamma on {two_endpoints.second.host}" in ended.err


def test_an_endpoint_that_nobody_knows_is_refused_with_the_known_ones(
    chatspace: Command, two_endpoints: TwoEndpoints
) -> None:
    ended = chatspace("chat", "Hello", "--model", "openai/gamma@127.0.0.1:9999")
    assert ended.code == 2
    assert "Unknown endpoint 127.0.0.1:9999" in ended.err
    assert two_endpoints.first.host in ended.err
    assert two_endpoints.second.host in ended.err
    assert two_endpoints.received() == []


def test_a_model_that_may_be_at_an_endpoint_which_gives_no_list_is_not_sent_to_another(
    chatspace: Command, two_endpoints: TwoEndpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECOND_KEY")
    ended = chatspace("chat", "Hello", "--model", "openai/gamma")
    assert ended.code == 2
    assert f"{two_endpoints.second.host} returned no list" in ended.err
    assert two_endpoints.received() == []


def test_a_model_that_no_endpoint_offers_stays_with_the_profile_of_its_provider(
    chatspace: Command, two_endpoints: TwoEndpoints
) -> None:
    assert chatspace("chat", "Hello", "--model", "openai/unlisted").code == 0
    assert two_endpoints.received() == [("first", "unlisted", "the-first-key")]


def test_a_model_of_another_provider_never_goes_to_the_endpoint_of_the_profile(
    chatspace: Command, two_endpoints: TwoEndpoints
) -> None:
    ended = chatspace("chat", "Hello", "--model", "anthropic/claude-sonnet-5", "--local")
    assert ended.code == 6
    assert "it runs on api.anthropic.com" in ended.err
    assert two_endpoints.received() == []
