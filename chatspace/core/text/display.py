"""Numbers and short facts as people read them, the same on every face."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatspace.core.calls.usage import Usage


def tokens(usage: Usage) -> str:
    """`1,204 → 812 tokens`, with a tilde before what is an estimate."""
    mark = "~" if usage.estimated else ""
    thinking = f", {usage.reasoning:,} of them thinking" if usage.reasoning else ""
    return f"{mark}{usage.input:,} → {mark}{usage.output:,} tokens{thinking}"


def cost(usd: float | None) -> str:
    """`$0.0042`; an unknown price is never shown as zero."""
    if usd is None:
        return "cost unknown"
    if usd == 0:
        return "no cost"
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.2g}" if usd >= 0.001 else "under $0.001"


def seconds(milliseconds: int | None) -> str:
    """`6.1 s`, `2 min 5 s`."""
    if milliseconds is None:
        return "unknown time"
    if milliseconds < 100:
        return f"{milliseconds} ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.1f} s"
    minutes, rest = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {rest} s"


def count(number: int, noun: str) -> str:
    """`1 word`, `2 words`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def line(*parts: str | None) -> str:
    """`a · b`: those parts that say something."""
    return " · ".join(part for part in parts if part)
