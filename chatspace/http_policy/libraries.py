"""The policy inside the HTTP libraries that litellm uses, whoever makes a client and whatever options it is given."""

from __future__ import annotations

from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Callable
from functools import cache, wraps
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import aiohttp
import httpx

from chatspace.http_policy.redirects import refusal
from chatspace.http_policy.routes import route_to

Transport = TypeVar("Transport")
OF_TRANSPORTS = ("verify", "cert", "http1", "http2", "limits")
"""The options of a client that its transports need."""


@cache
def govern() -> None:
    """Put every client of httpx and aiohttp that is made from now on in this process under the policy."""
    _govern_httpx(httpx.Client, httpx.HTTPTransport, _Governed)
    _govern_httpx(httpx.AsyncClient, httpx.AsyncHTTPTransport, _AsyncGoverned)
    _govern_aiohttp()


class _Ways(Generic[Transport]):
    """The transports of one client: direct, and one for each proxy."""

    def __init__(self, make: Callable[[str | None], Transport]) -> None:
        self._make = make
        self._made: dict[str, Transport] = {}

    @property
    def made(self) -> tuple[Transport, ...]:
        return tuple(self._made.values())

    def to(self, url: httpx.URL) -> Transport:
        """Raises ModelError for a proxy that can't be used."""
        route = route_to(str(url))
        if route.proxy not in self._made:
            try:
                self._made[route.proxy] = self._make(route.proxy or None)
            except (ImportError, ValueError) as error:
                if not route.proxy:
                    raise
                raise route.unusable(str(error)) from error
        return self._made[route.proxy]


class _Governed(httpx.BaseTransport):
    def __init__(self, make: Callable[[str | None], httpx.BaseTransport]) -> None:
        self._ways = _Ways(make)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._ways.to(request.url).handle_request(request)
        if refused := refusal(str(request.url), response.status_code, response.headers.get("location")):
            response.close()
            raise refused
        return response

    def close(self) -> None:
        for way in self._ways.made:
            way.close()


class _AsyncGoverned(httpx.AsyncBaseTransport):
    """Connections belong to the event loop that opened them, and litellm keeps clients for longer than that."""

    def __init__(self, make: Callable[[str | None], httpx.AsyncBaseTransport]) -> None:
        self._make = make
        self._by_loop: WeakKeyDictionary[AbstractEventLoop, _Ways[httpx.AsyncBaseTransport]] = WeakKeyDictionary()

    @property
    def _ways(self) -> _Ways[httpx.AsyncBaseTransport]:
        return self._by_loop.setdefault(get_running_loop(), _Ways(self._make))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._ways.to(request.url).handle_async_request(request)
        if refused := refusal(str(request.url), response.status_code, response.headers.get("location")):
            await response.aclose()
            raise refused
        return response

    async def aclose(self) -> None:
        for way in self._ways.made:
            await way.aclose()


def _govern_httpx(client: Any, transport_class: Callable[..., Any], governed_class: Callable[..., Any]) -> None:
    """Have each client made over our transport; its own reading of the proxy variables is switched off."""
    init = client.__init__

    @wraps(init)
    def governed(self: Any, *, transport: Any = None, trust_env: bool = True, **options: Any) -> None:
        own = {name: options[name] for name in OF_TRANSPORTS if name in options}
        others = {name: value for name, value in options.items() if name not in ("mounts", "proxy")}

        def make(proxy: str | None) -> Any:
            return transport or transport_class(proxy=proxy, trust_env=trust_env, **own)

        init(self, transport=governed_class(make), trust_env=False, **others)

    client.__init__ = governed


def _govern_aiohttp() -> None:
    """aiohttp takes no proxy unless asked to, and tells of a redirect before it follows it."""
    session: Any = aiohttp.ClientSession
    init = session.__init__

    @wraps(init)
    def governed(self: Any, *arguments: Any, **options: Any) -> None:
        tracing = aiohttp.TraceConfig()
        tracing.on_request_redirect.append(_refuse)
        traced = [*(options.get("trace_configs") or ()), tracing]
        init(self, *arguments, **{**options, "trace_configs": traced, "trust_env": False})

    session.__init__ = governed


async def _refuse(session: aiohttp.ClientSession, context: Any, redirect: aiohttp.TraceRequestRedirectParams) -> None:
    response = redirect.response
    refused = refusal(
        str(response.url), response.status, response.headers.get("Location") or response.headers.get("URI")
    )
    if refused:
        response.close()
        raise refused
