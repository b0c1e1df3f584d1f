"""Yank: a text to the clipboard, by the system's tool and by the terminal, saying only what is known of each.

A tool says whether it took the text. A terminal is asked by an escape sequence (OSC 52), which reaches the clipboard of
the machine that the user sits at, through ssh and tmux, and gives no answer.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from chatspace.core.errors import ChatspaceError
from chatspace.core.text import display
from chatspace.core.text.safe import for_file

if TYPE_CHECKING:
    from chatspace.wiring import Workspace

MAX_BYTES = 74_994
"""Of text: 100,000 characters of base64, which is where the first terminals begin to drop the whole sequence."""
SCREEN_CHUNK = 700
"""GNU screen passes a sequence on in pieces of at most 768 bytes."""
PATIENCE = 1.0

AskTmux = Callable[[str], str | None]


async def yank(screen: Screen[Any], workspace: Workspace, text: str, what: str = "") -> None:
    """Put `text` on the clipboard and say by which way; where none is known to take it, write it to a file.

    `what` names the text in the message ("the message", "code block 2").
    """
    text = for_file(text)
    if not text:
        screen.notify("There is nothing to yank.")
        return
    named = what or display.count(len(text), "character")
    doubt = await asyncio.to_thread(doubt_about_terminal, text, os.environ, tmux_option)
    sent = len(text.encode()) <= MAX_BYTES and _send(screen, terminal_sequence(text, os.environ))
    try:
        tool = await asyncio.to_thread(workspace.clipboard.yank, text)
    except ChatspaceError as failure:
        if sent and not doubt:
            said = f"Sent {named} to the terminal (OSC 52). Terminals don't say whether they took it."
            screen.notify(said)
        else:
            await _keep_in_file(screen, text, named, f"{failure}; {doubt or 'no terminal to send it to'}.")
        return
    beside = ", and sent to your terminal (OSC 52)" if sent and not doubt and os.environ.get("SSH_CONNECTION") else ""
    screen.notify(f"Yanked {named} by {tool}{beside}.")


def terminal_sequence(text: str, environment: Mapping[str, str]) -> str:
    """What asks the terminal to take `text`, wrapped for a tmux or a screen between here and there.

    tmux gets it bare too: it takes the one where `set-clipboard` is on and passes on the other with
    `allow-passthrough`.
    """
    bare = f"\x1b]52;c;{b64encode(text.encode()).decode()}\a"
    if environment.get("TMUX"):
        return bare + "\x1bPtmux;" + bare.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environment.get("STY"):
        pieces = (bare[start : start + SCREEN_CHUNK] for start in range(0, len(bare), SCREEN_CHUNK))
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return bare


def doubt_about_terminal(text: str, environment: Mapping[str, str], ask_tmux: AskTmux) -> str:
    """Why the terminal won't take `text`, as far as that can be known; empty where it may."""
    size = len(text.encode())
    if size > MAX_BYTES:
        return f"{size:,} bytes are too long for a terminal (OSC 52 takes {MAX_BYTES:,})"
    if environment.get("TMUX"):
        clipboard, passthrough = ask_tmux("set-clipboard"), ask_tmux("allow-passthrough")
        if clipboard in ("off", "external") and passthrough == "off":
            return "tmux keeps it from the terminal (`tmux set -s set-clipboard on` changes that)"
        return ""
    kind, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if kind in ("linux", "dumb", ""):
        return "this terminal has no clipboard"
    if program == "Apple_Terminal" or environment.get("VTE_VERSION"):
        return "this terminal doesn't take it by OSC 52"
    return ""


def tmux_option(name: str) -> str | None:
    """An option as it holds in this pane; None where tmux doesn't know it or can't be asked."""
    server = ["-s"] if name == "set-clipboard" else ["-A", "-p"]
    try:
        ended = subprocess.run(
            ["tmux", "show-options", *server, "-v", name],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ended.stdout.strip() or None


def _send(screen: Screen[Any], sequence: str) -> bool:
    """Between two frames, by the one who writes to the terminal."""
    driver = screen.app._driver
    if driver is None:
        return False
    driver.write(sequence)
    return True


async def _keep_in_file(screen: Screen[Any], text: str, named: str, reason: str) -> None:
    try:
        path = await asyncio.to_thread(_write, text)
    except OSError as error:
        screen.notify(
            f"Nothing took {named}. {reason} Nor could it be written to a file: {error.strerror}.",
            severity="error",
            timeout=10,
        )
        return
    screen.notify(
        f"Nothing took {named}. It was saved to {path}\n{reason}",
        severity="warning",
        timeout=10,
    )


def _write(text: str) -> str:
    """A file of the user's own that nobody else reads."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="", prefix="chatspace-yank-", suffix=".txt", delete=False
    ) as file:
        file.write(text)
    return file.name
