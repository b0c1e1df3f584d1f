"""What a reply to copy must look like, and what of it can be used."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatspace.core.profiles.profile import Channel, ChannelField
from chatspace.core.text.json_reply import json_object
from chatspace.core.text.length import fits, measure, overshoot

VARIANTS = "variants"
"""The one member of a reply where a recipe asks for one field at a time."""

WEIGHTED = 2
"""X counts a link as 23 characters however long it is."""

_NO_LETTER = re.compile(r"[\W\d_]+")
_PLACEHOLDERS = frozenset(
    "ad copy description example field headline introductorytext metadescription option placeholder post "
    "primarytext string teaser text title variant variants".split()
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field of a channel, and how many variants of it are asked for."""

    field: ChannelField
    count: int

    @property
    def variables(self) -> Mapping[str, Any]:
        """What a recipe is told of it."""
        field = self.field
        return {"name": field.name, "limit": field.limit, "count": self.count, "rule": field.rule}


def wanted_of(channel: Channel, count: int | None) -> list[Wanted]:
    """Every field of a channel, `count` variants of each or as many as the channel wants."""
    return [Wanted(field, count or field.count) for field in channel.fields]


def fields_of(channel: Channel, count: int | None) -> list[Mapping[str, Any]]:
    """The same as a recipe is told it."""
    return [each.variables for each in wanted_of(channel, count)]


def reply_schema(wanted: Sequence[Wanted], name: str | None = None) -> Mapping[str, Any]:
    """A list for each field, with exactly as many texts as are wanted and none longer than it may be.

    `name` stands for that of the only field.
    """
    lists = {name or each.field.name: _list(each) for each in wanted}
    return {"type": "object", "properties": lists, "required": list(lists), "additionalProperties": False}


def _list(wanted: Wanted) -> Mapping[str, Any]:
    field = wanted.field
    longest = field.limit * (WEIGHTED if field.rule == "x-weighted" else 1)
    texts = {"type": "string", "minLength": 1, "maxLength": longest}
    return {"type": "array", "items": texts, "minItems": wanted.count, "maxItems": wanted.count}


def parse_reply(text: str, names: Collection[str]) -> dict[str, list[str]]:
    """The variants by field, each on one line. Raises ValueError with what is wrong where no field has any list."""
    reply = json_object(text)
    found = {name: reply[name] for name in names if _is_list(reply.get(name))}
    if not found:
        quoted = " or ".join(f"`{name}`" for name in names)
        raise ValueError(f"{quoted} is not a list of strings")
    return {name: _usable(texts, names) for name, texts in found.items()}


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _usable(texts: Sequence[str], names: Collection[str]) -> list[str]:
    """Without what says nothing or only names a field."""
    named = _PLACEHOLDERS | {_letters(name) for name in names}
    lines = (" ".join(text.split()) for text in texts)
    return [line for line in dict.fromkeys(lines) if re.search(r"\w", line) and _letters(line) not in named]


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text).casefold()


def complaint(texts: Sequence[str], field: ChannelField) -> list[str]:
    """What is wrong with each, by number and by name."""
    lines = []
    for text in texts:
        wrong = []
        if over := overshoot(text, field):
            length = measure(text, field.rule)
            wrong.append(f"has {length} characters, {over} more than the {field.limit} allowed")
        if forbidden := [character for character in dict.fromkeys(field.forbids) if character in text]:
            wrong.append(f"holds {' '.join(forbidden)}, which is forbidden here")
        lines.append(f"- {json.dumps(text, ensure_ascii=False)} {' and '.join(wrong)}")
    return lines


@dataclass(slots=True)
class Taken:
    """What came for a field so far; `misfits` are those of the last reply."""

    wanted: Wanted
    kept: list[str]
    misfits: list[str]

    def take(self, texts: Sequence[str]) -> None:
        field = self.wanted.field
        self.kept += [text for text in texts if text not in self.kept and fits(text, field)]
        self.misfits = [text for text in texts if not fits(text, field)]

    @property
    def missing(self) -> int:
        """How many to ask for again: where some don't fit, or fewer came than one piece takes."""
        short = self.wanted.count - len(self.kept)
        needed = min(max(1, self.wanted.field.least), self.wanted.count)
        return short if short > 0 and (self.misfits or len(self.kept) < needed) else 0

    @property
    def texts(self) -> list[str]:
        """Nothing is cut: what still doesn't fit is kept."""
        return (self.kept + self.misfits)[: self.wanted.count]

    @property
    def problem(self) -> str:
        texts = self.texts
        if len(texts) >= self.wanted.count:
            return ""
        return f"{len(texts)} of {self.wanted.count} variants" if texts else "the reply held no variants"
