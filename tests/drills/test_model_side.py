"""The process that talks to the models, killed at any moment: the workspace stays, and the next message works."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.conversation import Message
from tests.conftest import ROOT
from tests.model_server import Hang, ModelServer, Reply, SlowDrip
from tests.terminal import Terminal
from tests.waiting import eventually

ENTER, ESC, CTRL_Q = "\r", "\x1b", "\x11"
ANSWER = "Back again, whole."


@pytest.fixture
def environment(home: Path, model_server: ModelServer) -> Mapping[str, str]:
    folder = home / "profiles"
    folder.mkdir()
    for name in ("chat", "quick"):
        (folder / f"{name}.md").write_text(
            f"---\nstep: chat\nmodel: openai/{name}\napi_base: {model_server.url}\n---\nYou test.\n", encoding="utf-8"
        )
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store(home / "chatspace.db") as opened:
        yield opened


def _thread(store: Store) -> list[Message]:
    conversations = store.conversations(limit=1)
    return list(store.thread(conversations[0].id)) if conversations else []


def _answers(store: Store) -> list[Message]:
    """Those to the first message, side by side."""
    question = _thread(store)[0]
    return [message for message in store.messages(question.conversation) if message.parent == question.id]


def _children(terminal: Terminal) -> list[int]:
    children = Path(f"/proc/{terminal.pid}/task/{terminal.pid}/children").read_text(encoding="utf-8")
    return [int(child) for child in children.split()]


def _kill_children(terminal: Terminal) -> None:
    eventually(lambda: _children(terminal))
    for child in _children(terminal):
        os.kill(child, signal.SIGKILL)


def _leave(terminal: Terminal) -> None:
    """Quit; the process that talks to the models goes too."""
    children = _children(terminal)
    assert children, "the model side was there"
    terminal.type(CTRL_Q)
    assert terminal.wait() == 0
    eventually(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


def _send(terminal: Terminal, text: str) -> None:
    terminal.type(text)
    terminal.until(text)
    terminal.type(ENTER)


@pytest.mark.drill
@pytest.mark.parametrize("moment", ["as it starts", "idle"])
def test_killed_before_it_is_needed_it_is_started_anew(
    environment: Mapping[str, str], model_server: ModelServer, moment: str
) -> None:
    model_server.answer(Reply(ANSWER))
    with Terminal(env=environment) as terminal:
        terminal.until("Write a message")
        if moment == "idle":
            _send(terminal, "First")
            terminal.until(ANSWER)
        _kill_children(terminal)
        _send(terminal, "Are you there?")
        eventually(lambda: model_server.bodies and "Are you there?" in str(model_server.bodies[-1]), 60)
        terminal.until(lambda text: text.count(ANSWER) == (2 if moment == "idle" else 1))
        _leave(terminal)


@pytest.mark.drill
@pytest.mark.parametrize("moment", ["loading", "before the first word"])
def test_killed_before_a_word_came_it_is_asked_again(
    environment: Mapping[str, str], model_server: ModelServer, store: Store, moment: str
) -> None:
    model_server.answer(Reply(ANSWER))
    if moment != "loading":
        model_server.script(Hang(None))
    with Terminal(env=environment) as terminal:
        terminal.until("Write a message")
        _send(terminal, "Tell me everything")
        eventually(lambda: len(_thread(store)) == 2)
        eventually(lambda: moment == "loading" or model_server.open, 60)
        _kill_children(terminal)
        terminal.until(ANSWER)
        eventually(lambda: _thread(store)[1].status == "complete")
        _leave(terminal)


@pytest.mark.drill
def test_killed_while_it_writes_what_came_is_kept_and_marked_and_the_next_message_works(
    environment: Mapping[str, str], model_server: ModelServer, store: Store
) -> None:
    model_server.script(SlowDrip(), Reply(ANSWER))
    with Terminal(env=environment) as terminal:
        terminal.until("Write a message")
        _send(terminal, "Tell me everything")
        terminal.until("word word word")
        _kill_children(terminal)
        terminal.until("The part that talks to models stopped")
        eventually(lambda: _thread(store)[1].status == "truncated")
        assert "word" in _thread(store)[1].text
        _send(terminal, "Are you there?")
        terminal.until(ANSWER)
        _leave(terminal)


@pytest.mark.drill
def test_killed_while_it_compares_every_answer_is_kept_as_it_came_and_the_next_message_works(
    environment: Mapping[str, str], model_server: ModelServer, store: Store
) -> None:
    model_server.script(SlowDrip(), SlowDrip(), Reply(ANSWER))
    with Terminal(env=environment) as terminal:
        terminal.until("Write a message")
        _send(terminal, "/compare Tell me --profiles chat,quick")
        terminal.until("0 of 2 ended")
        eventually(lambda: ["word" in answer.text for answer in _answers(store)] == [True, True], 60)
        _kill_children(terminal)
        terminal.until("2 of 2 ended")
        assert [answer.status for answer in _answers(store)] == ["truncated", "truncated"]
        terminal.type(ESC)
        terminal.until(lambda text: "cut off · version" in text and "2 of 2 ended" not in text)
        _send(terminal, "Are you there?")
        terminal.until(ANSWER)
        _leave(terminal)
