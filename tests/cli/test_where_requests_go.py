"""Where a request goes: to the host that the user named, never on to another, and on loopback never through a proxy."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatspace.core.errors import ModelError
from chatspace.core.events import discard_events
from chatspace.wiring import Workspace
from tests.cli.conftest import Command, Ended
from tests.model_answers import ask_at_every_step
from tests.model_server import ModelServer, Redirect, Reply
from tests.recorder import Recorder, recording

STATUSES = (301, 302, 303, 307, 308)
KEY = "sk-only-for-the-first-host"
PROXY_VARIABLES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
DIALECTS = {
    "openai/some-model": ("/v1", "authorization"),
    "anthropic/claude-sonnet-4-5": ("", "x-api-key"),
    "gemini/gemini-2.5-flash": ("/v1", "x-goog-api-key"),
    "azure/some-model": ("", "api-key"),
    "ollama_chat/llama3.2": ("", "authorization"),
}
PATHS = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "127.8.9.10": "127.8.9.10", "::1": "::1"}
"""The names of loopback in an address, and where the server listens for each."""


@pytest.fixture
def elsewhere() -> Iterator[Recorder]:
    """Another origin, where nothing may arrive."""
    with recording() as recorder:
        yield recorder


def write_profile(
    home: Path, name: str, base: str, model: str = "openai/mine", step: str = "chat", more: str = ""
) -> None:
    folder = home / "profiles"
    folder.mkdir(exist_ok=True)
    text = f"---\nstep: {step}\nmodel: {model}\napi_base: {base}\nprice: {{input: 2, output: 8}}\n{more}---\nHello.\n"
    (folder / f"{name}.md").write_text(text, encoding="utf-8")


def doctor(chatspace: Command, area: str, *options: str) -> tuple[Ended, dict[str, Any]]:
    """The one check of an area that isn't about a model of the shipped profiles."""
    ended = chatspace("doctor", *options, "--format", "json")
    (check,) = [found for line in ended.out.splitlines() if (found := json.loads(line))["area"] == area]
    return ended, check


def refuses(text: str, server: ModelServer, elsewhere: Recorder) -> bool:
    """Whether a message names both hosts and what to do, and nothing arrived at the second."""
    assert (elsewhere.connections, elsewhere.received) == (0, b"")
    return f"{server.host} redirects to {elsewhere.root}" in text and f"If you trust {elsewhere.root}" in text


# Redirects


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("model", DIALECTS)
def test_a_redirect_to_another_host_is_refused(
    chatspace: Command,
    home: Path,
    model_server: ModelServer,
    elsewhere: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    status: int,
) -> None:
    path, header = DIALECTS[model]
    monkeypatch.setenv("MY_KEY", KEY)
    monkeypatch.setenv("AZURE_API_VERSION", "2024-10-21")
    write_profile(home, "chat", model_server.root + path, model, more="api_key_env: MY_KEY\nlocal_only: true\n")
    model_server.answer(Redirect(status, f"{elsewhere.root}/v1/chat/completions?key={KEY}"))
    ended = chatspace("chat", "A secret prompt")
    assert ended.code == 6
    assert refuses(ended.err, model_server, elsewhere), ended.err
    assert KEY not in ended.err
    (request,) = model_server.requests
    assert KEY in request.headers[header]


@pytest.mark.parametrize("status", STATUSES)
def test_no_fallback_covers_up_a_redirect(
    chatspace: Command, home: Path, model_server: ModelServer, elsewhere: Recorder, status: int
) -> None:
    with ModelServer() as other:
        write_profile(home, "other", other.url)
        write_profile(home, "chat", model_server.url, more="fallbacks: [other]\n")
        model_server.answer(Redirect(status, elsewhere.root))
        ended = chatspace("chat", "A secret prompt")
        assert (ended.code, len(model_server.requests), other.requests) == (6, 1, [])
        assert refuses(ended.err, model_server, elsewhere), ended.err


