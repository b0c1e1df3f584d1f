"""How the database is: what a doctor looks at."""

from __future__ import annotations

from dataclasses import dataclass


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
