"""What happens while a run or a reply is made.

The command line prints these to standard error, the workspace posts them as messages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatspace.core.calls.call import Call
    from chatspace.core.chat.conversation import Message
    from chatspace.core.errors import ChatspaceError
    from chatspace.core.extraction import GateReport
    from chatspace.core.profiles.policy import Route
    from chatspace.core.profiles.profile import Step, Target
    from chatspace.core.runs.artifacts import Artifact


@dataclass(frozen=True, slots=True)
class StageStarted:
    stage: str


@dataclass(frozen=True, slots=True)
class RouteDecided:
    """`target` is where the route leads; None where it may not be called."""

    route: Route
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class CallStarted:
    """Before anything goes out: where it goes and to what."""

    step: Step
    target: Target
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class CallDelayed:
    """A call waits for its turn at a server, or for what other calls leave of a budget; nobody knows how long then."""

    awaited: str
    seconds: float | None
    why: str


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
class Made:
    """What a stage has made so far."""

    stage: str
    artifact: Artifact


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
    | CallDelayed
    | DeltaReceived
    | CallFinished
    | CallFailed
    | GateChecked
    | StageFinished
    | Made
    | MessageStored
    | ReplyStarted
    | ReplyFinished
    | Warned
)
Emit = Callable[[Event], None]


def discard_events(event: Event) -> None:
    """The Emit of those who don't listen."""
