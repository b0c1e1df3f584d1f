"""Sending: messages and commands become jobs or wait for one, and what happens in them is shown."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual import on, work

from chatspace.core.errors import ChatspaceError
from chatspace.tui.chat.moving import Moving
from chatspace.tui.command_runner import SOURCE_COMMANDS, CommandRunner
from chatspace.tui.commands import ParsedCommand, parse_slash
from chatspace.tui.entries import AGAIN
from chatspace.tui.jobs import Job, JobEnded, JobHappened, Jobs, Work
from chatspace.tui.messages import Submitted
from chatspace.tui.transcript.entries import Entry

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message, QueuedMessage
    from chatspace.core.document import Source
    from chatspace.core.profiles.options import Options
    from chatspace.wiring import Workspace

STOPPABLE_SECONDS = 1.0
"""A reply that was written for so long may be what esc was meant to stop, though it has just ended."""


class Sending(Moving):
    """Starts jobs; those in conversations or branches that aren't in sight go on."""

    def __init__(self, workspace: Workspace, jobs: Jobs, *, local: bool = False) -> None:
        super().__init__(workspace, jobs, local=local)
        self._slash = CommandRunner(workspace)
        self._taken_back: set[int] = set()
        """Ids of messages that waited, which may be on their way out of the store."""
        self._stopped: Job | None = None
        """What the user has stopped last."""
        self._writing: Job | None = None
        """What wrote last in sight, since `_writing_since`."""
        self._writing_since = self._reply_ended = 0.0

    def _do(self, typed: ParsedCommand) -> None:
        """Carry out a command that isn't a job."""
        raise NotImplementedError

    @on(Submitted)
    def _submitted(self, event: Submitted) -> None:
        try:
            typed = parse_slash(event.text)
        except ChatspaceError as error:
            self.complain(error)
            return
        if typed and typed.name not in SOURCE_COMMANDS:
            self._prompt.take()
            self._do(typed)
        elif self._composer.sources and self.job and self.job.reply is None:
            self.notify("The reply hasn't begun yet. Send this with its sources in a moment.")
        else:
            self._send(self._prompt.take(), self._composer.take_sources())
        self.keep_prompt()

    def _send(self, text: str, sources: Sequence[Source]) -> None:
        """Send a message or the line of a command where the next one goes, or let it wait for the reply there."""
        turning = self._turning
        if turning and turning.kind == "amend":
            self._amend(turning.message, text)
        elif turning and turning.kind == "edit":
            self._dispatch(text, self._options, self._thread_before_next, beside=turning.message, sources=sources)
        elif self.job:
            self._wait(text, self.job, sources)
        else:
            self._dispatch(text, self._options, self._thread, sources=sources)
        if turning:
            self._turn(None)
            self._prompt.put(turning.kept)

    def _dispatch(
        self,
        text: str,
        options: Options,
        thread: Sequence[Message],
        *,
        beside: Message | None = None,
        queued: QueuedMessage | None = None,
        sources: Sequence[Source] = (),
    ) -> None:
        """Start the job of a message, or of a command that is one, behind the last of the thread."""
        near = thread[-1] if thread else beside
        conversation, parent = near.conversation if near else None, thread[-1].id if thread else None
        typed = parse_slash(text)
        work_: Work
        if typed:
            work_ = partial(self._slash.produce, typed, text, options, tuple(thread), beside=beside, attached=sources)
        else:
            send = self._workspace.conversations.send
            work_ = partial(
                send, text, options, conversation=conversation, parent=parent, beside=beside, sources=sources
            )
        job = Job(conversation, parent, text, queued.id if queued else None, sources=tuple(sources))
        self._start(job, work_)

    def _start(self, job: Job, work_: Work) -> None:
        self._jobs.run(job, work_, self)
        if job.conversation is None:
            self._fresh = job
        self._show_waiting()
        self._show_status()

    @work
    async def _amend(self, reply: Message, text: str) -> None:
        """Keep the user's own version of a reply."""
        try:
            amended = await self._workspace.conversations.amend(reply, text)
        except ChatspaceError as error:
            self.complain(error)
            self._prompt.put(text)
            return
        self._grow_thread(amended)
        self._refresh_preview()

    # What waits

    def _wait(self, text: str, job: Job, sources: Sequence[Source] = ()) -> None:
        """Keep a message on disk until the reply is whole; at once, as the unsent prompt, so that the order is kept."""
        if job.reply is None:
            job.early.append(text)
            return
        try:
            self._waiting.append(self._workspace.conversations.queue(text, job.reply, self._options, sources))
        except ChatspaceError as error:
            self.complain(error)
            self._prompt.put(text)
            self._composer.rows.give_back(sources)
            return
        self._show_waiting()
        self._load_waiting()  # in the place of what may be loading and doesn't know of this one
        self._refresh_preview()

    @work
    async def _send_next(self, reply: Message) -> None:
        """Send what waits next for a reply that is whole now, as it was meant when it was written."""
        conversations = self._workspace.conversations
        waiting = await self.in_thread(conversations.waiting, reply)
        if not waiting or self._jobs.sends(waiting[0].id):
            return
        thread = await self.in_thread(self._workspace.history.messages.thread, reply.conversation, reply.id)
        if thread is not None:
            queued = waiting[0]
            options = replace(self._options, profile=queued.profile, model=queued.model, effort=queued.effort)
            sources = await self.in_thread(self._workspace.history.attachments.of_queued, queued.id)
            if queued.id in self._taken_back:
                return
            self._dispatch(queued.text, options, thread, queued=queued, sources=sources or ())

    # What happens

    @on(JobHappened)
    async def _job_happened(self, message: JobHappened) -> None:
        if not self._stands:
            return
        # The first frame has no need of these.
        from chatspace.core.chat.titles import title_from
        from chatspace.core.events import DeltaReceived, MessageStored, ReplyFinished, ReplyStarted, Warned

        job, event = message.job, message.event
        if job is self._fresh and isinstance(event, MessageStored):
            self._conversation, self._fresh = event.message.conversation, None
            self._pane.entitle(title_from(event.message.text))
            self._load_history()
        match event:
            case MessageStored(stored) if not job.beside:
                if job.queued is not None:
                    await self._unqueue(job.queued)
                self._grow_thread(stored)
            case ReplyStarted(stored) if not job.beside:
                await self._reply_started(job, stored)
            case DeltaReceived(_, text, thinking) if job.reply and self._in_sight(job.reply):
                self._pane.transcript.extend(job.reply.id, "" if thinking else text, text if thinking else "")
                if job is not self._writing:
                    self._writing, self._writing_since = job, time.monotonic()
            case ReplyFinished(stored) if self._in_sight(stored):
                self._thread = [stored if one.id == stored.id else one for one in self._thread]
                self._pane.transcript.update(self._entry(stored))
            case Warned(text) if job is self.job:
                self._pane.append(Entry(key=f"note {time.monotonic_ns()}", role="notice", text=text))

    async def _reply_started(self, job: Job, reply: Message) -> None:
        self._grow_thread(reply)
        if job.instead is not None:
            await self.in_thread(self._workspace.history.queue.move, job.instead, reply.id)
            self._load_waiting()
        early, job.early = job.early, []
        for text in early:
            self._wait(text, job)

    def _in_sight(self, message: Message) -> bool:
        return any(one.id == message.id for one in self._thread)

    def _grow_thread(self, stored: Message) -> None:
        """Show a new message behind its parent, in the place of what stood there; not where another branch is shown."""
        if stored.conversation != self._conversation:
            return
        places = [place for place, one in enumerate(self._thread, 1) if one.id == stored.parent]
        if stored.parent is not None and not places:
            self._keep_place()
            return
        place = places[0] if places else 0
        at_end = place == len(self._thread)
        self._thread = [*self._thread[:place], stored]
        if at_end:
            self._pane.append(self._entry(stored))
        else:
            self._pane.replace_after(stored.parent, [self._entry(stored)])
            self._load_waiting()

    @work
    async def _keep_place(self) -> None:
        """Reopening comes back to the branch in sight, not to one that grew behind it."""
        if self._conversation is not None and self._thread:
            await self.in_thread(self._workspace.history.branches.set_leaf, self._conversation, self._thread[-1].id)

    @on(JobEnded)
    def _job_ended(self, message: JobEnded) -> None:
        if not self._stands:
            return
        job, error = message.job, message.error
        in_sight = job is self._fresh or job.conversation == self._conversation
        if job is self._fresh:
            self._fresh = None
        now = time.monotonic()
        if job is self._writing and job is not self._stopped and now - self._writing_since > STOPPABLE_SECONDS:
            self._reply_ended = now
        if error and job.reply is None and in_sight:
            told = f"{error.explained}\n{AGAIN}" if job.stored else error.explained
            self._pane.append(
                Entry(key=f"error {time.monotonic_ns()}", role="notice", text="", status="failed", error=told)
            )
        if job.reply is None:
            self._give_back(job, in_sight)
        elif job.reply and job.reply.status == "complete" and not job.beside:
            self._send_next(job.reply)
        self._show_waiting()
        self._load_history()
        self._refresh_preview()

    def _give_back(self, job: Job, in_sight: bool) -> None:
        """What was typed and couldn't be stored stands in the prompt again, or will when one comes back to it."""
        lost = [] if job.stored or job.queued is not None else [job.line]
        texts = [text for text in (*lost, *job.early) if text]
        if not texts:
            return
        if in_sight:
            self._prompt.put("\n\n".join(filter(None, (*texts, self._prompt.text))))
            if lost:
                self._composer.rows.give_back(job.sources)
            self.keep_prompt()
        else:
            self._keep_for_later(job.conversation, texts)

    @work
    async def _keep_for_later(self, conversation: int | None, texts: Sequence[str]) -> None:
        history = self._workspace.history
        saved = await self.in_thread(history.prompts.saved, conversation)
        await self.in_thread(history.prompts.save, conversation, "\n\n".join(filter(None, (*texts, saved))))
