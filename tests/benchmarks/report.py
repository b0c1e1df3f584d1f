"""What a benchmark measured: a figure, the floor beside it, and what is to be reached."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Runs = int
"""How often what is cheap is repeated; the figures are medians."""


Row = dict[str, Any]
"""A figure as `Figure.as_json` gives it."""


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
            f"{_shown(self.above, self.unit)} above the floor" if self.above is not None else "",
            _shown(self.most, self.unit) if self.most is not None else "",
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

    def as_json(self) -> Row:
        names = ("what", "unit", "floor", "beside", "figure", "ratio", "goal", "reached")
        return {name: getattr(self, name) for name in names}


def table(*runs: Sequence[Row]) -> str:
    """Markdown: a line for each figure, with what each run measured of it."""
    lines = ["| | floor, in the same run | figure | ratio | to reach | |", "| --- | --- | --- | --- | --- | --- |"]
    for rows in zip(*runs, strict=True):
        what, unit, beside, goal = (rows[0][name] for name in ("what", "unit", "beside", "goal"))
        if any(row["what"] != what for row in rows):
            raise SystemExit(f"The runs differ: {', '.join(row['what'] for row in rows)}")
        floor = f"{_each(rows, 'floor', unit)}, {beside}" if rows[0]["floor"] is not None else ""
        reached = sum(row["reached"] for row in rows)
        verdict = "" if not goal else "✓" if reached == len(rows) else f"✗ in {len(rows) - reached} of {len(rows)}"
        cells = (what, floor, _each(rows, "figure", unit), _each(rows, "ratio", ""), goal, verdict)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _each(rows: Sequence[Row], name: str, unit: str) -> str:
    values = [_shown(row[name], "") for row in rows if row[name] is not None]
    return f"{' · '.join(values)} {unit}".strip() if values else ""


def _shown(value: float, unit: str) -> str:
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
