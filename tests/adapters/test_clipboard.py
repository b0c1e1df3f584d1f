"""The system's clipboard: which tool is taken, and that nothing is said to be taken that wasn't."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chatspace.adapters.clipboard import SystemClipboard, tools
from chatspace.core.errors import UsageError

Install = Callable[[str, str], None]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


@pytest.fixture
def install(programs: Path) -> Install:
    def put(name: str, script: str) -> None:
        path = programs / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    return put


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"DISPLAY": ":0"}, "linux", ["xclip", "xsel"]),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "linux", ["wl-copy", "xclip", "xsel"]),
        ({"WSL_DISTRO_NAME": "Debian"}, "linux", ["clip.exe"]),
        ({"PREFIX": "/data/data/com.termux/files/usr"}, "linux", ["termux-clipboard-set"]),
        ({"TMUX": "/tmp/tmux-0/default,1,0"}, "linux", ["tmux"]),
        ({}, "darwin", ["pbcopy"]),
        ({}, "linux", []),
    ],
)
def test_a_tool_is_taken_only_where_it_has_something_to_talk_to(
    programs: Path, install: Install, environment: dict[str, str], platform: str, expected: list[str]
) -> None:
    for name in ("xclip", "xsel", "wl-copy", "clip.exe", "termux-clipboard-set", "pbcopy", "tmux"):
        install(name, "true")
    assert [str(tool) for tool in tools({**environment, "PATH": str(programs)}, platform)] == expected


def test_the_text_comes_to_the_tool_as_it_is(programs: Path, install: Install, tmp_path: Path) -> None:
    install("wl-copy", f"/bin/cat > {tmp_path}/taken")
    text = "Zeile 1\nZeile 2 – „ja“ 🎉\n"
    assert SystemClipboard({"WAYLAND_DISPLAY": "w", "PATH": str(programs)}, "linux").yank(text) == "wl-copy"
    assert (tmp_path / "taken").read_text("utf-8") == text


def test_the_clipboard_of_windows_gets_utf_16(programs: Path, install: Install, tmp_path: Path) -> None:
    install("clip.exe", f"/bin/cat > {tmp_path}/taken")
    SystemClipboard({"WSL_DISTRO_NAME": "Debian", "PATH": str(programs)}, "linux").yank("„ja“")
    assert (tmp_path / "taken").read_bytes() == "„ja“".encode("utf-16-le")


def test_where_a_tool_fails_the_next_one_takes_the_text(programs: Path, install: Install, tmp_path: Path) -> None:
    install("wl-copy", "echo 'no compositor' >&2; exit 1")
    install("xsel", f"/bin/cat > {tmp_path}/taken")
    environment = {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0", "PATH": str(programs)}
    assert SystemClipboard(environment, "linux").yank("text") == "xsel"
    assert (tmp_path / "taken").read_text() == "text"


def test_a_tool_that_fails_is_never_said_to_have_taken_the_text(programs: Path, install: Install) -> None:
    install("xclip", 'echo "Error: Can\'t open display: :7" >&2; exit 1')
    with pytest.raises(UsageError, match="xclip failed: Error: Can't open display: :7"):
        SystemClipboard({"DISPLAY": ":7", "PATH": str(programs)}, "linux").yank("text")


def test_a_tool_that_hangs_is_given_up(programs: Path, install: Install) -> None:
    install("xclip", "exec /bin/sleep 60")
    with pytest.raises(UsageError, match=r"timed out after 0\.2 s"):
        SystemClipboard({"DISPLAY": ":0", "PATH": str(programs)}, "linux", 0.2).yank("text")


def test_a_tool_that_stays_behind_to_serve_the_text_is_not_waited_for(programs: Path, install: Install) -> None:
    install("xclip", "/bin/cat > /dev/null; /bin/sleep 30 & exit 0")
    assert SystemClipboard({"DISPLAY": ":0", "PATH": str(programs)}, "linux", 10).yank("text") == "xclip"


def test_without_any_tool_the_remedy_names_some(programs: Path) -> None:
    with pytest.raises(UsageError) as failure:
        SystemClipboard({"PATH": str(programs)}, "linux").yank("text")
    assert "wl-clipboard" in failure.value.remedy