def test_a_batch_that_nobody_watches_asks_only_once(
    chatspace: Command, home: Path, model_server: ModelServer, elsewhere: Recorder, brief: Path, tmp_path: Path
) -> None:
    write_profile(home, "balanced-drafter", model_server.url, step="draft")
    model_server.answer(Redirect(307, elsewhere.root))
    ended = chatspace("batch", brief, "-o", tmp_path / "out", "-p", "balanced-drafter")
    assert (ended.code, len(model_server.requests)) == (6, 1)
    assert f"{model_server.host} redirects to {elsewhere.root}" in ended.err
    assert refuses((tmp_path / "out" / "failures.jsonl").read_text("utf-8"), model_server, elsewhere)


@pytest.mark.parametrize(("name", "step"), [("balanced-drafter", "draft"), ("light-extractor", "extract")])
def test_a_draft_fails_where_one_of_its_models_is_redirected(
    chatspace: Command, home: Path, model_server: ModelServer, elsewhere: Recorder, brief: Path, name: str, step: str
) -> None:
    write_profile(home, name, model_server.url, step=step, more="local_only: true\n")
    ask_at_every_step(home / "profiles")
    model_server.answer(Redirect(308, elsewhere.root))
    ended = chatspace("draft", brief, *(["-p", name] if step == "draft" else []))
    assert (ended.code, len(model_server.requests)) == (6, 1), ended.err
    assert f"{model_server.host} redirects to {elsewhere.root}" in ended.err
    assert (elsewhere.connections, elsewhere.received) == (0, b"")


@pytest.mark.parametrize("status", STATUSES)
def test_the_calls_of_doctor_follow_no_redirect(
    chatspace: Command, home: Path, model_server: ModelServer, elsewhere: Recorder, status: int
) -> None:
    write_profile(home, "mine", model_server.url)
    model_server.answer(Redirect(status, elsewhere.root))
    ended, check = doctor(chatspace, "calls", "--call")
    assert (ended.code, len(model_server.requests)) == (6, 1)
    assert refuses(f"{check['detail']} {check['remedy']}", model_server, elsewhere)


@pytest.mark.parametrize("status", STATUSES)
def test_the_test_call_of_the_workspace_follows_no_redirect(
    home: Path, model_server: ModelServer, elsewhere: Recorder, status: int
) -> None:
    write_profile(home, "mine", model_server.url)
    model_server.answer(Redirect(status, elsewhere.root))
    with pytest.raises(ModelError) as raised:
        asyncio.run(Workspace().models.test("mine", discard_events))
    assert refuses(raised.value.explained, model_server, elsewhere)
    assert len(model_server.requests) == 1


