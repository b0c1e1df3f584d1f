"""CPU and memory of a whole extraction beside markdown-it-py alone, with the same plugins in the same process."""

from __future__ import annotations

import json
import math
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from chatspace.core.document import Source
from chatspace.core.stages.extract import extract
from chatspace.core.stages.gate import check_extraction
from chatspace.core.structure import parse
from chatspace.core.structure.markdown import tokens_of
from tests.benchmarks.documents import document
from tests.benchmarks.report import Report

MEGABYTES = (0.5, 1.0, 2.0, 4.0)
ROUNDS = 3


def run() -> Report:
    """A process for each size, since a process's peak of memory never falls."""
    rows = [_measured_apart(size) for size in MEGABYTES]
    largest = next(row for row in rows if row["MB"] == 2.0)
    return Report(
        rows,
        {
            "ratio at 2 MB": largest["ratio"],
            "growth exponent of time": _growth([(row["MB"], row["extraction s"]) for row in rows]),
            "growth exponent of memory": _growth([(row["MB"], row["memory MB"]) for row in rows]),
        },
    )


def _measured_apart(size: float) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", __name__, str(size)], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _measure(size: float) -> dict[str, float]:
    """Seconds of CPU as medians; `memory MB` is what the first extraction adds to the peak."""
    text = document(int(size * 1_000_000))
    before = _peak()
    _extraction(text)
    memory = _peak() - before
    pairs = [(_seconds(tokens_of, text), _seconds(_extraction, text)) for _ in range(ROUNDS)]
    parser, whole = (statistics.median(times) for times in zip(*pairs, strict=True))
    return {"MB": size, "markdown-it s": parser, "extraction s": whole, "ratio": whole / parser, "memory MB": memory}


def _extraction(text: str) -> None:
    structure = parse(text)
    extract(Source("document.md", text, "sha256:0"), structure, check_extraction(structure))


def _seconds(work: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    work(text)
    return time.process_time() - start


def _peak() -> float:
    """In megabytes; the kernel counts in kilobytes, on macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1_000_000 if sys.platform == "darwin" else 1_000)


def _growth(points: list[tuple[float, float]]) -> float:
    """The slope of a line through the logarithms: 1 is linear, 2 the square."""
    slope, _ = statistics.linear_regression(*zip(*((math.log(x), math.log(y)) for x, y in points), strict=True))
    return slope


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(float(sys.argv[1]))))
