"""Redirects, which are refused: the new address would get the text and the key, and its answer another host's name."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from chatspace.core.errors import ModelError

REDIRECTS = frozenset({301, 302, 303, 307, 308})
DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_SHOWN = 200
UNREADABLE = "an unreadable address"


class RedirectRefused(ModelError):
    """A server pointed to another address, and nothing was sent there."""


def refusal(url: str, status: int, location: str | None) -> RedirectRefused | None:
    """The error for an answer of `url` that is a redirect; None for any other answer."""
    if status not in REDIRECTS:
        return None
    host = urlsplit(url).netloc.rpartition("@")[2]
    (here, _), (there, path) = _place(url, ""), _place(url, location or "")
    if location and here != there:
        return RedirectRefused(
            f"{host} redirects to {there}",
            f"status {status}; redirects are not followed, and nothing was sent there",
            f"If you trust {there}, set api_base in the profile to its address. If not, check what answers at {host}.",
            kind="redirected",
            status=status,
        )
    return RedirectRefused(
        f"{host} redirects to " + (f"{there}{path}" if location else "no address"),
        f"status {status}; redirects are not followed",
        "Correct the path of api_base in the profile.",
        kind="bad_request",
        status=status,
    )


def _place(url: str, location: str) -> tuple[str, str]:
    """The origin that a redirect of `url` leads to, and the path there without the query, which may hold a key."""
    try:
        parts = urlsplit(urljoin(url, location))
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return UNREADABLE, ""
    host = parts.hostname or ""
    name = f"[{host}]" if ":" in host else host
    usual = port is None or port == DEFAULT_PORTS.get(parts.scheme)
    return _shown(f"{parts.scheme}://{name}" + ("" if usual else f":{port}")), _shown(parts.path)


def _shown(text: str) -> str:
    """A stranger's address without what a screen would obey."""
    return "".join(character for character in text if character.isprintable())[:MAX_SHOWN]
