"""A program under a pseudo-terminal, with the times at which its bytes come.

Nothing here draws a screen: an emulator of a terminal would take the time that is measured.
"""

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

PLACEHOLDER = "rite a message"
"""What stands in the empty prompt, less the letter that may be under the cursor."""

LETTERS = "".join(map(chr, (*range(0x0410, 0x0450), *range(0x0531, 0x0557), *range(0x0561, 0x0587))))
"""Characters that nothing but the measurement writes: an echo can't be taken for something else."""

LINE = 60
"""So many letters are typed before the line is emptied again."""

CTRL_U, ENTER = "\x15", "\r"
TICKS = os.sysconf("SC_CLK_TCK")


class Console:
    """Runs `python ARGUMENTS` in a terminal of `size` (columns, lines)."""

    def __init__(self, *arguments: str, env: Mapping[str, str], size: tuple[int, int] = (120, 40)) -> None:
        columns, lines = size
        more = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": str(columns), "LINES": str(lines)}
        self._seen = b""
        self._typed = 0
        self.started = time.monotonic()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execve(sys.executable, [sys.executable, *arguments], {**os.environ, **env, **more})

    def __enter__(self) -> Console:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._terminal)

    def until(self, wanted: str, seconds: float = 60.0) -> float:
        """When these characters came since the last keys, by the monotonic clock. AssertionError where they didn't."""
        sought = wanted.encode()
        self.until_true(lambda: sought in self._seen, seconds, wanted)
        return time.monotonic()

    def until_true(self, holds: Callable[[], object], seconds: float = 60.0, what: str = "") -> None:
        """Take what the program writes until this holds."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"{what!r} never came: {self._seen[-2000:]!r}")
            self._take(0.02)

    def wait(self, seconds: float) -> None:
        """Take what the program writes for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._take(left)

    def press(self, keys: str) -> float:
        """When they were typed."""
        self._seen = b""
        at = time.monotonic()
        os.write(self._terminal, keys.encode())
        return at

    def echo(self) -> float:
        """Seconds from a key to its character on the screen; the prompt has the focus."""
        if self._typed == LINE:
            self._typed = 0
            self.press(CTRL_U)
            self.wait(0.2)
        letter = LETTERS[self._typed]
        self._typed += 1
        pressed = self.press(letter)
        return self.until(letter) - pressed

    def echoes(self, seconds: float, pause: float = 0.11) -> list[float]:
        """The echoes of keys typed so far apart for so long."""
        end = time.monotonic() + seconds
        samples: list[float] = []
        while time.monotonic() < end:
            samples.append(self.echo())
            self.wait(pause)
        return samples

    def painted(self, keys: str, quiet: float = 0.04) -> float:
        """Seconds from a key to the end of what the program writes for it, which is followed by silence."""
        pressed = self.press(keys)
        self.until_true(lambda: self._seen)
        last = time.monotonic()
        while self._take(quiet):
            last = time.monotonic()
        return last - pressed

    @property
    def cpu(self) -> float:
        """Seconds that the program's own process has used, its children left out."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def memory(self) -> float:
        """Megabytes in memory now."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1_000

    def _take(self, seconds: float) -> bool:
        """What the program writes next, waiting for it so long; whether there was any."""
        if not select.select([self._terminal], [], [], seconds)[0]:
            return False
        try:
            self._seen += os.read(self._terminal, 1 << 16)
        except OSError as error:
            raise AssertionError(f"the program ended: {self._seen[-2000:]!r}") from error
        return True
