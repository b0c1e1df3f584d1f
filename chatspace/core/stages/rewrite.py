"""The rewrite stage: a passage back from a model as an instruction asks, in one go or in parts that fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from chatspace.core.calls.call import Turn
from chatspace.core.calls.step_client import CONTINUATION_TOKENS, ModelReply, StepClient, too_large
from chatspace.core.errors import ModelError
from chatspace.core.events import DeltaReceived, Emit, Warned
from chatspace.core.runs.chunks import MIN_CHUNK, cut
from chatspace.core.structure import parse
from chatspace.core.text.tokens import estimate_tokens

HALVINGS = 2
"""How often the parts are made smaller where a server finds them too large all the same."""

MAX_REJECTED, REJECTED_LENGTH = 20, 400
"""How many of the proposals that were turned down a request repeats, the last ones, and how much of each."""

_FENCED = re.compile(
    r"(?P<fence>`{3,}|~{3,})[ \t]*(?:markdown|md|text|plaintext|txt)?[ \t]*\n(?P<body>.*)\n(?P=fence)[ \t]*", re.DOTALL
)
_PREFACE = re.compile(
    r"(?:(?:sure|certainly|of course|absolutely|okay|ok|gladly|gerne|klar|natürlich)[,!.:][^\n]{0,100}[:.!][ \t]*\n\s*"
    r"|(?:here(?:'s|’s| is| are)|below is|hier (?:ist|sind|die|der)"
    r"|the (?:revised|rewritten|edited|corrected|shortened|translated))\b[^\n]{0,120}:[ \t]*\n\s*)",
    re.IGNORECASE,
)
_QUOTES = (("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"))


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The passage as the model gave it back; where it isn't whole, as far as it came, with what ended it."""

    text: str
    said: ModelReply
    error: ModelError | None = None


async def rewrite(
    passage: str, asker: StepClient, emit: Emit, *, instruction: str, rejected: Sequence[str] = ()
) -> Rewritten:
    """Ask for the passage as the instruction wants it; what is longer than a window or a reply goes in parts.

    `rejected` are proposals that were turned down before. Raises ModelError where no text came at all.
    """
    turned_down = [one[:REJECTED_LENGTH] for one in rejected[-MAX_REJECTED:]]
    told: dict[str, Any] = {"instruction": instruction, "rejected": turned_down or None}
    budget = await _budget(asker, told)
    for halving in range(HALVINGS + 1):
        parts = _parts(passage, budget) if budget is not None else [passage]
        if len(parts) > 1:
            emit(Warned(f"Rewriting the passage in {len(parts)} parts: it is too long for {asker.target.model}."))
        try:
            return await _in_parts(parts, asker, emit, told)
        except ModelError as error:
            if error.kind != "context" or halving == HALVINGS:
                raise
            budget = min(budget or estimate_tokens(passage), estimate_tokens(passage)) // 2
    raise AssertionError("unreachable: the last try returns or raises")


async def _budget(asker: StepClient, told: dict[str, Any]) -> int | None:
    """How many tokens a part may have so that it fits the window, and its rewrite a reply."""
    if asker.target.offline:
        return None
    room = await asker.room(**told)
    most = asker.target.profile.max_output_tokens
    limits = [room - CONTINUATION_TOKENS if room is not None else None, most * 4 // 5 if most else None]
    known = [limit for limit in limits if limit is not None]
    if room is not None and room - CONTINUATION_TOKENS < MIN_CHUNK:
        raise too_large(asker.target, 3 * MIN_CHUNK, max(0, room))
    return min(known) if known else None


def _parts(passage: str, budget: int) -> list[str]:
    """The passage in parts that joined are the passage, cut at headings and between blocks where possible."""
    if estimate_tokens(passage) <= budget:
        return [passage]
    starts = [chunk.span[0] for chunk in cut(parse(passage), budget)]
    edges = [0, *starts[1:], len(passage)]
    return [passage[start:end] for start, end in pairwise(edges) if start < end]


async def _in_parts(parts: Sequence[str], asker: StepClient, emit: Emit, told: dict[str, Any]) -> Rewritten:
    done: list[str] = []
    last: ModelReply | None = None

    def hear(text: str) -> None:
        emit(DeltaReceived("rewrite", text))

    for part in parts:
        if not part.strip():
            done.append(part)
            continue
        try:
            last = await asker.ask([Turn("user", part.strip("\n"))], on_text=hear, **told)
        except ModelError as error:
            if last is None:
                raise
            return Rewritten("".join(done), last, _unfinished(asker, str(error)))
        done.append(cleaned(last.text, part, whole=last.whole))
        if not last.whole:
            return Rewritten("".join(done), last, _unfinished(asker, last.call.error or ""))
        if part is not parts[-1]:
            hear(part[len(part.rstrip()) :])
    assert last is not None, "a passage has something in it"
    return Rewritten("".join(done), last)


def _unfinished(asker: StepClient, reason: str) -> ModelError:
    remedy = "The received part is kept, and the rest of the passage is unchanged. Try again, or choose another model."
    return ModelError(f"{asker.target.model} didn't finish its reply", reason, remedy, kind="cut")


def cleaned(reply: str, passage: str, *, whole: bool = True) -> str:
    """The reply without what models wrap round a text, and with the space round it that the passage has."""
    text = reply.strip()
    for _ in range(2):
        text = _unwrapped(text, passage.strip())
    lead = passage[: len(passage) - len(passage.lstrip("\n"))]
    tail = passage[len(passage.rstrip()) :] if whole else ""
    return lead + text + tail if text else ""


def _unwrapped(text: str, passage: str) -> str:
    preface = _PREFACE.match(text)
    if preface and not _PREFACE.match(passage):
        text = text[preface.end() :].strip()
    fenced = _FENCED.fullmatch(text)
    if fenced and not passage.startswith(("```", "~~~")):
        text = fenced["body"].strip("\n")
    for opening, closing in _QUOTES:
        inside = text[1:-1]
        wrapped = len(text) > 1 and text.startswith(opening) and text.endswith(closing)
        if wrapped and not passage.startswith(opening) and opening not in inside and closing not in inside:
            text = inside
    return text
