"""What a benchmark measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Report:
    """Rows of the same columns, and figures that stand for all of them."""

    rows: Sequence[Mapping[str, float]]
    summary: Mapping[str, float]

    def table(self) -> str:
        """Markdown, with the summary below."""
        columns = list(self.rows[0])
        lines = [columns, ["---:"] * len(columns), *([f"{row[name]:.2f}" for name in columns] for row in self.rows)]
        summary = ", ".join(f"{name} {value:.2f}" for name, value in self.summary.items())
        return "\n".join([*(f"| {' | '.join(line)} |" for line in lines), "", summary])
