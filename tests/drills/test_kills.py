"""Batches that are killed again and again: nothing is lost, and nothing that was finished is asked for twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.test_budgets import spent
from tests.drills.newsroom import check_outputs, good_answer, open_newsroom, write_documents, write_profiles
from tests.metered import Meter
from tests.model_server import ModelServer, Reply

DOCUMENTS = 60
JOBS = 4
KILLS = 20
DOCUMENTS_UNDER_A_BUDGET = 24
KILLS_UNDER_A_BUDGET = 4
SLICES = {"--budget": 0.2, "--token-budget": 40_000}
"""How much the budget is raised after each kill, which is enough for a few documents."""


def start(home: Path, source: Path, output: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "chatspace", "batch", str(source), "-o", str(output), "--jobs", str(JOBS), "-q"]
    env = {**os.environ, "CHATSPACE_HOME": str(home)}
    return subprocess.Popen([*command, *more], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def slow(number: int, body: object) -> Reply:
    answer = good_answer(body)  # type: ignore[arg-type]  # the server hands over the body's mapping
    return Reply(answer.text, chunk=max(1, len(answer.text) // 4), delay=0.04)


def finished_twice(home: Path) -> int:
    """Calls that the ledger has as finished more than once, after a check of the whole file."""
    with sqlite3.connect(home / "chatspace.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        twice = (
            "SELECT count(*) FROM (SELECT key FROM calls WHERE outcome = 'complete' GROUP BY key HAVING count(*) > 1)"
        )
        return int(connection.execute(twice).fetchone()[0])


@pytest.mark.drill
@pytest.mark.parametrize("side_by_side", [1, 2])
def test_a_batch_killed_at_any_moment_goes_on_where_it_was(
    home: Path, tmp_path: Path, model_server: ModelServer, side_by_side: int
) -> None:
    chance = random.Random(side_by_side)
    register = open_newsroom(home, model_server, slow)
    batches = [(tmp_path / f"in{number}", tmp_path / f"out{number}") for number in range(side_by_side)]
    for number, (source, _) in enumerate(batches):
        write_documents(source, DOCUMENTS, first=number * DOCUMENTS)
    kills = KILLS // side_by_side
    for _ in range(kills):
        before = register.asked.total()
        running = [start(home, *batch) for batch in batches]
        until = time.monotonic() + 30
        while register.asked.total() < before + chance.randint(2, 25) and time.monotonic() < until:
            time.sleep(0.01)
            if all(process.poll() is not None for process in running):
                break
        for process in running:
            process.send_signal(signal.SIGKILL)
            process.communicate()
    for source, output in batches:
        last = start(home, source, output)
        _, said = last.communicate(timeout=120)
        assert last.returncode == 0, said.decode()
        check_outputs(output, source)
    assert finished_twice(home) == 0
    again = sum(times - 1 for times in register.whole.values())
    assert again <= kills * JOBS * side_by_side, "more than the calls in flight were repeated"


@pytest.mark.drill
@pytest.mark.parametrize("option", SLICES)
def test_a_batch_killed_under_a_budget_never_passes_it_and_never_waits_for_the_dead(
    home: Path, tmp_path: Path, model_server: ModelServer, option: str
) -> None:
    chance = random.Random(option)
    meter = Meter(lambda body: slow(0, body))
    model_server.answer(meter)
    write_profiles(home, model_server.url)
    source, output = tmp_path / "in", tmp_path / "out"
    write_documents(source, DOCUMENTS_UNDER_A_BUDGET)
    for round in range(1, KILLS_UNDER_A_BUDGET + 1):
        budget = round * SLICES[option]
        doomed = start(home, source, output, option, f"{budget}")
        until, enough = time.monotonic() + 30, meter.calls + chance.randint(2, 12)
        while meter.calls < enough and time.monotonic() < until and doomed.poll() is None:
            time.sleep(0.01)
        doomed.send_signal(signal.SIGKILL)
        doomed.communicate()
        rerun = start(home, source, output, option, f"{budget}")
        _, said = rerun.communicate(timeout=120)
        assert rerun.returncode == 7, said.decode()
        assert meter.tokens <= spent(home)
        assert (meter.usd if option == "--budget" else meter.tokens) <= budget
    last = start(home, source, output)
    _, said = last.communicate(timeout=240)
    assert last.returncode == 0, said.decode()
    check_outputs(output, source)
    assert finished_twice(home) == 0
