"""The system's clipboard."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatspace.core.errors import UsageError

PATIENCE = 3.0
"""Seconds after which a tool that waits for its display is given up."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that takes the text from its standard input, in this encoding."""

    command: tuple[str, ...]
    encoding: str = "utf-8"
    name: str = ""

    @property
    def program(self) -> str:
        return self.command[0]

    def __str__(self) -> str:
        return self.name or self.program


MACOS = Tool(("pbcopy",))
WSL = Tool(("clip.exe",), "utf-16-le")
TERMUX = Tool(("termux-clipboard-set",))
WAYLAND = Tool(("wl-copy",))
X11 = (Tool(("xclip", "-selection", "clipboard")), Tool(("xsel", "--clipboard", "--input")))
TMUX = Tool(("tmux", "load-buffer", "-w", "-"), name="tmux")
"""Keeps the text in its own buffer and hands it on to the terminal, which programs inside may not by default."""


def tools(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Sequence[Tool]:
    """The tools of this system that are installed and have something to talk to, the best first."""
    known = os.environ if environment is None else environment
    candidates = (
        *((MACOS,) if platform == "darwin" else ()),
        *((TERMUX,) if "com.termux" in known.get("PREFIX", "") else ()),
        *((WSL,) if known.get("WSL_DISTRO_NAME") else ()),
        *((WAYLAND,) if known.get("WAYLAND_DISPLAY") else ()),
        *(X11 if known.get("DISPLAY") else ()),
        *((TMUX,) if known.get("TMUX") else ()),
    )
    return [tool for tool in candidates if shutil.which(tool.program, path=known.get("PATH"))]


class SystemClipboard:
    """Fulfils ports.Clipboard by the tool that the system has for it."""

    def __init__(
        self, environment: Mapping[str, str] | None = None, platform: str = sys.platform, seconds: float = PATIENCE
    ) -> None:
        self._environment = environment
        self._platform = platform
        self._seconds = seconds

    def tools(self) -> Sequence[str]:
        """The names of the tools that are tried, in order."""
        if self._platform in ("win32", "cygwin"):
            return ("the Windows clipboard",)
        return [str(tool) for tool in tools(self._environment, self._platform)]

    def yank(self, text: str) -> str:
        """The name of the tool that took it. Raises UsageError where there is none or all failed."""
        if self._platform in ("win32", "cygwin"):
            return _by_pyperclip(text)
        failures = []
        for tool in tools(self._environment, self._platform):
            failure = self._feed(tool, text)
            if failure is None:
                return str(tool)
            failures.append(f"{tool} {failure}")
        raise UsageError(
            "The text couldn't be copied",
            "; ".join(failures) or "no clipboard tool with a display is installed",
            "Install wl-clipboard, xclip or xsel.",
        )

    def _feed(self, tool: Tool, text: str) -> str | None:
        """What went wrong, or None where the tool took the text."""
        with tempfile.TemporaryFile() as said:
            try:
                # xclip stays behind to serve the text: with a pipe it would never be seen to end, and in our session
                # it would go with us.
                ended = subprocess.run(
                    tool.command,
                    input=text.encode(tool.encoding, "replace"),
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    timeout=self._seconds,
                    start_new_session=True,
                    env=None if self._environment is None else dict(self._environment),
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return f"timed out after {self._seconds:g} s"
            except OSError as error:
                return f"can't be run: {error.strerror or error}"
            if ended.returncode == 0:
                return None
            said.seek(0)
            lines = said.read(2000).decode("utf-8", "replace").strip().splitlines()
            return f"failed: {lines[0]}" if lines else f"exited with code {ended.returncode}"


def _by_pyperclip(text: str) -> str:
    """The clipboard of Windows, which is no program."""
    import pyperclip  # looks for its tools when imported

    try:
        pyperclip.copy(text)
    except (pyperclip.PyperclipException, OSError) as error:
        raise UsageError("The Windows clipboard rejected the text", str(error).strip().split("\n")[0]) from error
    return "the Windows clipboard"
