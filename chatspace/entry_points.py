"""What other packages say of themselves in their metadata: plugins, and commands that are listed without an import."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from chatspace.core.errors import UsageError

if TYPE_CHECKING:
    import click

PLUGINS, COMMANDS = "chatspace", "chatspace.commands"
SWITCH = "CHATSPACE_LOAD_PLUGINS"
"""An environment variable; empty, it leaves all plugins out."""


def entries(group: str) -> Sequence[EntryPoint]:
    """Those of all packages, sorted by name and package; none where the switch says so."""
    if os.environ.get(SWITCH) == "":
        return ()
    return sorted(entry_points(group=group), key=lambda each: (each.name, each.dist.name if each.dist else ""))


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
