"""From Enter to the request on the wire: the first message of a session, and the later ones."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.console import ENTER, PLACEHOLDER, Console
from tests.benchmarks.homes import add_profile, environment, fresh_home
from tests.benchmarks.report import Figure, Runs
from tests.benchmarks.serving import Server
from tests.benchmarks.start import PROGRAM
from tests.benchmarks.texts import MARK

IDLE = 6.0
"""Seconds between the first frame and the first message."""

LATER = 4


def run(runs: Runs) -> Sequence[Figure]:
    with Server() as server, fresh_home() as home:
        add_profile(home, "chat", server.url, "mixed-1-0")
        rounds = [_session(server, home) for _ in range(runs)]
    first = statistics.median(sent[0] for sent in rounds)
    later = statistics.median(seconds for sent in rounds for seconds in sent[1:])
    what = "Enter to the request on the wire, first message after 6 s"
    return (Figure(what, first * 1000, "ms", later * 1000, "later messages", times=1.5),)


def _session(server: Server, home: Path) -> list[float]:
    """Seconds for each message."""
    with Console(*PROGRAM, env=environment(home)) as console:
        console.until(PLACEHOLDER)
        console.wait(IDLE)
        return [_send(server, console) for _ in range(1 + LATER)]


def _send(server: Server, console: Console) -> float:
    asked = len(server.asked)
    console.press("Tell me more")
    console.wait(1.0)
    pressed = console.press(ENTER)
    console.until_true(lambda: len(server.asked) > asked, what="a request")
    seconds = server.asked[asked] - pressed
    console.until(MARK.strip())
    console.wait(1.0)
    return seconds
