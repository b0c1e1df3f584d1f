"""Opens the installed workspace under a pseudo-terminal and quits it by key; needs nothing but the standard library."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import struct
import sys
import termios
import time

WELCOME = b"Write a message"
CTRL_Q = b"\x11"
SECONDS = 30.0


def main() -> int:
    """0 where the first screen came and ctrl+q ended it in order."""
    program = shutil.which("chatspace")
    if program is None:
        sys.stderr.write("chatspace is not installed\n")
        return 1
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(program, [program])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = _read_until(terminal, WELCOME)
    os.write(terminal, CTRL_Q)
    _read_until(terminal, None)
    _, status = os.waitpid(child, 0)
    if WELCOME not in seen or os.waitstatus_to_exitcode(status) != 0:
        sys.stderr.write(f"the workspace ended with {status} after {seen[-2000:]!r}\n")
        return 1
    sys.stdout.write("the workspace opened and was quit by ctrl+q\n")
    return 0


def _read_until(terminal: int, wanted: bytes | None) -> bytes:
    """What the terminal gets until `wanted` is in it, or to the end."""
    seen, end = b"", time.monotonic() + SECONDS
    while time.monotonic() < end and (wanted is None or wanted not in seen):
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # the other side is closed
                return seen
            if not piece:
                return seen
            seen += piece
    return seen


if __name__ == "__main__":
    raise SystemExit(main())
