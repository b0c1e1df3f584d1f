"""Opening long conversations beside one of 20 messages, and moving about in them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatspace.adapters.history import Store
from tests.benchmarks.console import ENTER, PLACEHOLDER, Console
from tests.benchmarks.documents import document
from tests.benchmarks.homes import environment, fresh_home
from tests.benchmarks.keys import SETTLED_SECONDS
from tests.benchmarks.report import Figure, Runs, p95
from tests.benchmarks.start import PROGRAM
from tests.benchmarks.texts import MARK

F9, ESC, DOWN, PAGE_UP, HOME, END = "\x1b[20~", "\x1b", "\x1b[B", "\x1b[5~", "\x1b[H", "\x1b[F"
PAGES = 40
FEW_PAGES = 4
"""What 20 messages have at least."""

ENDS = 5
MESSAGE = 800
"""Characters of each message of the long conversation."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Seconds of CPU, megabytes that were added, seconds for each page and for the End key."""

    cpu: float
    memory: float
    pages: Sequence[float]
    ends: Sequence[float]


def run(runs: Runs) -> Sequence[Figure]:
    lengths: Mapping[str, Sequence[str]] = {
        "20 messages": _texts(20),
        "2,000 messages": _texts(2_000),
        "a message of 1 MB": [*_texts(18), "Write it all down", document(1_000_000) + MARK],
    }
    name = "20 messages"
    opened = {what: _opened(texts, FEW_PAGES if what == name else PAGES, runs) for what, texts in lengths.items()}
    base = opened.pop(name)
    figures = []
    for what, one in opened.items():
        figures += [
            Figure(f"CPU to open {what}", one.cpu * 1000, "ms", base.cpu * 1000, name, above=150),
            Figure("… memory it adds", one.memory, "MB", base.memory, name, above=10),
            Figure("… a page up, p95", p95(one.pages) * 1000, "ms", p95(base.pages) * 1000, name, most=30),
            Figure("… the End key", statistics.median(one.ends) * 1000, "ms", most=30),
        ]
    return figures


def _texts(count: int) -> list[str]:
    """Questions and answers in turn, the last with the mark."""
    text = document(count * MESSAGE)
    texts = [text[start : start + MESSAGE] for start in range(0, count * MESSAGE, MESSAGE)]
    return [*texts[:-1], "The end." + MARK]


def _opened(texts: Sequence[str], pages: int, runs: Runs) -> Opened:
    with fresh_home() as home:
        _store(home, texts)
        rounds = [_open(home, pages) for _ in range(runs)]
    return Opened(
        statistics.median(one.cpu for one in rounds),
        statistics.median(one.memory for one in rounds),
        [page for one in rounds for page in one.pages],
        [end for one in rounds for end in one.ends],
    )


def _store(home: Path, texts: Sequence[str]) -> None:
    with Store(home / "chatspace.db") as store:
        conversation = store.conversations.create("A conversation").id
        parent = None
        for number, text in enumerate(texts):
            parent = store.messages.add(conversation, parent, "assistant" if number % 2 else "user", text).id


def _open(home: Path, pages: int) -> Opened:
    with Console(*PROGRAM, env=environment(home)) as console:
        console.until(PLACEHOLDER)
        console.wait(SETTLED_SECONDS)
        console.press(F9)
        console.wait(0.5)
        console.press(DOWN)
        console.wait(0.5)
        cpu, memory = console.cpu, console.memory
        console.press(ENTER)
        console.until(MARK.strip())
        console.wait(1.0)
        cpu, memory = console.cpu - cpu, console.memory - memory
        console.press(ESC)
        console.wait(0.5)
        paged = [_moved(console, PAGE_UP) for _ in range(pages)]
        ends = []
        for _ in range(ENDS):
            _moved(console, HOME)
            ends.append(_moved(console, END))
        return Opened(cpu, memory, paged, ends)


def _moved(console: Console, key: str) -> float:
    seconds = console.painted(key)
    console.wait(0.05)
    return seconds
