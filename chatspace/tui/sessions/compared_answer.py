"""One of several answers that are compared: who gives it, and what has come of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from chatspace.core.chat.comparison import without_names
from chatspace.core.chat.conversation import MessageStatus
from chatspace.core.events import MessageStored, ReplyFinished, ReplyStarted, Warned
from chatspace.core.live.reply import LiveReply
from chatspace.tui.transcript.entries import Entry

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message
    from chatspace.core.errors import ChatspaceError
    from chatspace.core.events import Event
    from chatspace.core.workspace.compare import Candidate
    from chatspace.tui.jobs import Job

State = MessageStatus | Literal["empty"]


@dataclass(frozen=True, slots=True)
class Note:
    """What is said behind an answer that no reply says."""

    text: str
    wrong: bool = False


@dataclass(eq=False)
class ComparedAnswer:
    """`first` answers the message that is compared, `reply` is the last of its branch and answers the `question`.

    `job` is the reply on its way, `live` what has come of it, or of the last one. A `blind` answer goes by its `label`,
    a letter; else that is the number of its column.
    """

    candidate: Candidate
    label: str = ""
    blind: bool = False
    job: Job | None = None
    live: LiveReply = field(default_factory=LiveReply)
    question: Message | None = None
    first: Message | None = None
    reply: Message | None = None
    state: State = "empty"
    _said: dict[int | str, Message | Note] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it may be called now."""
        return self.label if self.blind else self.candidate.contestant.name

    @property
    def text(self) -> str:
        """The last answer as far as it has come."""
        if self.reply is None:
            return ""
        return self.live.text if self.reply.status == "streaming" else self.reply.text

    @property
    def running(self) -> bool:
        return self.job is not None

    @property
    def can_win(self) -> bool:
        """Whether there is an answer to pick."""
        return not self.running and self.first is not None and bool(self.first.text.strip())

    @property
    def entries(self) -> list[Entry]:
        """What stands in its transcript; of a reply on its way `live` has the text."""
        return [self._entry(key, said) for key, said in self._said.items()]

    # What happens

    def begin(self, job: Job, question: Message | None) -> None:
        """A job was started for the answer to `question`; to one that is stored first, where that is None."""
        self._said = {key: said for key, said in self._said.items() if not isinstance(said, Note)}
        self.job, self.live, self.state = job, job.live, "streaming"
        self.question = question or self.question

    def take(self, event: Event) -> None:
        """What the job reports beside the pieces of the reply, which are in `live`."""
        match event:
            case MessageStored(message):
                self.question = self._said[message.id] = message
            case ReplyStarted(message):
                if self.reply and self.reply.parent == message.parent:
                    self._said.pop(self.reply.id, None)
                self._keep(message)
            case ReplyFinished(message):
                self._keep(message)
                self.state = message.status
            case Warned(text):
                self._note(Note(text))

    def end(self, error: ChatspaceError | None) -> None:
        """The job is over; an error that no reply tells stands behind it."""
        told = self.live.message is not None and self.live.message.error
        self.job = None
        if error and not told:
            self.state = "failed"
            self._note(Note(error.explained, wrong=True))
        elif self.state == "streaming":
            self.state = self.reply.status if self.reply else "stopped"

    def _keep(self, message: Message) -> None:
        self.reply = self._said[message.id] = message
        if self.first is None or self.first.parent == message.parent:
            self.first = message

    def _note(self, note: Note) -> None:
        self._said[f"note {time.monotonic_ns()}"] = note

    def _entry(self, key: int | str, said: Message | Note) -> Entry:
        if isinstance(said, Note):
            text = self._masked(said.text)
            return Entry(key, "notice", "" if said.wrong else text, error=text if said.wrong else None)
        if said.role == "user":
            return Entry(key, "user", said.text)
        error = self._masked(said.error) if said.error else None
        return Entry(key, "assistant", said.text, "", said.reasoning, said.status, error)

    def _masked(self, text: str) -> str:
        return without_names(text, self.candidate.target, self.label) if self.blind else text
