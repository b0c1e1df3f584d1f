"""The story stage: openings in the tones asked for, read from a reply whatever its form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatspace.core.calls.call import Turn
from chatspace.core.calls.step_client import ModelReply, StepClient
from chatspace.core.chat.openings import CUT, NOT_AS_ASKED, Proposal
from chatspace.core.errors import BudgetReached, ModelError

REPLY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "openings": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"tone": {"type": "string"}, "text": {"type": "string"}},
                "required": ["tone", "text"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["openings"],
    "additionalProperties": False,
}
MAX_SHOWN_AGAIN = 4_000
"""Characters of an unusable reply that the model sees again."""


@dataclass(frozen=True, slots=True)
class StoryReply:
    """The openings of one reply; `problem` says why it isn't what was asked for."""

    openings: tuple[Proposal, ...]
    said: ModelReply
    problem: str = ""


async def write(turns: Sequence[Turn], asker: StepClient, *, count: int, tones: Sequence[str]) -> StoryReply:
    """Ask for `count` openings, and once more where the reply can't be used; then what can be read of it is kept.

    Raises ModelError where no reply came.
    """
    first = await _ask(turns, asker, count, tones)
    if not first.problem or not first.said.whole:
        return first
    complaint = f"That can't be used: {first.problem}. Reply with the JSON object alone."
    again = [*turns, Turn("assistant", first.said.text[:MAX_SHOWN_AGAIN]), Turn("user", complaint)]
    try:
        second = await _ask(again, asker, count, tones)
    except (ModelError, BudgetReached):
        return first
    return second if not second.problem or len(second.openings) > len(first.openings) else first


async def _ask(turns: Sequence[Turn], asker: StepClient, count: int, tones: Sequence[str]) -> StoryReply:
    # Without tones the recipe's own words on them stand.
    said = await asker.ask(turns, schema=REPLY_SCHEMA, openings=count, tone=list(tones) or None)
    openings, problem = parse_reply(said.text, whole=said.whole)
    if len(tones) == 1:
        openings = tuple(replace(each, tone=each.tone or tones[0]) for each in openings)
    return StoryReply(openings, said, problem)


def parse_reply(text: str, *, whole: bool = True) -> tuple[tuple[Proposal, ...], str]:
    """The openings of a reply, and what is wrong with the reply as a whole ("" where nothing is).

    JSON, JSON that is broken or cut, or a numbered list; failing these the whole text is one opening, marked. Of a
    reply that isn't whole the last opening is marked, unless its end is seen.
    """
    if not text.strip():
        return (), "the reply is empty"
    listed = _listed(text)
    if listed is not None:
        found = tuple(_proposals(listed))
        lost = len(found) < len(listed)
        return found, "an opening is not an object with a text" if lost else "" if found else "it contains no openings"
    if re.search(r'"(?:text|openings)"\s*:', text):
        found = tuple(_from_broken_json(text))
        if not whole:
            return found, ""
        return tuple(replace(each, problem=each.problem or NOT_AS_ASKED) for each in found), "the JSON is broken"
    if found := tuple(_numbered(text)):
        return found if whole else (*found[:-1], replace(found[-1], problem=CUT)), ""
    return (Proposal("", text.strip(), NOT_AS_ASKED if whole else CUT),), "it contains no JSON object"


def _listed(text: str) -> list[Any] | None:
    """The list of openings where the reply holds JSON that can be read; a line break in a string does no harm."""
    bare = text.strip().removeprefix("```json").strip("`\n ")
    start, end = (0, len(bare)) if bare.startswith("[") else (bare.find("{"), bare.rfind("}") + 1)
    try:
        value = json.loads(bare[max(start, 0) : end], strict=False)
    except (ValueError, RecursionError):
        return None
    listed = value.get("openings", [value] if "text" in value else None) if isinstance(value, dict) else value
    return listed if isinstance(listed, list) else None


def _proposals(listed: Sequence[Any]) -> Iterator[Proposal]:
    for item in listed:
        text, tone = (item.get("text"), item.get("tone")) if isinstance(item, dict) else (item, "")
        if isinstance(text, str) and text.strip():
            yield Proposal(_in_a_line(tone) if isinstance(tone, str) else "", text.strip())


_PAIR = re.compile(
    r'"(tone|text)"\s*:\s*"((?:\\.|[^\\])*?)(?:"(?=\s*(?:[}\]]|,\s*"(?:tone|text)"\s*:|\Z))|(\\?\Z))', re.DOTALL
)
"""A tone or a text; what ends it is a quotation mark behind which the object goes on or ends, or the end of all."""


def _from_broken_json(text: str) -> Iterator[Proposal]:
    pairs = [(name, _unescaped(value), end is not None) for name, value, end in _pairs(text)]
    tone_first = not pairs or pairs[0][0] == "tone"
    for index, (name, value, cut) in enumerate(pairs):
        if name != "text" or not value.strip():
            continue
        beside = index - 1 if tone_first else index + 1
        tone = pairs[beside][1] if 0 <= beside < len(pairs) and pairs[beside][0] == "tone" else ""
        yield Proposal(_in_a_line(tone), value.strip(), CUT if cut else "")


def _pairs(text: str) -> Iterator[tuple[str, str, str | None]]:
    for found in _PAIR.finditer(text):
        yield found[1], found[2], found[3]


def _unescaped(raw: str) -> str:
    """What a JSON string says; where that can't be read, the text as it stands."""
    for tail in range(0, 6):  # an escape such as \\u00e4 may be cut in its middle
        try:
            return str(json.loads(f'"{raw[: len(raw) - tail]}"', strict=False))
        except ValueError:
            continue
    return raw.replace('\\"', '"').replace("\\n", "\n")


_NUMBER = re.compile(r"^[ \t]*(?:#{1,6}[ \t]*)?(?:\*\*)?(?:opening[ \t]+)?(\d{1,2})[.):][ \t]*", re.M | re.I)
_TONE = re.compile(r"(?:\*\*|[_*(\[])([^\n*_()\[\]]{1,40})(?:\*\*|[_*)\]])[ \t]*[:.–—-]?\s*(?=\S)")
_MIN_PREAMBLE = 20
"""Words from which on what stands before the first number is no preamble but an opening itself."""


def _numbered(text: str) -> Iterator[Proposal]:
    starts: list[re.Match[str]] = []
    for found in _NUMBER.finditer(text):
        if int(found[1]) == len(starts) + 1:  # a number within an opening is part of it
            starts.append(found)
    if not starts:
        return
    preamble = text[: starts[0].start()].strip()
    if len(preamble.split()) >= _MIN_PREAMBLE:
        yield Proposal("", preamble)
    ends = [*(start.start() for start in starts[1:]), len(text)]
    for start, end in zip(starts, ends, strict=True):
        body = text[start.end() : end].strip()
        tone = _TONE.match(body)
        said = body[tone.end() :] if tone else body
        if said.strip():
            yield Proposal(_in_a_line(tone[1]).rstrip(":.") if tone else "", said.strip())


def _in_a_line(text: str) -> str:
    return " ".join(text.split())
