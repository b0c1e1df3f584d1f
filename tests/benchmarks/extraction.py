"""CPU and memory of a whole extraction beside markdown-it-py alone, with the same plugins in the same process."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from chatspace.core.document import Source
from chatspace.core.runs.by_rule import extract
from chatspace.core.stages.gate import check_extraction
from chatspace.core.structure import parse
from chatspace.core.structure.markdown import tokens_of
from tests.benchmarks.documents import document
from tests.benchmarks.report import Figure, Runs, growth

MEGABYTES = (0.5, 1.0, 2.0, 4.0)


def run(runs: Runs) -> Sequence[Figure]:
    """A process for each size, since a process's peak of memory never falls."""
    rows = [_measured_apart(size, runs) for size in MEGABYTES]
    middle = next(row for row in rows if row["MB"] == 2.0)
    alone, whole = middle["markdown-it s"], middle["extraction s"]
    time_, memory = (growth([(row["MB"], row[name]) for row in rows]) for name in ("extraction s", "memory MB"))
    return (
        Figure("CPU to extract 2 MB of Markdown", whole, "s", alone, "markdown-it-py alone, same plugins", times=8),
        Figure("… growth exponent of time, 0.5 to 4 MB", time_, "", most=1.1),
        Figure("… growth exponent of memory", memory, "", most=1.1),
    )


def _measured_apart(size: float, runs: Runs) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", __name__, str(size), str(runs)], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _measure(size: float, runs: Runs) -> dict[str, float]:
    """Seconds of CPU as medians; `memory MB` is what the first extraction adds to the peak."""
    text = document(int(size * 1_000_000))
    before = peak()
    _extraction(text)
    memory = peak() - before
    pairs = [(_seconds(tokens_of, text), _seconds(_extraction, text)) for _ in range(runs)]
    parser, whole = (statistics.median(times) for times in zip(*pairs, strict=True))
    return {"MB": size, "markdown-it s": parser, "extraction s": whole, "memory MB": memory}


def _extraction(text: str) -> None:
    structure = parse(text)
    extract(Source("document.md", text, "sha256:0"), structure, check_extraction(structure))


def _seconds(work: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    work(text)
    return time.process_time() - start


def peak() -> float:
    """In megabytes; the kernel counts in kilobytes, on macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1_000_000 if sys.platform == "darwin" else 1_000)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(float(sys.argv[1]), int(sys.argv[2]))))
