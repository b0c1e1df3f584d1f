"""The copy stage: short variants for each field of a channel, within its limits as the channel counts them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatspace.core.call import Call, Turn
from chatspace.core.profile import ChannelField
from chatspace.core.run import Variant
from chatspace.core.text.json_reply import json_object
from chatspace.core.text.length import measure

REPLY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"variants": {"type": "array", "items": {"type": "string"}}},
    "required": ["variants"],
    "additionalProperties": False,
}

Ask = Callable[[Sequence[Turn], Sequence[str]], Awaitable[Call]]
"""Puts turns to the field's profile; the strings are the variants of the last reply that were too long."""


@dataclass(frozen=True, slots=True)
class Written:
    """The variants of one field; `problem` says why fewer came than asked for, or why none can be used."""

    variants: tuple[Variant, ...]
    problem: str = ""


async def write_field(channel_field: ChannelField, count: int, user: str, ask: Ask, *, offline: bool) -> Written:
    """Ask for `count` variants, and once more for those too long, the overshoot named, or if the reply can't be used.

    Nothing is cut: what still doesn't fit is kept and marked. Raises ModelError where no reply came.
    """
    turns = [Turn("user", user)]
    kept: list[str] = []
    problem = ""
    too_long: list[str] = []
    for _ in range(2):
        call = await ask(turns, too_long)
        try:
            texts = parse_reply(call.text)
        except ValueError as error:
            problem = f"{call.model} didn't reply in the form asked for: {error}"
            complaint = f"That can't be used: {error}. Reply with the JSON object alone."
        else:
            problem = ""
            kept += [text for text in texts if text not in kept and _fits(text, channel_field)]
            too_long = [text for text in texts if not _fits(text, channel_field)]
            missing = count - len(kept)
            if missing <= 0 or not too_long:
                break
            complaint = _overshoot(too_long[:missing], channel_field)
        turns += [Turn("assistant", call.text), Turn("user", complaint)]
    texts = (kept + [text for text in too_long if text not in kept])[:count]
    if not texts and not problem:
        problem = "the reply held no variants"
    elif len(texts) < count and not problem:
        problem = f"{len(texts)} of {count} variants"
    return Written(tuple(variant(text, channel_field, offline=offline) for text in texts), problem)


def parse_reply(text: str) -> list[str]:
    """The variants of a reply, each on one line. Raises ValueError with what is wrong."""
    variants = json_object(text).get("variants")
    if not isinstance(variants, list) or not all(isinstance(item, str) for item in variants):
        raise ValueError("`variants` is no list of strings")
    return [line for item in variants if (line := " ".join(item.split()))]


def variant(text: str, channel_field: ChannelField, *, offline: bool) -> Variant:
    """One variant, measured."""
    return Variant(
        field=channel_field.name,
        text=text,
        length=measure(text, channel_field.rule),
        limit=channel_field.limit,
        display_limit=channel_field.display_limit,
        fits=_fits(text, channel_field),
        by="offline" if offline else "model",
    )


def _fits(text: str, channel_field: ChannelField) -> bool:
    return measure(text, channel_field.rule) <= channel_field.limit and not any(
        character in text for character in channel_field.forbids
    )


def _overshoot(texts: Sequence[str], channel_field: ChannelField) -> str:
    lines = [
        f"- {json.dumps(text, ensure_ascii=False)} has {measure(text, channel_field.rule)} characters,"
        f" {measure(text, channel_field.rule) - channel_field.limit} more than the {channel_field.limit} allowed"
        for text in texts
    ]
    return "\n".join(
        ["These variants are too long. Write each anew, shorter, and reply with the JSON object alone:", *lines]
    )
