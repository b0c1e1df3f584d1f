"""Stored messages and jobs as the transcript and the status line show them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chatspace.core.text import display
from chatspace.tui.transcript.entries import Entry

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Attached, Message, QueuedMessage
    from chatspace.tui.jobs import Job

BROKEN = ("failed", "truncated", "interrupted")
AGAIN = "r tries again, or f8 from anywhere"


def entry_of(message: Message, job: Job | None = None) -> Entry:
    """The entry of a message; `job` is the one that writes it, where one does."""
    entry = Entry(
        key=message.id,
        role=message.role,
        text=message.text,
        reasoning=message.reasoning,
        status=message.status,
        error=_error_of(message),
        footer=footer_of(message),
        label=f"version {message.sibling}/{message.siblings}" if message.siblings > 1 else "",
        thought=_thought(message.reasoning_ms),
    )
    if job is None or job.reply is None or job.reply.id != message.id or message.status != "streaming":
        return entry
    return replace(entry, text=job.live.text, reasoning=job.live.reasoning, thought=_thinking(job))


def waiting_entries(waiting: Sequence[QueuedMessage], job: Job | None, whole: bool) -> list[Entry]:
    """What waits: for `job` where there is one, else because the reply before it isn't `whole`; said once, above."""
    if job:
        why = "waits for the reply · up on an empty prompt takes back the last"
    elif whole:
        why = "not sent yet · r sends it, e takes it back"
    else:
        why = "not sent: the reply is incomplete · r retries it, e edits this"
    return [
        Entry(
            f"queued {queued.id}",
            "user",
            queued.text,
            footer=display.line(
                "waits too" if number else why,
                queued.profile,
                queued.model,
                f"think {queued.effort}" if queued.effort else "",
            ),
        )
        for number, queued in enumerate(waiting)
    ]


def footer_of(message: Message) -> str:
    """Who answered, how much it was, how long it took and how fast it came."""
    # The first frame has no need of these.
    from chatspace.core.profiles.profile import OFFLINE_PREFIX
    from chatspace.core.workspace.conversations import BY_HAND

    if message.role == "user":
        return f"with {', '.join(map(_source, message.sources))}" if message.sources else ""
    offline = (message.model or "").startswith(OFFLINE_PREFIX)
    said = display.line(
        message.profile,
        message.model,
        "built-in engine, no language model" if offline else "",
        f"think {message.effort}" if message.effort else "",
    )
    if message.status == "streaming":
        return display.line(said, f"→ {message.host}")
    return display.line(
        said,
        *((display.tokens(message.usage), display.cost(message.cost_usd)) if message.usage and not offline else ()),
        display.seconds(message.elapsed_ms) if message.elapsed_ms is not None else "",
        "" if offline else _rate_of(message),
        message.why if message.step != "chat" or message.why == BY_HAND else "",
    )


def _source(attached: Attached) -> str:
    return f"{attached.name} ({display.count(attached.words, 'word')})"


def progress_of(job: Job) -> str:
    """How far a job is: its stage, how long it runs, when the first piece came and how fast the others do."""
    from chatspace.core.text.tokens import estimate_tokens  # the first frame has no need of it

    now = time.monotonic()
    tokens = estimate_tokens(job.live.text) + estimate_tokens(job.live.reasoning)
    since = now - job.live.first if job.live.first else 0.0
    return display.line(
        job.live.stage,
        job.live.note
        or ("thinking" if job.live.thinking else "writing" if job.live.first else "waiting" if job.reply else ""),
        display.seconds(round((now - job.live.began) * 1000)),
        f"first token after {display.seconds(round((job.live.first - job.live.began) * 1000))}"
        if job.live.first
        else "",
        f"~{tokens / since:.0f} tokens/s" if since > 0.5 else "",
    )


def _error_of(message: Message) -> str | None:
    """What went wrong and what to do, the key that tries again among that."""
    if message.error is None or message.status not in BROKEN:
        return message.error
    return "\n".join((message.error, *(["The text received so far is kept."] if message.text else []), AGAIN))


def _thinking(job: Job) -> str:
    if job.live.thought_from is None:
        return ""
    until = job.live.thought_until or time.monotonic()
    spent = round((until - job.live.thought_from) * 1000)
    return f"thinking… {_span(spent)}" if job.live.thinking else _thought(spent)


def _thought(milliseconds: int | None) -> str:
    return "" if milliseconds is None else f"thought for {_span(milliseconds)}"


def _span(milliseconds: int) -> str:
    """Whole seconds from one second on: nobody needs it finer."""
    whole = 1_000 <= milliseconds < 60_000
    return f"{milliseconds / 1000:.0f} s" if whole else display.seconds(milliseconds)


def _rate_of(message: Message) -> str:
    """Tokens per second from the first on, marked where their number is an estimate."""
    usage, elapsed = message.usage, message.elapsed_ms
    if usage is None or elapsed is None or message.first_token_ms is None or elapsed - message.first_token_ms < 500:
        return ""
    mark = "~" if usage.estimated else ""
    return f"{mark}{usage.output * 1000 / (elapsed - message.first_token_ms):.0f} tokens/s"