@pytest.mark.parametrize("status", STATUSES)
def test_a_list_of_models_follows_no_redirect(
    home: Path, model_server: ModelServer, elsewhere: Recorder, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    model_server.redirect_probes = Redirect(status, f"{elsewhere.root}/v1/models?key={KEY}")
    with pytest.raises(ModelError) as raised:
        Workspace().models.look(model_server.root, "MY_KEY")
    assert refuses(raised.value.explained, model_server, elsewhere)
    assert KEY not in raised.value.explained
    assert len(model_server.probes) == 1


@pytest.mark.parametrize("status", STATUSES)
def test_the_probe_of_ollama_follows_no_redirect(
    chatspace: Command,
    model_server: ModelServer,
    elsewhere: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", model_server.host)
    model_server.redirect_probes = Redirect(status, f"{elsewhere.root}/api/tags")
    listed = chatspace("profiles", "list", "--format", "json")
    assert (listed.code, "llama3.2" in listed.out) == (0, False)
    assert [probe.path for probe in model_server.probes] == ["/api/tags"]
    assert elsewhere.connections == 0


@pytest.mark.parametrize("status", STATUSES)
def test_a_redirect_within_a_host_is_not_followed_either(
    chatspace: Command, home: Path, model_server: ModelServer, status: int
) -> None:
    write_profile(home, "chat", model_server.url)
    model_server.answer(Redirect(status, "/other/chat/completions?token=1"))
    ended = chatspace("chat", "Hello")
    assert (ended.code, len(model_server.requests)) == (6, 1)
    assert f"{model_server.host} redirects to {model_server.root}/other/chat/completions: status {status}" in ended.err
    assert "Correct the path of api_base" in ended.err


@pytest.mark.parametrize(
    ("location", "said"),
    [
        (None, "redirects to no address"),
        ("http://[broken", "redirects to an unreadable address"),
        ("https://{host}/v1", "redirects to https://{host}"),
        ("http://elsewhere.example:80\x1b[2J/x", "redirects to "),
    ],
)
def test_a_redirect_to_an_odd_address_is_refused_too(
    chatspace: Command, home: Path, model_server: ModelServer, location: str | None, said: str
) -> None:
    write_profile(home, "chat", model_server.url)
    model_server.answer(Redirect(307, location and location.replace("{host}", model_server.host)))
    ended = chatspace("chat", "Hello")
    assert (ended.code, len(model_server.requests)) == (6, 1)
    assert said.replace("{host}", model_server.host) in ended.err
    assert "\x1b[2J" not in ended.err


# Proxies


@pytest.fixture(params=PROXY_VARIABLES)
def proxy(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, model_server: ModelServer
) -> Iterator[Recorder]:
    """A proxy that one of the variables names, with a password; before it every name means the test server."""
    with recording(model_server.port) as recorder:
        monkeypatch.setenv(request.param, f"http://me:secret@{recorder.host}")
        yield recorder


@pytest.fixture(params=PATHS)
def loopback(request: pytest.FixtureRequest) -> Iterator[ModelServer]:
    """A server on loopback, whose `name` is one of those that loopback has."""
    listens = PATHS[request.param]
    try:
        with socket.socket(socket.AF_INET6 if ":" in listens else socket.AF_INET) as probe:
            probe.bind((listens, 0))
    except OSError:
        pytest.skip(f"this machine has no {listens}")
    with ModelServer(name=listens) as server:
        server.name = request.param
        yield server


def test_loopback_is_never_called_through_a_proxy(
    chatspace: Command, home: Path, loopback: ModelServer, proxy: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    write_profile(home, "chat", loopback.url, more="api_key_env: MY_KEY\n")
    loopback.answer(Reply("Direct."))
    ended = chatspace("chat", "A secret prompt", "--local")
    assert (ended.code, ended.out.strip()) == (0, "Direct."), ended.err
    assert len(loopback.requests) == 1
    assert (proxy.connections, proxy.received) == (0, b"")


@pytest.mark.parametrize("model", DIALECTS)
def test_no_protocol_takes_a_proxy_to_loopback(
    chatspace: Command, home: Path, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    monkeypatch.setenv("AZURE_API_VERSION", "2024-10-21")
    write_profile(home, "chat", model_server.root + DIALECTS[model][0], model, more="api_key_env: MY_KEY\n")
    with recording(model_server.port) as proxy:
        for variable in PROXY_VARIABLES:
            monkeypatch.setenv(variable, proxy.root)
        ended = chatspace("chat", "A secret prompt", "--local")
        assert (ended.code, proxy.connections) == (0, 0), ended.err


def test_test_calls_lists_and_probes_of_loopback_take_no_proxy(
    chatspace: Command, home: Path, loopback: ModelServer, proxy: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_profile(home, "mine", loopback.url)
    loopback.answer(Reply("Yes"))
    _, check = doctor(chatspace, "calls", "--call")
    assert check["state"] == "ok"
    asyncio.run(Workspace().models.test("mine", discard_events, local=True))
    Workspace().models.look(loopback.url)
    monkeypatch.setenv("OLLAMA_HOST", loopback.host)
    Workspace().models.look(loopback.url)
    assert "llama3.2" in chatspace("profiles", "list").out
    assert len(loopback.requests) == 2
    assert [probe.path for probe in loopback.probes] == ["/v1/models", "/v1/models", "/api/tags"]
    assert (proxy.connections, proxy.received) == (0, b"")


def test_the_mapped_address_of_loopback_takes_no_proxy(
    chatspace: Command, home: Path, model_server: ModelServer, proxy: Recorder
) -> None:
    base = f"http://[::ffff:127.0.0.1]:{model_server.port}/v1"
    try:
        socket.create_connection(("::ffff:127.0.0.1", model_server.port), timeout=2).close()
    except OSError:
        pytest.skip("this machine maps no IPv4 addresses")
    write_profile(home, "chat", base, more="local_only: true\n")
    model_server.answer(Reply("Direct."))
    ended = chatspace("chat", "A secret prompt", "--local")
    assert (ended.code, ended.out.strip(), proxy.connections) == (0, "Direct.", 0), ended.err


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_another_host_is_called_and_listed_through_the_proxy(
    chatspace: Command, home: Path, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    write_profile(home, "chat", "http://models.example/v1")
    model_server.answer(Reply("By proxy."))
    with recording(model_server.port) as proxy:
        monkeypatch.setenv(variable, f"http://me:secret@{proxy.host}")
        ended = chatspace("chat", "Hello")
        assert (ended.code, ended.out.strip()) == (0, "By proxy."), ended.err
        assert proxy.received.startswith(b"POST http://models.example/v1/chat/completions")
        with pytest.raises(ModelError, match="no list of models"):  # the server behind it knows no such path
            Workspace().models.look("http://models.example/v1")
        assert b"GET http://models.example/v1/models" in proxy.received


@pytest.mark.parametrize("exempt", ["models.invalid", ".invalid", "*", "10.0.0.0/8, invalid"])
def test_a_host_that_no_proxy_names_is_called_directly(
    chatspace: Command,
    home: Path,
    model_server: ModelServer,
    proxy: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    exempt: str,
) -> None:
    monkeypatch.setenv("NO_PROXY", exempt)
    write_profile(home, "chat", "http://models.invalid/v1")
    ended, check = doctor(chatspace, "calls", "--call")
    assert (ended.code, proxy.connections) == (6, 0)
    assert "models.invalid not found" in check["detail"]


@pytest.mark.parametrize("variable", ["ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("address", ["socks5://127.0.0.1:9", "gopher://127.0.0.1:9", "http://[broken"])
def test_a_proxy_that_cannot_be_used_is_in_nobodys_way_but_where_it_is_needed(
    chatspace: Command,
    home: Path,
    model_server: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    address: str,
) -> None:
    monkeypatch.setenv(variable, address)
    write_profile(home, "chat", model_server.url)
    write_profile(home, "far", "http://models.example/v1")
    assert chatspace("chat", "Hello", "--local").code == 0
    ended = chatspace("chat", "Hello", "--profile", "far")
    assert ended.code == 6
    assert f"The proxy from {variable} can't be used" in ended.err
    with pytest.raises(ModelError, match="can't be used"):
        Workspace().models.look("http://models.example/v1")


# What doctor says of both


def test_doctor_says_which_proxy_is_used_for_what(
    chatspace: Command, home: Path, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recording(model_server.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:secret@{proxy.host}")
        monkeypatch.setenv("NO_PROXY", "exempt.invalid")
        write_profile(home, "near", model_server.url)
        write_profile(home, "far", "https://models.example/v1")
        write_profile(home, "plain", "http://plain.invalid/v1")
        write_profile(home, "exempt", "https://exempt.invalid/v1")
        lines = [json.loads(line) for line in chatspace("doctor", "--format", "json").out.splitlines()]
        text = chatspace("doctor").out
        found = {check["name"]: check for check in lines if check["area"] == "endpoints"}
    assert {name: (check["via"], check["state"]) for name, check in found.items()} == {
        model_server.host: ("direct", "ok"),
        "models.example": (proxy.root, "ok"),
        "plain.invalid": ("direct", "wrong"),
        "exempt.invalid": ("direct", "wrong"),
    }
    assert "loopback never goes through a proxy" in found[model_server.host]["detail"]
    assert f"models.example: through the proxy {proxy.root} (HTTPS_PROXY)" in text
    assert "direct (no proxy is set)" in found["plain.invalid"]["detail"]
    assert "direct (NO_PROXY names it)" in found["exempt.invalid"]["detail"]
    assert "secret" not in json.dumps(lines) + text
    assert "me:" not in json.dumps(lines) + text
    assert proxy.received == b"", "the proxy is connected to, and sent nothing"


def test_doctor_connects_to_an_ipv6_endpoint(chatspace: Command, home: Path) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no ::1")
    with ModelServer(name="::1") as server:
        write_profile(home, "mine", server.url)
        _, check = doctor(chatspace, "endpoints")
    assert (check["name"], check["state"]) == (server.host, "ok")
