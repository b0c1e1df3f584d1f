"""`python -m tests.benchmarks.beside A.json B.json [...]`: the figures of several runs as one table, in Markdown."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.report import shown

Row = dict[str, Any]
"""As `Figure.as_json` gives it."""


def table(runs: Sequence[Sequence[Row]]) -> str:
    """A line for each figure, with what each run measured."""
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
    values = [shown(row[name], "") for row in rows if row[name] is not None]
    return f"{' · '.join(values)} {unit}".strip() if values else ""


def main(paths: Sequence[str]) -> None:
    runs = [json.loads(Path(path).read_text(encoding="utf-8"))["figures"] for path in paths]
    sys.stdout.write(f"{table(runs)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
