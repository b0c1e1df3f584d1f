"""`python -m tests.benchmarks [NAME] [--json PATH]`: every benchmark, or the one named."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.benchmarks import extraction
from tests.benchmarks.report import Report

BENCHMARKS: Mapping[str, Callable[[], Report]] = {"extraction": extraction.run}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("name", nargs="?", choices=sorted(BENCHMARKS))
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures here")
    chosen = parser.parse_args()
    names = [chosen.name] if chosen.name else sorted(BENCHMARKS)
    reports = {name: BENCHMARKS[name]() for name in names}
    for name, report in reports.items():
        sys.stdout.write(f"{name}\n\n{report.table()}\n\n")
    if chosen.json:
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        figures = {name: {"rows": report.rows, "summary": report.summary} for name, report in reports.items()}
        chosen.json.write_text(json.dumps({**machine, **figures}, indent=2) + "\n", encoding="utf-8")


main()
