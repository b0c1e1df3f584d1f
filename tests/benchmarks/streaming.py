"""What it takes to show a reply: at once, as it streams, as one block that grows; and how soon its end is seen."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from chatspace.tui.transcript.code import Highlighter
from chatspace.tui.transcript.entries import Entry
from chatspace.tui.transcript.palette import Palette
from chatspace.tui.transcript.render import Renderer
from chatspace.tui.transcript.sheet import Sheet
from tests.benchmarks.console import ENTER, PLACEHOLDER, Console
from tests.benchmarks.homes import add_profile, environment, fresh_home
from tests.benchmarks.keys import SETTLED_SECONDS
from tests.benchmarks.report import Figure, Runs, growth
from tests.benchmarks.serving import Server
from tests.benchmarks.start import BARE, PROGRAM
from tests.benchmarks.texts import MARK, text_of

SIZES = {5: None, 20: None, 60: 0.7, 200: 2.0}
"""Kilobytes that come at once, with the seconds that may be used."""

BLOCKS = ("fence", "list", "table", "paragraph")
STREAM_SECONDS = 25
"""20 KB at 200 tokens a second."""

AFTER = 1.0
"""Seconds after the last text that still count: the reply is stored, its foot written."""


def run(runs: Runs) -> Sequence[Figure]:
    with Server() as server, fresh_home() as home:
        return (*_at_once(server, home, runs), *_as_it_streams(server, home, runs))


def _at_once(server: Server, home: Path, runs: Runs) -> list[Figure]:
    figures: list[Figure] = []
    points = []
    for size, most in SIZES.items():
        used = statistics.median(_reply(server, home, f"mixed-{size}-0")[0] for _ in range(runs))
        floor = statistics.median(_rendered_whole(text_of("mixed", size * 1000)) for _ in range(runs))
        points.append((float(size), used))
        beside = "all of it rendered once as a finished reply"
        figures.append(Figure(f"CPU to show {size} KB that come at once", used, "s", floor, beside, most=most))
    return [*figures, Figure("… growth exponent", growth(points), "", most=1.0)]


def _rendered_whole(text: str) -> float:
    """Seconds of CPU for every line of a finished reply."""
    highlighter = Highlighter()
    highlighter.warm()
    sheet = Sheet(Renderer(Palette.none(), highlighter), 90)
    sheet.show([Entry(1, "assistant", text)])
    began = time.process_time()
    if top := sheet.at(0):
        sheet.rows(top, 1 << 30)
    return time.process_time() - began


def _as_it_streams(server: Server, home: Path, runs: Runs) -> list[Figure]:
    frames = _frames(home)
    replies = [_reply(server, home, "mixed-20-200") for _ in range(runs)]
    mixed = statistics.median(used for used, _ in replies)
    last = statistics.median(late for _, late in replies)
    figures = [
        Figure("CPU to show 20 KB at 200 tokens/s", mixed, "s", frames, "the frames alone", most=2.5),
        Figure("last byte received to last text on the screen", last * 1000, "ms", 1000 / 60, "a frame", most=100),
    ]
    for kind in BLOCKS:
        used, _ = _reply(server, home, f"{kind}-20-200")
        figures.append(Figure(f"CPU to show a {kind} of 20 KB that grows", used, "s", mixed, "mixed", times=3))
        pause = _worst_echo(server, home, f"{kind}-20-200")
        figures.append(Figure("… worst echo of a key meanwhile", pause * 1000, most=100))
    return figures


def _frames(home: Path) -> float:
    with Console(*BARE, "--frames", env=environment(home)) as console:
        console.until(PLACEHOLDER)
        console.wait(1.0)
        before = console.cpu
        console.wait(STREAM_SECONDS)
        return console.cpu - before


def _reply(server: Server, home: Path, model: str) -> tuple[float, float]:
    """Seconds of CPU of the screen's process from Enter on, and seconds from the last byte to the last text."""
    add_profile(home, "chat", server.url, model)
    with Console(*PROGRAM, env=environment(home)) as console:
        _settle(console)
        before, ended = console.cpu, len(server.ended)
        console.press(ENTER)
        shown = console.until(MARK.strip(), 120)
        console.wait(AFTER)
        return console.cpu - before, shown - server.ended[ended]


def _worst_echo(server: Server, home: Path, model: str) -> float:
    add_profile(home, "chat", server.url, model)
    with Console(*PROGRAM, env=environment(home)) as console:
        _settle(console)
        console.press(ENTER)
        console.wait(1.0)
        return max(console.echoes(STREAM_SECONDS - 2))


def _settle(console: Console) -> None:
    """The program with a message in its prompt, and its model side loaded."""
    console.until(PLACEHOLDER)
    console.press("Tell me everything")
    console.wait(SETTLED_SECONDS)
