"""The jobs of the workspace: each runs one use case and posts what happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from textual import message
from textual.message_pump import MessagePump

from chatspace.core.errors import ChatspaceError

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message
    from chatspace.core.document import Source
    from chatspace.core.events import Emit, Event
    from chatspace.core.live.reply import LiveReply

Work = Callable[["Emit"], Awaitable[object]]


def _live_reply() -> LiveReply:
    from chatspace.core.live.reply import LiveReply  # which the first frame has no need of

    return LiveReply()


@dataclass(eq=False)
class Job:
    """One reply on its way: `live` has what came of it.

    `parent` is the message that it goes on from, None at the beginning of a conversation. `line` is what the user
    typed, with its `sources`, to be given back if nothing of it could be stored, and `early` what was typed before
    there was a reply to wait for. `queued` is the id of a waiting message that it sends, `instead` that of a reply it
    tries again; `stored` says that its message is in the history. A conversation doesn't wait for a job `beside` it:
    an answer that is compared with others.
    """

    conversation: int | None
    parent: int | None = None
    line: str = ""
    queued: int | None = None
    instead: int | None = None
    beside: bool = False
    sources: tuple[Source, ...] = ()
    stored: bool = False
    early: list[str] = field(default_factory=list)
    live: LiveReply = field(default_factory=_live_reply)
    task: asyncio.Task[ChatspaceError | None] | None = None

    @property
    def reply(self) -> Message | None:
        return self.live.message

    @property
    def tip(self) -> int | None:
        """The message that it has come to."""
        return self.live.last.id if self.live.last else self.parent

    def take(self, event: Event) -> None:
        self.live.take(event)
        if self.live.last:
            self.conversation, self.stored = self.live.last.conversation, True


def defect(failure: Exception) -> ChatspaceError:
    """A failure that we can't name, as one that we can."""
    return ChatspaceError(
        "Internal error", f"{type(failure).__name__}: {failure}", "Your text and everything received is kept."
    )


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
        self.kept: dict[str, object] = {}
        """By the name of a place, what it comes back to, running or ended."""

    def start(self, conversation: int | None, work: Work, listener: MessagePump, *, beside: bool = False) -> Job:
        """Start the work; `listener` gets a JobHappened for each event and a JobEnded."""
        return self.run(Job(conversation, beside=beside), work, listener)

    def run(self, job: Job, work: Work, listener: MessagePump) -> Job:
        """The same for a job that says more of itself."""
        self._running.add(job)
        job.task = asyncio.create_task(self._run(job, work, listener))
        job.task.add_done_callback(partial(self._end, job, listener))
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

    async def _run(self, job: Job, work: Work, listener: MessagePump) -> ChatspaceError | None:
        def emit(event: Event) -> None:
            job.take(event)
            self._tell(job, listener, JobHappened(job, event))

        try:
            await work(emit)
        except ChatspaceError as failure:
            return failure
        except Exception as failure:  # noqa: BLE001  # ours, but it must not end in silence
            return defect(failure)
        return None

    def _end(self, job: Job, listener: MessagePump, task: asyncio.Task[ChatspaceError | None]) -> None:
        """Also of a job that was stopped before its first step, which never came to any code of its own."""
        self._running.discard(job)
        self._tell(job, listener, JobEnded(job, None if task.cancelled() else task.result()))

    def _tell(self, job: Job, listener: MessagePump, fact: message.Message) -> None:
        if not listener.post_message(fact) and job.beside and self.home:
            self.home.post_message(fact)
