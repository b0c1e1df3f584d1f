"""A day in the program, in a real terminal: type, stream, stop, switch, compare, rewrite, accept, export, quit, start
again, and all is there."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.model_server import Answer, ModelServer, Reply, SlowDrip
from tests.terminal import Terminal

pytestmark = pytest.mark.drill  # a whole workspace for each test: the gate runs them

ENTER, ESC, CTRL_O, CTRL_Q, CTRL_R, CTRL_S = "\r", "\x1b", "\x0f", "\x11", "\x12", "\x13"
PROMPT = "Write a message, or /"
BEFORE = "It is in fact really very quiet indeed, as everybody says.\n"
AFTER = "It is quiet, as everybody says.\n"


def model(body: Mapping[str, Any]) -> Answer:
    """Each model with its own answer; a question for everything is answered without end."""
    if "everything" in str(body["messages"][-1]["content"]):
        return SlowDrip(0.02)
    said = {"plain": "A plain answer.", "bright": "A bright answer.", "rewriter": AFTER}
    return Reply(said[str(body["model"])], chunk=4, delay=0.01)


@pytest.fixture
def environment(
    home: Path, tmp_path: Path, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    (home / "profiles").mkdir()
    for name, step, of in (
        ("chat", "chat", "plain"),
        ("bright", "chat", "bright"),
        ("rewriter", "rewrite", "rewriter"),
    ):
        (home / "profiles" / f"{name}.md").write_text(
            f"---\nstep: {step}\nmodel: openai/{of}\napi_base: {model_server.url}\n---\nYou answer.\n", encoding="utf-8"
        )
    model_server.answer(model)
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "note.md").write_text(BEFORE, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "desk")
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def press_until(terminal: Terminal, keys: str, seen: str) -> None:
    """Press keys again and again until something stands on the screen: what they lead to may not be there yet."""
    end = time.monotonic() + 40
    while seen not in terminal.text and time.monotonic() < end:
        terminal.type(keys)
        terminal.rest(1.0)
    terminal.until(seen, 1)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["wide", "narrow"])
def test_a_day_in_the_program(environment: dict[str, str], tmp_path: Path, size: tuple[int, int]) -> None:
    with Terminal(env=environment, size=size) as terminal:
        terminal.until(PROMPT)
        terminal.send("A first question")
        terminal.until("A plain answer.")
        terminal.until(PROMPT)

        terminal.send("Tell me everything")
        terminal.until("word word word")
        terminal.type(ESC)
        terminal.until("stopped")

        terminal.type(CTRL_O)
        terminal.until("Type a")
        terminal.type("bright")
        terminal.until(lambda text: "bright" in text)
        terminal.rest(0.5)
        terminal.type(ENTER)
        terminal.until(lambda text: "openai/bright" in text.rstrip().splitlines()[-1])  # not in the list that closes
        terminal.send("A second question")
        terminal.until("A bright answer.")

        terminal.send("/compare --profiles chat,bright Which of the two")
        terminal.until(lambda text: text.count("answer.") >= 2 and "Which of the two" in text)
        press_until(terminal, "w", PROMPT)
        terminal.send("/desk note.md")
        terminal.until("It is in fact")
        terminal.type(CTRL_R)
        terminal.until("shorter")
        terminal.rest(0.5)
        terminal.type("s")
        terminal.until("accept")
        terminal.type("a")
        terminal.until("1 accepted")
        terminal.type(CTRL_S)
        terminal.until(lambda _: (tmp_path / "desk" / "note.md").read_text(encoding="utf-8") == AFTER)
        press_until(terminal, ESC, PROMPT)

        terminal.send("/export all.md")
        terminal.until("all.md")
        terminal.until(lambda _: (tmp_path / "desk" / "all.md").is_file())
        exported = (tmp_path / "desk" / "all.md").read_text(encoding="utf-8")
        assert "A first question" in exported
        assert "Which of the two" in exported
        terminal.type(CTRL_Q)
        assert terminal.wait() == 0

    with Terminal(env=environment, size=size) as again:
        again.until(PROMPT)
        again.type(CTRL_S)
        again.until("profile:")
        again.type("first question")
        again.until("A first question")
        again.type(ENTER)
        again.until("A plain answer.")
        again.type(CTRL_Q)
        assert again.wait() == 0
