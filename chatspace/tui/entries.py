"""Stored messages as the transcript shows them."""

from __future__ import annotations

from chatspace.core.conversation import Message
from chatspace.core.profile import OFFLINE_PREFIX
from chatspace.core.text import display
from chatspace.tui.jobs import Job
from chatspace.tui.transcript.entries import Entry


def entry_of(message: Message, job: Job | None = None) -> Entry:
    """The entry of a message; `job` is the one that writes it, where one does."""
    growing = job is not None and job.reply is not None and job.reply.id == message.id
    return Entry(
        key=message.id,
        role=message.role,
        text=job.text if growing and job else message.text,
        reasoning=job.reasoning if growing and job else message.reasoning,
        status=message.status,
        error=message.error,
        footer=footer_of(message),
        label=f"{message.sibling}/{message.siblings}" if message.siblings > 1 else "",
    )


def footer_of(message: Message) -> str:
    """Who answered, how much it was and how long it took."""
    if message.role == "user":
        return ""
    offline = (message.model or "").startswith(OFFLINE_PREFIX)
    parts = [message.profile, message.model, "embedded engine, no language model" if offline else ""]
    if message.status == "streaming":
        parts.append(f"→ {message.host}")
    else:
        if message.usage and not offline:
            parts += [display.tokens(message.usage), display.cost(message.cost_usd)]
        if message.elapsed_ms is not None:
            parts.append(display.seconds(message.elapsed_ms))
        if message.step != "chat":
            parts.append(message.why)
    return " · ".join(part for part in parts if part)
