"""A reply on its way, as its events report it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from chatspace.core.chat.conversation import Message
from chatspace.core.events import (
    CallDelayed,
    CallStarted,
    DeltaReceived,
    Event,
    MessageStored,
    ReplyFinished,
    ReplyStarted,
    StageStarted,
)


@dataclass(eq=False)
class LiveReply:
    """`question` is the message that it answers and `message` its own row, each once it is stored.

    `last` is the newer of the two. `stage` is the step of the pipeline that runs, `note` what keeps the reply waiting.
    Times are seconds of the monotonic clock: `first` is that of the first text or thought.
    """

    question: Message | None = None
    message: Message | None = None
    last: Message | None = None
    stage: str = ""
    note: str = ""
    began: float = field(default_factory=time.monotonic)
    first: float | None = None
    thought_from: float | None = None
    thought_until: float | None = None
    _text: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return _joined(self._text)

    @property
    def reasoning(self) -> str:
        return _joined(self._reasoning)

    @property
    def thinking(self) -> bool:
        """Whether the model is thinking now."""
        return self.thought_from is not None and self.thought_until is None

    def take(self, event: Event) -> None:
        match event:
            case MessageStored(message):
                self.question = self.last = message
            case ReplyStarted(message) | ReplyFinished(message):
                self.message = self.last = message
            case StageStarted(stage):
                self.stage = stage
            case CallDelayed(host, _, why):
                self.note = f"waiting for {host}: {why}"
            case CallStarted(_, _, attempt):
                self.note = f"attempt {attempt}" if attempt > 1 else ""
            case DeltaReceived(_, text, reasoning):
                self._take_delta(text, reasoning)

    def _take_delta(self, text: str, reasoning: bool) -> None:
        now = time.monotonic()
        self.first = self.first or now
        if reasoning:
            self._reasoning.append(text)
            self.thought_from = self.thought_from or now
        else:
            self._text.append(text)
            if self.thinking:
                self.thought_until = now


def _joined(pieces: list[str]) -> str:
    """The pieces as one, which replaces them in the list."""
    if len(pieces) > 1:
        pieces[:] = ["".join(pieces)]
    return pieces[0] if pieces else ""
