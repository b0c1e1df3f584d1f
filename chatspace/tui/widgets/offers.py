"""How endpoints and their models are written, the same wherever they are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatspace.core.calls.offers import ProviderEndpoint
    from chatspace.core.calls.usage import Price

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


def heading(supplier: ProviderEndpoint) -> str:
    """The host and who goes there."""
    users = ", ".join(supplier.profiles)
    return name(supplier) + (f" · used by {users}" if users else "")


def name(supplier: ProviderEndpoint) -> str:
    """The host, and where it is one, that it is Ollama."""
    return f"Ollama at {supplier.host}" if supplier.protocol == "ollama" else supplier.host


def asking(supplier: ProviderEndpoint) -> str:
    return supplier.refused or "asking which models it has …"
