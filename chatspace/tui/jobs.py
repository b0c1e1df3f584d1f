"""The jobs of the workspace: each runs one use case and posts what happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual import message
from textual.message_pump import MessagePump

from chatspace.core.errors import ChatspaceError

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message
    from chatspace.core.document import Source
    from chatspace.core.events import Emit, Event

Work = Callable[["Emit"], Awaitable[object]]


@dataclass(eq=False)
class Job:
    """One reply on its way. `reply` is its row once there is one, `text` and `reasoning` what has come of it.

    `tip` is the message that it has come to: first the one it goes on from, None at the beginning of a conversation.
    `line` is what the user typed, with its `sources`, to be given back if nothing of it could be stored, and `early`
    what was typed before there was a reply to wait for. `queued` is the id of a waiting message that it sends,
    `instead` that of a reply it tries again. `note` says what keeps it waiting. Times are those of the monotonic clock.
    A conversation doesn't wait for a job `beside` it: an answer that is compared with others.
    """

    conversation: int | None
    tip: int | None = None
    line: str = ""
    queued: int | None = None
    instead: int | None = None
    beside: bool = False
    sources: tuple[Source, ...] = ()
    stored: bool = False
    reply: Message | None = None
    stage: str = ""
    note: str = ""
    early: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    first: float | None = None
    thought_from: float | None = None
    thought_until: float | None = None
    task: asyncio.Task[None] | None = None
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
        """Whether it thinks now."""
        return self.thought_from is not None and self.thought_until is None

    def take(self, event: Event) -> None:
        from chatspace.core.events import (  # which the first frame has no need of
            CallDelayed,
            CallStarted,
            DeltaReceived,
            MessageStored,
            ReplyFinished,
            ReplyStarted,
            StageStarted,
        )

        match event:
            case MessageStored(message):
                self.conversation, self.tip, self.stored = message.conversation, message.id, True
            case ReplyStarted(message) | ReplyFinished(message):
                self.conversation, self.tip, self.reply = message.conversation, message.id, message
            case StageStarted(stage):
                self.stage = stage
            case CallDelayed(host, _, why):
                self.note = f"waiting for {host}: {why}"
            case CallStarted(_, _, attempt):
                self.note = f"attempt {attempt}" if attempt > 1 else ""
            case DeltaReceived(_, text, reasoning):
                self._take_piece(text, reasoning)

    def _take_piece(self, text: str, reasoning: bool) -> None:
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
    """The pieces as one, which stands in their place from now on."""
    if len(pieces) > 1:
        pieces[:] = ["".join(pieces)]
    return pieces[0] if pieces else ""


@dataclass
class JobHappened(message.Message):
    """Something happened in a job, as the core told it."""

    job: Job
    event: Event


@dataclass
class JobEnded(message.Message):
    """A job is over; `error` says what it couldn't do."""

    job: Job
    error: ChatspaceError | None = None


class Jobs:
    """The jobs that run now. A conversation has one at a time, or one for each answer that is compared."""

    def __init__(self) -> None:
        self._running: set[Job] = set()
        self.home: MessagePump | None = None
        """Who is told of the answers that still come when the listener is gone that they were compared in."""
        self.kept: dict[str, Job] = {}
        """By the name of a place, the job that it comes back to, running or ended."""

    def start(self, conversation: int | None, work: Work, listener: MessagePump, *, beside: bool = False) -> Job:
        """Start the work; `listener` gets a JobHappened for each event and a JobEnded."""
        return self.run(Job(conversation, beside=beside), work, listener)

    def run(self, job: Job, work: Work, listener: MessagePump) -> Job:
        """The same for a job that says more of itself."""
        self._running.add(job)
        job.task = asyncio.create_task(self._run(job, work, listener))
        return job

    def of(self, conversation: int | None) -> Job | None:
        """The job that a conversation waits for."""
        running = (job for job in self._running if not job.beside)
        return next((job for job in running if job.conversation == conversation), None)

    def at(self, conversation: int, messages: Collection[int]) -> Job | None:
        """The job that works at one of these messages of a conversation, or at its very beginning."""
        for job in self._running:
            here = job.tip in messages if job.tip is not None else not job.beside
            if job.conversation == conversation and here and (job.reply or not job.beside):
                return job
        return None

    def sends(self, queued: int) -> bool:
        """Whether a waiting message is being sent."""
        return any(job.queued == queued for job in self._running)

    def writing(self, reply: int) -> Job | None:
        """The job that writes a reply."""
        return next((job for job in self._running if job.reply and job.reply.id == reply), None)

    def stop(self, job: Job) -> None:
        """What has come is kept."""
        if job.task:
            job.task.cancel()

    async def stop_all(self) -> None:
        """Stop every job and see its reply stored."""
        tasks = [job.task for job in self._running if job.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, job: Job, work: Work, listener: MessagePump) -> None:
        def emit(event: Event) -> None:
            job.take(event)
            self._tell(job, listener, JobHappened(job, event))

        error: ChatspaceError | None = None
        try:
            await work(emit)
        except ChatspaceError as failure:
            error = failure
        except Exception as defect:  # noqa: BLE001  # ours, but it must not end in silence
            error = ChatspaceError(
                "A defect of chatspace", f"{type(defect).__name__}: {defect}", "What was typed and received is kept."
            )
        finally:
            self._running.discard(job)
            self._tell(job, listener, JobEnded(job, error))

    def _tell(self, job: Job, listener: MessagePump, fact: message.Message) -> None:
        if not listener.post_message(fact) and job.beside and self.home:
            self.home.post_message(fact)
