"""CPU of short commands beside `python -c pass`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks.conversations import fill
from tests.benchmarks.documents import document
from tests.benchmarks.homes import environment, fresh_home
from tests.benchmarks.report import Figure, Runs

FLOOR = ("-c", "pass")
MESSAGES = 2_000


def run(runs: Runs) -> Sequence[Figure]:
    with fresh_home() as home:
        fill(home / "chatspace.db", MESSAGES)
        source = home / "brief.md"
        source.write_text(document(3_000), encoding="utf-8")
        limits: Mapping[tuple[str, ...], float] = {
            ("--help",): 150,
            ("history", "search", "winter"): 200,
            ("route", str(source)): 350,
        }
        commands = [FLOOR, *(("-m", "chatspace", *arguments) for arguments in limits)]
        for command in commands:
            _cpu(command, home)  # warms the cache
        rounds = [[_cpu(command, home) for command in commands] for _ in range(2 * runs)]
    floor, *others = (statistics.median(used) * 1000 for used in zip(*rounds, strict=True))
    return [
        Figure(f"CPU of `{_name(arguments)}`", used, "ms", floor, "`python -c pass`", above=limit)
        for (arguments, limit), used in zip(limits.items(), others, strict=True)
    ]


def _name(arguments: Sequence[str]) -> str:
    return " ".join(["chatspace", *(Path(argument).name for argument in arguments)])


def _cpu(arguments: Sequence[str], home: Path) -> float:
    """Seconds, children included."""
    env = {**os.environ, **environment(home)}
    process = subprocess.Popen([sys.executable, *arguments], env=env, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise AssertionError(f"{arguments} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime
