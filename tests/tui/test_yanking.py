"""Yank: what is sent to which terminal, and that nothing is said to be copied that may not be."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path

import pytest

from chatspace.adapters.clipboard import SystemClipboard
from chatspace.tui.yanking import MAX_BYTES, doubt_about_terminal, terminal_sequence, yank
from tests.conftest import ROOT
from tests.terminal import Terminal
from tests.tui.conftest import Open

BARE = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TMUX", "STY", "SSH_CONNECTION", "TERM_PROGRAM", "VTE_VERSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def test_a_terminal_gets_the_text_in_base64() -> None:
    found = BARE.fullmatch(terminal_sequence("„ja“\n", {}))
    assert found
    assert b64decode(found[1]).decode() == "„ja“\n"


def test_tmux_gets_it_bare_and_wrapped_so_that_either_of_its_options_lets_it_through() -> None:
    sequence = terminal_sequence("text", {"TMUX": "/tmp/tmux-0/default,1,0"})
    wrapped = re.search(r"\x1bPtmux;(.*)\x1b\\$", sequence, re.DOTALL)
    assert wrapped
    assert BARE.fullmatch(wrapped[1].replace("\x1b\x1b", "\x1b"))
    assert BARE.match(sequence)


def test_screen_gets_it_in_pieces_that_it_passes_on() -> None:
    sequence = terminal_sequence("long " * 1000, {"STY": "1.x"})
    pieces = re.findall(r"\x1bP(.*?)\x1b\\", sequence, re.DOTALL)
    assert all(len(piece) <= 768 for piece in pieces)
    assert BARE.fullmatch("".join(pieces))


@pytest.mark.parametrize(
    ("environment", "options", "doubt"),
    [
        ({"TERM": "xterm-kitty"}, {}, ""),
        ({"TERM": "linux"}, {}, "has no clipboard"),
        ({"TERM": "dumb"}, {}, "has no clipboard"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, {}, "doesn't take it"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, {}, "doesn't take it"),
        ({"TMUX": "x"}, {"set-clipboard": "external", "allow-passthrough": "off"}, "tmux keeps it"),
        ({"TMUX": "x"}, {"set-clipboard": "on", "allow-passthrough": "off"}, ""),
        ({"TMUX": "x"}, {"set-clipboard": "external", "allow-passthrough": "on"}, ""),
        ({"TMUX": "x"}, {}, ""),
    ],
)
def test_what_is_known_of_the_terminal_is_said(
    environment: Mapping[str, str], options: Mapping[str, str], doubt: str
) -> None:
    said = doubt_about_terminal("text", environment, options.get)
    assert doubt in said
    assert bool(said) == bool(doubt)


def test_what_is_too_long_for_terminals_is_not_trusted_to_them() -> None:
    assert doubt_about_terminal("é" * (MAX_BYTES // 2), {"TERM": "xterm"}, lambda name: None) == ""
    assert "too long" in doubt_about_terminal("é" * (MAX_BYTES // 2 + 1), {"TERM": "xterm"}, lambda name: None)


async def test_the_tool_that_took_it_is_named(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await yank(seat.screen, seat.workspace, "one\x1b[2J two", "code block 2")
        await seat.until(lambda: seat.notices)
        assert seat.clipboard.texts == ["one[2J two"]
        assert seat.notices == ["Yanked code block 2 by the system's clipboard."]


async def test_over_ssh_the_terminal_of_the_user_is_asked_too(
    open_workspace: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    async with open_workspace() as seat:
        await yank(seat.screen, seat.workspace, "text")
        await seat.until(lambda: seat.notices)
        assert seat.notices == ["Yanked 4 characters by the system's clipboard, and sent to your terminal (OSC 52)."]


async def test_where_only_the_terminal_is_left_nothing_is_said_to_be_copied(open_workspace: Open) -> None:
    async with open_workspace(clipboard=False) as seat:
        await yank(seat.screen, seat.workspace, "text", "the message")
        await seat.until(lambda: seat.notices)
        (said,) = seat.notices
        assert said.startswith("Sent the message to the terminal (OSC 52).")
        assert not re.search("copied|yanked", said, re.IGNORECASE)


@pytest.mark.parametrize("reason", ["linux", "long"])
async def test_where_nothing_takes_it_it_stands_in_a_file_that_is_named(
    open_workspace: Open, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", None)
    text = "x" * (MAX_BYTES + 1) if reason == "long" else "short\nand plain"
    if reason == "linux":
        monkeypatch.setenv("TERM", "linux")
    async with open_workspace(clipboard=False) as seat:
        await yank(seat.screen, seat.workspace, text, "the message")
        await seat.until(lambda: seat.notices)
        (said,) = seat.notices
        found = re.search(r"saved to (\S+)", said)
        assert found
        written = Path(found[1])
        assert written.read_text("utf-8") == text
        assert written.stat().st_mode & 0o777 == 0o600


async def test_an_empty_text_is_not_yanked(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await yank(seat.screen, seat.workspace, "")
        await seat.until(lambda: seat.notices)
        assert seat.clipboard.texts == []
        assert seat.notices == ["There is nothing to yank."]


async def test_ctrl_c_in_the_prompt_copies_the_selection_by_the_same_way(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.type("copy me")
        seat.prompt.select_all()
        await seat.pilot.press("ctrl+c")
        await seat.until(lambda: seat.clipboard.texts == ["copy me"])
        assert seat.app.clipboard == "copy me"


@pytest.mark.parametrize("inside", ["", "/tmp/tmux-none/default,1,0"], ids=["bare", "tmux"])
def test_the_bytes_reach_the_terminal(home: Path, inside: str) -> None:
    """The program itself, in a terminal where no tool takes anything."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": "/nowhere", "TMUX": inside}
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        environment[name] = ""
    with Terminal(env=environment) as terminal:
        terminal.until("Write a message")
        terminal.type("take this")
        terminal.until("take this")
        terminal.type("\x1b[18~")  # f7 selects everything in the prompt
        terminal.type("\x03")
        terminal.until("Sent 9 characters to the terminal")
        received = terminal.received.decode("utf-8", "replace")
        terminal.type("\x11")
        terminal.wait()
    assert [b64decode(found).decode() for found in BARE.findall(received)][:1] == ["take this"]
    assert ("\x1bPtmux;\x1b\x1b]52;c;" in received) == bool(inside)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_a_real_tmux_with_its_own_defaults_takes_the_text(tmp_path: Path) -> None:
    socket = tmp_path / "s"
    tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
    subprocess.run(
        [*tmux, "new-session", "-d", "-x", "80", "-y", "24", "sleep 60"], check=True, env={"PATH": "/usr/bin:/bin"}
    )
    try:
        environment = {"PATH": "/usr/bin:/bin", "TMUX": f"{socket},1,0", "HOME": str(tmp_path)}
        assert SystemClipboard(environment, "linux").yank("kept – by tmux\n") == "tmux"
        shown = subprocess.run([*tmux, "show-buffer"], capture_output=True, check=True, text=True)
        assert shown.stdout == "kept – by tmux\n"
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
