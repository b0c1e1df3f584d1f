"""Undo: what a single key put away, taken back by one key, which is the same in every part."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from textual.app import App
from textual.message import Message

from chatspace.core.errors import ChatspaceError
from chatspace.core.text.safe import for_screen
from chatspace.tui.widgets.status_line import key_for

IDS = ("app.undo", "prompt.undo")
"""Of the bindings that undo; the second is the prompt's, where letters are typed."""

NOTICE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Undoable:
    """What was done, as a sentence without its full stop; `back` takes it back and may raise ChatspaceError.

    `of` is what it was done to: when that is gone, nothing is left to undo. `say` shows the notice where the user
    looks; without it, it is shown in passing.
    """

    done: str
    back: Callable[[], Awaitable[None]]
    of: frozenset[Hashable]
    say: Callable[[str], object] | None = None


@dataclass
class Done(Message):
    """Something was done that can be undone."""

    what: Undoable


@dataclass
class Gone(Message):
    """What was done to these can't be undone any more."""

    of: frozenset[Hashable]


class UndoWanted(Message):
    """The user pressed undo where the app doesn't hear it."""


@runtime_checkable
class BringsBack(Protocol):
    """A screen, or a part of it, with things put away earlier.

    Undo brings back the last of them when nothing newer is to be undone.
    """

    def bring_back_last(self) -> bool:
        """Gives whether there was one."""
        ...


class Undoing:
    """Everything that can be undone, the last first."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._done: list[Undoable] = []
        self._lock = asyncio.Lock()
        self._notice = ""

    def keep(self, what: Undoable) -> None:
        """Say what was done, and by which key it is undone now."""
        self._done.append(what)
        key = undo_key(self._app)
        self._say(f"{what.done}. {key}: undo." if key else f"{what.done}.", what.say, NOTICE_SECONDS)

    def forget(self, of: frozenset[Hashable]) -> None:
        self._done = [what for what in self._done if not what.of & of]

    async def undo(self) -> None:
        """Take back what was done last; what can't be taken back now can be tried again."""
        async with self._lock:
            screen = self._app.screen
            if not self._done:
                parts = (part for part in screen.walk_children(with_self=True) if isinstance(part, BringsBack))
                if not any(part.bring_back_last() for part in parts):
                    self._say("There is nothing to undo.")
                return
            what = self._done[-1]
            try:
                await what.back()
            except ChatspaceError as error:
                self._app.notify(error.explained, severity="error", timeout=NOTICE_SECONDS)
                return
            if what in self._done:
                self._done.remove(what)
            self._say(f"Undone: {what.done[:1].lower()}{what.done[1:]}.")

    def _say(self, text: str, say: Callable[[str], object] | None = None, seconds: float | None = None) -> None:
        """In the place of the last such notice: ten in a row would cover the screen."""
        for notice in list(self._app._notifications):
            if notice.message == self._notice:
                self._app._unnotify(notice)
        if say:
            say(text)
        else:
            self._app.notify(text, timeout=seconds)
            self._notice = for_screen(text)


def undo_key(app: App[Any]) -> str:
    """The key that undoes where the focus is, as it is bound now; nothing where there is none."""
    return key_for(app.screen, *IDS)
