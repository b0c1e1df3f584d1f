"""The program in a real terminal: what it does when it is stopped, killed, or its terminal goes away."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from tests.conftest import newest_thread
from tests.model_server import ModelServer, Reply, SlowDrip
from tests.terminal import Terminal

pytestmark = pytest.mark.drill  # a whole workspace for each test: the gate runs them

LEAVES_THE_SCREEN = b"\x1b[?1049l"
ENTER, ESC, CTRL_Q = "\r", "\x1b", "\x11"


def part_of_reply(store: Store) -> bool:
    thread = newest_thread(store)
    return len(thread) == 2 and len(thread[1].text) > 5


def streaming(terminal: Terminal, store: Store) -> None:
    """Send a message and wait until a part of its reply is stored."""
    terminal.until("Write a message")
    terminal.send("Tell me everything")
    # Reading the screen meanwhile: a program whose terminal takes no more stands still.
    terminal.until(lambda _: part_of_reply(store), 60)


def test_ctrl_q_quits_in_order(environment: Mapping[str, str]) -> None:
    with Terminal(env=environment) as terminal:
        terminal.until("Write a message")
        terminal.type(CTRL_Q)
        assert terminal.wait() == 0
        assert LEAVES_THE_SCREEN in terminal.received


def test_a_reply_streams_through_the_child_process_and_is_there_at_the_next_start(
    environment: Mapping[str, str], model_server: ModelServer
) -> None:
    model_server.answer(Reply("The harbour was quiet that winter."))
    with Terminal(env=environment, size=(80, 24)) as terminal:
        terminal.until("Write a message")
        terminal.send("Tell me of harbours")
        terminal.until("The harbour was quiet that winter.")
        terminal.until("openai/chat")
        terminal.type(CTRL_Q)
        terminal.wait()
    with Terminal(env=environment, size=(80, 24)) as terminal:
        terminal.until("Write a message")
        terminal.type("\x1b[20~")  # f9
        terminal.until("Tell me of harbours")
        terminal.type("\x1b[B" + ENTER)
        terminal.until("The harbour was quiet that winter.")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_loses_nothing_and_leaves_the_terminal_usable(
    environment: Mapping[str, str], model_server: ModelServer, store: Store, number: int
) -> None:
    model_server.answer(SlowDrip())
    with Terminal(env=environment) as terminal:
        streaming(terminal, store)
        terminal.send_signal(number)
        assert terminal.wait() == 0
        assert LEAVES_THE_SCREEN in terminal.received
    user, reply = newest_thread(store)
    assert (user.text, reply.status) == ("Tell me everything", "stopped")
    assert len(reply.text) > 5


def test_a_closed_terminal_loses_nothing(
    environment: Mapping[str, str], model_server: ModelServer, store: Store
) -> None:
    model_server.answer(SlowDrip())
    with Terminal(env=environment) as terminal:
        streaming(terminal, store)
        terminal.hang_up()
        terminal.wait()
    user, reply = newest_thread(store)
    assert (user.text, reply.status) == ("Tell me everything", "stopped")
    assert len(reply.text) > 5


def test_a_killed_program_leaves_the_message_and_the_text_so_far_marked_as_interrupted(
    environment: Mapping[str, str], model_server: ModelServer, store: Store
) -> None:
    model_server.answer(SlowDrip())
    with Terminal(env=environment) as terminal:
        streaming(terminal, store)
        before = newest_thread(store)[1].text
        terminal.send_signal(signal.SIGKILL)
        terminal.wait()
    with Terminal(env=environment) as terminal:
        terminal.until("Tell me everything")
        terminal.type("\x1b[20~")
        terminal.type("\x1b[B" + ENTER)
        terminal.until("interrupted")
    user, reply = newest_thread(store)
    assert user.text == "Tell me everything"
    assert reply.status == "interrupted"
    assert reply.text.startswith(before)


def test_when_the_model_side_dies_the_reply_is_marked_and_the_next_message_works(
    environment: Mapping[str, str], model_server: ModelServer, store: Store
) -> None:
    model_server.script(SlowDrip(), Reply("Back again."))
    with Terminal(env=environment) as terminal:
        streaming(terminal, store)
        for child in terminal.children:
            os.kill(child, signal.SIGKILL)
        terminal.until(lambda _: newest_thread(store)[1].status == "truncated")
        terminal.send("Are you there?")
        terminal.until("Back again.")


def test_a_store_that_cannot_be_opened_is_told_in_words_before_the_screen_is_taken(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    with Terminal(env={**environment, "CHATSPACE_HOME": str(blocked / "home")}) as terminal:
        assert terminal.wait() == 2
        assert "CHATSPACE_HOME" in terminal.text
        assert "Traceback" not in terminal.text
        assert LEAVES_THE_SCREEN not in terminal.received


@pytest.mark.parametrize("way", ["ctrl+c", "SIGTERM"])
def test_an_interrupted_command_keeps_what_came_and_ends_with_130(
    environment: Mapping[str, str], model_server: ModelServer, store: Store, way: str
) -> None:
    model_server.answer(SlowDrip())
    with Terminal("chat", "Tell me everything", env=environment) as terminal:
        terminal.until(lambda _: part_of_reply(store), 60)
        if way == "ctrl+c":
            terminal.type("\x03")
        else:
            terminal.send_signal(signal.SIGTERM)
        assert terminal.wait() == 130
        assert "Interrupted" in terminal.text
    assert newest_thread(store)[1].status == "stopped"
