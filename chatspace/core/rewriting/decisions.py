"""What an editor decided on the hunks of a rewrite, and what there is of a text that isn't saved yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Decision = Literal["accepted", "rejected", "edited"]


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on hunk `number` of the reply `message`.

    `text` is what the editor put there; `words` is how many of the proposal's words the editor put differently: those
    of an edited hunk that were changed, all of a rejected one that would have changed.
    """

    message: int
    number: int
    decision: Decision
    before: str
    after: str
    text: str
    words: int = 0


@dataclass(frozen=True, slots=True)
class Editing:
    """How much editors had to change of what a profile and its model proposed.

    `texts` is the number of proposals on which something was decided; `words_per_text` is a mean.
    """

    profile: str
    model: str
    texts: int
    accepted: int
    rejected: int
    edited: int
    words: int

    @property
    def words_per_text(self) -> float:
        return self.words / self.texts if self.texts else 0.0

    def share(self, decision: Decision) -> float:
        """From 0 to 1, of all decisions."""
        counts = {"accepted": self.accepted, "rejected": self.rejected, "edited": self.edited}
        return counts[decision] / (sum(counts.values()) or 1)


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A text of the desk as it was left. `source` is the id of the file's content that it began with, "" for none.

    `conversation` holds its rewrites; with it the text is deleted. `saved` is in UTC.
    """

    key: str
    text: str
    source: str
    original: str
    saved: datetime
    conversation: int | None = None
