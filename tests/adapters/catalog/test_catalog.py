from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from chatspace.adapters.catalog import LocalCatalog
from chatspace.adapters.catalog.ollama import installed_models, ollama_address
from chatspace.adapters.profiles import ProfileFiles
from chatspace.core.calls.usage import Price
from chatspace.core.errors import ModelError, UsageError
from chatspace.core.profiles.profile import TIERS, Profile, Target, TierProvider
from chatspace.locations import shipped_profiles

CLOSED = {"OLLAMA_HOST": "127.0.0.1:9"}
PATIENCE = 20.0
"""Seconds for a probe that is answered, however busy the machine."""

TABLE = ProfileFiles([shipped_profiles()]).model_table()
MODELS = {
    "models": [
        {"name": "big:70b", "size": 70},
        {"name": "small:1b", "size": 1},
        {"name": "middle:8b", "size": 8},
        {"name": "nomic-embed-text", "size": 1},
        {"name": "glm:cloud", "size": 0},
        {"name": "proxied", "size": 5, "remote_host": "https://ollama.com"},
    ]
}


def profile(model: str = "auto/balanced", **fields: Any) -> Profile:
    return replace(Profile("p", ("draft",), model, "Write."), **fields)


def resolve(
    model: str = "auto/balanced", environment: Mapping[str, str] | None = None, *, local: bool = False, **fields: Any
) -> Target:
    catalog = LocalCatalog(lambda: TABLE, {**CLOSED, **(environment or {})}, PATIENCE)
    return catalog.resolve(profile(model, **fields), "draft", local=local)


