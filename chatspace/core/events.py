"""What happens while a run or a reply is made.

The command line prints these to standard error, the workspace posts them as messages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatspace.core.call import Call
from chatspace.core.conversation import Message
from chatspace.core.errors import ChatspaceError
from chatspace.core.extraction import GateReport
from chatspace.core.policy import Route
from chatspace.core.profile import Step, Target


@dataclass(frozen=True, slots=True)
class StageStarted:
    stage: str


@dataclass(frozen=True, slots=True)
class RouteDecided:
    route: Route


@dataclass(frozen=True, slots=True)
class CallStarted:
    """Before anything goes out: where it goes and to what."""

    step: Step
    target: Target
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class DeltaReceived:
    """A piece of a reply, as it came; `reasoning` where it is the model's thinking."""

    step: Step
    text: str
    reasoning: bool = False


@dataclass(frozen=True, slots=True)
class CallFinished:
    call: Call


@dataclass(frozen=True, slots=True)
class CallFailed:
    """A call that gave nothing usable; another attempt or a fallback may follow."""

    call: Call
    error: ChatspaceError


@dataclass(frozen=True, slots=True)
class GateChecked:
    stage: str
    report: GateReport


@dataclass(frozen=True, slots=True)
class StageFinished:
    stage: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class MessageStored:
    """The user's message is on disk; nothing was sent yet."""

    message: Message


@dataclass(frozen=True, slots=True)
class ReplyStarted:
    message: Message


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    """The reply as it is stored, whatever its status."""

    message: Message


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the user should know that stops nothing."""

    message: str


Event = (
    StageStarted
    | RouteDecided
    | CallStarted
    | DeltaReceived
    | CallFinished
    | CallFailed
    | GateChecked
    | StageFinished
    | MessageStored
    | ReplyStarted
    | ReplyFinished
    | Warned
)
Emit = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The Emit of those who don't listen."""
