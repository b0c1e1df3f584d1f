"""The places: screens of their own for one kind of work, opened from the conversation by a command or a key.

A place is imported when it is opened, so that the first frame costs nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from chatspace.core.conversation import Message
from chatspace.core.plan import Options
from chatspace.core.workspace import Workspace
from chatspace.tui.jobs import Jobs

if TYPE_CHECKING:
    from chatspace.tui.screens.place import PlaceScreen
    from chatspace.tui.slash import Typed


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the user comes from: the conversation with its messages in sight, and the one under the cursor.

    `prompt` is what stands unsent in the prompt; `options` are those of the next message.
    """

    conversation: int | None
    thread: tuple[Message, ...]
    options: Options
    chosen: Message | None = None
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Onward:
    """Where the workspace goes when a place is left: to a conversation, at a message, with a text in the prompt."""

    conversation: int | None = None
    leaf: int | None = None
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """`screen` is "module:Class" below `chatspace.tui.screens`; `options` are those that the command takes."""

    screen: str
    title: str
    arguments: str
    summary: str
    key: str | None = None
    options: tuple[str, ...] = ()


PLACES: dict[str, Place] = {}
"""By the name of the slash command."""


def open_place(name: str, workspace: Workspace, jobs: Jobs, standing: Standing, typed: Typed) -> PlaceScreen:
    """The screen of a place, ready to be shown."""
    module, _, class_ = PLACES[name].screen.partition(":")
    make = getattr(import_module(f"chatspace.tui.screens.{module}"), class_)
    return cast("Callable[..., PlaceScreen]", make)(workspace, jobs, standing, typed)
