"""The way to an address: direct, or through a proxy of the environment."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from chatspace.core.errors import ModelError
from chatspace.http_policy.redirects import DEFAULT_PORTS

SOCKS_PORT = 1080


@dataclass(frozen=True, slots=True)
class Route:
    """How an address is reached; `why` says what decided it.

    `proxy` is the URL of the proxy, "" where the way is direct. It may hold a password: `shown` is for people.
    """

    proxy: str = field(repr=False)
    why: str

    @property
    def shown(self) -> str:
        """Scheme, host and port of the proxy, "direct" without one."""
        if not self.proxy:
            return "direct"
        host, port = self.proxy_address
        return f"{urlsplit(self.proxy).scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    @property
    def proxy_address(self) -> tuple[str, int]:
        """Host and port of the proxy."""
        parts = urlsplit(self.proxy)
        return parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, SOCKS_PORT)

    def unusable(self, reason: str) -> ModelError:
        """The error for a proxy that can't be used at all."""
        return ModelError(
            f"The proxy from {self.why} can't be used",
            reason,
            f"Set {self.why} to an address like http://proxy:8080, or add the host to NO_PROXY.",
            kind="bad_request",
        )


def is_loopback(host: str) -> bool:
    """Whether a host name or an IP address in any spelling leads to this machine's loopback.

    So does the unspecified address, 0.0.0.0 or ::, where a server says that it listens.
    """
    name = host.strip("[]").rstrip(".").lower()
    if name in ("localhost", "ip6-localhost", "ip6-loopback") or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return _is_short_loopback(name)
    mapped = getattr(address, "ipv4_mapped", None)  # which Python calls loopback only from 3.13 on
    return _is_here(mapped or address)


def _is_short_loopback(name: str) -> bool:
    """127.1 and 0x7f000001, which the system takes for IPv4 addresses."""
    try:
        return _is_here(ip_address(socket.inet_aton(name)))
    except (OSError, ValueError):
        return False


def _is_here(address: IPv4Address | IPv6Address) -> bool:
    return address.is_loopback or address.is_unspecified


def route_to(url: str) -> Route:
    """The way that every request to `url` takes. Raises ModelError for a proxy whose address can't be read."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return Route("", "the address can't be read")
    host = parts.hostname or ""
    if is_loopback(host):
        return Route("", "loopback never goes through a proxy")
    proxies = getproxies()
    kind = next((kind for kind in (parts.scheme, "all") if proxies.get(kind)), "")
    if not kind:
        return Route("", "no proxy is set")
    if proxy_bypass(parts.netloc.rpartition("@")[2]) or _in_exempt_network(host, proxies.get("no", "")):
        return Route("", "NO_PROXY names it")
    proxy = proxies[kind]
    route = Route(proxy if "://" in proxy else f"http://{proxy}", _variable(kind))
    if not _readable(route.proxy):
        raise route.unusable("its address can't be read")
    return route


def _readable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _variable(kind: str) -> str:
    name = f"{kind}_proxy"
    return next((spelling for spelling in (name, name.upper()) if os.environ.get(spelling)), "the system's settings")


def _in_exempt_network(host: str, exempt: str) -> bool:
    """Whether NO_PROXY names a network, as in 10.0.0.0/8, that an IP address is in."""
    for entry in exempt.split(","):
        try:
            if ip_address(host) in ip_network(entry.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False
