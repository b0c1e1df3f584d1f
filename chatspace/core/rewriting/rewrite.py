"""A rewrite: a passage before and after, hunk by hunk, with what the gate says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatspace.core.extraction import GateReport
from chatspace.core.rewriting.hunks import Hunk


@dataclass(frozen=True, slots=True)
class Rewrite:
    """`chatspace.rewrite/1`.

    `after` is what taking every hunk gives; of a reply that was cut (`status` truncated) it ends as the passage did.
    Spans are in `before`.
    """

    instruction: str
    profile: str
    model: str
    status: Literal["complete", "truncated"]
    before: str
    after: str
    hunks: tuple[Hunk, ...]
    gate: GateReport
    schema: Literal["chatspace.rewrite/1"] = "chatspace.rewrite/1"

    @property
    def allowed(self) -> tuple[Hunk, ...]:
        """The hunks that don't break the structure."""
        return tuple(hunk for hunk in self.hunks if hunk.blocked is None)
