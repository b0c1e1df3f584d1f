"""What a plugin may register: the hooks of the entry point group `chatspace`, and the entries that they take.

A command is an entry point of its own in the group `chatspace.commands`: its name is the command's, and it leads to a
click command. So `chatspace --help` lists it without importing it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pluggy

from chatspace.core.registry import (
    AnyImporter,
    Contents,
    DatabaseImporter,
    Format,
    Importer,
    ModelProvider,
    Reader,
)
from chatspace.core.stages.registry import Stage

__all__ = ["Contents", "DatabaseImporter", "Format", "Importer", "ModelProvider", "Reader", "Stage", "hookimpl"]

NAMESPACE = "chatspace"

hookspec = pluggy.HookspecMarker(NAMESPACE)
hookimpl = pluggy.HookimplMarker(NAMESPACE)


@hookspec
def register_readers(register: Callable[[Reader], None]) -> None:
    """Kinds of files that can be sources."""


@hookspec
def register_formats(register: Callable[[Format], None]) -> None:
    """Forms in which drafts, copy, conversations and the like are written."""


@hookspec
def register_importers(register: Callable[[AnyImporter], None]) -> None:
    """Programs whose conversations can be taken over."""


@hookspec
def register_providers(register: Callable[[ModelProvider], None]) -> None:
    """Where models are asked whose name begins with a prefix of their own."""


@hookspec
def register_stages(register: Callable[[Stage[Any]], None]) -> None:
    """What a step of a pipeline can make."""
