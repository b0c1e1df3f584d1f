"""What a session reports to the screen that shows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from chatspace.core.errors import ChatspaceError

if TYPE_CHECKING:
    from chatspace.core.events import DeltaReceived

DeskPart = Literal["file", "counts", "asking", "proposal", "hunks"]
ChatPart = Literal[
    "conversation",  # another is in sight; `text` is its title
    "branch",  # other messages stand behind the message `at`, or from the first on
    "grown",  # the last message is new
    "message",  # the message `at` is another
    "text",  # `text` and `thought` came to the message `at`
    "title",  # it is `text` now
    "note",  # `text` is to be read among the messages
    "failure",  # so is why nothing could be answered
    "waiting",  # other messages wait
    "target",  # the next message goes elsewhere
    "preview",  # it takes something else
    "history",  # the list of conversations is another
]
Part = DeskPart | ChatPart | Literal["nothing"]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class UndoStep:
    """What was done, as a sentence without its full stop; `back` takes it back and may raise ChatspaceError."""

    done: str
    back: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Changed:
    """The session has to be shown again: on the desk and in the chat the `part` that has changed; in a table all of
    it, with the cursor on the row `at` where there is one. `hunks` are those of a proposal that changed.

    `notice` and `error` are for the user; `undo` takes back what was done. With a `delta` a text has grown by it, and
    nothing else has changed.
    """

    part: Part = "nothing"
    hunks: frozenset[int] = frozenset()
    at: int | None = None
    text: str = ""
    thought: str = ""
    notice: str = ""
    severity: Literal["information", "warning", "error"] = "information"
    error: ChatspaceError | None = None
    undo: UndoStep | None = None
    delta: DeltaReceived | None = None


Listener = Callable[[Changed], object]


async def attempt(listener: Listener, call: Awaitable[Result]) -> Result | None:
    """What a call gives; a failure is reported and gives None."""
    try:
        return await call
    except ChatspaceError as error:
        listener(Changed(error=error))
        return None
