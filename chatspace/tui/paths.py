"""Paths in what is typed and pasted: `@mentions`, dropped files, and what can follow a beginning."""

from __future__ import annotations

import os
import platform
import re
import shlex
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

MENTION = re.compile(r'(?<!\S)@(?:"([^"\n]+)"|(\S+))')
AT_END = ".,;:!?)]}'\"’”"
"""What may stand behind a path and belong to the sentence."""

MAX_DROPPED = 50
MAX_DROP = 8_000
MAX_SEEN = 5_000
"""Entries that are looked at for one completion."""
MAX_LOOK = 0.3
"""Seconds; a slow disk gives what was found by then."""
DEEPEST = 8
NOISE = frozenset({"node_modules", "__pycache__", "site-packages", "venv", "target", "dist", "build"})
"""Folders whose files nobody wants to attach; they are gone into where they are named."""


def mentioned(text: str, is_file: Callable[[str], bool]) -> list[str]:
    """The files that a text mentions with `@`, each once, in order."""
    found: dict[str, None] = {}
    for match in MENTION.finditer(text):
        name = match[1] or match[2]
        while name:
            if is_file(name):
                found[name] = None
                break
            if match[1] or name[-1] not in AT_END:
                break
            name = name[:-1]
    return list(found)


def mention(path: str) -> str:
    """How a path is written as a mention."""
    return f'@"{path}"' if re.search(r"[\s\"']", path) else f"@{path}"


def dropped(text: str, is_file: Callable[[str], bool]) -> list[str]:
    """The paths that a paste consists of, as terminals write dropped files; none where it is anything else.

    One or several, on lines or on one, bare, quoted, with escaped blanks, or as file:// URLs.
    """
    text = text.strip()
    if not text or len(text) > MAX_DROP:
        return []
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for read in (_bare, _split):
        paths = [path for line in lines for path in read(line)]
        if paths and len(paths) <= MAX_DROPPED and all(_like_path(path) and is_file(path) for path in paths):
            return list(dict.fromkeys(paths))
    return []


def _bare(line: str) -> list[str]:
    """The whole line as one path."""
    return [_local(line)]


def _split(line: str) -> list[str]:
    """The words of a line as a shell reads them."""
    try:
        return [_local(word) for word in shlex.split(line)]
    except ValueError:
        return [""]


def _local(word: str) -> str:
    """The path of a file:// URL on this machine; anything else as it is."""
    if not word.lower().startswith("file:"):
        return word
    try:
        url = urlsplit(word)
    except ValueError:
        return ""
    return unquote(url.path) if url.netloc in ("", "localhost", platform.node()) else ""


def _like_path(path: str) -> bool:
    """A bare word is a word, even where a file has that name."""
    return any(mark in path for mark in ("/", "\\", "."))


def readable(path: str) -> bool:
    """Whether it is an ordinary file that can be read."""
    try:
        file = Path(path).expanduser()
        return file.is_file() and os.access(file, os.R_OK)
    except (OSError, ValueError, RuntimeError):
        return False


@dataclass(frozen=True, slots=True)
class FoundPaths:
    """Paths that go on from a beginning, folders with a `/` at the end; `whole` where nothing was left out."""

    paths: tuple[str, ...]
    whole: bool


def going_on(beginning: str, folder: Path, most: int = 50) -> FoundPaths:
    """What stands in the folder that `beginning` names, or, where it names none, in `folder` and below.

    Hidden files are there for who types their dot. A huge tree is looked at in part.
    """
    beginning = beginning.replace("\\", "/") if os.sep == "\\" else beginning
    head, slash, tail = beginning.rpartition("/")
    try:
        base = folder / Path(head + slash).expanduser() if slash else folder
    except RuntimeError:  # ~nobody
        return FoundPaths((), True)
    walk = _Walk(base, tail.startswith("."), time.monotonic() + MAX_LOOK)
    anchored = beginning.startswith(("/", "~", "."))
    entries = walk.entries(1 if anchored and slash else DEEPEST)
    ranked = sorted(_ranked(entries, tail.casefold()))
    return FoundPaths(tuple(head + slash + path for *_, path in ranked[:most]), walk.whole and len(ranked) <= most)


def _ranked(entries: Iterator[tuple[int, str]], wanted: str) -> Iterator[tuple[int, int, str, str]]:
    """First the names that begin so, then those that hold it, then the paths that do; near ones first."""
    for depth, path in entries:
        name = path.rstrip("/").rpartition("/")[2].casefold()
        if name.startswith(wanted):
            rank = 0
        elif wanted in name:
            rank = 1
        elif wanted in path.casefold():
            rank = 2
        else:
            continue
        yield rank, depth, path.casefold(), path


class _Walk:
    """Goes through a tree, the nearest first, until it has seen enough."""

    def __init__(self, base: Path, hidden: bool, deadline: float) -> None:
        self._base = base
        self._hidden = hidden
        self._deadline = deadline
        self._left = MAX_SEEN
        self.whole = True

    def entries(self, deepest: int) -> Iterator[tuple[int, str]]:
        folders = deque([("", 1)])
        while folders and self.whole:
            below, depth = folders.popleft()
            for name, is_folder in self._listed(below):
                path = below + name
                yield depth, f"{path}/" if is_folder else path
                if is_folder and depth < deepest and name not in NOISE and not name.startswith("."):
                    folders.append((f"{path}/", depth + 1))

    def _listed(self, below: str) -> Iterator[tuple[str, bool]]:
        try:
            with os.scandir(self._base / below) as entries:
                for entry in entries:
                    self._left -= 1
                    if self._left < 0 or time.monotonic() > self._deadline:
                        self.whole = False
                        return
                    if entry.name.startswith(".") and not self._hidden:
                        continue
                    if entry.name.isprintable() and (entry.is_dir() or entry.is_file()):
                        yield entry.name, entry.is_dir(follow_symlinks=False) or entry.is_dir()
        except OSError:  # a folder that may not be looked into has nothing to offer
            return


def quoted(paths: Sequence[str]) -> str:
    """Paths as the words of a command."""
    return " ".join(map(shlex.quote, paths))
