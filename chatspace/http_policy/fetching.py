"""Requests of this program's own: lists of models, probes and checks, without a library that takes long to load."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any, NoReturn
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from chatspace.http_policy.redirects import refusal
from chatspace.http_policy.routes import Route, route_to

USABLE = ("http", "https")


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of a successful answer, at most `limit` bytes and one more of it, and its media type."""

    data: bytes
    kind: str


class _NoRedirects(HTTPRedirectHandler):
    def http_error_302(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message) -> NoReturn:
        """Fail for every status that asks for another address."""
        fp.close()
        refused = refusal(req.full_url, code, headers.get("Location"))
        assert refused is not None, "urllib calls this for redirects alone"
        raise refused

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def get(url: str, headers: Mapping[str, str], *, seconds: float, limit: int) -> Answer:
    """GET `url`. Raises ModelError for a redirect or a proxy that can't be used, else what urllib raises."""
    route = route_to(url)
    if route.proxy and urlsplit(route.proxy).scheme not in USABLE:
        raise route.unusable("lists of models need an http:// proxy")
    proxies = {urlsplit(url).scheme: route.proxy} if route.proxy else {}
    opener = build_opener(_NoRedirects, ProxyHandler(proxies))
    with opener.open(Request(url, headers=dict(headers)), timeout=seconds) as answer:
        response: Any = answer
        return Answer(response.read(limit + 1), response.headers.get_content_type())


def connect(url: str, seconds: float) -> Route:
    """Open and close a connection to `url`, or to the proxy on the way there. Raises OSError or ValueError."""
    route, parts = route_to(url), urlsplit(url)
    port = parts.port or (80 if parts.scheme == "http" else 443)
    address = route.proxy_address if route.proxy else (parts.hostname or "", port)
    with socket.create_connection(address, timeout=seconds):
        return route
