"""The process that talks to the models, killed at any moment: the workspace stays, and the next message works."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import Message
from tests.conftest import newest_thread
from tests.model_server import Hang, ModelServer, Reply, SlowDrip
from tests.terminal import Terminal
from tests.waiting import eventually

ESC, CTRL_Q = "\x1b", "\x11"
ANSWER = "Back again, whole."


def _answers(store: Store) -> list[Message]:
    """Those to the first message, side by side."""
    question = newest_thread(store)[0]
    return [message for message in store.messages.all(question.conversation) if message.parent == question.id]


def _kill_children(terminal: Terminal) -> None:
    terminal.until(lambda _: terminal.children)
    for child in terminal.children:
        os.kill(child, signal.SIGKILL)


def _leave(terminal: Terminal) -> None:
    """Quit; the process that talks to the models goes too."""
    children = terminal.children
    assert children, "the model side was there"
    terminal.type(CTRL_Q)
    assert terminal.wait() == 0
    eventually(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


@pytest.mark.drill
@pytest.mark.parametrize("moment", ["as it starts", "idle"])
def test_killed_before_it_is_needed_it_is_started_anew(
    environment: Mapping[str, str], model_server: ModelServer, moment: str
) -> None:
    model_server.answer(Reply(ANSWER))
    with Terminal(env=environment) as terminal:
        terminal.until("Write a message")
        if moment == "idle":
            terminal.send("First")
            terminal.until(ANSWER)
        _kill_children(terminal)
        terminal.send("Are you there?")
        terminal.until(lambda _: model_server.bodies and "Are you there?" in str(model_server.bodies[-1]), 60)
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
        terminal.send("Tell me everything")
        terminal.until(lambda _: len(newest_thread(store)) == 2)
        terminal.until(lambda _: moment == "loading" or model_server.open, 60)
        _kill_children(terminal)
        terminal.until(ANSWER)
        terminal.until(lambda _: newest_thread(store)[1].status == "complete")
        _leave(terminal)


@pytest.mark.drill
def test_killed_while_it_writes_what_came_is_kept_and_marked_and_the_next_message_works(
    environment: Mapping[str, str], model_server: ModelServer, store: Store
) -> None:
    model_server.script(SlowDrip(), Reply(ANSWER))
    with Terminal(env=environment) as terminal:
        terminal.until("Write a message")
        terminal.send("Tell me everything")
        terminal.until("word word word")
        _kill_children(terminal)
        terminal.until("The model process exited")
        terminal.until(lambda _: newest_thread(store)[1].status == "truncated")
        assert "word" in newest_thread(store)[1].text
        terminal.send("Are you there?")
        terminal.until(ANSWER)
        _leave(terminal)


@pytest.mark.drill
def test_killed_while_it_compares_every_answer_is_kept_as_it_came_and_the_next_message_works(
    environment: Mapping[str, str], model_server: ModelServer, store: Store
) -> None:
    model_server.script(SlowDrip(), SlowDrip(), Reply(ANSWER))
    with Terminal(env=environment) as terminal:
        terminal.until("Write a message")
        terminal.send("/compare Tell me --profiles chat,quick")
        terminal.until("0 of 2 ended")
        terminal.until(lambda _: ["word" in answer.text for answer in _answers(store)] == [True, True], 60)
        _kill_children(terminal)
        terminal.until("2 of 2 ended")
        assert [answer.status for answer in _answers(store)] == ["truncated", "truncated"]
        terminal.type(ESC)
        terminal.until(lambda text: "cut off · version" in text and "2 of 2 ended" not in text)
        terminal.send("Are you there?")
        terminal.until(ANSWER)
        _leave(terminal)
