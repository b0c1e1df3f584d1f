"""The jobs of the workspace: each runs one use case and posts what happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from textual import message
from textual.message_pump import MessagePump

from chatspace.core.conversation import Message
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import DeltaReceived, Emit, Event, MessageStored, ReplyFinished, ReplyStarted

Work = Callable[[Emit], Awaitable[object]]


@dataclass(eq=False)
class Job:
    """One reply on its way. `reply` is its row once there is one, `text` and `reasoning` what has come of it.

    `line` is what the user typed, to be given back if nothing of it could be stored.
    """

    conversation: int | None
    reply: Message | None = None
    text: str = ""
    reasoning: str = ""
    began: float = field(default_factory=time.monotonic)
    line: str = ""
    task: asyncio.Task[None] | None = None

    def take(self, event: Event) -> None:
        match event:
            case MessageStored(message):
                self.conversation = message.conversation
            case ReplyStarted(message) | ReplyFinished(message):
                self.conversation, self.reply = message.conversation, message
            case DeltaReceived(_, text, reasoning):
                if reasoning:
                    self.reasoning += text
                else:
                    self.text += text


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

    def start(self, conversation: int | None, work: Work, listener: MessagePump) -> Job:
        """Start the work; `listener` gets a JobHappened for each event and a JobEnded."""
        job = Job(conversation)
        self._running.add(job)
        job.task = asyncio.create_task(self._run(job, work, listener))
        return job

    def of(self, conversation: int | None) -> Job | None:
        return next((job for job in self._running if job.conversation == conversation), None)

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
            listener.post_message(JobHappened(job, event))

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
            listener.post_message(JobEnded(job, error))
