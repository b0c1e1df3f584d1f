"""From a key to its echo: idle, while the model side loads, while a reply streams, while six columns do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.console import CTRL_U, ENTER, PLACEHOLDER, Console
from tests.benchmarks.homes import add_profile, environment, fresh_home
from tests.benchmarks.report import Figure, Runs, p95
from tests.benchmarks.serving import TOKEN, Server
from tests.benchmarks.start import BARE, PROGRAM

IDLE_SECONDS = 15
LOADING_SECONDS = 10
SETTLED_SECONDS = 8
"""After so long the model side is loaded."""

COLUMNS = "abcdef"
WIDE = (240, 60)
COLUMN_KILOBYTES = 8
"""Twenty seconds at 100 tokens a second."""


def run(runs: Runs) -> Sequence[Figure]:
    with Server() as server, fresh_home() as home:
        bare, idle = _idle(BARE, home, 0.5), _idle(PROGRAM, home, SETTLED_SECONDS)
        loading = [sample for _ in range(min(runs, 3)) for sample in _loading(home)]
        streaming, early, late = _streaming(server, home)
        columns = _columns(server, home)
    beside = "idle"
    return (
        _figure("key to echo while idle, p95", p95(idle), p95(bare), "a bare Textual app", times=2),
        _figure("… in the first 10 s, while the model side loads, p95", p95(loading), p95(idle), beside, most=60),
        _figure("… at worst", max(loading), p95(idle), beside, most=150),
        _figure("… while a 60 KB reply streams at 200 tokens/s, p95", p95(streaming), p95(idle), beside, most=50),
        _figure("… while six columns stream at 100 tokens/s each, p95", p95(columns), p95(idle), beside, most=80),
        Figure("CPU a second of streaming at 50 to 60 KB, keys included", late, "s", early, "at 2 to 10 KB", times=1.1),
    )


def _figure(
    what: str, seconds: float, floor: float, beside: str, *, times: float | None = None, most: float | None = None
) -> Figure:
    return Figure(what, seconds * 1000, "ms", floor * 1000, beside, times=times, most=most)


def _idle(command: Sequence[str], home: Path, settle: float) -> list[float]:
    with Console(*command, env=environment(home)) as console:
        console.until(PLACEHOLDER)
        console.wait(settle)
        return console.echoes(IDLE_SECONDS)


def _loading(home: Path) -> list[float]:
    with Console(*PROGRAM, env=environment(home)) as console:
        console.until(PLACEHOLDER)
        return console.echoes(LOADING_SECONDS)


def _streaming(server: Server, home: Path) -> tuple[list[float], float, float]:
    """The echoes, and the seconds of CPU that a second takes while the reply is short and while it is long."""
    add_profile(home, "chat", server.url, "mixed-60-200")
    with Console(*PROGRAM, env=environment(home)) as console:
        console.until(PLACEHOLDER)
        console.wait(SETTLED_SECONDS)
        ended = len(server.ended)
        console.press("Tell me everything" + ENTER)
        console.wait(2.5)  # 2 KB
        samples: list[float] = []
        rates = []
        for seconds in (10, 47.5, 12.5):
            used = console.cpu
            samples += console.echoes(seconds)
            rates.append((console.cpu - used) / seconds)
        console.press(CTRL_U)
        console.until_true(lambda: len(server.ended) > ended, what="the end of the reply")
    return samples, rates[0], rates[2]


def _columns(server: Server, home: Path) -> list[float]:
    for name in COLUMNS:
        add_profile(home, f"one-{name}", server.url, f"mixed-{COLUMN_KILOBYTES}-100")
    with Console(*PROGRAM, env=environment(home), size=WIDE) as console:
        console.until(PLACEHOLDER)
        console.wait(SETTLED_SECONDS)
        asked = len(server.asked)
        console.press(f"/compare Which? --profiles {','.join(f'one-{name}' for name in COLUMNS)}")
        console.wait(1.0)
        console.press(ENTER)
        console.until_true(lambda: len(server.asked) >= asked + len(COLUMNS), what="six requests")
        console.wait(2.0)
        console.press("i")
        console.wait(1.0)
        return console.echoes(COLUMN_KILOBYTES * 1000 / TOKEN / 100 - 5)