@contextmanager
def ollama(answer: bytes, status: int = 200) -> Iterator[tuple[dict[str, str], list[str]]]:
    """A server in the place of Ollama: the environment that leads to it, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield {"OLLAMA_HOST": f"127.0.0.1:{server.server_port}"}, asked
        finally:
            server.shutdown()
            thread.join()


# Tiers


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("provider", TABLE, ids=lambda provider: provider.name)
def test_a_tier_is_the_model_of_the_provider_whose_key_is_set(provider: TierProvider, tier: Any) -> None:
    assert provider.key_env
    target = resolve(tier, {provider.key_env: "k"})
    assert target.model == provider.models[tier]
    assert target.why == f"{provider.key_env} is set"
    assert target.profile.api_key_env == provider.key_env
    assert not target.local
    assert "." in target.host
    if provider.name != "openrouter":
        assert target.window
        assert target.window > 8000
        assert target.price


def test_the_first_provider_of_the_table_wins() -> None:
    target = resolve(environment={"GEMINI_API_KEY": "b", "ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "  "})
    assert target.host == "api.anthropic.com"


def test_without_a_key_and_without_ollama_the_embedded_engine_answers_and_says_why() -> None:
    target = resolve()
    assert (target.model, target.host, target.local, target.offline) == ("offline/draft", "this machine", True, True)
    assert target.why == "no key is set, and no Ollama server responds at 127.0.0.1:9"
    assert target.price == Price(0, 0)


@pytest.mark.parametrize(
    ("tier", "model"), [("auto/light", "small:1b"), ("auto/balanced", "middle:8b"), ("auto/large", "big:70b")]
)
def test_a_local_ollama_serves_the_tiers_by_size(tier: str, model: str) -> None:
    with ollama(json.dumps(MODELS).encode()) as (environment, _):
        target = resolve(tier, environment)
        assert target.model == f"ollama_chat/{model}"
        assert target.local
        assert target.host == environment["OLLAMA_HOST"]
        assert target.profile.api_base == f"http://{environment['OLLAMA_HOST']}"
        assert target.price == Price(0, 0)
        assert target.why == f"no key is set, and Ollama has {model}"


def test_a_key_is_preferred_to_ollama_unless_only_this_machine_is_allowed() -> None:
    with ollama(json.dumps(MODELS).encode()) as (environment, asked):
        keyed = {**environment, "OPENAI_API_KEY": "k"}
        assert resolve(environment=keyed).host == "api.openai.com"
        assert asked == []
        assert resolve(environment=keyed, local=True).model == "ollama_chat/middle:8b"
        assert resolve(environment=keyed, local_only=True).local
    assert resolve(environment={"OPENAI_API_KEY": "k"}, local=True).model == "offline/draft"


def test_ollama_is_asked_once() -> None:
    with ollama(json.dumps(MODELS).encode()) as (environment, asked):
        catalog = LocalCatalog(lambda: TABLE, environment, PATIENCE)
        assert asked == []
        for _ in range(3):
            catalog.resolve(profile(), "draft")
        assert asked == ["/api/tags"]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"<html>", 200),
        (b"[]", 200),
        (b'{"models": 3}', 200),
        (b'{"models": [3, {}, {"name": 4}, {"name": "a b"}]}', 200),
        (json.dumps(MODELS).encode(), 500),
        (b"[" * 100_000, 200),
        (b'{"models": [{"name": "bge", "details": {"family": "bert"}}]}', 200),
    ],
)
def test_an_ollama_that_answers_nonsense_is_none(answer: bytes, status: int) -> None:
    with ollama(answer, status) as (environment, _):
        assert resolve(environment=environment).offline


def test_a_server_that_never_answers_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert installed_models(f"http://127.0.0.1:{server.getsockname()[1]}", seconds=0.05) == ()


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        (":8080", "http://127.0.0.1:8080"),
        ("box.lan", "http://box.lan:11434"),
        ("http://box.lan", "http://box.lan:80"),
        ("https://box.lan/", "https://box.lan:443"),
        ("[::1]:7000", "http://[::1]:7000"),
        ("127.0.0.1:http", "http://127.0.0.1:11434"),
    ],
)
def test_the_address_of_ollama_is_read_as_ollama_does(value: str, address: str) -> None:
    assert ollama_address(value) == address


def test_an_endpoint_of_ones_own_in_the_table_is_taken_with_its_address() -> None:
    own = TierProvider("work", dict.fromkeys(TIERS, "openai/llama"), None, "http://127.0.0.1:8000/v1")
    target = LocalCatalog(lambda: [own, *TABLE], CLOSED).resolve(profile(), "draft", local=True)
    assert (target.model, target.host, target.local) == ("openai/llama", "127.0.0.1:8000", True)
    assert target.profile.api_base == "http://127.0.0.1:8000/v1"
    assert target.why == "work needs no key"


# Models


@pytest.mark.parametrize(
    ("model", "host"),
    [
        ("openai/gpt-4.1", "api.openai.com"),
        ("gpt-4.1", "api.openai.com"),
        ("anthropic/claude-sonnet-5", "api.anthropic.com"),
        ("claude-sonnet-5", "api.anthropic.com"),
        ("gemini/gemini-flash-latest", "generativelanguage.googleapis.com"),
        ("mystery/model", "mystery"),
        ("nobody-knows", "an unknown host"),
    ],
)
def test_the_host_of_a_model_is_named(model: str, host: str) -> None:
    target = resolve(model)
    assert (target.model, target.host, target.local, target.why) == (model, host, False, "")


@pytest.mark.parametrize(
    ("base", "host", "local"),
    [
        ("http://127.0.0.1:8000/v1", "127.0.0.1:8000", True),
        ("http://localhost:8000", "localhost:8000", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://127.8.9.1", "127.8.9.1", True),
        ("https://llm.example.com/v1", "llm.example.com", False),
        ("http://127.0.0.1.example.com", "127.0.0.1.example.com", False),
        ("http://127.0.0.1@example.com", "example.com", False),
        ("http://localhost.example.com", "localhost.example.com", False),
        ("http://192.168.1.4:1", "192.168.1.4:1", False),
        ("http://x:port", "an unreadable address", False),
    ],
)
def test_an_address_of_ones_own_is_the_host_and_only_loopback_is_local(base: str, host: str, local: bool) -> None:
    target = resolve("openai/gpt-4.1", api_base=base)
    assert (target.host, target.local) == (host, local)


@pytest.mark.parametrize(
    ("model", "variable"),
    [("openai/x", "OPENAI_BASE_URL"), ("anthropic/x", "ANTHROPIC_API_BASE"), ("hosted_vllm/x", "HOSTED_VLLM_API_BASE")],
)
def test_an_address_from_the_environment_is_shown(model: str, variable: str) -> None:
    assert resolve(model, {variable: "https://proxy.example.com:8443/v1"}).host == "proxy.example.com:8443"


def test_a_window_and_a_price_come_from_the_profile_then_from_the_table_else_are_unknown() -> None:
    known = resolve("openai/gpt-4.1")
    assert (known.window, known.price) == (1_047_576, Price(2.0, 8.0))
    own = resolve("openai/gpt-4.1", context_window=8192, price=Price(1, 3))
    assert (own.window, own.price) == (8192, Price(1, 3))
    unknown = resolve("openai/my-llama", api_base="http://127.0.0.1:8000")
    assert (unknown.window, unknown.price) == (None, None)


def test_a_model_of_another_provider_is_not_taken_for_one_of_the_same_name() -> None:
    assert resolve("mystery/gpt-4.1").price is None


def test_a_model_for_this_call_leaves_the_endpoint_of_another_provider_aside() -> None:
    own = profile(
        "openai/gpt-4.1",
        api_base="http://127.0.0.1:8000",
        api_key_env="WORK",
        price=Price(1, 1),
        context_window=9,
        temperature=0.3,
    )
    catalog = LocalCatalog(lambda: TABLE, CLOSED)
    other = catalog.resolve(own, "draft", model="anthropic/claude-sonnet-5")
    assert (other.host, other.profile.api_base, other.profile.api_key_env) == ("api.anthropic.com", None, None)
    assert other.price == Price(2.0, 10.0)
    assert other.profile.temperature == 0.3
    same = catalog.resolve(own, "draft", model="openai/llama")
    assert (same.host, same.profile.api_key_env, same.window) == ("127.0.0.1:8000", "WORK", None)
    tier = catalog.resolve(own, "draft", model="auto/light")
    assert tier.model == "offline/draft"
    assert tier.profile.api_base is None


def test_a_model_of_the_table_is_reached_as_the_table_says() -> None:
    own = TierProvider("work", dict.fromkeys(TIERS, "openai/llama"), "WORK", "http://127.0.0.1:8000/v1")
    for key, host in (("k", "127.0.0.1:8000"), ("", "api.openai.com")):
        catalog = LocalCatalog(lambda: [own], {**CLOSED, "WORK": key})
        assert catalog.resolve(profile(), "draft", model="openai/llama").host == host


def test_the_models_that_can_be_called_are_listed_with_the_embedded_engine_last() -> None:
    with ollama(json.dumps(MODELS).encode()) as (environment, _):
        keyed = {**environment, "ANTHROPIC_API_KEY": "k"}
        here = ["ollama_chat/small:1b", "ollama_chat/middle:8b", "ollama_chat/big:70b", "offline/chat"]
        catalog = LocalCatalog(lambda: TABLE, keyed, PATIENCE)
        remote = next(provider for provider in TABLE if provider.name == "anthropic").models.values()
        assert catalog.models() == (*remote, *here)
        assert catalog.models(local=True) == tuple(here)


def test_the_embedded_engine_does_the_step_that_is_asked() -> None:
    catalog = LocalCatalog(lambda: TABLE, CLOSED)
    assert catalog.resolve(profile(), "copy", model="offline/draft").model == "offline/copy"
    assert resolve("offline/draft", local=True).why == "requested"


@pytest.mark.parametrize("model", ["auto/huge", "offline/lunch", "offline/", ""])
def test_a_model_that_cannot_be_is_wrong_usage(model: str) -> None:
    with pytest.raises(UsageError):
        LocalCatalog(lambda: TABLE, CLOSED).resolve(profile(), "draft", model=model)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("openai/gpt-4.1", {}),
        ("openai/gpt-4.1", {"api_base": "https://llm.example.com"}),
        ("nobody-knows", {}),
        ("ollama_chat/gpt-oss:120b-cloud", {}),
        ("ollama/llama3", {"api_base": "http://192.168.1.4:11434"}),
    ],
)
def test_a_host_elsewhere_is_refused_where_only_this_machine_is_allowed(model: str, fields: dict[str, str]) -> None:
    for restriction in ({"local": True}, {"local_only": True}):
        with pytest.raises(ModelError) as caught:
            resolve(model, **restriction, **fields)  # type: ignore[arg-type]
        assert caught.value.kind == "refused"
        assert "offline/draft" in caught.value.remedy
    assert "local_only in the profile p" in str(caught.value)


def test_a_host_here_is_allowed_where_only_this_machine_is() -> None:
    assert resolve("openai/x", api_base="http://127.0.0.1:1", local=True).local
    assert resolve("ollama/llama3", local=True).host == "127.0.0.1:9"


def test_resolving_a_model_imports_no_model_library() -> None:
    code = (
        "import sys; from chatspace.adapters.catalog import LocalCatalog;"
        "from chatspace.core.profiles.profile import Profile;"
        "target = LocalCatalog(list, {}).resolve(Profile('p', ('chat',), 'gpt-4.1', ''), 'chat');"
        "print(target.window, {'litellm', 'openai', 'yaml', 'pydantic', 'jinja2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1047576 set()"
