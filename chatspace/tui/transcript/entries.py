"""What a transcript is asked to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Key = int | str
Role = Literal["user", "assistant", "notice"]
Status = Literal["complete", "streaming", "stopped", "truncated", "failed", "interrupted"]

STATUS_WORDS: dict[Status, str] = {
    "stopped": "stopped",
    "truncated": "cut off",
    "failed": "failed",
    "interrupted": "interrupted",
}
"""The word with which the footer begins where a reply isn't whole."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message or notice.

    `text` is Markdown in a reply and plain elsewhere. `thought` names the folded reasoning ("thought for 4 s"). The
    first line of `error` says what happened, the others what to do. `label` counts siblings ("2/3").
    """

    key: Key
    role: Role
    text: str
    footer: str = ""
    reasoning: str = ""
    status: Status = "complete"
    error: str | None = None
    label: str = ""
    thought: str = ""
