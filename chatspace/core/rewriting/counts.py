"""What is counted of a text while it is written."""

from __future__ import annotations

from dataclasses import dataclass

from chatspace.core.profiles.profile import Channel, ChannelField
from chatspace.core.rewriting.passage import edit_between
from chatspace.core.text.length import measure
from chatspace.core.text.tone import tone

MAX_CHANGED, MAX_SEARCHED = 20_000, 250_000
"""Characters that may have changed, and of the text that it is looked up in; more would take seconds at every pause."""


@dataclass(frozen=True, slots=True)
class Against:
    """A length against the limit of a channel's field, counted by its rule."""

    field: str
    length: int
    limit: int

    @property
    def over(self) -> int:
        return max(0, self.length - self.limit)


@dataclass(frozen=True, slots=True)
class Counts:
    """`flags` counts the figures, dates and names that the text didn't have when it was opened; None is not known."""

    words: int
    characters: int
    against: Against | None = None
    reading_ease: float | None = None
    flags: int | None = None


def counts(text: str, passage: str, channel: Channel | None, original: str) -> Counts:
    """All of it; takes up to a second for long texts: to be called from a thread."""
    return Counts(
        words=sum(any(map(str.isalnum, word)) for word in text.split()),
        characters=len(text),
        against=_against(text, passage, channel) if channel else None,
        reading_ease=tone(text).reading_ease,
        flags=_flags(text, original),
    )


def _against(text: str, passage: str, channel: Channel) -> Against | None:
    """The whole text where the channel has one field; else the passage, in the smallest field that it fits."""
    if not channel.fields:
        return None
    if len(channel.fields) == 1:
        return _measured(text, channel.fields[0])
    fields = sorted(channel.fields, key=lambda field: field.limit)
    found = [_measured(passage.strip(), field) for field in fields]
    return next((each for each in found if not each.over), found[-1])


def _measured(text: str, field: ChannelField) -> Against:
    return Against(field.name, measure(text.strip(), field.rule), field.limit)


def _flags(text: str, original: str) -> int | None:
    """Of the lines that changed. Nothing can be new in a text that began empty."""
    edit = edit_between(original, text)
    if edit is None:
        return 0
    start = text.rfind("\n", 0, edit.at) + 1
    end = (text + "\n").index("\n", edit.at + edit.inserted)
    if not original.strip() or end - start > MAX_CHANGED or len(original) > MAX_SEARCHED:
        return None
    from chatspace.core.facts import ground  # its patterns take a tenth of a second to compile

    return sum(claim.verdict in ("unsupported", "altered") for claim in ground(text[start:end], [("", original)]))
