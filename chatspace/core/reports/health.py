"""How the database is and what works on a machine, as `doctor` reports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """`damage` are SQLite's own words, none where the file is sound; sizes are bytes.

    `left_over` counts the replies, calls and runs of programs that died, which the next start of the workspace marks
    as interrupted.
    """

    damage: tuple[str, ...]
    index_sound: bool
    left_over: int
    size: int
    free: int


State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `code` is the exit code that a command would end with where the state is `wrong`.

    `via` is for endpoints: the proxy that calls go through, or "direct".
    """

    area: str
    name: str
    state: State
    detail: str
    remedy: str = ""
    code: int = 0
    via: str = ""
