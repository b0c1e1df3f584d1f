"""A program under a pseudo-terminal, with the screen that a user would see."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import pyte


class Terminal:
    """Runs `python -m chatspace` with these arguments in a terminal of `size` (columns, lines)."""

    def __init__(self, *arguments: str, env: Mapping[str, str], size: tuple[int, int] = (120, 40)) -> None:
        columns, lines = size
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self.received = b""
        self.code: int | None = None
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.environ.update(env, TERM="xterm-256color", COLORTERM="truecolor", COLUMNS=str(columns), LINES=str(lines))
            os.execv(sys.executable, [sys.executable, "-m", "chatspace", *arguments])

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()
        self.hang_up()

    @property
    def children(self) -> list[int]:
        """The processes that the program started."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="utf-8")
        return [int(child) for child in children.split()]

    @property
    def text(self) -> str:
        """The screen, line by line."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def until(self, seen: str | Callable[[str], object], seconds: float = 40.0) -> str:
        """The screen, as soon as `seen` stands on it."""
        end = time.monotonic() + seconds
        while not (seen in self.text if isinstance(seen, str) else seen(self.text)):
            if time.monotonic() > end:
                raise AssertionError(f"{seen!r} never came:\n{self.text}")
            self._read(0.05)
        return self.text

    def rest(self, seconds: float) -> None:
        """Let the program go on for so long, reading what it shows."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._read(0.02)

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode("utf-8"))

    def write(self, text: str) -> None:
        """Type a text, until it stands on the screen."""
        self.type(text)
        self.until(text)

    def send(self, text: str) -> None:
        """Write a text and press enter."""
        self.write(text)
        self.type("\r")

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal, as a user who closes the window."""
        with contextlib.suppress(OSError):
            os.close(self._terminal)

    def wait(self, seconds: float = 30.0) -> int:
        """The exit code; negative for a signal."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._read(0.02)
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self._read(0.0)
                self.code = os.waitstatus_to_exitcode(status)
                return self.code
        raise AssertionError(f"still running:\n{self.text}")

    def _read(self, seconds: float) -> None:
        waiting = select.poll()  # which, unlike select, takes a file of any number
        waiting.register(self._terminal, select.POLLIN)
        with contextlib.suppress(OSError):
            if waiting.poll(seconds * 1000):
                piece = os.read(self._terminal, 65536)
                self.received += piece
                self._stream.feed(piece)
