"""`python -m tests.benchmarks.beside A.json B.json [...]`: the figures of several runs as one table, in Markdown."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.report import table


def main(paths: Sequence[str]) -> None:
    runs = [json.loads(Path(path).read_text(encoding="utf-8"))["figures"] for path in paths]
    sys.stdout.write(f"{table(*runs)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
