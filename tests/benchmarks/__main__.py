"""`python -m tests.benchmarks [NAME...] [--json PATH] [--runs N]`: every benchmark, or those named."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib import import_module
from pathlib import Path

from tests.benchmarks.report import Row, table

NAMES = (
    "start",
    "keys",
    "streaming",
    "opening",
    "first_message",
    "history",
    "extraction",
    "commands",
    "batch",
)
"""Modules of this package, each with `run(runs) -> Sequence[Figure]`."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--runs", type=int, default=5, help="repetitions of what is cheap to repeat")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures here")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(NAMES):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    figures: list[Row] = []
    for name in chosen.names or NAMES:
        measured = [figure.as_json() for figure in import_module(f"tests.benchmarks.{name}").run(chosen.runs)]
        figures += measured
        sys.stderr.write(f"{name}\n\n{table(measured)}\n\n")
    sys.stdout.write(f"{table(figures)}\n")
    if chosen.json:
        machine = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
        chosen.json.write_text(
            json.dumps({**machine, "runs": chosen.runs, "figures": figures}, indent=2) + "\n", encoding="utf-8"
        )


main()
