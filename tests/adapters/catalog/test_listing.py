"""What endpoints offer: which are asked, what they list, and why one doesn't tell, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from chatspace.adapters.catalog import LocalCatalog
from chatspace.adapters.catalog.listing import ask
from chatspace.core.calls.offers import Dialect, ProviderEndpoint
from chatspace.core.calls.usage import Price
from chatspace.core.errors import ModelError
from chatspace.core.profiles.profile import Profile, TierProvider

SECONDS = 20.0


class Server:
    """Answers every request alike and keeps what it was asked."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.host = f"127.0.0.1:{port}"
        self.asked: list[tuple[str, Mapping[str, str]]] = []


@contextmanager
def serving(body: object, status: int = 200, kind: str = "application/json", **headers: str) -> Iterator[Server]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known = Server(server.server_port)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield known
        finally:
            server.shutdown()
            thread.join()


def supplier(address: str, protocol: Dialect = "openai", key_env: str | None = None, **fields: Any) -> ProviderEndpoint:
    prefix = {"ollama": "ollama_chat/"}.get(protocol, "openai/")
    return ProviderEndpoint(
        address, address.partition("://")[2].partition("/")[0], True, prefix, protocol, key_env, **fields
    )


def failure(address: str, environment: Mapping[str, str] | None = None, seconds: float = SECONDS, **fields: Any) -> str:
    with pytest.raises(ModelError) as raised:
        ask(supplier(address, **fields), environment or {}, seconds)
    return raised.value.explained


def test_the_models_come_by_name_with_what_the_server_says_of_window_and_price() -> None:
    listed = {
        "data": [
            {"id": "zeta", "max_model_len": 32768},
            {"id": "alpha", "context_length": 128000, "pricing": {"prompt": "0.000002", "completion": "0.000008"}},
            {"id": "beta", "meta": {"n_ctx_train": 8192}, "pricing": {"prompt": "-1", "completion": "-1"}},
            {"id": "gamma", "context_window": "large", "pricing": {"prompt": None}},
        ]
    }
    with serving(listed) as server:
        offers = ask(supplier(f"{server.address}/v1"), {}, SECONDS)
        assert server.asked[0][0] == "/v1/models"
    assert [(offer.name, offer.window, offer.price) for offer in offers] == [
        ("openai/alpha", 128000, Price(2.0, 8.0)),
        ("openai/beta", 8192, None),
        ("openai/gamma", None, None),
        ("openai/zeta", 32768, None),
    ]


def test_what_cannot_write_and_what_is_no_name_is_left_out() -> None:
    names: list[Any] = ["gpt", "gpt", "text-embedding-3", "whisper-1", "a name", "", 7, None, "x" * 300]
    with serving({"data": [*({"id": name} for name in names), "text", 3]}) as server:
        assert [offer.name for offer in ask(supplier(server.address), {}, SECONDS)] == ["openai/gpt"]


@pytest.mark.parametrize(
    ("protocol", "body", "path", "header", "name"),
    [
        ("openai", {"data": [{"id": "m"}]}, "/models", "authorization", "openai/m"),
        ("anthropic", {"data": [{"id": "m"}]}, "/v1/models?limit=1000", "x-api-key", "openai/m"),
        ("gemini", {"models": [{"name": "models/m"}]}, "/models?pageSize=1000", "x-goog-api-key", "openai/m"),
        ("ollama", {"models": [{"name": "m:7b"}]}, "/api/tags", "authorization", "ollama_chat/m:7b"),
    ],
)
def test_each_kind_of_server_is_asked_in_its_own_way(
    protocol: Dialect, body: object, path: str, header: str, name: str
) -> None:
    with serving(body) as server:
        offers = ask(supplier(server.address, protocol, "MY_KEY"), {"MY_KEY": "secret"}, SECONDS)
        asked, headers = server.asked[0]
    assert [offer.name for offer in offers] == [name]
    assert asked == path
    assert "secret" in headers[header]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "requires a key: status 401\nSet api_key_env"),
        (403, "requires a key: status 403"),
        (404, "has no list of models: status 404\nNothing found at"),
        (429, "is rate limiting requests"),
        (500, "reported a server error"),
        (302, "redirects to http://127.0.0.1:99: status 302; redirects are not followed"),
    ],
)
def test_a_status_is_told_in_words_with_what_to_do(status: int, said: str) -> None:
    with serving({}, status, Location="http://127.0.0.1:99/elsewhere") as server:
        told = failure(server.address)
        assert told.startswith(f"{server.host} {said}")
        assert len(server.asked) == 1, "a redirect isn't followed: it would carry the key"


