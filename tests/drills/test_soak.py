"""The workspace in use for as long as one likes: it streams, switches, compares and searches, and stays as it was.

CHATSPACE_SOAK_SECONDS says how long; half an hour by hand, with --junitxml for the memory round by round.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import pytest

from tests.benchmarks.documents import document
from tests.model_server import ModelServer, Reply
from tests.terminal import Terminal
from tests.waiting import eventually

SECONDS = float(os.environ.get("CHATSPACE_SOAK_SECONDS", "45"))
FIRST_ROUNDS = 3
"""In which everything is used for the first time; of a long run, the first tenth is left out."""

FEWEST = 9
"""The rounds from which on a leak can be told from noise."""

GROWTH, SPARE_KB = 1.1, 4_000
"""How much it may grow in all."""

ROUND_KB = 500
"""How much it may grow in a round: caches that have an end fill. A screen kept as it was painted is 2,000."""

F9, ENTER, ESC, DOWN, CTRL_N, CTRL_Q, CTRL_S = "\x1b[20~", "\r", "\x1b", "\x1b[B", "\x0e", "\x11", "\x13"


@pytest.mark.drill
def test_memory_stays_flat_and_nothing_is_left_behind(
    environment: Mapping[str, str], model_server: ModelServer, record_property: Callable[[str, object], None]
) -> None:
    model_server.answer(Reply(f"{document(4_000)}\n\nThat was all.", chunk=24, delay=0.005))
    with Terminal(env=environment) as terminal:
        terminal.until("Write a message")
        memory = list(_rounds(terminal, time.monotonic() + SECONDS))
        record_property("kilobytes", memory)
        children = terminal.children
        terminal.type(CTRL_Q)
        assert terminal.wait() == 0
    assert children, "the model side was there"
    eventually(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    settled = memory[max(FIRST_ROUNDS, len(memory) // 10) :]
    assert _growth_of_a_round(settled) <= ROUND_KB, f"kilobytes round by round: {memory}"
    assert max(settled) <= settled[0] * GROWTH + SPARE_KB, f"kilobytes round by round: {memory}"


def _growth_of_a_round(memory: Sequence[int]) -> float:
    """From the middle of the first third to that of the last, of which a jump more or less doesn't matter."""
    third = len(memory) // 3
    return (median(memory[-third:]) - median(memory[:third])) / (len(memory) - third)


def _rounds(terminal: Terminal, end: float) -> Iterator[int]:
    """The program's memory in kilobytes after each round."""
    number = 0
    while time.monotonic() < end or number < FEWEST:
        number += 1
        _stream_and_switch(terminal, number)
        _compare(terminal, number)
        _search(terminal)
        terminal.type(CTRL_N)
        terminal.until("Write a message")
        yield _memory(terminal.pid)


def _stream_and_switch(terminal: Terminal, number: int) -> None:
    """A reply goes on while another conversation is looked at, and is whole when one comes back to it."""
    terminal.send(f"Report {number} on everything")
    terminal.until("esc stops")
    terminal.type(F9 + DOWN + DOWN + ENTER)
    terminal.type(F9 + DOWN + ENTER)
    terminal.until("That was all.")


def _compare(terminal: Terminal, number: int) -> None:
    terminal.send(f"/compare Question {number} --profiles chat,quick")
    terminal.until("2 of 2 ended")
    terminal.type(ESC)
    terminal.until("Write a message, or")


def _search(terminal: Terminal) -> None:
    """Each step is waited for by what the one before doesn't show, for a screen comes in pieces."""
    terminal.type(CTRL_S)
    terminal.until("Words find every message")
    terminal.type("report everything")
    terminal.until(lambda text: re.search(r"[1-9]\d*\+? found", text))
    terminal.type(ESC)
    terminal.until(lambda text: "Write a message, or" in text and "newest first" not in text)


def _memory(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0])
