"""What a benchmark measured: a figure, the floor beside it, and what is to be reached."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Runs = int
"""How often what is cheap is repeated; the figures are medians."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. `floor` is what was measured beside it in the same run, and `beside` says what that is.

    What is to be reached: at most `times` the floor, at most `above` more than it, at most `most` at all.
    """

    what: str
    figure: float
    unit: str = "ms"
    floor: float | None = None
    beside: str = ""
    times: float | None = None
    above: float | None = None
    most: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.figure / self.floor if self.floor else None

    @property
    def goal(self) -> str:
        """In words, as "2 times the floor, 60 MB"."""
        parts = (
            f"{self.times:g} times the floor" if self.times else "",
            f"{shown(self.above, self.unit)} above the floor" if self.above is not None else "",
            shown(self.most, self.unit) if self.most is not None else "",
        )
        return ", ".join(part for part in parts if part)

    @property
    def reached(self) -> bool:
        floor = self.floor or 0.0
        limits = (
            floor * self.times if self.times else None,
            floor + self.above if self.above is not None else None,
            self.most,
        )
        return all(self.figure <= limit for limit in limits if limit is not None)

    def as_json(self) -> dict[str, object]:
        names = ("what", "unit", "floor", "beside", "figure", "ratio", "goal", "reached")
        return {name: getattr(self, name) for name in names}


def table(figures: Iterable[Figure]) -> str:
    """Markdown."""
    rows = [("what", "floor, in the same run", "figure", "ratio", "to reach", "")]
    rows.append(("---", "---", "---:", "---:", "---", "---"))
    for one in figures:
        floor = f"{shown(one.floor, one.unit)}, {one.beside}" if one.floor is not None else "—"
        ratio = f"{one.ratio:.2f}" if one.ratio is not None else ""
        reached = ("reached" if one.reached else "**not reached**") if one.goal else ""
        rows.append((one.what, floor, shown(one.figure, one.unit), ratio, one.goal, reached))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def shown(value: float, unit: str) -> str:
    """With three digits, or all before the point."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{round(value, digits):g} {unit}".strip()


def p95(samples: Sequence[float]) -> float:
    """The value that 95 of 100 samples don't exceed."""
    return sorted(samples)[max(0, math.ceil(len(samples) * 0.95) - 1)]


def growth(points: Sequence[tuple[float, float]]) -> float:
    """The slope of a line through the logarithms: 1 is linear, 2 the square."""
    slope, _ = statistics.linear_regression(*zip(*((math.log(x), math.log(y)) for x, y in points), strict=True))
    return slope
