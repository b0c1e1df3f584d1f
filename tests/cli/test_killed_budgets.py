"""Commands with a budget that are killed while their calls are out: the next one doesn't wait for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from chatspace.adapters.history import Store
from tests.cli.test_budgets import left_open, spent
from tests.drills.newsroom import good_answer, write_documents, write_profiles
from tests.metered import Meter
from tests.model_server import Hang, ModelServer
from tests.waiting import eventually

SECONDS = 60
"""In which a command that has nothing to wait for ends."""


def start(home: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    env = {**os.environ, "CHATSPACE_HOME": str(home)}
    command = [sys.executable, "-m", "chatspace", *map(str, arguments)]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def line_with(text: str, stream: IO[str] | None) -> str:
    assert stream is not None
    return next((line for line in stream if text in line), "")


@pytest.mark.parametrize(("option", "amount", "code"), [("--token-budget", "200000", 0), ("--budget", "0.03", 7)])
def test_a_batch_that_was_killed_goes_on_under_its_budget(
    home: Path, tmp_path: Path, model_server: ModelServer, option: str, amount: str, code: int
) -> None:
    killed = Meter(lambda body: Hang())
    model_server.answer(killed)
    write_profiles(home, model_server.url)
    write_documents(tmp_path / "in", 6)
    command = ("batch", tmp_path / "in", "-o", tmp_path / "out", "--jobs", "3", option, amount)
    first = start(home, *command)
    eventually(lambda: killed.calls >= 2, seconds=SECONDS)
    kill(first)
    assert left_open(home)[1] >= 2
    meter = Meter(good_answer)
    model_server.answer(meter)
    again = start(home, *command)
    _, said = again.communicate(timeout=SECONDS)
    assert again.returncode == code, said
    assert spent(home) >= killed.tokens + meter.tokens
    assert killed.usd + meter.usd <= float(amount) or option == "--token-budget"
    before = spent(home)
    with Store(home / "chatspace.db") as store:
        store.recover()
    assert (spent(home), left_open(home)) == (before, (0, 0))


def test_a_command_that_waits_for_another_says_so_and_notices_that_it_was_killed(
    home: Path, model_server: ModelServer
) -> None:
    meter = Meter(lambda body: Hang())
    model_server.answer(meter)
    write_profiles(home, model_server.url)
    (home / "profiles" / "chat.md").write_text(
        f"---\nstep: chat\nmodel: openai/m\napi_base: {model_server.url}\nmax_output_tokens: 700\n---\nYou answer.\n"
    )
    (home / "profiles" / "budgets.yaml").write_text("day: {tokens: 1200}\n")
    holding = start(home, "chat", "Hello")
    eventually(lambda: meter.calls == 1, seconds=SECONDS)
    waiting = start(home, "chat", "Hello")
    said = line_with("waiting for", waiting.stderr)
    assert "the daily budget" in said
    assert "an unfinished call" in said
    assert waiting.poll() is None
    kill(holding)
    _, rest = waiting.communicate(timeout=SECONDS)
    assert waiting.returncode == 7
    assert "The daily budget is reached" in rest
    assert meter.calls == 1
    assert left_open(home) == (0, 0)
