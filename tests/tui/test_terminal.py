"""The program in a real terminal: what it does when it is stopped, killed, or its terminal goes away."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.conversation import Message
from tests.conftest import ROOT
from tests.model_server import ModelServer, Reply, SlowDrip
from tests.terminal import Terminal
from tests.waiting import eventually

pytestmark = pytest.mark.drill  # a whole workspace for each test: the gate runs them

LEAVES_THE_SCREEN = b"\x1b[?1049l"
ENTER, ESC, CTRL_Q = "\r", "\x1b", "\x11"


@pytest.fixture
def environment(home: Path, model_server: ModelServer) -> dict[str, str]:
    folder = home / "profiles"
    folder.mkdir()
    (folder / "chat.md").write_text(
        f"---\nstep: chat\nmodel: openai/test-model\napi_base: {model_server.url}\n---\nYou test.\n", encoding="utf-8"
    )
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store(home / "chatspace.db") as opened:
        yield opened


def thread(store: Store) -> list[Message]:
    conversations = store.conversations(limit=1)
    return list(store.thread(conversations[0].id)) if conversations else []


def streaming(terminal: Terminal, store: Store, text: str = "Tell me everything") -> None:
    """Send a message and wait until a part of its reply is stored."""
    terminal.until("Write a message")
    terminal.type(text)
    terminal.until(text)
    terminal.type(ENTER)
    # Reading the screen meanwhile: a program whose terminal takes no more stands still.
    terminal.until(lambda _: len(thread(store)) == 2 and len(thread(store)[1].text) > 5, 60)


def test_ctrl_q_quits_in_order(environment: dict[str, str]) -> None:
    with Terminal(env=environment) as terminal:
        terminal.until("Write a message")
        terminal.type(CTRL_Q)
        assert terminal.wait() == 0
        assert LEAVES_THE_SCREEN in terminal.received


def test_a_reply_streams_through_the_child_process_and_is_there_at_the_next_start(
    environment: dict[str, str], model_server: ModelServer
) -> None:
    model_server.answer(Reply("The harbour was quiet that winter."))
    with Terminal(env=environment, size=(80, 24)) as terminal:
        terminal.until("Write a message")
        terminal.type("Tell me of harbours")
        terminal.until("Tell me of harbours")
        terminal.type(ENTER)
        terminal.until("The harbour was quiet that winter.")
        terminal.until("openai/test-model")
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
    environment: dict[str, str], model_server: ModelServer, store: Store, number: int
) -> None:
    model_server.answer(SlowDrip())
    with Terminal(env=environment) as terminal:
        streaming(terminal, store)
        terminal.send_signal(number)
        assert terminal.wait() == 0
        assert LEAVES_THE_SCREEN in terminal.received
    user, reply = thread(store)
    assert (user.text, reply.status) == ("Tell me everything", "stopped")
    assert len(reply.text) > 5


def test_a_closed_terminal_loses_nothing(environment: dict[str, str], model_server: ModelServer, store: Store) -> None:
    model_server.answer(SlowDrip())
    with Terminal(env=environment) as terminal:
        streaming(terminal, store)
        terminal.hang_up()
        terminal.wait()
    user, reply = thread(store)
    assert (user.text, reply.status) == ("Tell me everything", "stopped")
    assert len(reply.text) > 5


def test_a_killed_program_leaves_the_message_and_the_text_so_far_marked_as_interrupted(
    environment: dict[str, str], model_server: ModelServer, store: Store
) -> None:
    model_server.answer(SlowDrip())
    with Terminal(env=environment) as terminal:
        streaming(terminal, store)
        before = thread(store)[1].text
        terminal.send_signal(signal.SIGKILL)
        terminal.wait()
    with Terminal(env=environment) as terminal:
        terminal.until("Tell me everything")
        terminal.type("\x1b[20~")
        terminal.type("\x1b[B" + ENTER)
        terminal.until("interrupted")
    user, reply = thread(store)
    assert user.text == "Tell me everything"
    assert reply.status == "interrupted"
    assert reply.text.startswith(before)


def test_when_the_model_side_dies_the_reply_is_marked_and_the_next_message_works(
    environment: dict[str, str], model_server: ModelServer, store: Store
) -> None:
    model_server.script(SlowDrip(), Reply("Back again."))
    with Terminal(env=environment) as terminal:
        streaming(terminal, store)
        for child in children_of(terminal.pid):
            os.kill(child, signal.SIGKILL)
        terminal.until(lambda _: thread(store)[1].status == "truncated")
        terminal.type("Are you there?")
        terminal.until("Are you there?")
        terminal.type(ENTER)
        terminal.until("Back again.")


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_store_that_cannot_be_opened_is_told_in_words_before_the_screen_is_taken(
    environment: dict[str, str], tmp_path: Path
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
    environment: dict[str, str], model_server: ModelServer, store: Store, way: str
) -> None:
    model_server.answer(SlowDrip())
    with Terminal("chat", "Tell me everything", env=environment) as terminal:
        eventually(lambda: len(thread(store)) == 2 and len(thread(store)[1].text) > 5, 60)
        if way == "ctrl+c":
            terminal.type("\x03")
        else:
            terminal.send_signal(signal.SIGTERM)
        assert terminal.wait() == 130
        assert "Interrupted" in terminal.text
    assert thread(store)[1].status == "stopped"
