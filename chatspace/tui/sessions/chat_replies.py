"""The replies that a user of the chat asks for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from chatspace.tui.command_runner import SOURCE_COMMANDS, CommandRunner
from chatspace.tui.commands import parse_slash
from chatspace.tui.jobs import Job
from chatspace.tui.sessions.changed import Changed, Listener
from chatspace.tui.sessions.chat_branch import Branch

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from chatspace.core.chat.conversation import Message, QueuedMessage
    from chatspace.core.document import Source
    from chatspace.core.profiles.options import Options
    from chatspace.tui.jobs import Jobs, Work
    from chatspace.wiring import Workspace

STOPPABLE_SECONDS = 1.0
"""A reply that was written for so long may be what was meant to be stopped, though it has just ended."""

STILL_COMING = "This reply is still coming in. esc stops it and keeps the text so far."


class Replies:
    """Starts jobs; those in conversations or branches that aren't in sight go on.

    They report to the `owner`. `fresh` is the one that begins the conversation in sight.
    """

    def __init__(
        self, workspace: Workspace, jobs: Jobs, owner: MessagePump, branch: Branch, listener: Listener
    ) -> None:
        jobs.home = owner
        self._workspace = workspace
        self._jobs = jobs
        self._owner = owner
        self._branch = branch
        self._listener = listener
        self._slash = CommandRunner(workspace)
        self._stopped: Job | None = None
        """What the user has stopped last."""
        self._writing: Job | None = None
        """What wrote last in sight, since `_writing_since`."""
        self._writing_since = self._ended = 0.0
        self.fresh: Job | None = None

    @property
    def job(self) -> Job | None:
        """The job of the branch in sight."""
        if self.fresh or self._branch.conversation is None:
            return self.fresh
        return self._jobs.at(self._branch.conversation, {message.id for message in self._branch.thread})

    def writing(self, reply: Message) -> Job | None:
        """The job that writes a reply."""
        return self._jobs.writing(reply.id)

    def sends(self, queued: QueuedMessage) -> bool:
        """Whether a waiting message is being sent."""
        return self._jobs.sends(queued.id)

    def send(
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
        work: Work
        if typed:
            work = partial(self._slash.produce, typed, text, options, tuple(thread), beside=beside, attached=sources)
        else:
            send = self._workspace.conversations.send
            work = partial(
                send, text, options, conversation=conversation, parent=parent, beside=beside, sources=sources
            )
        self._start(Job(conversation, parent, text, queued.id if queued else None, sources=tuple(sources)), work)

    def again(self, chosen: Message, options: Options) -> None:
        """Ask for another reply to a message, or beside a reply."""
        thread = self._branch.thread
        if not self._branch.holds(chosen.id):
            return
        before = thread[: self._branch.place(chosen)]
        reply = chosen if chosen.role == "assistant" else None
        asked = next((one for one in reversed(before) if one.role == "user"), chosen) if reply else chosen
        if reply and self.writing(reply):
            self._listener(Changed(notice=STILL_COMING))
            return
        typed = parse_slash(asked.text) if asked.step in SOURCE_COMMANDS else None
        work: Work
        if typed:
            above = tuple(thread[: self._branch.place(asked)])
            work = partial(self._slash.produce, typed, asked.text, options, above, again=asked)
        elif asked.step == "chat" and asked.role == "user":
            work = partial(self._workspace.conversations.answer, asked, options)
        else:
            said = "This wasn't asked for in the chat, so it can't be asked for again here."
            self._listener(Changed(notice=said))
            return
        self._start(Job(asked.conversation, asked.id, instead=reply.id if reply else None, stored=True), work)

    def _start(self, job: Job, work: Work) -> None:
        self._jobs.run(job, work, self._owner)
        if job.conversation is None:
            self.fresh = job
        self._listener(Changed("waiting"))

    def stop(self) -> bool:
        """Stop the reply in sight, whose text is kept; gives whether there was one."""
        job = self.job
        if job is None:
            return False
        self._stopped = job
        self._jobs.stop(job)
        return True

    # What happens

    def writes(self, job: Job) -> None:
        """Text of it came in sight."""
        if job is not self._writing:
            self._writing, self._writing_since = job, time.monotonic()

    def ended(self, job: Job) -> None:
        if job is self.fresh:
            self.fresh = None
        now = time.monotonic()
        if job is self._writing and job is not self._stopped and now - self._writing_since > STOPPABLE_SECONDS:
            self._ended = now

    def just_ended(self, seconds: float) -> bool:
        """Whether a reply that could have been meant ended within so many seconds; it can be meant once."""
        ended, self._ended = self._ended, 0.0
        return time.monotonic() - ended < seconds
