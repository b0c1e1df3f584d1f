"""Openings of a story: what a model proposes, and what the editor makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

OpeningState = Literal["fresh", "starred", "scrapped", "merged"]

CUT = "cut off"
NOT_AS_ASKED = "not in the form asked for"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way into a story. `problem` says what is wrong with it: its reply broke off in it, or was hard to read."""

    tone: str
    text: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """A proposal as it is kept: `message` is the reply it came with, `number` counts from 1 in its story.

    A merged one has gone into another opening; it stands on the scrap list, like those that were discarded.
    """

    id: int
    message: int
    number: int
    state: OpeningState
    tone: str
    text: str
    problem: str = ""

    @property
    def on_board(self) -> bool:
        return self.state in ("fresh", "starred")


def as_markdown(proposals: Sequence[Proposal | Opening]) -> str:
    """The openings as the text of a reply."""
    parts = []
    for number, each in enumerate(proposals, start=1):
        head = " · ".join(part for part in (f"**{number}**", each.tone, each.problem) if part)
        parts.append(f"{head}\n\n{each.text}")
    return "\n\n".join(parts)
