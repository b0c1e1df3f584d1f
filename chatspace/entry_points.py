"""What other packages say of themselves in their metadata: plugins, and commands that are listed without an import."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

from chatspace.core.errors import UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    import click

PLUGINS, COMMANDS = "chatspace", "chatspace.commands"
SWITCH = "CHATSPACE_LOAD_PLUGINS"
"""An environment variable; empty, it leaves all plugins out."""


def entries(group: str) -> Sequence[EntryPoint]:
    """Those of all packages, sorted by name and package; none where the switch says so."""
    if os.environ.get(SWITCH) == "" or not _declared():
        return ()
    from importlib.metadata import entry_points  # a tenth of the start, and most people have no plugin

    return sorted(entry_points(group=group), key=lambda each: (each.name, each.dist.name if each.dist else ""))


def _declared() -> bool:
    """Whether the metadata of any package may have a group of ours: what isn't in plain files may."""
    if any(hasattr(finder, "find_distributions") and finder is not PathFinder for finder in sys.meta_path):
        return True
    return any(f"[{PLUGINS}".encode() in text for folder in sys.path for text in _metadata(folder or "."))


def _metadata(folder: str) -> Iterator[bytes]:
    """The entry points of the packages in a folder; those of an archive can't be told from here."""
    if Path(folder).is_file():
        yield f"[{PLUGINS}".encode()
    with suppress(OSError):
        for package in os.scandir(folder):
            if package.name.endswith((".dist-info", ".egg-info")):
                with suppress(OSError):
                    yield Path(package.path, "entry_points.txt").read_bytes()


@cache
def has_plugins() -> bool:
    """Whether any package has one; looked up once."""
    return bool(entries(PLUGINS))


def commands() -> Mapping[str, EntryPoint]:
    """The commands of other packages by name; the first package that has a name keeps it."""
    return {each.name: each for each in reversed(entries(COMMANDS))}


def summary(entry: EntryPoint) -> str:
    """What the package of an entry point says of itself."""
    return (entry.dist and entry.dist.metadata["Summary"]) or ""


def command(entry: EntryPoint) -> click.Command:
    """Raises UsageError for one that can't be loaded."""
    import click

    try:
        loaded = entry.load()
    except (Exception, SystemExit) as error:  # a package of somebody else may fail in any way
        raise _broken(entry, in_words(error)) from error
    if not isinstance(loaded, click.Command):
        raise _broken(entry, f"{entry.value} is not a click command")
    return loaded


def in_words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _broken(entry: EntryPoint, reason: str) -> UsageError:
    package = entry.dist.name if entry.dist else entry.value
    remedy = f"Update or remove {package}. `chatspace plugins list` shows what it adds."
    return UsageError(f"The command {entry.name} can't be loaded", reason, remedy)
