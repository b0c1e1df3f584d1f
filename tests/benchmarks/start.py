"""From exec to the first frame that takes keys, and what it takes of memory, beside a bare Textual app."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence

from tests.benchmarks.console import PLACEHOLDER, Console
from tests.benchmarks.conversations import fill
from tests.benchmarks.homes import environment, fresh_home
from tests.benchmarks.report import Figure, Runs

BARE = ("-m", "tests.benchmarks.bare")
PROGRAM = ("-m", "chatspace")
MESSAGES = 200_000
"""10,000 conversations of 20."""

SETTLED = 1.0
"""Seconds after the first frame at which memory is looked at."""

Start = tuple[float, float]
"""Milliseconds to the echo of the first key, and megabytes."""


def run(runs: Runs) -> Sequence[Figure]:
    with fresh_home() as empty, fresh_home() as full:
        fill(full / "chatspace.db", MESSAGES)
        places = (
            (BARE, environment(empty)),
            (PROGRAM, environment(empty)),
            (PROGRAM, environment(full)),
        )
        for place in places:
            _start(*place)  # warms the cache
        rounds = [[_start(*place) for place in places] for _ in range(runs)]
    bare, program, loaded = (_medians([starts[place] for starts in rounds]) for place in range(3))
    many = "10,000 conversations of 20 messages"
    return (
        Figure("exec to the first frame that takes keys", program[0], "ms", bare[0], "a bare Textual app", times=1.4),
        Figure("memory then", program[1], "MB", bare[1], "a bare Textual app", most=60),
        Figure(f"the same start with {many}", loaded[0], "ms", program[0], "an empty store", times=1.05),
        Figure(f"memory with {many}", loaded[1], "MB", program[1], "an empty store", times=1.05),
    )


def _medians(starts: Sequence[Start]) -> Start:
    return statistics.median(ms for ms, _ in starts), statistics.median(megabytes for _, megabytes in starts)


def _start(command: Sequence[str], env: Mapping[str, str]) -> Start:
    with Console(*command, env=env) as console:
        console.until(PLACEHOLDER)
        console.echo()
        milliseconds = (time.monotonic() - console.started) * 1000
        console.wait(SETTLED)
        return milliseconds, console.memory
