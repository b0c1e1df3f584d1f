"""How endpoints and their models are written, the same wherever they are listed."""

from __future__ import annotations

from chatspace.core.offers import Endpoint
from chatspace.core.usage import Price

COLUMNS = "window · USD per million tokens in / out"


def window_and_price(window: int | None, price: Price | None) -> str:
    """`128k · $2 / $8`; what nobody knows is unknown."""
    if window is None:
        shown = "window unknown"
    elif window < 10_000:
        shown = f"{window:,}"
    else:
        shown = f"{window / 1e6:.3g}M" if window >= 1_000_000 else f"{window / 1000:.0f}k"
    if price is None:
        return f"{shown} · price unknown"
    if price.input == price.output == 0:
        return f"{shown} · no cost"
    return f"{shown} · ${price.input:g} / ${price.output:g}"


def heading(endpoint: Endpoint) -> str:
    """The host and who goes there."""
    users = ", ".join(endpoint.profiles)
    return name(endpoint) + (f" · used by {users}" if users else "")


def name(endpoint: Endpoint) -> str:
    """The host, and where it is one, that it is Ollama."""
    return f"Ollama at {endpoint.host}" if endpoint.protocol == "ollama" else endpoint.host


def asking(endpoint: Endpoint) -> str:
    return endpoint.refused or "asking which models it has …"
