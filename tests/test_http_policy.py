"""The one policy on where requests go, whatever library makes them."""

from __future__ import annotations

import ast
import asyncio
from ipaddress import IPv4Address
from pathlib import Path

import aiohttp
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chatspace
from chatspace.adapters.litellm.provider import LitellmProvider
from chatspace.http_policy import RedirectRefused, is_loopback, route_to
from chatspace.http_policy.libraries import govern
from tests.asking import outcome, request_to
from tests.model_server import ModelServer, Redirect
from tests.recorder import recording

STATUSES = (301, 302, 303, 307, 308)
BODY = {"model": "m", "messages": []}
NETWORKING = {
    "aiohttp",
    "ftplib",
    "http.client",
    "httpcore",
    "httpx",
    "requests",
    "smtplib",
    "socket",
    "urllib.request",
    "urllib3",
    "websockets",
}
ALLOWED = {
    "chatspace/http_policy/fetching.py",
    "chatspace/http_policy/libraries.py",
    "chatspace/http_policy/routes.py",
    # The names of errors alone, and a client that answers itself.
    "chatspace/adapters/litellm/errors.py",
    "chatspace/adapters/catalog/listing.py",
    "chatspace/adapters/catalog/ollama.py",
    "chatspace/adapters/litellm/warmup.py",
}


def _imported(tree: ast.AST) -> set[str]:
    """The modules that a file imports, also those that it imports by their names as texts."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), names=names):
                found |= {module, *(f"{module}.{alias.name}" for alias in names)}
            case ast.Call(
                func=ast.Name("import_module") | ast.Attribute(attr="import_module"), args=[ast.Constant(name)]
            ):
                found.add(str(name))
    return found


def test_nothing_but_the_policy_opens_connections() -> None:
    package = Path(chatspace.__file__).parent
    found = {
        f"chatspace/{file.relative_to(package).as_posix()}"
        for file in package.rglob("*.py")
        if _imported(ast.parse(file.read_text("utf-8"))) & NETWORKING
    }
    assert found <= ALLOWED


@given(st.integers(0x7F000000, 0x7FFFFFFF))
def test_every_address_of_127_is_loopback_in_every_spelling(number: int) -> None:
    address = IPv4Address(number)
    for name in (str(address), f"::ffff:{address}", f"[::ffff:{address}]", str(number), hex(number)):
        assert is_loopback(name), name


LOOPBACK = "::1 [::1] LOCALHOST localhost. api.localhost a.b.Localhost ip6-localhost 127.1 0.0.0.0 :: [::]"


@pytest.mark.parametrize("name", LOOPBACK.split())
def test_the_names_of_loopback(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize(
    "name",
    ["", "localhost.example.com", "notlocalhost", "127.0.0.1.example.com", "128.0.0.1", "::2", "::ffff:10.0.0.1"],
)
def test_other_names_are_not_loopback(name: str) -> None:
    assert not is_loopback(name)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_the_route_names_the_variable_and_hides_the_password(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "me:secret@proxy.example:3128")
    route = route_to("http://models.example/v1")
    assert (route.shown, route.why) == ("http://proxy.example:3128", variable)
    assert "secret" not in repr(route)


def test_no_proxy_may_name_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "10.0.0.0/8,fd00::/8")
    routes = [route_to(f"http://{host}/v1").shown for host in ("10.1.2.3:8000", "[fd00::1]", "11.1.2.3")]
    assert routes == ["direct", "direct", "http://proxy.example:3128"]


@pytest.mark.parametrize("status", STATUSES)
async def test_every_client_refuses_a_redirect_whatever_it_was_told(status: int) -> None:
    govern()
    with ModelServer() as server, recording() as elsewhere:
        address = f"{server.url}/chat/completions"
        server.answer(Redirect(status, elsewhere.root))
        with pytest.raises(RedirectRefused):
            await asyncio.to_thread(httpx.post, address, json=BODY, follow_redirects=True)
        async with httpx.AsyncClient(follow_redirects=True) as client:
            with pytest.raises(RedirectRefused):
                await client.post(address, json=BODY)
        async with aiohttp.ClientSession() as session:
            with pytest.raises(RedirectRefused):
                await session.post(address, json=BODY, allow_redirects=True)
        assert (len(server.requests), elsewhere.connections) == (3, 0)


async def test_no_client_takes_a_proxy_to_loopback_whatever_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    govern()
    with ModelServer() as server, recording(server.port) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.root)
        monkeypatch.setenv("HTTP_PROXY", proxy.root)
        address = f"{server.url}/models"
        assert (await asyncio.to_thread(httpx.get, address, proxy=proxy.root)).status_code == 200
        mounts = {"all://": httpx.AsyncHTTPTransport(proxy=proxy.root)}
        async with httpx.AsyncClient(mounts=mounts) as client:
            assert (await client.get(address)).status_code == 200
        async with aiohttp.ClientSession(trust_env=True) as session, session.get(address) as response:
            assert response.status == 200
        assert (len(server.probes), proxy.connections) == (3, 0)


async def test_a_provider_that_uses_aiohttp_follows_no_redirect() -> None:
    provider = LitellmProvider()
    with ModelServer() as server, recording() as elsewhere:
        for number, status in enumerate(STATUSES, 1):
            server.script(Redirect(status, elsewhere.root))
            result = await outcome(provider, request_to(server.url, model="aiohttp_openai/some-model"))
            assert result.error is not None
            assert (result.error.kind, result.error.status) == ("redirected", status)
            assert (len(server.requests), elsewhere.connections) == (number, 0)