def test_a_key_that_is_refused_is_told_by_its_variable_and_never_shown() -> None:
    with serving({}, 401) as server:
        told = failure(server.address, {"MY_KEY": "sk-secret"}, key_env="MY_KEY")
    assert "MY_KEY" in told
    assert "sk-secret" not in told


def test_a_missing_v1_is_guessed_at() -> None:
    with serving({}, 404) as server:
        assert "address ends in /v1" in failure(server.address)
        assert "address ends in /v1" not in failure(f"{server.address}/v1")


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"<!doctype html><title>Sign in</title>", "text/html", "returned a web page"),
        (b"{broken", "application/json", "something that isn't JSON"),
        (b"", "application/json", "returned nothing"),
        (b'{"ok": true}', "application/json", "contains no list of models"),
        (b"[" * 100_000, "application/json", "something that isn't JSON"),
        (b"\xff\xfe\x00", "application/json", "something that isn't JSON"),
    ],
)
def test_an_answer_that_is_no_list_is_told_as_what_it_is(body: bytes, kind: str, said: str) -> None:
    with serving(body, 200, kind) as server:
        assert said in failure(server.address)


def test_a_port_where_nothing_listens_is_told() -> None:
    assert "refused the connection: no server is listening\nStart the server." in failure("http://127.0.0.1:9/v1")


def test_https_on_a_plain_port_is_told() -> None:
    with serving({}) as server:
        assert "doesn't speak TLS" in failure(server.address.replace("http", "https"))


def test_a_server_that_hangs_is_given_up() -> None:
    release = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            release.wait(20)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            assert "timed out: no reply within 0.2 s" in failure(f"http://127.0.0.1:{server.server_port}", None, 0.2)
        finally:
            release.set()
            server.shutdown()
            thread.join()


def test_what_is_refused_or_has_no_key_is_not_asked() -> None:
    with serving({"data": []}) as server:
        assert "--local" in failure(server.address, refused="only this machine is allowed (--local)")
        assert "MY_KEY is not set" in failure(server.address, key_env="MY_KEY")
        assert server.asked == []


# Which are asked

OPENAI = TierProvider(
    "openai",
    {"auto/light": "openai/a", "auto/balanced": "openai/b", "auto/large": "openai/c"},
    "OPENAI_API_KEY",
)
OLLAMA = {"OLLAMA_HOST": "127.0.0.1:9"}


def catalog(**environment: str) -> LocalCatalog:
    return LocalCatalog(lambda: [OPENAI], {**OLLAMA, **environment})


def profile(name: str, model: str, base: str | None = None, key: str | None = None) -> Profile:
    return Profile(name, ("chat",), model, "", api_base=base, api_key_env=key)


def test_profiles_of_one_address_and_key_share_an_endpoint() -> None:
    here = "http://127.0.0.1:8080/v1"
    profiles = [
        profile("one", "openai/x", here),
        profile("two", "openai/y", f"{here}/"),
        profile("three", "openai/z", here, "OTHER_KEY"),
        profile("tier", "auto/balanced"),
    ]
    found = catalog().suppliers(profiles)
    assert [(each.host, each.key_env, dict(each.profiles)) for each in found] == [
        ("127.0.0.1:8080", None, {"one": "openai/x", "two": "openai/y"}),
        ("127.0.0.1:8080", "OTHER_KEY", {"three": "openai/z"}),
        ("127.0.0.1:9", None, {}),
    ]


def test_a_provider_with_a_key_is_listed_with_the_profiles_of_its_tiers() -> None:
    found = catalog(OPENAI_API_KEY="k").suppliers([profile("tier", "auto/balanced")])
    assert [(each.host, each.address, dict(each.profiles)) for each in found] == [
        ("api.openai.com", "https://api.openai.com/v1", {"tier": "openai/b"}),
        ("127.0.0.1:9", "http://127.0.0.1:9", {}),
    ]


def test_with_local_nothing_elsewhere_is_asked() -> None:
    profiles = [profile("far", "openai/x", "https://llm.example.com/v1"), profile("near", "openai/x", "http://[::1]:1")]
    found = catalog(OPENAI_API_KEY="k").suppliers(profiles, local=True)
    assert {each.host: bool(each.refused) for each in found} == {
        "llm.example.com": True,
        "[::1]:1": False,
        "api.openai.com": True,
        "127.0.0.1:9": False,
    }


def test_window_and_price_come_from_the_table_where_the_server_is_silent() -> None:
    with serving({"data": [{"id": "gpt-4.1"}, {"id": "nobody-knows-me"}]}) as server:
        known, unknown = catalog().offers(supplier(server.address))
    assert (known.window, known.price) == (1047576, Price(2.0, 8.0))
    assert (unknown.window, unknown.price) == (None, None)
