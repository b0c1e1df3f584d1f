"""Copywriting: short variants for each field of a channel, within its limits as the channel counts them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatspace.core.calls.call import Turn
from chatspace.core.calls.step_client import ModelReply, StepClient, second_try, unfinished
from chatspace.core.errors import ModelError
from chatspace.core.events import Emit, Warned
from chatspace.core.extraction import Extraction
from chatspace.core.profiles.profile import Channel, ChannelField
from chatspace.core.runs.payload import payload
from chatspace.core.runs.run import Variant
from chatspace.core.text.json_reply import json_object
from chatspace.core.text.length import fits, measure, overshoot

PAYLOAD_TOKENS = 2_000
"""Copy is written by small models with short windows: key points and facts matter, not the whole text."""

RETRY_SHARE = 4
"""Of the room in a window: what is kept free for a second try."""

REPLY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"variants": {"type": "array", "items": {"type": "string"}}},
    "required": ["variants"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Written:
    """The variants of one field; `problem` says why fewer came than asked for, or why none can be used.

    `error` where that is because no reply came to its end.
    """

    variants: tuple[Variant, ...]
    problem: str = ""
    error: ModelError | None = None


async def write(
    channel: Channel,
    extractions: Sequence[Extraction],
    draft: str | None,
    asker: StepClient,
    stand_in: Callable[[], StepClient],
    emit: Emit,
    count: int | None = None,
) -> tuple[tuple[Variant, ...], ModelError | None]:
    """The variants of every field, `count` of each or as many as the channel wants.

    Where two replies in a row can't be used, `stand_in` gives who answers in their place; where that is because they
    broke off, the error comes with the variants. Raises ModelError.
    """
    user = payload(extractions, budget=await payload_budget(asker), extra=_lead(draft)).text
    variants: list[Variant] = []
    error: ModelError | None = None
    for channel_field in channel.fields:
        wanted = count or channel_field.count
        written = await write_field(channel_field, wanted, user, asker)
        error = error or written.error
        if not written.variants and not asker.target.offline:
            emit(Warned(f"{channel_field.name}: {written.problem}. The built-in engine answers instead."))
            written = await write_field(channel_field, wanted, user, stand_in())
        elif written.problem:
            emit(Warned(f"{channel_field.name}: {written.problem}"))
        variants += _paired(written.variants)
    return tuple(variants), error


async def payload_budget(asker: StepClient) -> int:
    """How many tokens of the sources a request for copy shows."""
    room = await asker.room(field="headline", limit=100, count=10)
    return PAYLOAD_TOKENS if room is None else min(PAYLOAD_TOKENS, room - room // RETRY_SHARE)


async def write_field(
    channel_field: ChannelField, count: int, user: str, asker: StepClient, *, already: Sequence[str] = ()
) -> Written:
    """Ask for `count` variants, and once more where some don't fit, each with what is wrong, or if the reply is no use.

    The model is told those that are there `already`. Nothing is cut: what still doesn't fit is kept and marked. Raises
    ModelError where no reply came.
    """
    turns = [Turn("user", user)]
    if already:
        seen = json.dumps({"variants": list(already)}, ensure_ascii=False)
        turns += [Turn("assistant", seen), Turn("user", f"Write {count} more that say other things than these.")]
    kept: list[str] = []
    misfits: list[str] = []
    problem = ""
    cut: ModelError | None = None
    for _ in range(2):
        try:
            said = await _ask(turns, channel_field, count, misfits, asker)
        except ModelError as error:
            if error.kind == "redirected" or not (kept or misfits or problem):
                raise
            problem = problem or str(error)
            break
        try:
            texts = parse_reply(said.text)
        except ValueError as error:
            problem = f"{said.call.model} didn't reply in the requested format: {error}"
            if cut := None if said.whole else unfinished(said):
                problem = str(cut)
            complaint = f"That can't be used: {error}. Reply with the JSON object alone."
        else:
            problem, cut = "", None
            kept += [text for text in dict.fromkeys(texts) if text not in kept and fits(text, channel_field)]
            misfits = [text for text in dict.fromkeys(texts) if not fits(text, channel_field)]
            if len(kept) >= count or not misfits:
                break
            complaint = _complaint(misfits[: count - len(kept)], channel_field)
        turns = second_try(turns, said.text, complaint)
    texts = (kept + misfits)[:count]
    if not problem and len(texts) < count:
        problem = f"{len(texts)} of {count} variants" if texts else "the reply contained no variants"
    offline = asker.target.offline
    return Written(tuple(variant(text, channel_field, offline=offline) for text in texts), problem, cut)


async def _ask(
    turns: Sequence[Turn], channel_field: ChannelField, count: int, misfits: Sequence[str], asker: StepClient
) -> ModelReply:
    return await asker.ask(
        turns,
        schema=REPLY_SCHEMA,
        field=channel_field.name,
        limit=channel_field.limit,
        count=count,
        rule=channel_field.rule,
        too_long=[text for text in misfits if overshoot(text, channel_field)],
    )


def parse_reply(text: str) -> list[str]:
    """The variants of a reply, each on one line. Raises ValueError with what is wrong."""
    variants = json_object(text).get("variants")
    if not isinstance(variants, list) or not all(isinstance(item, str) for item in variants):
        raise ValueError("`variants` is not a list of strings")
    return [line for item in variants if (line := " ".join(item.split()))]


def variant(text: str, channel_field: ChannelField, *, offline: bool) -> Variant:
    """One variant, measured."""
    return Variant(
        field=channel_field.name,
        text=text,
        length=measure(text, channel_field.rule),
        limit=channel_field.limit,
        display_limit=channel_field.display_limit,
        fits=fits(text, channel_field),
        by="offline" if offline else "model",
    )


def _forbidden(text: str, channel_field: ChannelField) -> list[str]:
    return [character for character in dict.fromkeys(channel_field.forbids) if character in text]


def _complaint(texts: Sequence[str], channel_field: ChannelField) -> str:
    """What is wrong with each, by number and by name."""
    lines = ["These variants can't be used. Write each anew and reply with the JSON object alone:"]
    for text in texts:
        wrong = []
        if over := overshoot(text, channel_field):
            length = measure(text, channel_field.rule)
            wrong.append(f"has {length} characters, {over} more than the {channel_field.limit} allowed")
        if forbidden := _forbidden(text, channel_field):
            wrong.append(f"holds {' '.join(forbidden)}, which is forbidden here")
        lines.append(f"- {json.dumps(text, ensure_ascii=False)} {' and '.join(wrong)}")
    return "\n".join(lines)


def _lead(draft: str | None) -> Mapping[str, Any] | None:
    """The title and the first paragraph of a draft, so that its copy says what it says."""
    if draft is None:
        return None
    paragraphs = [part.strip() for part in draft.split("\n\n") if part.strip()]
    title = next((part.lstrip("# ") for part in paragraphs if part.startswith("# ")), "")
    lead = next((part for part in paragraphs if not part.startswith("#")), "")
    return {"draft": {"title": title, "lead": lead}}


def _paired(variants: Sequence[Variant]) -> list[Variant]:
    """The first two of a field that fit are its A and its B."""
    sides = ["B", "A"]
    return [replace(each, pair=sides.pop()) if each.fits and sides else each for each in variants]
